"""What every page of the referral form shows around its fields: steps, what is missing, the answer.

Shared by the pages of the form (`topic`) and those before and after it (`refer`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sapar.answer import panels, queries
from sapar.answer.forms import TOPICS
from sapar.answer.forms.needs import WHY
from sapar.cases.models import Case
from sapar.cases.policy import Permission as CasePermission
from sapar.design.components import Link, PageProblem
from sapar.kernel import policy
from sapar.kernel.accounts.web import actor_of
from sapar.kernel.audit import chain
from sapar.kernel.languages import formats, phrases
from sapar.network.naming import in_language
from sapar.network.queries import snapshot
from sapar.people.engine import check as people_check

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from sapar.cases.engine.referral import ReferralFacts
    from sapar.kernel.errors import SaparError

ORDER = [*TOPICS, "check"]
"""The pages in order: the topics, then everything on one page."""


def draft_of(request: HttpRequest, case: UUID) -> Case:
    """The draft, if this person may continue it; else it does not exist for them."""
    record = (
        policy.visible_to(actor_of(request), CasePermission.REFER, Case.objects.all())
        .filter(pk=case)
        .first()
    )
    if record is None:
        raise Http404
    return record


def note_read(request: HttpRequest, *drafts: Case) -> None:
    """Record that a page showed these drafts: the patient's name stands on each."""
    roots = [("case", record.pk) for record in drafts]
    chain.note_reads(by=actor_of(request), roots=roots, page="case.referral")


def page_of(item: str) -> str:
    """The slug of the page on which a missing item can be given."""
    return next((slug for slug, topic in TOPICS.items() if item in topic.items), "documents")


def address(case: UUID, slug: str) -> str:
    """The address of a page of the form."""
    if slug == "check":
        return reverse("answer:check", args=[case])
    return reverse("answer:topic", args=[case, slug])


def place_of(case: UUID, item: str, current: str = "") -> str:
    """The address of the field that settles an item; only its part after # on the same page."""
    slug = page_of(item)
    topic = TOPICS[slug]
    named = topic.single.get(item) or next(
        (group.rows[0][0] for group in topic.groups if item in group.items), ""
    )
    anchor = f"#id_{named}" if named else ""
    if slug == current:
        return anchor or "#content"
    return reverse("answer:topic", args=[case, slug]) + anchor


def problems_shown(error: SaparError) -> list[PageProblem]:
    """The problems of an error as lines of an error summary: what, and the remedy."""
    return [PageProblem(f"{phrases.text(p)} {phrases.remedy(p)}") for p in error.problems]


def patient_name(facts: ReferralFacts) -> str:
    """The patient's name as the family writes it, or ""."""
    name = next((n for n in facts.person.names if n.family or n.given), None)
    return " ".join(filter(None, (name.family, name.given))) if name else ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something about the patient that is possible but looks like a mistake: field and sentence."""

    name: str
    said: str


def doubts(facts: ReferralFacts) -> list[Doubt]:
    """What does not fit together about the patient; nothing of it is refused."""
    found = []
    for problem in people_check.problems(facts.person, timezone.localdate()):
        where = problem.where
        if where.startswith("identifiers["):
            index = int(where.removeprefix("identifiers[").partition("]")[0])
            where = facts.person.identifiers[index].kind.replace("-", "_")
        remedy = phrases.remedy(problem)
        found.append(Doubt(where, f"{phrases.text(problem)} {remedy}".strip()))
    if facts.person.birth_date is None and facts.person.birth_date_text:
        said = _("As sent: {text}. Give the whole day.").format(text=facts.person.birth_date_text)
        found.append(Doubt("birth_date", said))
    return found


def warnings_by_field(facts: ReferralFacts) -> dict[str, list[str]]:
    """The doubts by name of field."""
    gathered: dict[str, list[str]] = {}
    for doubt in doubts(facts):
        gathered.setdefault(doubt.name, []).append(doubt.said)
    return gathered


def missing_links(record: Case, facts: ReferralFacts, current: str = "") -> list[Link]:
    """What is still missing, each with the place where it can be given."""
    return [
        Link(
            phrases.word(f"item.{item}"),
            place_of(record.pk, item, current),
            current=page_of(item) == current,
        )
        for item in queries.missing_for(facts)
    ]


@dataclass(frozen=True, slots=True)
class ItemShown:
    """One thing that the programme asks for."""

    code: str
    name: str
    why: str
    given: bool


@dataclass(frozen=True, slots=True)
class ProgrammeShown:
    """What a programme asks for, with the source that says so."""

    name: str
    source: str = ""
    dated: str = ""
    trust: str = ""
    items: list[ItemShown] = field(default_factory=list)


def programme_shown(facts: ReferralFacts) -> ProgrammeShown | None:
    """The programme asked for and its items; None before one is chosen."""
    entry = snapshot(timezone.localdate()).programmes.get(facts.programme)
    if entry is None:
        return None
    missing = set(queries.missing_for(facts))
    return ProgrammeShown(
        name=in_language(entry.names) or entry.code,
        source=entry.source.title,
        dated=formats.day(entry.source.dated) if entry.source.dated else "",
        trust=str(panels.TRUST[entry.source.mark]),
        items=[
            ItemShown(
                item,
                phrases.word(f"item.{item}"),
                str(WHY.get(item, _("The centre's doctors read it."))),
                item not in missing,
            )
            for item in queries.needed_for(facts)
        ],
    )


def steps(record: Case, current: str) -> list[Link]:
    """The pages of the form."""
    titles = {slug: str(topic.title) for slug, topic in TOPICS.items()}
    titles["check"] = _("Check and send")
    return [
        Link(title, address(record.pk, slug), current=slug == current)
        for slug, title in titles.items()
    ]


def around(record: Case, facts: ReferralFacts, slug: str) -> dict[str, Any]:
    """The context that all pages of the form share."""
    place = ORDER.index(slug)
    answer = panels.shown(queries.answer_to(facts))
    patient = patient_name(facts)
    return {
        "case": record,
        "slug": slug,
        "patient": patient,
        "steps": steps(record, slug),
        "place": place + 1,
        "places": len(ORDER),
        "previous": ORDER[place - 1] if place else "",
        "next": ORDER[place + 1] if place + 1 < len(ORDER) else "",
        "missing": missing_links(record, facts, slug),
        "programme": programme_shown(facts),
        "answer": answer,
        "letter_title": _("Referral {number}: answer so far").format(number=record.number),
        "letter_lines": [line for line in (patient, answer.as_of) if line],
    }
