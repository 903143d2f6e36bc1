"""Every page, opened by everybody: who may, who may not, and what nobody may find on it.

The table `PAGES` names every address of the project; a new one without a line in it fails.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from sapar.answer import actions as answers
from sapar.cases import queries as case_queries
from sapar.cases.engine import facts_json
from sapar.cases.engine.referral import ReferralFacts
from sapar.hta import actions as hta
from sapar.hta.models import Decision, ModelVersion
from sapar.kernel import context
from sapar.kernel.audit.models import AuditRead
from sapar.kernel.documents.actions import receive
from sapar.kernel.jobs.queue import enqueue
from sapar.kernel.roles import Role
from sapar.network.models import Entry
from sapar.people import actions as people
from sapar.people.engine.facts import NameFact, PersonFacts
from sapar.people.models import DuplicateQuestion
from sapar.proton import actions as proton
from sapar.proton import demonstration as plan
from sapar.proton.actions import peers, studies
from sapar.proton.models import MachineEvent, Study
from tests import cast
from tests.factories import make_case, make_person
from tests.hta import process_world as assessment
from tests.proton import full_days
from tests.proton.selection import outcome_worlds
from tests.support import solvers

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.cases.models import Case

MODEL = Path(__file__).parents[2] / "data" / "hta" / "sick-sicker.yaml"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
ALL = frozenset(cast.CAST)
CENTRE = frozenset({"saule", "marat", "timur", "asel"})
TREAT = frozenset({"marat", "askhat", "dinara"})
"""Who records what became of a fraction."""
PLANNERS = frozenset({"saule", "timur"})
PLAN = TREAT | PLANNERS | {"yerlan"}
DESK = PLAN | {"almaty"}
"""Who has a desk for a proton plan; a centre that does not plan there is told so."""
SIDES = CENTRE | {"aigul"}
"""Who works on the case that was sent: its centre and the doctor who refers."""
COMPARE = frozenset({"aigul", "saule", "marat", "askhat"})
"""Who sees the comparison of protons and photons of the case that was sent."""
INBOX = frozenset({"saule", "askhat"})
"""Who says whose a study is that came over the network."""
ASSESS = frozenset({"kanat", "ainura"})
"""Who has a desk of assessment; the models of kanat's body do not exist for ainura."""
FOLLOW = frozenset({"marat", "askhat", "aigul"})
"""Who follows the treated patient: who treats at the centre, and the doctor at home."""
HOME = frozenset({"bakyt", "dilnoza"})
"""Other doctors at home, who have no patient here."""
GLASS = frozenset({"almaty"})
"""Of other organisations, who may break the glass; they learn that a case exists."""


@dataclass(frozen=True)
class World:
    """What the addresses are about."""

    draft: Case
    sent: Case
    other: Case
    document: UUID
    entry: UUID
    question: UUID
    membership: UUID
    asked: UUID
    job: UUID
    fraction: UUID
    event: UUID
    run: UUID
    treated: Case
    visit: UUID
    form: UUID
    upload: UUID
    inbox: UUID
    peer: UUID
    model: UUID
    version: UUID
    answer: UUID
    topic: UUID
    sitting: UUID
    decision: UUID
    number: str
    names: dict[str, tuple[frozenset[str], set[UUID]]]
    """By family name: who may read it, and the records of which a read must be noted."""


def a_name(family: str) -> NameFact:
    return NameFact(family, "Мээримгүл", "Нурланбековна", "Cyrl", "official")


