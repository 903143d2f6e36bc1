"""A possible duplicate: the referral is sent, and goes no further before somebody has decided."""

from __future__ import annotations

from datetime import date

import pytest

from sapar.cases import actions, queries
from sapar.kernel.errors import RefusedError
from sapar.people import actions as people
from sapar.people.engine.facts import NameFact, PersonFacts
from sapar.people.models import DuplicateQuestion
from tests import cast
from tests.factories import make_case, make_person

pytestmark = pytest.mark.django_db

FACTS = PersonFacts(
    names=(NameFact("Осмонова", "Бегимай", "", "Cyrl", "official"),),
    birth_date=date(2018, 5, 5),
    gender="female",
    citizenship="KG",
)


@pytest.fixture
def asked_about():
    """A case of Osh whose patient may be one that Bishkek knows."""
    people.register(by=cast.actor("bakyt"), facts=FACTS)
    outcome = people.register(by=cast.actor("aigul"), facts=FACTS)
    assert outcome.candidates
    return make_case(state="received", person=outcome.person_id)


def test_a_referral_with_a_possible_duplicate_is_sent_but_triage_waits(asked_about):
    saule = cast.actor("saule")
    offered = {entry.offer.key for entry in queries.available_actions(saule, asked_about.pk)}
    assert "cases.start_triage" not in offered
    with pytest.raises(RefusedError) as refused:
        actions.start_triage(by=saule, case=asked_about.pk, version=asked_about.version)
    assert refused.value.problems[0].code == "cases.duplicate_undecided"


def test_when_the_coordinator_has_decided_the_case_goes_on(asked_about):
    saule = cast.actor("saule")
    question = DuplicateQuestion.objects.get()
    people.decide_different(
        by=saule, question=question.pk, version=question.version, reason="Another village."
    )
    actions.start_triage(by=saule, case=asked_about.pk, version=asked_about.version)


def test_lists_find_the_beginning_of_names_and_only_what_is_late():
    name = NameFact("Осмонова", "Бегимай", "", "Cyrl", "official")
    case = make_case(state="received", person=make_person(names=(name,)))
    make_case(state="received")
    saule = cast.actor("saule")

    def found(**narrowed):
        page = queries.worklist(saule, "triage", filters=queries.Filters(**narrowed))
        return [line.id for line in page.lines]

    assert found(text="осм бег") == [case.pk]
    assert found(text="осм кал") == []
    assert found(overdue=True) == []
    late = queries.worklist(
        saule,
        "triage",
        filters=queries.Filters(overdue=True),
        at=case.received_at.replace(year=2099),
    )
    assert len(late.lines) == 2


@pytest.mark.parametrize("order", queries.ORDERS)
def test_a_list_can_be_sorted_both_ways(order):
    for urgency in ("routine", "stat"):
        make_case(state="received", urgency=urgency)
    saule = cast.actor("saule")
    there, back = (
        [line.urgency for line in queries.worklist(saule, "triage", order=o).lines]
        for o in (order, f"-{order}")
    )
    assert sorted(there) == sorted(back) == ["routine", "stat"]
    if order in {"urgency", "newest"}:
        assert there == back[::-1]
