"""What patients are called on the pages: by name for who may know them, and the read is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from sapar.kernel.audit import chain
from sapar.proton.queries import people, work

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from uuid import UUID

    from sapar.proton.queries.people import Who
    from sapar.proton.views.desk import Desk
    from sapar.values.statements import Problem


def name_of(case: UUID | None, label: str, who: Mapping[Any, Who]) -> str:
    """The patient's name and number for who may know it, as whose read is noted; else neither.

    Args:
        case: the case, or None for one of the centre's other patients.
        label: the centre's own number of such a one.
        who: those whom the reader may know, by case.
    """
    if case is None:
        return label
    known = who.get(case)
    return f"{known.name}, {known.number}" if known is not None else _("A patient")


def labels(desk: Desk, answer: Mapping[str, Any] | None, page: str) -> dict[str, str]:
    """What an answer's sentences call patients, by the ids of courses, fractions and cases.

    Args:
        desk: the reader; whom they may know by name is noted as read.
        answer: of an engine, or None.
        page: for the trail.
    """
    ids = set(_said(answer or {}))
    named = work.called(desk.centre.pk, ids) if ids else {}
    known = people.known(desk.actor, [each.case for each in named.values() if each.case])
    chain.note_reads(by=desk.actor, roots=people.roots(known.values()), page=page)
    return {key: name_of(each.case, each.label, known) for key, each in named.items()}


def _said(part: Any) -> Iterator[str]:
    """The texts in the parameters of an answer's sentences, wherever they stand."""
    if isinstance(part, dict):
        given = part.get("params")
        if isinstance(given, dict):
            yield from (each for each in given.values() if isinstance(each, str))
        resource = part.get("resource")
        if isinstance(resource, str) and resource.startswith("window:"):
            yield resource.partition(":")[2]
        for each in part.values():
            yield from _said(each)
    elif isinstance(part, list):
        for each in part:
            yield from _said(each)


def note_mentioned(desk: Desk, problems: Iterable[Problem], page: str) -> None:
    """Note the read of those whose numbers stand in a refusal."""
    found = people.mentioned(desk.actor, problems)
    chain.note_reads(by=desk.actor, roots=people.roots(found), page=page)
