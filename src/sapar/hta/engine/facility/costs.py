"""Costs of a centre by year and by fraction, as formulas of a model's own parameters.

Capital becomes an equivalent annual cost: the payment at the end of each year of an item's life
whose present value is its price less the present value of what it is sold for (Drummond et al.,
Methods for the Economic Evaluation of Health Care Programmes, 4th ed. 2015, annuitisation;
unverified edition). Each formula is an expression like those that people write: so sensitivity
analyses and draws reach every price, life, salary and volume in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sapar.hta.engine.expressions.build import Term, call, number, total
from sapar.hta.engine.expressions.evaluate import evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

EDGE = 1e-9
"""Rounding of a quotient that must not call for another shift: 8,000 by 4,000 is two."""


@dataclass(frozen=True, slots=True)
class Capital:
    """What is bought once and wears out.

    Attributes:
        price: money.
        life: years, above 0.
        residual: money that it is sold for at the end of its life.
    """

    price: Term
    life: Term
    residual: Term = field(default_factory=lambda: number(0))


@dataclass(frozen=True, slots=True)
class Staff:
    """People of one grade.

    Attributes:
        fte: full-time equivalents.
        cost: money of one for a year.
        per_fractions: None: `fte` is fixed; otherwise so many for each so many fractions a year.
        whole: only whole groups of `fte` can be had, as with shifts: their number is rounded up.
    """

    fte: Term
    cost: Term
    per_fractions: Term | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Capacity:
    """What can be treated.

    Attributes:
        rooms: treatment rooms.
        hours: of work a day; `days` a year.
        fractions_per_hour: in one room.
        availability: share of the hours in which the machine works, 0 to 1.
    """

    rooms: Term
    hours: Term
    days: Term
    fractions_per_hour: Term
    availability: Term = field(default_factory=lambda: number(1))

    @property
    def fractions(self) -> Term:
        """Fractions a year."""
        return self.rooms * self.hours * self.days * self.fractions_per_hour * self.availability


@dataclass(frozen=True, slots=True)
class Facility:
    """A centre.

    Attributes:
        rate: yearly discount rate.
        volume: fractions wanted by year of operation, one entry for each year of the plan.
        fractions: of one course.
        capital, staff: by name.
        yearly: money of each year by name, such as maintenance and energy.
        per_fraction, per_course: money by name.
        capacity: None: without a limit.
        total: the whole cost of the last year of the plan as a source says it; what the items do
            not explain is one more yearly cost, `rest`.
        label: for people.
    """

    rate: Term
    volume: tuple[Term, ...]
    fractions: Term
    capital: Mapping[str, Capital] = field(default_factory=dict)
    staff: Mapping[str, Staff] = field(default_factory=dict)
    yearly: Mapping[str, Term] = field(default_factory=dict)
    per_fraction: Mapping[str, Term] = field(default_factory=dict)
    per_course: Mapping[str, Term] = field(default_factory=dict)
    capacity: Capacity | None = None
    total: Term | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Formulas:
    """What a centre costs, as formulas.

    Attributes:
        items: by group and name, money of each year of the plan.
        treated: fractions by year; never above the capacity.
        yearly: money of each year.
        capacity: fractions a year, or None.
        utilisation: fractions wanted by capacity in the busiest year; 0 without a capacity.
        per_fraction, per_course: present value of all costs by that of all fractions (levelised).
        investment: the price of all capital.
    """

    items: Mapping[tuple[str, str], tuple[Term, ...]]
    treated: tuple[Term, ...]
    yearly: tuple[Term, ...]
    capacity: Term | None
    utilisation: Term
    per_fraction: Term
    per_course: Term
    investment: Term


def annuity_factor(rate: Term, years: Term) -> Term:
    """Present value of 1 at the end of each year: (1 - (1 + r) ** -n) / r; n where r is 0."""
    one = number(1)
    kept = call("exp", -(years * call("ln", one + rate)))
    # Below this rate the quotient loses digits, and the factor is n to all that matter.
    still = call("abs", rate).below(number(1e-9))
    return call("if", still, years, (one - kept) / rate)


def annual(item: Capital, rate: Term) -> Term:
    """The equivalent annual cost of an item."""
    sold = item.residual * call("exp", -(item.life * call("ln", number(1) + rate)))
    return (item.price - sold) / annuity_factor(rate, item.life)


def _people(staff: Staff, treated: Term) -> Term:
    if staff.per_fractions is None:
        return staff.fte * staff.cost
    groups = treated / staff.per_fractions
    if staff.whole:
        groups = -call("floor", number(EDGE) - groups)
    return groups * staff.fte * staff.cost


def _items(facility: Facility, treated: Term) -> dict[tuple[str, str], Term]:
    """The cost of a year in which so many fractions are given."""
    found = {
        ("capital", name): annual(each, facility.rate) for name, each in facility.capital.items()
    }
    found |= {("staff", name): _people(each, treated) for name, each in facility.staff.items()}
    found |= {("yearly", name): each for name, each in facility.yearly.items()}
    found |= {
        ("per_fraction", name): each * treated for name, each in facility.per_fraction.items()
    }
    courses = treated / facility.fractions
    found |= {("per_course", name): each * courses for name, each in facility.per_course.items()}
    return found


def formulas(facility: Facility) -> Formulas:
    """What a centre costs, as formulas of its inputs.

    Capital is charged in every year of the plan: whatever wears out before is bought again at the
    same price. Years count at their ends.
    """
    limit = None if facility.capacity is None else facility.capacity.fractions
    treated = tuple(each if limit is None else call("min", each, limit) for each in facility.volume)
    years = [_items(facility, each) for each in treated]
    if facility.total is not None:
        rest = facility.total - total(years[-1].values())
        for each in years:
            each["rest", "rest"] = rest
    yearly = tuple(total(each.values()) for each in years)
    same = len(set(facility.volume)) == 1
    if same:
        # A plan without ramp-up has the same cost in every year.
        per_fraction = yearly[0] / treated[0]
    else:
        factors = [
            call("exp", -(number(k) * call("ln", number(1) + facility.rate)))
            for k in range(1, len(treated) + 1)
        ]
        spent = total(each * v for each, v in zip(yearly, factors, strict=True))
        given = total(each * v for each, v in zip(treated, factors, strict=True))
        per_fraction = spent / given
    busiest = facility.volume[0]
    for wanted in facility.volume[1:]:
        busiest = busiest if same else call("max", busiest, wanted)
    return Formulas(
        items={key: tuple(each[key] for each in years) for key in years[0]},
        treated=treated,
        yearly=yearly,
        capacity=limit,
        utilisation=number(0) if limit is None else busiest / limit,
        per_fraction=per_fraction,
        per_course=per_fraction * facility.fractions,
        investment=total(each.price for each in facility.capital.values()),
    )


def value(term: Term, names: Mapping[str, Numbers] | None = None) -> Numbers:
    """What a formula is worth.

    Args:
        term: without a call of a table.
        names: values of the names in it; arrays broadcast.
    """
    return evaluate(term.node, names or {}, {}, 1.0)
