"""What a treatment that takes longer loses, and how that could be made good.

Linear-quadratic model with loss by time: BED = Σ d·(1 + d ÷ (α/β)) − K·max(0, T − Tk). T is the
number of days from the first to the last fraction, Tk the day on which fast repopulation begins,
K the loss in Gy a day (Fowler 1989, Br J Radiol 62:679; Dale et al. 2002, Clin Oncol 14:382; Royal
College of Radiologists 2019, BFCO(19)1). Late effects count without time. Everything here is a
proposal for the physicist and the physician to approve; dose values that nobody has verified are
said to be so.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sapar.proton.engine.scheduling.problem.course import Dose

MOST_EXTRA = 5
"""More extra fractions than that are not proposed."""

AUDIT_DAYS = {1: 2, 2: 5}
"""Days of prolongation that an audit lets pass, by category. Unverified: shown, decides nothing."""

SMALL = 1e-9


def bed(fractions: float, dose: float, alpha_beta: float) -> float:
    """BED in Gy of so many fractions of `dose` Gy, without loss by time."""
    return fractions * dose * (1.0 + dose / alpha_beta)


def eqd2(value: float, alpha_beta: float) -> float:
    """The dose in fractions of 2 Gy that has this BED, in Gy."""
    return value / (1.0 + 2.0 / alpha_beta)


def lost_by_time(k: float, days: float, kick_off: float) -> float:
    """K·max(0, T − Tk): Gy of BED that `k` Gy a day cost after the day `kick_off`."""
    return k * max(0, days - kick_off)


def loss(dose: Dose, days: int) -> float:
    """Gy of tumour BED lost by repopulation in a treatment of so many days, first to last."""
    return lost_by_time(dose.k_gy_per_day, days, dose.kick_off_day)


def dose_for(fractions: int, wanted: float, alpha_beta: float) -> float:
    """The dose of each of `fractions` fractions that together have the BED `wanted`.

    The positive root of d²/(α/β) + d − wanted/fractions = 0.

    Raises:
        ValueError: there is no fraction, or nothing is wanted.
    """
    if fractions < 1 or wanted <= 0:
        problem = "nothing to solve"
        raise ValueError(problem)
    return alpha_beta / 2.0 * (sqrt(1.0 + 4.0 * wanted / (fractions * alpha_beta)) - 1.0)


@dataclass(frozen=True, slots=True)
class Delay:
    """A course that takes longer than it was meant to, or loses fractions.

    Attributes:
        fractions: of the whole course as planned.
        remaining: those still to come that have a place.
        missing: those that have none.
        days_before: days from the first to the last fraction as planned; `days_after` now.
        start_known: whether the day of the first fraction is known.
        more_days: days after the new last day of each extra fraction that could follow, ascending.
        category: of the protocol, 1 to 3.
    """

    fractions: int
    remaining: int
    missing: int
    days_before: int
    days_after: int
    more_days: tuple[int, ...]
    category: int
    start_known: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way to make the loss good; `kind` is "dose" or "fractions"; BED in Gy."""

    kind: str
    fractions: int
    per_fraction_gy: float
    tumour_bed: float
    late_bed: float
    late_change: float

    def as_json(self) -> dict[str, Any]:
        """Four decimals of Gy."""
        return {
            "kind": self.kind,
            "fractions": self.fractions,
            "per_fraction_gy": round(self.per_fraction_gy, 4),
            "tumour_bed_gy": round(self.tumour_bed, 3),
            "late_bed_gy": round(self.late_bed, 3),
            "late_bed_change_gy": round(self.late_change, 3),
        }


