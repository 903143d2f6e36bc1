"""Fragments offered to other rooms' pages, and two persons side by side.

Side by side, numbers are compared in full and shown by their last three signs: deciding needs to
know that they are equal, not what they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sapar.kernel import policy
from sapar.kernel.audit import chain
from sapar.kernel.languages import formats
from sapar.people import queries
from sapar.people.engine import check
from sapar.people.models import DuplicateQuestion, Person
from sapar.people.policy import Permission
from sapar.values import names

if TYPE_CHECKING:
    from uuid import UUID

    from django.utils.safestring import SafeString

    from sapar.kernel.actors import Actor
    from sapar.people.queries import PersonView


def person_context(actor: Actor, person_id: UUID) -> dict[str, Any]:
    """What templates show of a person: the view, name, age, what is wrong, what may be done."""
    view = queries.person(person_id)
    row = Person.objects.get(pk=person_id)
    today = timezone.localdate()
    facts = view.facts()
    questions = [*row.questions.filter(state=DuplicateQuestion.State.OPEN).order_by("pk")]
    return {
        "person": view,
        "name": view.display_name(get_language() or ""),
        "age": view.age(today),
        "problems": check.problems(facts, today),
        "needs_guardian": check.needs_guardian(facts, today),
        "may_edit": not view.erased and policy.can(actor, Permission.EDIT, row),
        "may_consent": not view.erased and policy.can(actor, Permission.CONSENT, row),
        "may_invite": not view.erased and policy.can(actor, Permission.INVITE, row),
        "may_erase": not view.erased and policy.can(actor, Permission.ERASE, row),
        "questions": questions if policy.can(actor, Permission.DECIDE, row) else [],
        "accesses": row.accesses.filter(ended_at__isnull=True).select_related("user"),
    }


def person_panel(actor: Actor, person_id: UUID) -> SafeString:
    """Who the patient is, for the case page; notes the read.

    Raises:
        NotAllowedError: the actor may not see this person.
        NotFoundError: there is none.
    """
    queries.person(person_id)
    policy.require(actor, Permission.VIEW, Person.objects.get(pk=person_id))
    chain.note_read(by=actor, root=("patient", person_id), page="people.panel")
    return render_to_string("people/panel.html", person_context(actor, person_id))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison.

    Attributes:
        verdict: "same", "different" or "unknown".
        word: the verdict in the reader's language.
        meaning: one of design's four meanings.
    """

    label: str
    one: str
    other: str
    verdict: str
    word: str
    meaning: str


def _row(label: str, one: str, other: str, *, same: bool | None = None) -> Row:
    if not (one and other):
        return Row(label, one, other, "unknown", _("not known"), "waiting")
    if one == other if same is None else same:
        return Row(label, one, other, "same", _("same"), "done")
    return Row(label, one, other, "different", _("different"), "stopped")


def _names(view: PersonView) -> str:
    return "; ".join(str(name) for name in view.names)


def _keys(view: PersonView) -> set[str]:
    return {names.key(name.family, name.given) for name in view.names} - {""}


def _country(code: str) -> str:
    return formats.country(code) if code else ""


def _birth(view: PersonView) -> str:
    """The date in words when all of it is known; as much as there is otherwise."""
    return formats.day(view.birth_date) if view.birth_date else str(view.birth or "")


def rows_of(one: PersonView, other: PersonView) -> list[Row]:
    """The lines that decide: names, birth, sex, numbers by kind, citizenship, town, guardians."""
    rows = [
        _row(_("Name"), _names(one), _names(other), same=bool(_keys(one) & _keys(other))),
        _row(_("Date of birth"), _birth(one), _birth(other), same=one.birth == other.birth),
        _row(_("Sex"), one.gender_label, other.gender_label),
    ]
    kinds = dict.fromkeys((i.kind, i.label) for v in (one, other) for i in v.identifiers)
    for kind, label in kinds:
        mine = [i for i in one.identifiers if i.kind == kind]
        theirs = [i for i in other.identifiers if i.kind == kind]
        equal = {(i.country, i.value) for i in mine} & {(i.country, i.value) for i in theirs}
        rows.append(
            _row(
                label,
                ", ".join(i.masked for i in mine),
                ", ".join(i.masked for i in theirs),
                same=bool(equal),
            )
        )
    rows += [
        _row(_("Citizenship"), _country(one.citizenship), _country(other.citizenship)),
        _row(_("Country of residence"), _country(one.residence), _country(other.residence)),
        _row(_("Town"), one.city, other.city),
        _row(
            _("Guardians"),
            "; ".join(str(g.name) for g in one.guardians),
            "; ".join(str(g.name) for g in other.guardians),
        ),
    ]
    return rows
