"""A year to be simulated: the document `sapar.proton.year/1`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sapar.proton.engine.scheduling.problem.books import Books, Means, read_means
from sapar.proton.engine.scheduling.problem.centre import read_centre
from sapar.proton.engine.scheduling.problem.demand import (
    Demand,
    Uptime,
    read_demand,
    read_uptime,
)
from sapar.proton.engine.scheduling.problem.read_booked import (
    read_quotas,
    read_urgencies,
    read_weights,
)
from sapar.proton.engine.scheduling.problem.read_courses import read_protocols
from sapar.proton.engine.scheduling.problem.reading import Reader

if TYPE_CHECKING:
    from sapar.proton.engine.scheduling.problem.centre import Centre
    from sapar.proton.engine.scheduling.problem.course import Protocol, Quota, Urgency, Weights

YEAR = "sapar.proton.year/1"

AFTER = 250
"""Calendar days after the last simulated one into which courses may still be booked."""

MOST_A_YEAR = 4000
"""More courses a year than that are named, not simulated."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How the centre works.

    Attributes:
        protection: the block of an offer.
        window_min: length of a promised window.
        overtime_min: minutes that rooms stay open after closing on a day with an outage.
        no_show_share: the part of fractions to which the patient does not come.
        patience_days: who is offered a start later than that many days after referral goes
            elsewhere; None: nobody.
        replan_from_min: a day on which a resource is away for at least so many minutes is repaired
            by `replan`; None: never.
        means: what such a repair may use; the photon back-up is not simulated.
    """

    protection: dict[str, Any]
    window_min: int
    overtime_min: int
    no_show_share: float
    patience_days: int | None
    replan_from_min: int | None
    means: Means


@dataclass(frozen=True, slots=True)
class YearProblem:
    """See `docs/reference/proton-problems.md`, "capacity and year".

    Attributes:
        first: the first day that is counted.
        days: calendar days that are counted.
        warm_up_days: calendar days before, simulated and not counted, that fill the books.
        mode: "full" books each course by the minute; "fast" counts minutes by the day.
        fill: with "fast": the part of the rooms' minutes that can be sold; None: it is found out.
        team_fill: the same of the anaesthesia teams; the document has one number for both.
    """

    centre: Centre
    protocols: dict[str, Protocol]
    urgencies: dict[str, Urgency]
    weights: Weights
    quotas: tuple[Quota, ...]
    demand: Demand
    uptime: dict[str, Uptime]
    policy: Policy
    first: date
    days: int
    warm_up_days: int
    mode: str
    fill: float | None
    team_fill: float | None
    seed: int

    @property
    def begin(self) -> date:
        """The first simulated day."""
        return self.first - timedelta(days=self.warm_up_days)

    @property
    def end(self) -> date:
        """The last simulated day."""
        return self.first + timedelta(days=self.days - 1)

    def books(self) -> Books:
        """Empty books from the first simulated day to well after the last."""
        return Books(
            centre=self.centre,
            today=self.begin,
            first=self.begin,
            last=self.end + timedelta(days=AFTER),
            urgencies=self.urgencies,
            weights=self.weights,
            quotas=(),
            protocols=self.protocols,
            bookings=(),
            uses=(),
        )


def _policy(reader: Reader | None) -> Policy:
    if reader is None:
        return Policy({"kind": "none"}, 60, 0, 0.0, None, None, read_means(None))
    protection = reader.inside("protection")
    made = Policy(
        protection=dict(protection.value) if protection is not None else {"kind": "none"},
        window_min=reader.whole("window_min", 60, most=1440),
        overtime_min=reader.whole("overtime_min", 0, most=600),
        no_show_share=reader.number("no_show_share", 0.0, most=1.0),
        patience_days=reader.whole("patience_days", None, least=1, most=1000),
        replan_from_min=reader.whole("replan_from_min", None, least=1, most=1440),
        means=read_means(reader.inside("means")),
    )
    reader.done()
    return made


def read_year(document: dict[str, Any]) -> YearProblem:
    """Read a `year` document.

    Raises:
        BadProblemError: with every mistake.
    """
    reader = Reader.of(document)
    if not reader.is_object():
        reader.finish()
    reader.schema(YEAR)
    inside = reader.inside("centre")
    if inside is None:
        reader.note("missing", at="centre")
    centre = read_centre(inside or Reader({"rooms": []}, "centre", [], set()))
    protocols = read_protocols(reader, centre)
    urgencies = read_urgencies(reader)
    demand = read_demand(reader, protocols, urgencies)
    if demand.courses_per_year > MOST_A_YEAR:
        reader.note(
            "range",
            at="demand.courses_per_year",
            value=demand.courses_per_year,
            least="0",
            most=str(MOST_A_YEAR),
        )
    if centre.anaesthesia is None and any(
        mix.child_share * mix.anaesthesia_share_of_children > 0 for mix in demand.mix
    ):
        reader.note("no_anaesthesia", at="demand.mix", value="anaesthesia_share_of_children")
    fill = reader.number("fill", None, least=0.1, most=1.0)
    made = YearProblem(
        centre=centre,
        protocols=protocols,
        urgencies=urgencies,
        weights=read_weights(reader.inside("weights")),
        quotas=read_quotas(reader),
        demand=demand,
        uptime=read_uptime(reader, centre),
        policy=_policy(reader.inside("policy")),
        first=reader.day("from"),
        days=reader.whole("days", 365, least=1, most=800),
        warm_up_days=reader.whole("warm_up_days", 0, most=400),
        mode=reader.choice("mode", ("full", "fast"), "full"),
        fill=fill,
        team_fill=fill,
        seed=reader.whole("seed", 0, most=2**31 - 1),
    )
    reader.number("clock_s", None, most=1e6)
    reader.whole("work", None, least=1, most=10**12)
    reader.done()
    reader.finish()
    return made
