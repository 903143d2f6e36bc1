"""Confirming what a site means by the names of its structures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.kernel import policy
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, NotFoundError
from sapar.people import queries as people
from sapar.proton.engine.selection.names import NOT_USED, propose, tidy
from sapar.proton.models import StructureName, Study
from sapar.proton.policy import Permission
from sapar.proton.queries.structure_names import (
    NamesSeen,
    key_of,
    names_of,
    table,
    table_digest,
)
from sapar.values.names import fold
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sapar.kernel.actors import Actor

SHORTEST = 3
"""Letters of a part of a name by which a patient could be found in a structure's name."""


def _problems(names: Mapping[str, str], seen: NamesSeen) -> list[Problem]:
    """What is wrong with the names that a person gives, each at its sent name."""
    known = {each.sent for each in seen.matches}
    holders: dict[str, str] = {}
    found = []
    for sent, name in names.items():
        if sent not in known:
            found.append(Problem.of("proton.study.name_not_sent", where=sent, value=sent))
        elif name != NOT_USED and propose(name, table()).name != name:
            found.append(Problem.of("proton.study.name_unknown", where=sent, value=name))
        elif name != NOT_USED and name in holders:
            found.append(
                Problem.of("proton.study.name_conflict", where=sent, value=name,
                           other=holders[name])
            )  # fmt: skip
        holders.setdefault(name, sent)
    return found


def _parts_of_name(person: UUID | None) -> set[str]:
    """The folded parts of a person's names."""
    found = people.people([person]).get(person) if person is not None else None
    texts = [f"{name.family} {name.given}" for name in found.names] if found is not None else []
    return {part for text in texts for part in fold(text) if len(part) >= SHORTEST}


@action("proton.confirm_names")
def confirm_names(*, by: Actor, study: UUID, names: Mapping[str, str]) -> int:
    """Say what the names of a study's structures mean; kept for the site that refers it.

    Args:
        by: a physicist or clinician of the centre.
        study: whose structures; read, and of a case.
        names: sent name to a name of TG-263 (or a target or margin by its pattern), or "-" for
            what selection shall not use.

    Returns:
        How many were new or changed.

    Raises:
        NotFoundError: there is no such study, or it has no case.
        InvalidInputError: a name is unknown, was not sent, or is given to two structures.
    """
    row = Study.objects.claim(study)
    if row.case is None:
        raise NotFoundError(Problem.of("kernel.not_found", where=f"study:{study}"))
    policy.require(by, Permission.CONFIRM_NAMES, row.case)
    seen = names_of(study)
    if wrong := _problems(names, seen):
        raise InvalidInputError(tuple(wrong))
    matches = {each.sent: each for each in seen.matches}
    parts = _parts_of_name(row.case.person_id)
    before = {
        each.key: each
        for each in StructureName.objects.select_for_update().filter(
            organisation_id=seen.site, replaced_at=None, key__in=[key_of(s) for s in names]
        )
    }
    now, changed = timezone.now(), 0
    for sent, name in names.items():
        old = before.get(key_of(sent))
        if old is not None and old.name == name:
            continue
        if old is not None:
            old.replaced_at = now
            old.save()
        hides = name == NOT_USED or bool(parts & set(fold(sent)))
        found = matches[sent]
        StructureName(
            organisation_id=seen.site, key=key_of(sent), sent="" if hides else tidy(sent)[:200],
            name=name, proposed=found.name if found.how != "remembered" else "",
            score=found.score, table_sha256=table_digest(), confirmed_by=by.user_id,
            confirmed_at=now,
        ).save()  # fmt: skip
        changed += 1
    note(
        root=("case", row.case.pk),
        about=("proton.study", study),
        what={"names": len(names), "changed": changed},
    )
    return changed
