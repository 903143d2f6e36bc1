"""The answer of a proton case has its whole calendar, holds it, and gives it back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from sapar.answer import actions, queries
from sapar.answer.engine.problem import LineState
from sapar.cases import actions as cases
from sapar.cases.engine import facts_json
from sapar.cases.models import Case
from sapar.kernel import context
from sapar.kernel.errors import RefusedError
from sapar.kernel.languages import formats, phrases
from sapar.proton import actions as proton
from sapar.proton.engine.scheduling.offer import make_offer
from sapar.proton.engine.scheduling.problem.books import read_offer
from sapar.proton.engine.scheduling.verify import check
from sapar.proton.models import Course
from sapar.proton.queries.courses import course_of_case
from sapar.proton.queries.documents import offer_document
from tests import cast, factories
from tests.answer import worlds as answers
from tests.proton import worlds

pytestmark = pytest.mark.django_db


def paid_case() -> Case:
    """Aizada's case, operated on three weeks ago; accepted, paid for and free to travel."""
    case = factories.make_case(state="visa-settled", programme="protons")
    operated = timezone.localdate() - timedelta(days=21)
    facts = answers.aizada(surgery_on=operated)
    with context.writing_as("fixture"):
        Case.objects.filter(pk=case.pk).update(facts=facts_json.to_json(facts))
    case.refresh_from_db()
    return case


def given(case: Case) -> queries.AnswerView:
    actions.give(by=cast.actor("saule"), case=case.pk)
    view = queries.latest(case.pk)
    assert view is not None
    return view


@pytest.mark.slow
def test_the_calendar_line_names_first_day_room_window_and_every_fraction() -> None:
    worlds.centre(with_network=True)
    answer = given(paid_case()).answer
    line = answer.line("calendar")
    assert answer.course is not None
    best = answer.course.best
    assert best is not None
    assert answer.start == best.first > timezone.localdate()
    assert len(best.fractions) == 30
    assert [f.number for f in best.fractions] == list(range(1, 31))
    assert {f.day.weekday() for f in best.fractions} <= {0, 1, 2, 3, 4}
    assert best.window_to - best.window_from <= 60
    said = phrases.text(line.statement)
    assert "30 fractions" in said
    assert [r.rule for r in line.reasons][:2] == ["calendar.chain", "calendar.course"]
    assert line.state is LineState.KNOWN
    assert line.demonstration
    assert {o.kind for o in answer.options} >= {"calendar"}


def test_the_page_of_the_case_lists_every_fraction_and_its_alternatives() -> None:
    worlds.centre(with_network=True)
    case = paid_case()
    best = given(case).answer.course
    assert best is not None
    assert best.best is not None
    page = cast.client("timur").get(reverse("answer:case", args=[case.pk])).content.decode()
    assert 'id="answer-course"' in page
    rows = page.split('id="answer-course"')[1].split("</table>")[0]
    assert rows.count("<tr>") == 31
    with translation.override("ru"):
        assert formats.day(best.best.last) in rows


def test_the_offer_passes_the_independent_checker() -> None:
    pk = worlds.centre(with_network=True)
    answer = given(paid_case()).answer
    assert answer.course is not None
    document = offer_document(pk, answer.course.asked)
    assert check(document, make_offer(read_offer(document)).as_json()) == []


def test_what_is_proposed_is_held_and_the_next_answer_says_so() -> None:
    worlds.centre(with_network=True)
    case = paid_case()
    proposed = given(case).answer.course
    assert proposed is not None
    assert proposed.best is not None
    version = actions.hold_place(by=cast.actor("timur"), case=case.pk, version=None)
    view = course_of_case(case.pk)
    assert view is not None
    assert (view.state, view.first, len(view.fractions)) == ("held", proposed.best.first, 30)
    assert view.anaesthesia
    assert [f.start for f in view.fractions] == [f.start for f in proposed.best.fractions]
    again = given(case).answer.course
    assert again is not None
    assert [p.first for p in again.promises] == [proposed.best.first]
    assert [w.code for w in again.why] == ["proton.why.has_calendar"]
    proton.confirm(by=cast.actor("timur"), case=case.pk, version=version)
    cases.cancel(by=cast.actor("saule"), case=case.pk, version=None, reason="patient-request")
    assert Course.objects.get(case=case).state == "released"


def test_another_calendar_of_the_offer_can_be_chosen_on_the_page() -> None:
    worlds.centre(with_network=True)
    case = paid_case()
    offered = given(case).answer.course
    assert offered is not None
    assert len(offered.promises) > 1
    client, address = (
        cast.client("timur"),
        reverse("answer:do", args=[case.pk, "answer.hold_place"]),
    )
    form = client.get(address).content.decode()
    assert form.count('name="choice"') == len(offered.promises)
    case.refresh_from_db()
    sent = client.post(address, {"version": case.version, "choice": "1"})
    assert sent.status_code == 302
    view = course_of_case(case.pk)
    assert view is not None
    other = offered.promises[1]
    assert [(f.day, f.room, f.start) for f in view.fractions] == [
        (f.day, f.room, f.start) for f in other.fractions
    ]


def test_a_calendar_of_an_older_answer_is_not_held_by_its_number_in_a_newer_one() -> None:
    worlds.centre(with_network=True)
    case = paid_case()
    seen = given(case)
    client = cast.client("timur")
    address = reverse("answer:do", args=[case.pk, "answer.hold_place"])
    assert f'value="{seen.id}"' in client.get(address).content.decode()
    newest = given(case)
    case.refresh_from_db()
    sent = {"version": case.version, "choice": "1", "answer": str(seen.id)}
    refused = client.post(address, sent)
    assert refused.status_code == 409
    assert course_of_case(case.pk) is None
    again = refused.content.decode()
    assert f'value="{newest.id}"' in again
    assert "checked" not in again.split('name="choice"')[1].split(">")[0]
    sent = {"version": case.version, "choice": "1", "answer": str(newest.id)}
    assert client.post(address, sent).status_code == 302
    assert newest.answer.course is not None
    view = course_of_case(case.pk)
    assert view is not None
    assert view.first == newest.answer.course.promises[1].first


def test_a_calendar_that_is_gone_meanwhile_is_refused_and_the_next_answer_offers_another() -> None:
    worlds.centre(with_network=True)
    one, other = paid_case(), paid_case()
    given(one)
    given(other)
    actions.hold_place(by=cast.actor("timur"), case=one.pk, version=None)
    with pytest.raises(RefusedError):
        actions.hold_place(by=cast.actor("timur"), case=other.pk, version=None)
    given(other)
    actions.hold_place(by=cast.actor("timur"), case=other.pk, version=None)
    first, second = course_of_case(one.pk), course_of_case(other.pk)
    assert first is not None
    assert second is not None
    taken = {(f.day, f.room, f.start) for f in first.fractions}
    assert not taken & {(f.day, f.room, f.start) for f in second.fractions}


def test_an_old_answer_with_its_calendar_runs_again_to_the_same() -> None:
    worlds.centre(with_network=True)
    view = given(paid_case())
    before, after = queries.rerun(view.id)
    assert before == after
    assert before.course is not None


def test_a_centre_that_does_not_say_how_it_plans_gives_places_as_before() -> None:
    answer = given(paid_case()).answer
    assert answer.course is None
    assert answer.line("calendar").state is not LineState.KNOWN
