"""The case page and its steps: who sees it, what they may do, and what happens when they do."""

from __future__ import annotations

import inspect
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from sapar.answer import actions as answers
from sapar.answer import panels
from sapar.booking import actions as booking
from sapar.cases import actions, queries
from sapar.cases.models import BreakGlass, Decision, Message
from sapar.cases.registration import offers
from sapar.cases.states import TRACKS
from sapar.kernel.actions import actions as registered
from sapar.kernel.audit.models import AuditRead
from sapar.kernel.documents.models import Document
from sapar.kernel.languages import phrases
from sapar.people import actions as people
from tests import cast
from tests.answer.scene import PDF, a_full_case, mother_of
from tests.cases.test_identity import FACTS
from tests.factories import make_case, walk
from tests.support import solvers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]

PARTS = ("referral", "timeline", "thread", "documents", "people", "money", "tasks")
CODES = {state.code for track in TRACKS.values() for state in track.states if "-" in state.code} | {
    "cases.",
    "answer.",
    "booking.",
    "_phrase",
    "{",
    "}",
}
INVISIBLE = re.compile(r"<(script|style|svg|head)\b.*?</\1>|<[^>]*>", re.DOTALL)


def text_of(response):
    """What a reader reads of a page."""
    return INVISIBLE.sub(" ", response.content.decode())


def url(case, *rest):
    return "/".join(["/case", str(case.pk), *rest, ""])


def step(case, key):
    return reverse("answer:do", args=[case.pk, key])


def test_each_role_sees_the_cases_of_its_side_and_nobody_else_does():
    case = make_case(state="funding-pending")
    seeing = {name: cast.client(name).get(url(case)).status_code for name in (
        "aigul", "saule", "marat", "timur", "asel", "gulnar"
    )}  # fmt: skip
    assert set(seeing.values()) == {200}, seeing
    for name in ("bakyt", "dilnoza", "kanat", "zarina", "stranger", "yerlan", "madina", "nurlan"):
        assert cast.client(name).get(url(case)).status_code == 404, name
        assert cast.client(name).get(url(case, "timeline")).status_code == 404, name
        assert cast.client(name).get(url(case, "print")).status_code == 404, name


def test_a_visitor_is_led_to_the_sign_in(client):
    case = make_case(state="received")
    assert client.get(url(case)).status_code == 302
    assert cast.client("saule").get(f"/case/{uuid4()}/").status_code == 404


def test_every_part_opens_and_no_page_shows_a_raw_code():
    case = a_full_case("funding-pending")
    client = cast.client("saule")
    for path in (url(case), url(case, "print"), *(url(case, part) for part in PARTS)):
        with translation.override("en"):
            response = client.get(path, headers={"accept-language": "en"})
        assert response.status_code == 200, path
        seen = text_of(response)
        shown = [code for code in CODES if code in seen]
        assert not shown, f"{path}: {shown}"


@pytest.mark.parametrize(
    "state",
    ["info-requested", "referred-onward", "no-show", "interrupted", "cancel-requested", "in-rehab"],
)
def test_no_raw_code_is_shown_in_any_state(state):
    case = make_case(state=state)
    for name in ("saule", "aigul"):
        for path in (url(case), url(case, "print")):
            response = cast.client(name).get(path, headers={"accept-language": "en"})
            seen = text_of(response)
            assert not [code for code in CODES if code in seen], path


def test_a_draft_is_continued_and_checked_on_pages_of_its_own():
    case = make_case()
    client = cast.client("aigul")
    page = client.get(url(case)).content.decode()
    for name in ("answer:continue", "answer:check"):
        assert reverse(name, args=[case.pk]) in page
    for key in ("cases.save_draft", "cases.submit", "answer.keep", "answer.send"):
        assert client.get(step(case, key)).status_code == 302
    assert client.get(reverse("answer:continue", args=[case.pk]), follow=True).status_code == 200
    discard = step(case, "cases.discard_draft")
    assert client.post(discard, _hidden(client.get(discard))).url == "/"


def test_a_sanatorium_and_a_payer_see_their_part():
    case = make_case(state="in-rehab")
    for name, key in (("nurlan", "cases.discharge"), ("gulnar", "cases.release_funding")):
        page = cast.client(name).get(url(case)).content.decode()
        legal = {a.offer.key for a in queries.available_actions(cast.actor(name), case.pk)}
        assert (step(case, key) in page) == (key in legal)
    assert step(case, "cases.discharge") in cast.client("nurlan").get(url(case)).content.decode()


def test_the_case_page_shows_the_answer_and_beside_it_what_people_decided():
    case = a_full_case("accepted")
    seen = text_of(cast.client("saule").get(url(case)))
    decision = Decision.objects.get(case=case)
    assert decision.text in seen
    assert panels.shown(answers.queries.latest(case.pk).answer).lines[0].question in seen
    assert "Абдыкалыкова-Жээнбекова" in seen


