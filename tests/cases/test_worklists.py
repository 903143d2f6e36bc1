"""Worklists: right cases, right order, a fixed number of queries."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sapar.cases import queries
from sapar.cases.queries.lists import WORKLISTS
from sapar.kernel.errors import NotFoundError
from sapar.people.engine.facts import NameFact
from tests import cast
from tests.factories import STATES, make_case, make_person

pytestmark = pytest.mark.django_db


def _numbers(who, code, **more):
    return [line.number for line in queries.worklist(cast.actor(who), code, **more).lines]


def test_every_sent_case_is_on_a_list_of_the_coordinator_and_of_the_referrer():
    made = {state: make_case(state=state) for state in STATES}
    for who, left_out in (("saule", {"draft", "discarded"}), ("aigul", {"discarded"})):
        actor = cast.actor(who)
        on_a_list = {
            line.number
            for entry in queries.worklists_for(actor)
            for line in queries.worklist(actor, entry.code).lines
        }
        for state, case in made.items():
            assert (case.number in on_a_list) is (state not in left_out), (who, state)


def test_counts_are_those_of_the_lists():
    for state in STATES:
        make_case(state=state)
    for who in ("aigul", "saule", "marat", "timur", "gulnar", "asel", "nurlan", "almaty"):
        actor = cast.actor(who)
        late = timezone.now() + timedelta(days=2)
        counts = queries.counts(actor, at=late)
        assert counts == {
            entry.code: len(queries.worklist(actor, entry.code, at=late).lines)
            for entry in queries.worklists_for(actor)
        }


def test_lines_stand_by_urgency_then_children_then_the_nearest_clock():
    adult = make_person(born=date(1980, 1, 1))
    routine = make_case(state="received", urgency="routine")
    grown = make_case(state="received", person=adult)
    child = make_case(state="received")
    stat = make_case(state="received", urgency="stat", person=adult)
    assert _numbers("saule", "triage") == [c.number for c in (stat, child, grown, routine)]


def test_a_line_says_who_from_where_what_is_awaited_from_whom_and_by_when():
    case = make_case(state="submitted")
    (line,) = queries.worklist(cast.actor("saule"), "new", language="ru").lines
    assert line.name.startswith("Мамытова")
    assert line.from_country == "KG"
    assert line.language == "ky"
    assert (line.awaited.code, line.awaited_role) == ("cases.awaited.acknowledge", "coordinator")
    assert line.clock.code == "cases.target.acknowledge"
    assert line.due_at == case.submitted_at + timedelta(hours=1)
    assert not line.overdue
    later = queries.worklist(
        cast.actor("saule"), "overdue", at=case.submitted_at + timedelta(hours=2)
    )
    assert later.lines[0].overdue


def test_filters_narrow_a_list():
    case = make_case(state="received")
    make_case("dilnoza", state="received", urgency="routine")
    for filters in (
        queries.Filters(country="KG"),
        queries.Filters(urgency="urgent"),
        queries.Filters(organisation="osh-regional-hospital"),
        queries.Filters(text=case.number),
    ):
        assert _numbers("saule", "triage", filters=filters) == [case.number]


def test_cases_are_found_by_number_and_by_name_only_where_they_may_be_seen():
    name = NameFact("Осмонова", "Бегимай", "", "Cyrl", "official")
    case = make_case(state="received", person=make_person(names=(name,)))
    for text in (case.number, case.number[-6:], "Осмонова Бегимай"):
        assert [line.id for line in queries.search(cast.actor("saule"), text)] == [case.pk]
        assert queries.search(cast.actor("almaty"), text) == ()


def test_a_page_costs_the_same_queries_with_one_case_and_with_twenty():
    saule = cast.actor("saule")

    def cost():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            queries.worklist(saule, "new", language="ru")
            queries.counts(saule)
        return len(captured)

    make_case(state="submitted")
    one = cost()
    for _index in range(19):
        make_case(state="submitted")
    assert cost() == one <= 5


def test_a_list_of_another_role_is_not_found():
    with pytest.raises(NotFoundError):
        queries.worklist(cast.actor("aigul"), "panel")


def test_codes_of_lists_are_unique():
    assert len({entry.code for entry in WORKLISTS}) == len(WORKLISTS)