def a_world() -> World:
    """A draft, a case in Astana, a case in Almaty, and one of everything else."""
    decision = a_decision()  # its runs are worked on at once, before there are other jobs
    aigul = cast.actor("aigul")
    treated, visit, form = an_outcome()
    person = PersonFacts(names=(a_name("Черновикова"),), language="ky")
    kept = answers.keep(by=aigul, facts=ReferralFacts(person=person, programme="protons"))
    patient = make_person(names=(a_name("Сынакбекова"),))
    twin = make_person(names=(a_name("Близнецова"),))
    elsewhere = make_person("bakyt", names=(a_name("Алматинская"),))
    sent = make_case(state="in-panel", person=patient)
    other = make_case("bakyt", state="draft", person=elsewhere, centre="adult-oncology-almaty")
    answers.give(by=cast.actor("saule"), case=sent.pk)
    upload, inbox, peer = an_intake(sent)
    document = receive(
        by=aigul, root=("case", sent.pk), kind="mri", title="mri.pdf", file=io.BytesIO(PDF)
    )
    people.give_access(
        by=aigul, person=patient, user=cast.user("aizada_mother").pk, relation="guardian"
    )
    for name in cast.CAST:
        cast.user(name)
    with context.writing_as("fixture"):
        question = DuplicateQuestion(person_id=patient, candidate_id=twin)
        question.save()
    requested = cast.member(
        cast.user("stranger"), "proton-astana", Role.SCHEDULER, state="requested"
    )
    entry = Entry.objects.filter(owner=cast.organisation("proton-astana")).first()
    assert entry is not None
    draft = type(sent).objects.get(pk=kept.case)
    fraction, event, run = a_plan()
    model, version, answer = an_assessment()
    return World(
        draft=draft,
        sent=sent,
        other=other,
        document=document,
        entry=entry.pk,
        question=question.pk,
        membership=cast.user("timur").memberships.get().pk,
        asked=requested.pk,
        job=enqueue("documents.sweep", by=cast.actor("saule"), key="every-page"),
        fraction=fraction,
        event=event,
        run=run,
        treated=treated,
        visit=visit,
        form=form,
        upload=upload,
        inbox=inbox,
        peer=peer,
        model=model,
        version=version,
        answer=answer,
        topic=decision.topic_id,
        sitting=decision.appraisal_id,
        decision=decision.pk,
        number=decision.number,
        names={
            "Черновикова": (frozenset({"aigul"}), {draft.pk}),
            "Сынакбекова": (SIDES | {"aizada_mother", "madina"}, {sent.pk, patient}),
            "Близнецова": (frozenset({"aigul", "saule", "madina"}), {twin, patient}),
            "Алматинская": (frozenset({"bakyt", "madina"}), {other.pk, elsewhere}),
            "Вылечинова": (
                SIDES | {"aizada_mother", "madina"},
                {treated.pk, treated.person_id} - {None},
            ),
        },
    )


def a_plan() -> tuple[UUID, UUID, UUID]:
    """A proton centre that plans: a fraction, a line of the machine's log, a calculation."""
    plan.load_centre()
    centre = cast.organisation("proton-astana").pk
    row, *_more = full_days.fill(centre, timezone.localdate(), 3)
    with context.writing_as("fixture"):
        event = MachineEvent(
            centre_id=centre, kind="downtime", resource="G1", begins=timezone.now(), ends=None
        )
        event.save()
    run = proton.ask(by=cast.actor("timur"), centre=centre, kind="capacity", problem={"seed": 0})
    return row.pk, event.pk, run


def an_intake(case: Case) -> tuple[UUID, UUID, UUID]:
    """An unfinished upload for a case, a study without one, and a system that may send."""
    upload, _again = studies.begin_upload(
        by=cast.actor("aigul"), case=case.pk, name="study.zip", total=1000
    )
    peer = peers.add_peer(
        by=cast.actor("askhat"), organisation=cast.organisation("osh-regional-hospital").pk,
        ae_title="OSH", address="10.0.0.0/8", trusted=True,
    )  # fmt: skip
    with context.writing_as("fixture"):
        study = Study(
            centre=cast.organisation("proton-astana"), peer_id=peer, source="stow", state="ready"
        )
        study.save()
    return upload, study.pk, peer


def an_outcome() -> tuple[Case, UUID, UUID]:
    """A course in the registry of outcomes: its case, a visit, a questionnaire that is open."""
    case, course = outcome_worlds.treated(ended=95, names=(a_name("Вылечинова"),))
    visit = outcome_worlds.graded(case, 80, course, dry_mouth=1)
    form = outcome_worlds.planned(course)[-1].pk
    outcome_worlds.mother_of(case)
    return case, visit, form


