"""Asking whether two records are one person, and linking those that are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from sapar.kernel.actions import note
from sapar.people import queries
from sapar.people.engine.matching import Verdict
from sapar.people.models import DuplicateQuestion, Person

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.people.engine.matching import Candidate


IDENTITY_LOCK = 0x5A_9A_12  # a number of our own among PostgreSQL's advisory locks


def alone() -> None:
    """Wait until no other transaction registers or links people, until this one ends.

    Two records of one human being, made at the same moment, would not see each other: there would
    be no link and no question. It comes before every row is locked, so that nobody waits in a
    ring. On SQLite a transaction is alone already.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IDENTITY_LOCK])


def ask(person: Person) -> tuple[Candidate, ...]:
    """Compare a person with all others: link the certain, ask about the possible.

    A pair that was decided is not asked about again. Returns the candidates.
    """
    found = queries.candidates(queries.person(person.pk).facts(), but_not=person.pk)
    known = _answered(person.pk)
    linked = False
    for candidate in found:
        if candidate.person_id in known:
            continue
        certain = candidate.verdict is Verdict.SAME
        states = DuplicateQuestion.State
        DuplicateQuestion(
            person=person,
            candidate_id=candidate.person_id,
            why=list(candidate.reasons),
            state=states.SAME if certain else states.OPEN,
            decided_at=timezone.now() if certain else None,
        ).save()
        linked = linked or certain
        note(
            root=("patient", person.pk),
            about=("patient", candidate.person_id),
            what={"duplicate": "linked" if certain else "asked"},
        )
    if linked:
        relink({person.pk})
    return found


def _answered(person_id: UUID) -> set[UUID]:
    pairs = DuplicateQuestion.objects.filter(Q(person_id=person_id) | Q(candidate_id=person_id))
    return {q.candidate_id if q.person_id == person_id else q.person_id for q in pairs}


def relink(start: set[UUID]) -> None:
    """Set `merged_into` anew for everybody who was or is linked with these persons.

    The links are the questions answered "same"; the oldest record of a group is its root. So a
    link that is undone leaves the rest as it was.
    """
    touched = set(start)
    for person_id in start:
        touched |= queries.same_people(person_id)
    edges = _edges(touched)
    everybody = set(touched) | set(edges)
    while everybody:
        group = _reachable(min(everybody), edges)
        everybody -= group
        root = min(group)
        for row in Person.objects.select_for_update().filter(pk__in=group).order_by("pk"):
            wanted = None if row.pk == root else root
            if row.merged_into_id != wanted:
                row.merged_into_id = wanted
                row.save(update_fields=["merged_into"])


def _edges(start: set[UUID]) -> dict[UUID, set[UUID]]:
    """Who is linked with whom, followed outwards from these persons."""
    edges: dict[UUID, set[UUID]] = {}
    frontier = set(start)
    while frontier:
        rows = DuplicateQuestion.objects.filter(
            Q(person_id__in=frontier) | Q(candidate_id__in=frontier),
            state=DuplicateQuestion.State.SAME,
        ).values_list("person_id", "candidate_id")
        seen = set(edges)
        frontier = set()
        for one, other in rows:
            edges.setdefault(one, set()).add(other)
            edges.setdefault(other, set()).add(one)
            frontier |= {one, other} - seen
        frontier -= seen
        if set(edges) == seen:
            break
    return edges


def _reachable(start: UUID, edges: dict[UUID, set[UUID]]) -> set[UUID]:
    group, frontier = {start}, [start]
    while frontier:
        for other in edges.get(frontier.pop(), ()):
            if other not in group:
                group.add(other)
                frontier.append(other)
    return group
