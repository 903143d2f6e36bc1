"""Two writers of one chain wait for each other; writers of two chains do not break anything."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction

from sapar.kernel.actors import Actor
from sapar.kernel.audit import chain
from sapar.kernel.audit.models import AuditEvent
from sapar.kernel.records import new_id

if TYPE_CHECKING:
    from uuid import UUID

BY = Actor.machine("test")


def _write(root: UUID) -> None:
    try:
        for n in range(10):
            with transaction.atomic():
                chain.append(
                    root_type="case",
                    root_id=root,
                    action="t",
                    by=BY,
                    about=("case", root),
                    what={"n": n},
                )
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_chain_leave_one_unbroken_chain() -> None:
    one, other = new_id(), new_id()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(_write, [one, one, other, one]))
    assert AuditEvent.objects.filter(root_id=one).count() == 30
    assert chain.verify(chain.heads()).breaks == []
