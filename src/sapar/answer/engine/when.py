"""When: the line of the calendar, from a free place or from a whole course that a centre offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.answer.engine.problem import Line, LineState, Reason
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from sapar.answer.engine.journey import Timing
    from sapar.answer.engine.problem import Question
    from sapar.network.engine.snapshot import Indication, Programme
    from sapar.proton.engine.promise import CourseOffer, Promise
    from sapar.values.statements import Param


def calendar_line(
    question: Question,
    plan: Timing | None,
    programme: Programme | None,
    indication: Indication | None,
) -> Line:
    """When? The first feasible start, inside the start window or not."""
    if plan is None or programme is None:
        return Line("calendar", LineState.MISSING, Statement("answer.calendar.no_programme"))
    reasons = _timing_reasons(plan, programme)
    changes: list[Statement] = [Statement(f"answer.calendar.change_{plan.binding}")]
    params: dict[str, Param] = {
        "day": plan.place.day,
        "latest": plan.latest,
        "late": plan.days_late,
        "horizon": plan.place.horizon,
        "earliest": plan.earliest,
    }
    if plan.window is not None:
        params["window"] = plan.window.days
        reasons.append(
            Reason(
                "calendar.window",
                Statement(
                    f"answer.calendar.window_{plan.window.counted_from}",
                    {"window": plan.window.days, "latest": plan.latest},
                ),
                plan.window.source,
            )
        )
    if plan.course is not None:
        params |= course_params(plan.course.best)
    if plan.place.day is None:
        code = "answer.calendar.none_open" if plan.place.horizon is None else "answer.calendar.full"
        code = code if plan.course is None else "answer.calendar.no_course"
        return Line(
            "calendar", LineState.TO_DECIDE, Statement(code, params), tuple(reasons), tuple(changes)
        )
    if plan.days_late and _usable(question, plan):
        if indication is not None and indication.alternative:
            changes.insert(0, Statement(f"alternative.{indication.alternative}"))
        return Line(
            "calendar",
            LineState.IMPOSSIBLE,
            Statement("answer.calendar.late", params),
            tuple(reasons),
            tuple(changes),
        )
    state, code = _verdict(question, plan)
    if plan.course is not None and state is LineState.KNOWN:
        code += "_course"
    return Line("calendar", state, Statement(code, params), tuple(reasons), tuple(changes))


def _usable(question: Question, plan: Timing) -> bool:
    """Whether there is a start window that may decide here."""
    return plan.window is not None and plan.window.source.mark.decides(
        demonstration=question.snapshot.demonstration
    )


def _verdict(question: Question, plan: Timing) -> tuple[LineState, str]:
    if plan.window is not None and not _usable(question, plan):
        return LineState.TO_DECIDE, "answer.calendar.window_unverified"
    if plan.reference_missing:
        return LineState.TO_DECIDE, "answer.calendar.reference_missing"
    if plan.latest is not None:
        return LineState.KNOWN, "answer.calendar.inside"
    return LineState.KNOWN, "answer.calendar.first"


def time_of_day(minute: int) -> str:
    """A minute of the day as people read it: "09:30"."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def course_params(promise: Promise | None) -> dict[str, Param]:
    """What the sentences about an offered calendar are filled with."""
    if promise is None:
        return {}
    return {
        "count": len(promise.fractions),
        "last": promise.last,
        "room": ", ".join(promise.rooms),
        "begins": time_of_day(promise.window_from),
        "ends": time_of_day(promise.window_to),
    }


def _course_reasons(offer: CourseOffer) -> list[Reason]:
    """The chain before, the calendar with its source, and why it is not earlier."""
    promise = offer.best
    reasons = []
    if promise is not None:
        if promise.before:
            chain: dict[str, Param] = {
                "first": promise.before[0].day,
                "day": max(step.day for step in promise.before),
                "count": len(promise.before),
            }
            reasons.append(
                Reason("calendar.chain", Statement("answer.calendar.chain", chain), offer.source)
            )
        said = Statement("answer.calendar.course", {"day": promise.first, **course_params(promise)})
        reasons.append(Reason("calendar.course", said, offer.source))
        if offer.asked.anaesthesia:
            asleep = Statement("answer.calendar.anaesthesia")
            reasons.append(Reason("calendar.anaesthesia", asleep, offer.source))
    reasons.extend(Reason("calendar.not_earlier", each, offer.source) for each in offer.why)
    return reasons


def _timing_reasons(plan: Timing, programme: Programme) -> list[Reason]:
    reasons = []
    if plan.course is None:
        reasons.append(
            Reason(
                "calendar.lead",
                Statement(
                    "answer.calendar.lead", {"days": programme.lead_days, "day": plan.prepared}
                ),
                programme.source,
            )
        )
    for name, day in (("payer", plan.paid), ("visa", plan.visa)):
        code = f"answer.calendar.{name}" if day is not None else f"answer.calendar.{name}_unknown"
        reasons.append(Reason(f"calendar.{name}", Statement(code, {"day": day})))
    reasons.sort(key=lambda r: r.rule != f"calendar.{plan.binding}")
    if plan.course is not None:
        return [*_course_reasons(plan.course), *reasons]
    if plan.place.day is not None:
        reasons.append(
            Reason(
                "calendar.place",
                Statement(
                    "answer.calendar.place", {"day": plan.place.day, "earliest": plan.earliest}
                ),
            )
        )
    return reasons