def test_buttons_are_the_legal_steps_and_only_those():
    case = make_case(state="received")
    for name in ("saule", "marat", "aigul"):
        page = cast.client(name).get(url(case)).content.decode()
        offered = set(re.findall(rf"/case/{case.pk}/do/([\w.]+)/", page))
        legal = {a.offer.key for a in queries.available_actions(cast.actor(name), case.pk)}
        assert offered == legal - {"cases.send_message"}, name


def test_the_answer_names_the_day_in_the_button_and_the_step_holds_it():
    case = walk(a_full_case("accepted"), "visa-settled")
    saule = cast.actor("saule")
    _open_places(case)
    answers.give(by=saule, case=case.pk)
    client = cast.client("saule")
    page = client.get(url(case)).content.decode()
    assert step(case, "answer.hold_place") in page
    assert step(case, "booking.hold") not in page
    form = client.get(step(case, "answer.hold_place"))
    assert step(case, "booking.hold") in form.content.decode()
    done = client.post(step(case, "answer.hold_place"), _hidden(form))
    assert done.status_code == 302
    case.refresh_from_db()
    assert case.booking == "held"


def _open_places(case):
    first = timezone.localdate()
    booking.open_places(
        by=cast.actor("saule"),
        centre=case.centre_id,
        programme=case.programme,
        days=[first + timedelta(days=n) for n in range(200)],
        per_day=2,
    )


def _hidden(response):
    form = response.context["form"]
    return {
        bound.html_name: bound.value() if bound.value() is not None else ""
        for bound in form.hidden_fields()
    }


def test_a_step_needs_its_coded_reason_and_then_happens_with_the_answer_beside_it():
    case = a_full_case()
    client = cast.client("marat")
    form = client.get(step(case, "cases.decline"))
    assert form.status_code == 200
    data = _hidden(form)
    refused = client.post(step(case, "cases.decline"), data)
    assert refused.status_code == 422
    assert "reason" in refused.context["form"].errors
    other = client.post(step(case, "cases.decline"), data | {"reason": "other"})
    assert other.status_code == 422  # "other" needs words
    case.refresh_from_db()
    assert case.review == "in-panel"
    done = client.post(step(case, "cases.decline"), data | {"reason": "no-benefit-expected"})
    assert done.status_code == 302
    case.refresh_from_db()
    assert case.review == "declined"
    assert Decision.objects.get(case=case).answer_id == answers.queries.latest(case.pk).id


def test_two_people_at_one_case_the_second_is_told_and_overwrites_nothing():
    case = make_case(state="in-panel")
    first, second = cast.client("marat"), cast.client("saule")
    seen = second.get(step(case, "cases.set_urgency"))
    own = first.get(step(case, "cases.accept"))
    assert first.post(step(case, "cases.accept"), _hidden(own)).status_code == 302
    data = _hidden(seen) | {"urgency": "stat", "reason": "condition-worse"}
    refused = second.post(step(case, "cases.set_urgency"), data)
    assert refused.status_code == 409
    assert phrases.word("cases.event.review.accept") in text_of(refused)
    case.refresh_from_db()
    assert case.urgency == "urgent"
    again = second.post(
        step(case, "cases.set_urgency"),
        _hidden(refused) | {"urgency": "stat", "reason": "condition-worse"},
    )
    assert again.status_code == 302


def test_a_step_that_somebody_else_has_done_says_so():
    case = make_case(state="submitted")
    saule, almaty = cast.client("saule"), cast.client("saule")
    form = saule.get(step(case, "cases.receive"))
    assert almaty.post(step(case, "cases.receive"), _hidden(form)).status_code == 302
    late = saule.post(step(case, "cases.receive"), _hidden(form))
    assert late.status_code == 409
    assert phrases.word("cases.event.review.receive") in text_of(late)


def test_steps_of_others_do_not_exist_for_a_reader():
    case = make_case(state="in-panel")
    assert cast.client("aigul").get(step(case, "cases.accept")).status_code == 404
    assert cast.client("bakyt").get(step(case, "cases.request_cancel")).status_code == 404
    assert cast.client("saule").get(step(case, "no.such")).status_code == 404
    assert cast.client("saule").get(step(case, "answer.give")).status_code == 404


OWN_PAGE = {key for o in offers if o.url_name for key in (o.key, o.supersedes)}


@pytest.mark.parametrize("key", [o.key for o in offers if o.key not in OWN_PAGE])
def test_every_offer_has_an_action_that_the_general_form_can_call(key):
    offer = offers.get(key)
    takes = inspect.signature(registered.get(key).function).parameters
    needed = {
        name
        for name, p in takes.items()
        if p.default is inspect.Parameter.empty and name not in {"by", "case", "version"}
    }
    given = {asked.name for asked in offer.fields} | {"reason", "text", "answer"}
    assert needed <= given