def an_assessment() -> tuple[UUID, UUID, UUID]:
    """A body of assessment with a model, its version, and a question about it."""
    dana = assessment.actor("dana")
    version = hta.save_version(by=dana, document=MODEL.read_text("utf-8"))
    model = ModelVersion.objects.get(pk=version).model_id
    return model, version, hta.ask_run(by=dana, version=version, kind="base")


def a_decision() -> Decision:
    """A topic from its submission, by a clinician, to the register of decisions."""
    return Decision.objects.get(pk=assessment.published(assessment.DOCUMENT + assessment.CHOOSING))


@dataclass(frozen=True)
class Page:
    """One line of the table.

    Attributes:
        args: from the world to the address's arguments.
        who: of the cast, who gets the page, or is led on; "post" is a page without GET.
        deny: what everybody else who is signed in gets.
        public: whether visitors get it too.
        post: whether it is written to and never read.
        but: who gets something else than the others that are denied.
        token: whether it is for other systems, which show a secret of their own in place of a
            session and a form's token.
    """

    args: Any = field(default=lambda _w: [])
    who: frozenset[str] | set[str] = ALL
    deny: int = 404
    public: bool = False
    post: bool = False
    but: dict[str, int] = field(default_factory=dict)
    token: bool = False


def fixed(*args: object) -> Any:
    return lambda _w: list(args)


def sent(*more: object) -> Any:
    return lambda w: [w.sent.pk, *more]


def draft(*more: str) -> Any:
    return lambda w: [w.draft.pk, *more]


def patient(*more: object) -> Any:
    return lambda w: [w.sent.person_id, *more]


def treated(*more: str) -> Any:
    return lambda w: [w.treated.pk, *(getattr(w, name) for name in more)]


def process(part: str) -> Any:
    return lambda w: [w.topic, part]


def assessed(args: Any, *, nobody: bool = False) -> Page:
    """A page of one body of assessment, which does not exist for another; or for nobody."""
    who = frozenset() if nobody else frozenset({"kanat"})
    return Page(args, who, deny=403, but=dict.fromkeys(ASSESS - who, 404))


