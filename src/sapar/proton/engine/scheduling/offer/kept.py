"""Minutes of a day that are kept for those who are more urgent and have not come yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.problem.reading import Reader

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Protection:
    """How much is kept from a course of some urgency on a day some working days ahead.

    Attributes:
        kind: "none", "fixed" or "learned".
        free_for: with "fixed": urgencies from which nothing is kept.
        minutes_per_day: with "fixed": room minutes kept from all others.
        release_days: with "fixed": kept on days at least that many working days ahead.
        rooms: with "learned": by urgency, room minutes by lead; the last one for longer leads.
        beams: the same for beam minutes.
    """

    kind: str = "none"
    free_for: frozenset[str] = frozenset()
    minutes_per_day: int = 0
    release_days: int = 1
    rooms: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    beams: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def kept(self, urgency: str, lead: int) -> tuple[int, int]:
        """Minutes of rooms and of beams to be left on a day `lead` working days ahead."""
        if self.kind == "fixed":
            if urgency in self.free_for or lead < self.release_days:
                return 0, 0
            return self.minutes_per_day, 0
        rooms, beams = self.rooms.get(urgency, ()), self.beams.get(urgency, ())
        return (
            rooms[min(lead, len(rooms) - 1)] if rooms else 0,
            beams[min(lead, len(beams) - 1)] if beams else 0,
        )


NOTHING = Protection()


def read_protection(reader: Reader) -> Protection:
    """Read a `protection` block where the reader stands."""
    kind = reader.choice("kind", ("none", "fixed", "learned"), "none")
    if kind == "fixed":
        made = Protection(
            kind=kind,
            free_for=frozenset(reader.words("for", optional=False)),
            minutes_per_day=reader.whole("minutes_per_day", most=100_000),
            release_days=reader.whole("release_days", 1, most=1000),
        )
        reader.done()
        return made
    if kind == "learned":
        rooms, beams = {}, {}
        levels = reader.inside("levels")
        if levels is None:
            reader.note("missing", at="levels")
        else:
            for urgency in sorted(levels.value):
                each = levels.inside(urgency)
                if each is not None:
                    rooms[urgency] = each.wholes("rooms", least=0, most=100_000)
                    beams[urgency] = each.wholes("beams", least=0, most=100_000)
                    each.done()
        return Protection(kind=kind, rooms=rooms, beams=beams)
    return NOTHING


def protection_of(document: dict[str, Any]) -> Protection:
    """Read the `protection` block of an offer or a policy.

    Raises:
        BadProblemError: with every mistake.
    """
    reader = Reader.of(document, "protection")
    made = read_protection(reader)
    reader.finish()
    return made
