"""Actions: keyword-only, atomic, asked for permission, audited."""

from __future__ import annotations

import pytest

from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.actions import ActionDefectError, action, actions, note
from sapar.kernel.actors import Actor
from sapar.kernel.audit import chain
from sapar.kernel.audit.models import AuditEvent
from sapar.kernel.errors import NotAllowedError
from sapar.kernel.records import new_id
from tests import cast

pytestmark = pytest.mark.django_db
MACHINE = Actor.machine("test")


@pytest.fixture(autouse=True)
def registry_as_it_was() -> object:
    kept = dict(actions._entries)
    yield
    actions._entries.clear()
    actions._entries.update(kept)


def make(*, ask: bool = True, tell: bool = True, fail: bool = False) -> object:
    @action("test.make")
    def do(*, by: Actor, code: str) -> str:
        """Make an organisation."""
        if ask:
            policy.require(by, "test.make")
        record = Organisation(code=code, kind="hospital", country="KG")
        record.save()
        if tell:
            note(root=("organisation", record.pk), what={"code": code})
        if fail:
            raise RuntimeError
        return code

    return do


def test_an_action_writes_its_record_and_its_audit_row() -> None:
    assert make()(by=MACHINE, code="x") == "x"  # type: ignore[operator]
    row = AuditEvent.objects.get()
    assert (row.action, row.actor, row.what) == ("test.make", "system:test", {"code": "x"})
    assert chain.verify().breaks == []


def test_a_failed_action_leaves_neither_record_nor_row() -> None:
    with pytest.raises(RuntimeError):
        make(fail=True)(by=MACHINE, code="x")  # type: ignore[operator]
    assert not Organisation.objects.exists()
    assert not AuditEvent.objects.exists()


def test_an_action_that_did_not_ask_the_policy_is_undone() -> None:
    with pytest.raises(ActionDefectError, match="policy"):
        make(ask=False)(by=MACHINE, code="x")  # type: ignore[operator]
    assert not Organisation.objects.exists()


def test_an_action_without_an_audit_row_is_undone() -> None:
    with pytest.raises(ActionDefectError, match="audit"):
        make(tell=False)(by=MACHINE, code="x")  # type: ignore[operator]
    assert not Organisation.objects.exists()


def test_an_action_refuses_who_may_not() -> None:
    with pytest.raises(NotAllowedError):
        make()(by=cast.actor("stranger"), code="x")  # type: ignore[operator]
    assert not AuditEvent.objects.exists()


def test_an_action_takes_keywords_only_and_one_is_by() -> None:
    with pytest.raises(ActionDefectError, match="keyword-only"):

        @action("test.positional")
        def positional(by: Actor) -> None:
            """Wrong."""

    with pytest.raises(ActionDefectError, match="by"):

        @action("test.nobody")
        def nobody(*, case: str) -> None:
            """Wrong."""


def test_two_actions_cannot_have_one_name() -> None:
    make()
    with pytest.raises(ValueError, match="two entries"):

        @action("test.make")
        def other(*, by: Actor) -> None:
            """Other."""


def test_nobody_writes_to_the_trail_outside_an_action() -> None:
    with pytest.raises(ActionDefectError, match="outside"):
        note(root=("case", new_id()))


def test_every_action_says_in_one_line_what_it_does() -> None:
    for spec in actions:
        assert spec.summary.endswith("."), spec.name
        assert spec.name.count(".") == 1, spec.name
