"""One new course on the books: its first day, its whole calendar, and why not earlier."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.offer.answer import Offer, OfferAnswer
from sapar.proton.engine.scheduling.offer.chain import Chain, Placed, chain_of, earliest_of
from sapar.proton.engine.scheduling.offer.day import ALL
from sapar.proton.engine.scheduling.offer.kept import Protection, protection_of
from sapar.proton.engine.scheduling.offer.place import Fraction, best_time, fractions_of
from sapar.proton.engine.scheduling.offer.prepared import Prepared
from sapar.proton.engine.scheduling.offer.search import Search
from sapar.proton.engine.scheduling.offer.why import reasons_of
from sapar.proton.engine.scheduling.problem.minutes import bits
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from datetime import date

    from sapar.proton.engine.scheduling.problem.books import OfferProblem
    from sapar.proton.engine.scheduling.problem.course import Course

LOOK_FURTHER = 40
"""Working days after the first offer in which alternatives are looked for."""

MOST_KEPT = 60
"""Days of which the answer says how many minutes were kept."""

Found = tuple[str, int, int, int]
"""Kind, place of the day, group of rooms, and the minutes `a` that are possible (bits)."""


def make_offer(problem: OfferProblem, *, prepared: Prepared | None = None) -> OfferAnswer:
    """Find the earliest whole calendar for one course, moving nobody.

    Args:
        problem: the books and the course; see `docs/reference/proton-problems.md`, "offer".
        prepared: the same books made ready before; a process that answers many keeps them.

    Returns:
        The offers, best first. The first has the earliest start that exists under all rules,
        bookings and protected minutes.

    Raises:
        BadProblemError: the protection block has a mistake.
    """
    ready = prepared if prepared is not None else Prepared(problem.books)
    return offer_for(
        ready,
        problem.course,
        protection_of(problem.protection),
        window_min=problem.window_min,
        alternatives=problem.alternatives,
    )


def offer_for(
    prepared: Prepared,
    course: Course,
    protection: Protection,
    *,
    window_min: int = 60,
    alternatives: int = 0,
    explain: bool = True,
) -> OfferAnswer:
    """The same on prepared books; `explain=False` leaves the reasons out.

    Args:
        prepared: the books; they are not changed.
        course: the course.
        protection: what is kept for the more urgent.
        window_min: the length of a promised window, minutes.
        alternatives: at most so many offers besides the first.
        explain: say why it is not earlier.
    """
    protocol = prepared.books.protocols[course.protocol]
    if prepared.bookings_of(course.id):
        return OfferAnswer("infeasible", reasons=(Statement("proton.offer.already_booked"),))
    earliest = earliest_of(prepared, course, protocol)
    chain = chain_of(prepared, course, protocol, prepared.books.last, empty=False)
    if chain.first is None or earliest is None:
        return OfferAnswer("infeasible", reasons=(_no_chain(chain),), protection=protection.kind)
    search = Search(prepared, course, protocol, chain.first, protection)
    found = _find(search, alternatives)
    offers = tuple(_offer(search, chain, earliest, each, window_min=window_min) for each in found)
    others = tuple(sorted(offers[1:], key=lambda offer: (offer.cost, offer.first, offer.kind)))
    before = found[0][1] if found else len(search.days)
    reasons = (*_chain_reason(search, chain, earliest), *reasons_of(search, before))
    return OfferAnswer(
        status="optimal" if offers else "infeasible",
        offers=offers[:1] + others,
        reasons=reasons if explain else (),
        protection=protection.kind,
        kept=_kept(search, before) if explain else (),
        states=search.states,
    )


def _no_chain(chain: Chain) -> Statement:
    if chain.stuck is not None:
        return Statement("proton.offer.no_chain", {"step": chain.stuck.step})
    return Statement("proton.offer.no_day")


def _chain_reason(search: Search, chain: Chain, earliest: date) -> tuple[Statement, ...]:
    """The chain on the books ends later than on empty books."""
    if not chain.steps or chain.first is None or chain.first <= earliest:
        return ()
    last = search.prepared.books.last
    empty = chain_of(search.prepared, search.course, search.protocol, last, empty=True)
    for ours, free in zip(chain.steps, empty.steps, strict=False):
        if ours.date > free.date:
            return (
                Statement(
                    "proton.offer.chain",
                    {"step": ours.step.step, "use": ours.step.use, "day": ours.date},
                ),
            )
    return ()


def _kept(search: Search, before: int) -> tuple[tuple[date, int], ...]:
    return tuple(
        (search.days[index], search.kept[index][0])
        for index in range(min(before, MOST_KEPT))
        if search.kept[index][0]
    )


def _find(search: Search, alternatives: int) -> list[Found]:
    """The earliest start, and up to so many others."""
    best: Found | None = None
    others: dict[str, Found] = {}
    groups = len(search.groups(0)) if search.units else 0
    for index in range(len(search.days)):
        if best is not None and (
            len(others) >= min(alternatives, 3) or index > best[1] + LOOK_FURTHER
        ):
            break
        for group in range(groups):
            found = search.begin(index, group)
            if not found:
                continue
            if best is None:
                best = ("earliest", index, group, found)
                if not alternatives:
                    return [best]
                near = _near(search, index, group, found)
            kind, minutes = _kind(best, index, group, found, near)
            if kind:
                others.setdefault(kind, (kind, index, group, minutes))
    if best is None:
        return []
    return [best, *list(others.values())[:alternatives]]


def _near(search: Search, index: int, group: int, found: int) -> int:
    """The minutes `a` that are no other time of day than that of the best offer."""
    if search.span is None:
        return ALL
    a = best_time(search, index, group, found)
    return bits([(max(0, a - search.span), a + search.span + 1)])


def _kind(best: Found, index: int, group: int, found: int, near: int) -> tuple[str, int]:
    """What kind of alternative this is, and the minutes `a` that make it one."""
    if group != best[2]:
        return "another-room", found
    if found & ~near:
        return "another-time", found & ~near
    return ("later", found) if index > best[1] else ("", 0)


def _offer(search: Search, chain: Chain, earliest: date, found: Found, *, window_min: int) -> Offer:
    kind, index, group, minutes = found
    a = best_time(search, index, group, minutes)
    fractions = fractions_of(search, search.walk(index, group, a), a, window_min)
    books, course = search.prepared.books, search.course
    first = fractions[0].date
    delay = len(search.prepared.working_days(earliest + timedelta(days=1), first))
    late = 0
    if course.deadline is not None and not (course.begun and course.begun.delivered):
        late = len(search.prepared.working_days(course.deadline + timedelta(days=1), first))
    weights = books.weights
    weight = weights.of(course, books.urgencies[course.urgency], books.today)
    away = sum(1 for each in fractions if _away(search, each))
    return Offer(
        kind=kind,
        course=course,
        protocol=search.protocol,
        earliest=earliest,
        delay=delay,
        late=late,
        weight=weight,
        cost=weight * (delay + weights.late * late) + weights.preferred_room * away,
        fractions=tuple(fractions),
        preparation=chain.steps,
        during=tuple(
            Placed(step, each.date)
            for each in fractions
            for step in search.protocol.during
            if each.number % step.every_fractions == 0
        ),
    )


def _away(search: Search, fraction: Fraction) -> bool:
    preferred = search.protocol.phases[fraction.phase].preferred
    return bool(preferred) and fraction.room not in preferred