@dataclass(frozen=True, slots=True)
class Compensation:
    """What the delay costs and the proposals against it.

    Attributes:
        mark: how well the dose values are known; None: the protocol has none.
        planned: tumour BED as planned, `after` as it is now; `late` the late BED as planned.
        proposals: the dose first, then extra fractions.
        avoid: means that could avoid the delay and were not allowed: to be asked first.
        audit_days: see `AUDIT_DAYS`; None for a category without one.
    """

    category: int
    days: int
    mark: str | None
    planned: float
    after: float
    late: float
    lost_eqd2: float
    proposals: tuple[Proposal, ...]
    avoid: tuple[str, ...]
    audit_days: int | None
    start_known: bool = True

    def as_json(self) -> dict[str, Any]:
        """As `docs/reference/proton-problems.md` describes it."""
        found: dict[str, Any] = {
            "category": self.category,
            "mark": self.mark,
            "avoid_first": list(self.avoid),
            "audit": {
                "days": self.audit_days,
                "exceeded": self.audit_days is not None and self.days > self.audit_days,
                "mark": "unverified",
            },
            "approve": ["physicist", "physician"],
            "proposals": [each.as_json() for each in self.proposals],
            "says": [{"code": code, "params": {}} for code in self.codes()],
        }
        if self.mark is not None and self.start_known:
            found |= {
                "tumour_bed_planned_gy": round(self.planned, 3),
                "tumour_bed_gy": round(self.after, 3),
                "lost_eqd2_gy": round(self.lost_eqd2, 3),
                "late_bed_planned_gy": round(self.late, 3),
            }
        return found

    def codes(self) -> list[str]:
        """What is to be said of it."""
        if self.mark is None:
            return ["proton.compensation.no_dose"]
        if not self.start_known:
            return ["proton.compensation.no_start"]
        found = []
        if not self.proposals:
            lost = self.planned - self.after > SMALL
            found.append(f"proton.compensation.{'none_found' if lost else 'not_needed'}")
        else:
            found.append("proton.compensation.approve")
        if self.category == 3 and self.proposals:
            found.append("proton.compensation.category_3")
        if self.avoid:
            found.append("proton.compensation.avoid_first")
        if self.mark != "verified":
            found.append("proton.compensation.unverified")
        return found


def _by_dose(dose: Dose, delay: Delay, planned: float, late: float) -> Proposal | None:
    given = delay.fractions - delay.remaining - delay.missing
    tumour, other = dose.alpha_beta_tumour_gy, dose.alpha_beta_late_gy
    wanted = planned + loss(dose, delay.days_after) - bed(given, dose.per_fraction_gy, tumour)
    if delay.remaining < 1 or wanted <= 0:
        return None
    each = dose_for(delay.remaining, wanted, tumour)
    after = bed(given, dose.per_fraction_gy, other) + bed(delay.remaining, each, other)
    return Proposal("dose", delay.remaining, each, planned, after, after - late)


def _by_fractions(dose: Dose, delay: Delay, planned: float, late: float) -> Proposal | None:
    number = delay.fractions - delay.missing
    tumour, other = dose.alpha_beta_tumour_gy, dose.alpha_beta_late_gy
    for extra, more in enumerate(delay.more_days[:MOST_EXTRA], start=1):
        whole = bed(number + extra, dose.per_fraction_gy, tumour)
        reached = whole - loss(dose, delay.days_after + more)
        if reached >= planned - SMALL:
            after = bed(number + extra, dose.per_fraction_gy, other)
            return Proposal("fractions", extra, dose.per_fraction_gy, reached, after, after - late)
    return None


def compensate(dose: Dose | None, delay: Delay, avoid: Sequence[str] = ()) -> Compensation:
    """The loss of a prolonged or shortened course, and what would restore its tumour BED.

    Args:
        dose: of the protocol; None where it has none: nothing can be computed, which is said.
        delay: what happened.
        avoid: means that were not allowed and could avoid the delay ("weekends", "second-daily").
    """
    days = max(0, delay.days_after - delay.days_before)
    audit = AUDIT_DAYS.get(delay.category)
    if dose is None or not delay.start_known:
        mark = None if dose is None else dose.mark
        return Compensation(
            category=delay.category,
            days=days,
            mark=mark,
            planned=0.0,
            after=0.0,
            late=0.0,
            lost_eqd2=0.0,
            proposals=(),
            avoid=tuple(avoid),
            audit_days=audit,
            start_known=delay.start_known,
        )
    tumour = dose.alpha_beta_tumour_gy
    planned = bed(delay.fractions, dose.per_fraction_gy, tumour) - loss(dose, delay.days_before)
    after = bed(delay.fractions - delay.missing, dose.per_fraction_gy, tumour)
    after -= loss(dose, delay.days_after)
    late = bed(delay.fractions, dose.per_fraction_gy, dose.alpha_beta_late_gy)
    found = []
    if planned - after > SMALL:
        ways = (_by_dose(dose, delay, planned, late), _by_fractions(dose, delay, planned, late))
        found = [each for each in ways if each is not None]
    return Compensation(
        category=delay.category,
        days=days,
        mark=dose.mark,
        planned=planned,
        after=after,
        late=late,
        lost_eqd2=eqd2(planned - after, tumour),
        proposals=tuple(found),
        avoid=tuple(avoid) if planned - after > SMALL else (),
        audit_days=audit,
    )
