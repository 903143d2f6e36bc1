"""The panel of a move: the fraction that was picked, the form, and what a move would break."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from sapar.kernel.languages import formats, phrases
from sapar.proton import actions
from sapar.proton.engine.scheduling.problem.minutes import minute_of
from sapar.proton.models import Fraction
from sapar.proton.views import plan_charts, words
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import QueryDict

    from sapar.proton.queries.plans import PlanDay, PlanFraction
    from sapar.proton.views.desk import Desk

OUTSIDE = "proton.move.outside_window"


@dataclass(frozen=True, slots=True)
class Wish:
    """Where a fraction is wished to go; `start` in minutes after midnight."""

    day: date
    room: str
    start: int
    agreed: bool


def wish_of(given: QueryDict, fraction: PlanFraction) -> tuple[Wish, tuple[Problem, ...]]:
    """What a form asks for; what it leaves out stays as it is.

    Returns:
        The wish, and what of it cannot be read; the fraction's own value stands for that.
    """
    found: list[Problem] = []
    day, start = fraction.day, fraction.start
    text = given.get("day", "")
    if text:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            found.append(Problem.of("proton.plan.no_day", where="day", value=text))
    text = given.get("start", "")
    if text:
        read = minute_of(text[:5])
        if read is None:
            found.append(Problem.of("proton.plan.no_time", where="start", value=text))
        else:
            start = read
    room = given.get("room", "") or fraction.room
    return Wish(day, room, start, given.get("agreed") == "on"), tuple(found)


def broken(desk: Desk, fraction: PlanFraction, wish: Wish) -> tuple[Problem, ...]:
    """What the checker says against a wish; nothing is changed."""
    row = Fraction.objects.select_related("course__case").get(pk=fraction.id)
    return actions.problems_of_move(
        row, by=desk.actor, day=wish.day, room=wish.room, start=wish.start, agreed=wish.agreed
    )


def stays(fraction: PlanFraction, wish: Wish) -> bool:
    """Whether the wish is where the fraction is."""
    here = (fraction.day, fraction.room, fraction.start)
    return here == (wish.day, wish.room, wish.start) and fraction.state == "planned"


def _place(fraction: PlanFraction, day: date, start: int, room: str) -> str:
    """Time and room in words, with the day where it is another one."""
    place = f"{words.clock(start)} {room}"
    return place if day == fraction.day else f"{formats.short_day(day)}, {place}"


def answer(
    fraction: PlanFraction,
    wish: Wish,
    problems: Sequence[Problem],
    *,
    refused: bool = False,
) -> dict[str, Any]:
    """What the panel says of a wish.

    Args:
        fraction: as it is.
        wish: where it would go.
        problems: what stands against it.
        refused: a move was tried, and not only asked about.
    """
    lines = list(dict.fromkeys((phrases.text(each), phrases.remedy(each)) for each in problems))
    return {
        "wish": wish,
        "wished": _place(fraction, wish.day, wish.start, wish.room),
        "still": _place(fraction, fraction.day, fraction.start, fraction.room),
        "problems": lines,
        "refused": refused,
        "stays": stays(fraction, wish),
        "asked": True,
        "outside": any(each.code == OUTSIDE for each in problems),
    }


def panel(
    desk: Desk,
    plan: PlanDay,
    fraction: PlanFraction | None,
    name: str,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The context of "proton/move.html"; without a fraction it says how to pick one."""
    if fraction is None:
        return {"fraction": None, "any_movable": True}
    wish = Wish(fraction.day, fraction.room, fraction.start, agreed=False)
    return {
        "fraction": fraction,
        "called": name,
        "said": plan_charts.said(fraction, name),
        "promised": words.span(*fraction.window),
        "action": reverse("proton:move", args=[fraction.id]),
        "leave": reverse("proton:day_of", args=[plan.day.isoformat()]),
        "choices": [room["id"] for room in desk.planning.document["rooms"]],
        "wish": wish,
        "start_text": words.clock((more or {}).get("wish", wish).start),
        **(more or {}),
    }