MANAGERS = {"saule", "timur", "yerlan"}
MANAGE = MANAGERS | {"almaty"}
"""Who has a desk of places at all; another centre's programme does not exist for them."""
PAGES: dict[str, Page | list[Page]] = {
    "live": Page(public=True),
    "ready": Page(public=True),
    "metrics": Page(public=True),
    "set_language": Page(public=True),
    "documents:download": Page(lambda w: [w.document], SIDES | {"aizada_mother"}),
    "documents:upload": Page(
        lambda w: ["case", w.sent.pk], SIDES | {"aizada_mother"}, post=True
    ),
    "jobs:progress": Page(lambda w: [w.job], {"saule", "yerlan"}),
    "people:duplicates": Page(),
    "people:question": Page(lambda w: [w.question], {"aigul", "saule"}),
    "people:person": Page(patient(), SIDES | {"aizada_mother", "madina"}),
    "people:remove": Page(
        lambda w: [w.sent.person_id, "name", w.sent.pk], {"aigul", "saule", "asel"}, post=True
    ),
    "people:edit": [
        Page(patient("correct"), {"aigul", "saule", "asel"}),
        Page(patient("name"), {"aigul", "saule", "asel"}),
        Page(patient("identifier"), {"aigul", "saule", "asel"}),
        Page(patient("contact"), {"aigul", "saule", "asel"}),
        Page(patient("related"), {"aigul", "saule", "asel"}),
        Page(patient("consent"), {"aigul", "saule", "aizada_mother"}),
        Page(patient("invite"), {"aigul", "saule"}),
        Page(patient("erase"), {"madina"}),
        Page(patient("nothing"), frozenset()),
    ],
    "booking:calendar": Page(who=MANAGE, deny=403),
    "booking:programme": [
        Page(fixed("protons"), MANAGERS, deny=403),
        Page(fixed("nothing"), frozenset(), deny=403),
    ],
    "booking:day": Page(fixed("protons", "2026-12-01"), MANAGERS, deny=403),
    "proton:home": Page(who=DESK, deny=403),
    "proton:year": Page(who=DESK, deny=403),
    "proton:week": Page(who=DESK, deny=403),
    "proton:week_of": Page(fixed("2026-11-30"), DESK, deny=403),
    "proton:day": Page(who=DESK, deny=403),
    "proton:day_of": Page(fixed("2026-12-01"), DESK, deny=403),
    "proton:order": Page(fixed("2026-12-01"), DESK, deny=403),
    "proton:work_out": Page(fixed("2026-12-01"), PLANNERS, post=True),
    "proton:stop_order": Page(lambda w: ["2026-12-01", w.run], PLANNERS, post=True),
    "proton:take_order": Page(lambda w: ["2026-12-01", w.run], PLANNERS, post=True),
    "proton:move": Page(lambda w: [w.fraction], PLANNERS | {"almaty"}, deny=403),
    "proton:waiting": Page(who=DESK, deny=403),
    "proton:book-waiting": Page(who=PLANNERS, post=True),
    "proton:console": Page(who=TREAT, deny=403),
    "proton:record": Page(lambda w: [w.fraction, "delivered"], TREAT, post=True),
    "proton:machine": Page(who=DESK, deny=403),
    "proton:withdraw-event": Page(
        lambda w: [w.event], {"timur", "askhat", "dinara"}, post=True
    ),
    "proton:end-event": Page(lambda w: [w.event], {"timur", "askhat", "dinara"}, post=True),
    "proton:repair": Page(lambda w: [w.event], PLANNERS, post=True),
    "proton:whatif": Page(who=DESK, deny=403),
    "proton:runs": Page(who=DESK, deny=403),
    "proton:run": Page(lambda w: [w.run], DESK, deny=403),
    "proton:progress": Page(lambda w: [w.run], DESK, deny=403),
    "proton:stop": Page(lambda w: [w.run], PLANNERS, post=True),
    "proton:apply": Page(lambda w: [w.run], PLANNERS, post=True),
    "proton:verdict": Page(lambda w: [w.run, "physicist"], {"askhat"}, post=True),
    "proton:configuration": Page(who=DESK, deny=403),
    "proton:change-configuration": Page(who={"yerlan", "timur"}, deny=403),
    "proton:version": Page(fixed(1), PLAN, deny=403, but={"almaty": 404}),
    "proton:document": Page(fixed(1), PLAN, deny=403, but={"almaty": 404}),
    "proton:appointments": Page(sent(), frozenset()),
    "proton:comparisons": Page(who=COMPARE | HOME | GLASS, deny=403),
    "proton:selection": Page(sent(), COMPARE),
    "proton:ask-selection": Page(sent(), {"marat", "askhat"}, post=True),
    "proton:decide-selection": Page(sent(1), {"marat"}, post=True),
    "proton:selection-progress": Page(sent(1), frozenset()),  # there is no version of this case
    "proton:selection-record": Page(sent(1), frozenset()),
    "proton:selection-report": Page(sent(1), frozenset()),
    "proton:names": Page(sent(), frozenset()),  # there is no such study
    "proton:stop-selection": Page(sent(1), {"marat", "askhat"}, post=True),
    "proton:replay-selection": Page(sent(1), {"marat", "askhat"}, post=True),
    "proton:selection-slice": Page(sent("no-token", "axial", 0), frozenset()),
    "proton:outcomes": Page(who=FOLLOW | HOME, deny=403),
    "proton:outcomes-export": Page(who={"askhat"}, deny=403, post=True),
    "proton:calibration": Page(who={"marat", "askhat"} | ASSESS, deny=403),
    "proton:calibration-table": Page(who={"marat", "askhat"} | ASSESS, deny=403),
    "proton:outcome": [Page(treated(), FOLLOW), Page(sent(), frozenset())],
    "proton:outcome-fields": Page(treated(), FOLLOW),
    "proton:outcome-visit": Page(treated(), FOLLOW),
    "proton:withdraw-visit": Page(treated("visit"), FOLLOW, post=True),
    "proton:handle-severe": Page(treated("form"), FOLLOW, post=True),
    "proton:questions": Page(who={"aizada_mother"}),
    "proton:questionnaire": Page(lambda w: [w.form], {"aizada_mother"}),
    "proton:send-questionnaire": Page(lambda w: [w.form], {"aizada_mother"}, post=True),
    "proton:study": Page(sent(), COMPARE),
    "proton:begin-upload": Page(sent(), {"aigul"}, post=True),
    "proton:upload": Page(lambda w: [w.upload], {"aigul"}, post=True),
    "proton:studies": Page(who=INBOX | GLASS, deny=403),
    "proton:sort-study": Page(lambda w: [w.inbox], INBOX, post=True),
    "proton:study-progress": Page(lambda w: [w.inbox], INBOX),
    "proton:peers": Page(who={"askhat", "yerlan"}, deny=403),
    "proton:change-peer": Page(lambda w: [w.peer], {"askhat", "yerlan"}, post=True),
    "proton:ask-copy": Page(sent(), {"marat", "askhat"}, post=True),
    "proton:copy": Page(sent(), frozenset()),  # there is no such copy
    "proton:copy-progress": Page(sent(), frozenset()),  # the same
    "proton:reidentify": Page(who={"askhat"}, deny=403),
    "proton:stow": Page(public=True, post=True, token=True),
    "proton:stow-study": Page(fixed("1.2.3"), public=True, post=True, token=True),
    "hta:home": Page(who=ASSESS, deny=403),
    "hta:models": Page(who=ASSESS, deny=403),
    "hta:new-model": Page(who=frozenset(), deny=403),
    "hta:model": assessed(lambda w: [w.model]),
    "hta:new-version": Page(lambda w: [w.model], frozenset(), deny=403),
    "hta:version": assessed(lambda w: [w.version]),
    "hta:version-file": [
        assessed(lambda w: [w.version, "document", "yaml"]),
        assessed(lambda w: [w.version, "diagram", "svg"]),
        assessed(lambda w: [w.version, "inputs", "csv"]),
        assessed(lambda w: [w.version, "nothing", "csv"], nobody=True),
    ],
    "hta:version-dossier": [
        assessed(lambda w: [w.version, "pdf"]),
        assessed(lambda w: [w.version, "xlsx"]),
        assessed(lambda w: [w.version, "nothing"], nobody=True),
    ],
    "hta:beside": assessed(lambda w: [w.version, w.version]),
    "hta:ask": Page(lambda w: [w.version], frozenset(), deny=403),
    "hta:run": assessed(lambda w: [w.answer]),
    "hta:progress": assessed(lambda w: [w.answer]),
    "hta:download": assessed(  # it is not answered yet
        lambda w: [w.answer, "strategies", "csv"], nobody=True
    ),
    "hta:topics": Page(),
    "hta:new-topic": Page(),
    "hta:topic": Page(lambda w: [w.topic], {"kanat", "marat"}),  # and whoever submitted it
    "hta:topic-part": [
        *(
            Page(process(part), {"kanat"})
            for part in (
                "question", "evidence", "dossier", "checklist", "review", "committee"
            )
        ),
        Page(process("nothing"), frozenset()),
    ],
    "hta:topic-dossier": Page(lambda w: [w.topic, "pdf"], {"kanat"}),
    "hta:sitting": Page(lambda w: [w.sitting], {"kanat"}),
    "hta:decision": Page(lambda w: [w.decision], {"kanat"}),
    "hta:reference": Page(who=ASSESS, deny=403),
    "hta:register": Page(public=True),
    "hta:published": Page(lambda w: [w.number], public=True),
    "hta:patient": Page(lambda w: [w.number], public=True),
    "hta:public-model": Page(lambda w: [w.number], public=True),
    "hta:public-file": [
        Page(lambda w: [w.number, "model", "yaml"], public=True),
        Page(lambda w: [w.number, "record", "json"], public=True),
    ],
    "hta:appeal": Page(lambda w: [w.number]),
    "accounts:mine": Page(),
    "accounts:choose": Page(post=True),
    "accounts:request": Page(public=True),
    "accounts:requested": Page(public=True),
    "accounts:members": Page(who={"yerlan", "madina"}, deny=403),
    "accounts:member": Page(lambda w: [w.membership], {"yerlan", "timur"}),
    "accounts:requests": Page(who={"saule", "almaty", "yerlan", "madina"}, deny=403),
    "accounts:decide": Page(lambda w: [w.asked], {"yerlan"}),
    "network:directory": Page(public=True),
    "network:centre": Page(fixed("proton-astana"), public=True),
    "network:entries": Page(),
    "network:add": Page(fixed("equipment"), {"yerlan", "kanat", "ainura"}),
    "network:edit": Page(lambda w: [w.entry], {"yerlan"}),
    "network:history": Page(lambda w: [w.entry], {"yerlan"}),
    "network:remove": Page(lambda w: [w.entry], {"yerlan"}, post=True),
    "answer:home": Page(public=True),
    "answer:worklists": Page(),
    "answer:worklist": Page(fixed("all"), frozenset()),
    "answer:case": [
        Page(sent(), SIDES | {"aizada_mother"} | GLASS),
        Page(draft(), {"aigul", "aizada_mother"}),  # nobody breaks the glass to a draft
        Page(lambda w: [w.other.pk], {"bakyt", "aizada_mother"}),
    ],
    "answer:do": [
        Page(sent("cases.send_message"), SIDES),
        Page(sent("cases.break_glass"), SIDES | {"aizada_mother"} | GLASS),  # or to the case
        Page(sent("cases.accept"), {"marat"}),
        Page(sent("cases.nothing"), frozenset()),
        Page(lambda w: [w.other.pk, "cases.send_message"], {"bakyt"}),
    ],
    "answer:again": Page(sent(), SIDES, post=True),
    "answer:print": Page(sent(), SIDES | {"aizada_mother"}),
    "answer:part": [
        *(
            Page(sent(tab), SIDES | {"aizada_mother"})
            for tab in (
                "referral", "timeline", "thread", "documents", "people", "money", "tasks"
            )
        ),
        Page(sent("audit"), {"aizada_mother"}),
        Page(lambda w: [w.other.pk, "people"], {"bakyt", "aizada_mother"}),
        Page(draft("people"), {"aigul", "aizada_mother"}),
        Page(sent("nothing"), {"aizada_mother"}),
    ],
    "answer:my": Page(who={"aizada_mother"}),
    "answer:counts": Page(who={"kanat", "ainura"}),
    "answer:oversight": Page(who={"madina"}),
    "answer:start": Page(who={"aigul", "bakyt", "dilnoza"}),
    "answer:upload": Page(who={"aigul", "bakyt", "dilnoza"}, post=True),
    "answer:taken": Page(draft(), {"aigul"}),
    "answer:check": Page(draft(), {"aigul"}),
    "answer:attach": Page(draft(), {"aigul"}, post=True),
    "answer:continue": Page(draft()),  # leads on, whatever it is; the next page asks
    "answer:topic": [
        *(
            Page(draft(slug), {"aigul"})
            for slug in ("patient", "diagnosis", "history", "documents")
        ),
        Page(draft("nothing"), frozenset()),
    ],
    "design:style": Page(public=True),
    "design:patient": Page(public=True),
}  # fmt: skip

