"""The same referral, sent several times at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from sapar.cases import actions
from sapar.cases.engine.referral import ReferralFacts
from sapar.cases.models import Case, SentReferral
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 4


def test_a_referral_that_arrives_several_times_at_once_is_one_case() -> None:
    by = cast.actor("aigul")
    facts = ReferralFacts(programme="protons", sender_identifiers=("urn:osh|R-17",))
    together = Barrier(TIMES)

    def sending(_time: int) -> actions.Drafted:
        try:
            together.wait(10)
            return actions.create_draft(by=by, facts=facts)
        finally:
            connection.close()

    with ThreadPoolExecutor(TIMES) as pool:
        made = list(pool.map(sending, range(TIMES)))
    assert len({drafted.id for drafted in made}) == 1
    assert [drafted.repeated for drafted in made].count(False) == 1
    assert Case.objects.count() == SentReferral.objects.count() == 1
