"""The document of `capacity`; see `docs/reference/proton-problems.md`, "capacity"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.problem.centre import read_centre
from sapar.proton.engine.scheduling.problem.demand import read_demand, read_uptime
from sapar.proton.engine.scheduling.problem.read_courses import read_protocols
from sapar.proton.engine.scheduling.problem.reading import Reader

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.problem.centre import Centre
    from sapar.proton.engine.scheduling.problem.course import Protocol
    from sapar.proton.engine.scheduling.problem.demand import Demand, Uptime

CAPACITY = "sapar.proton.capacity/1"
DRAWS = 100
"""Random years where the document does not say how many."""


@dataclass(frozen=True, slots=True)
class CapacityProblem:
    """How many patients a year can a configuration treat?

    Attributes:
        first: the first day of the year that is looked at.
        last: its last day.
        days: count that many working days instead of those of the calendar (None: the calendar).
        slot_min: minutes of the room for every fraction (None: those of the protocols).
        target: patients a year that are wished for.
        duration_error: standard deviation of the error in planned minutes, as a share.
        draws: number of random years.
    """

    centre: Centre
    protocols: dict[str, Protocol]
    demand: Demand
    uptime: dict[str, Uptime]
    first: date
    last: date
    days: int | None
    slot_min: int | None
    target: float
    duration_error: float
    draws: int
    seed: int
    clock_s: float | None


def read_capacity(document: dict[str, Any]) -> CapacityProblem:
    """Read a `capacity` document.

    Raises:
        BadProblemError: with every mistake.
    """
    reader = Reader.of(document)
    if not reader.is_object():
        reader.finish()
    reader.schema(CAPACITY)
    inside = reader.inside("centre")
    if inside is None:
        reader.note("missing", at="centre")
    centre = read_centre(inside or Reader({"rooms": []}, "centre", [], set()))
    protocols = read_protocols(reader, centre)
    demand = read_demand(reader, protocols)
    year = reader.whole("year", least=1970, most=2200)
    asleep = any(each.child_share * each.anaesthesia_share_of_children > 0 for each in demand.mix)
    if asleep and centre.anaesthesia is None:
        reader.note("no_anaesthesia", at="demand", value="true")
    made = CapacityProblem(
        centre=centre,
        protocols=protocols,
        demand=demand,
        uptime=read_uptime(reader, centre),
        first=date(year, 1, 1),
        last=date(year, 12, 31),
        days=reader.whole("days", None, least=1, most=366),
        slot_min=reader.whole("slot_min", None, least=1, most=1440),
        target=reader.number("target", demand.courses_per_year, most=1e6),
        duration_error=reader.number("duration_error", 0.0, most=1.0),
        draws=reader.whole("draws", DRAWS, least=1, most=10_000),
        seed=reader.whole("seed", 0, most=2**31 - 1),
        clock_s=reader.number("clock_s", None, most=1e6),
    )
    reader.done()
    reader.finish()
    return made