FOREIGN = {
    "account_confirm_email": ["not-a-key"],
    "account_reset_password_from_key": ["1", "set-password"],
    "mfa_remove_webauthn": [1],
    "mfa_edit_webauthn": [1],
}
"""Pages of django-allauth that take arguments; of all of them we ask less: no fault, no names."""


def routes(resolver: Any, space: str = "") -> list[str]:
    """The names of all addresses."""
    found = []
    for entry in resolver.url_patterns:
        if hasattr(entry, "url_patterns"):
            found += routes(entry, f"{entry.namespace}:" if entry.namespace else space)
        else:
            assert entry.name, f"an address without a name: {entry.pattern}"
            found.append(f"{space}{entry.name}")
    return found


def is_foreign(name: str) -> bool:
    return name.startswith(("account_", "mfa_"))


def lines() -> list[tuple[str, Page]]:
    return [
        (name, page)
        for name, entry in PAGES.items()
        for page in (entry if isinstance(entry, list) else [entry])
    ]


def browsers() -> dict[str, Client]:
    found = {name: cast.client(name) for name in cast.CAST}
    for client in found.values():
        client.raise_request_exception = False
    return found


def body_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return str(content.decode("utf-8", "replace"))


def test_every_address_is_in_the_table() -> None:
    known = {name for name in routes(get_resolver()) if not is_foreign(name)}
    assert known == set(PAGES)