def test_a_referrer_answers_a_request_for_information_with_a_document():
    case = make_case(state="info-requested")
    client = cast.client("aigul")
    file = SimpleUploadedFile("mri.pdf", PDF, content_type="application/pdf")
    kept = client.post(url(case, "documents"), {"kind": "mri", "file": file})
    assert kept.status_code == 302
    assert Document.objects.get(root_id=case.pk).title == "mri.pdf"
    form = client.get(step(case, "cases.answer_information"))
    data = _hidden(form) | {"text": "MRI attached."}
    assert client.post(step(case, "cases.answer_information"), data).status_code == 302
    case.refresh_from_db()
    assert case.review == "received"
    assert client.post(url(case, "documents"), {"kind": "mri"}).status_code == 422


def test_a_referrer_appeals_a_decline():
    case = make_case(state="declined")
    client = cast.client("aigul")
    data = _hidden(client.get(step(case, "cases.appeal")))
    done = client.post(
        step(case, "cases.appeal"), data | {"reason": "new-information", "text": "New MRI."}
    )
    assert done.status_code == 302
    case.refresh_from_db()
    assert case.review == "received"


def test_messages_are_new_once_and_the_thread_can_be_closed():
    case = make_case(state="received")
    client = cast.client("saule")
    page = step(case, "cases.send_message")
    assert cast.client("aigul").post(page, {"body": "Fit to fly?"}).status_code == 302
    assert Message.objects.get(case=case).body == "Fit to fly?"
    unread = client.get(url(case, "thread")).context["said"]
    assert [m["unread"] for m in unread] == [True]
    assert [m["unread"] for m in client.get(url(case, "thread")).context["said"]] == [False]
    closing = step(case, "cases.close_thread")
    assert client.post(closing, _hidden(client.get(closing))).status_code == 302
    assert cast.client("aigul").post(page, {"body": "?"}).status_code == 409


def test_a_coordinator_of_another_centre_must_write_why_and_it_is_seen():
    case = make_case(state="received")
    mother_of(case)
    client = cast.client("almaty")
    asked = client.get(url(case), follow=True)
    seen = text_of(asked)
    assert asked.status_code == 200
    assert "Мамытова" not in seen
    page = step(case, "cases.break_glass")
    assert client.post(page, {"reason": "short"}).status_code == 422
    assert not BreakGlass.objects.exists()
    why = "The child arrived here at night with seizures."
    assert client.post(page, {"reason": why}, follow=True).status_code == 200
    assert "Мамытова" in text_of(client.get(url(case)))
    reads = AuditRead.objects.filter(root_id=case.pk, actor=cast.actor("almaty").label)
    assert "emergency" in set(reads.values_list("purpose", flat=True))
    assert why in text_of(cast.client("aizada_mother").get("/my/"))
    assert why in text_of(cast.client("madina").get("/oversight/"))


def test_reading_a_case_is_noted_for_the_case_and_for_the_patient():
    case = make_case(state="received")
    before = AuditRead.objects.count()
    cast.client("saule").get(url(case))
    rows = AuditRead.objects.order_by("pk")[before:]
    assert {(r.root_type, r.root_id) for r in rows} == {
        ("case", case.pk),
        ("patient", case.person_id),
    }


def test_a_possible_duplicate_is_named_on_the_page_with_the_way_to_decide():
    people.register(by=cast.actor("bakyt"), facts=FACTS)
    outcome = people.register(by=cast.actor("aigul"), facts=FACTS)
    case = make_case(state="received", person=outcome.person_id)
    page = cast.client("saule").get(url(case)).content.decode()
    assert "/people/duplicates/" in page
    assert step(case, "cases.start_triage") not in page
    assert "/people/duplicates/" not in cast.client("marat").get(url(case)).content.decode()


def test_a_cancelled_case_stays_for_both_sides_and_says_why():
    case = make_case(state="cancelled")
    for name in ("aigul", "saule"):
        listed = cast.client(name).get("/lists/ended/")
        assert case.number in text_of(listed)
        timeline = text_of(cast.client(name).get(url(case, "timeline")))
        assert phrases.word("cases.reason.cancel.patient-request") in timeline


def test_the_case_page_costs_the_same_with_much_history_as_with_little():
    short, long = make_case(state="received"), a_full_case("discharged")
    for _index in range(15):
        actions.send_message(by=cast.actor("aigul"), case=long.pk, body="Still here?")
    client = cast.client("saule")
    answers.give(by=cast.actor("saule"), case=short.pk)
    client.get(url(short))

    def cost(case, part=""):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(case, part) if part else url(case)).status_code == 200
        return len(captured)

    for part in ("", "timeline", "tasks", "referral"):
        assert cost(long, part) <= cost(short, part) + 6, part
        assert cost(long, part) <= 60, part


def test_no_page_loads_a_solver(monkeypatch):
    case = a_full_case()
    solvers.forbid(monkeypatch)
    assert cast.client("saule").get(url(case)).status_code == 200