@pytest.mark.slow
def test_every_page_opens_for_those_who_may_and_for_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, seen_as, wrong = a_world(), browsers(), []
    solvers.forbid(monkeypatch)
    for route, page in lines():
        address = reverse(route, args=page.args(world))
        # What only takes a form is not opened, before any record is asked for: two notice it.
        some = 2 if page.post and connection.vendor == "postgresql" else None
        for name, client in list(seen_as.items())[:some]:
            last = AuditRead.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            response = client.get(address)
            status, where = response.status_code, f"{route} {address} as {name}"
            if page.post:
                allowed: set[int] = {405}
            elif name in page.who:
                allowed = {200, 302, 409} if route == "answer:do" else {200, 302}
            else:
                desk = 404 if "booking" in route and name in MANAGE else page.deny
                allowed = {page.but.get(name, desk)}
            if status not in allowed:
                wrong.append(f"{where}: {status}, not {allowed}")
            wrong += names_on(world, body_of(response), name, where, last)
            rules = response["Content-Security-Policy"]
            if "unsafe" in rules or "default-src 'self'" not in rules:
                wrong.append(f"{where}: {rules}")
    assert not wrong, "\n".join(wrong)


def names_on(world: World, body: str, name: str, where: str, last: int) -> list[str]:
    """What is wrong with the names on a page: read by the wrong person, or not noted as read."""
    wrong = []
    for family, (readers, roots) in world.names.items():
        if family not in body:
            continue
        if name not in readers:
            wrong.append(f"{where}: shows {family}")
        rows = AuditRead.objects.filter(pk__gt=last, root_id__in=roots)
        if not rows.exists():
            wrong.append(f"{where}: shows {family}, and no read is noted")
    return wrong


def test_a_visitor_gets_the_public_pages_and_is_led_to_sign_in_by_the_others() -> None:
    world, visitor, wrong = a_world(), Client(raise_request_exception=False), []
    for route, page in lines():
        address = reverse(route, args=page.args(world))
        response = visitor.get(address)
        led = response.status_code == 302 and response["Location"].startswith("/accounts/login/")
        known = page.post and response.status_code == 405
        if route == "answer:topic" and response.status_code == 404:
            known = True  # no such topic
        if page.public and not page.post:
            known, led = response.status_code in {200, 302}, not led
        if not (led or known):
            wrong.append(f"{address}: {response.status_code}")
        wrong += [f"{address} shows {n}" for n in world.names if n in body_of(response)]
    assert not wrong, "\n".join(wrong)


def test_pages_of_sign_in_never_fail_and_name_no_patient() -> None:
    world, wrong = a_world(), []
    readers = {**browsers(), "visitor": Client(raise_request_exception=False)}
    for route in filter(is_foreign, routes(get_resolver())):
        address = reverse(route, args=FOREIGN.get(route, []))
        for name in ("aigul", "saule", "stranger", "visitor"):
            response = readers[name].get(address)
            if response.status_code >= 500:
                wrong.append(f"{address} as {name}: {response.status_code}")
            wrong += [f"{address} shows {n}" for n in world.names if n in body_of(response)]
    assert not wrong, "\n".join(wrong)


def test_every_list_opens_for_those_who_have_it_and_names_only_their_patients() -> None:
    world, wrong = a_world(), []
    codes = {e.code for n in cast.CAST for e in case_queries.worklists_for(cast.actor(n))}
    for name, client in browsers().items():
        own = {entry.code for entry in case_queries.worklists_for(cast.actor(name))}
        for code in codes:
            address = reverse("answer:worklist", args=[code])
            last = AuditRead.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            response = client.get(address)
            if response.status_code != (200 if code in own else 404):
                wrong.append(f"{address} as {name}: {response.status_code}")
            wrong += names_on(world, body_of(response), name, f"{address} as {name}", last)
    assert not wrong, "\n".join(wrong)


def test_the_facts_of_a_draft_are_those_that_were_typed() -> None:
    world = a_world()
    facts = facts_json.from_json(world.draft.facts)
    assert facts.person.names[0].family == "Черновикова"
