"""The answer as a reader sees it: on the case's page, beside the form, in print, on a terminal.

One place turns codes into sentences, so that the page, the command line and a letter agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sapar.answer.engine.problem import LineState
from sapar.answer.engine.when import time_of_day
from sapar.design.components import AnswerLine, Fact, Option, Reason
from sapar.kernel.languages import formats, phrases
from sapar.network.naming import one_network
from sapar.values.marks import Mark

if TYPE_CHECKING:
    from sapar.answer.engine.problem import Answer, Line
    from sapar.answer.engine.problem import Option as EngineOption
    from sapar.answer.engine.problem import Reason as EngineReason
    from sapar.design.components import AnswerMark

TRUST = {
    Mark.VERIFIED: gettext_lazy("verified"),
    Mark.DEMONSTRATION: gettext_lazy("demonstration"),
    Mark.UNVERIFIED: gettext_lazy("not verified"),
}


@dataclass(frozen=True, slots=True)
class UnknownShown:
    """Something still unknown: the question it belongs to, what it is, who can tell."""

    question: str
    text: str
    who: str


@dataclass(frozen=True, slots=True)
class Appointment:
    """One day of an offered calendar in words: "Mon", "1 March 2027", "09:30 to 10:30", "G1"."""

    number: int
    weekday: str
    day: str
    window: str
    room: str


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """An answer in the active language.

    Attributes:
        lines: the eleven, for `{% answer_line %}`.
        options: close alternatives by kind, each a tuple for `{% alternatives %}`.
        unknowns: what is still unknown and who can tell.
        known: how many lines are settled.
        demonstration: whether any line rests on demonstration data.
        as_of: the day in words.
        calendar: every fraction of the calendar that is proposed; empty where a place is given.
    """

    lines: tuple[AnswerLine, ...]
    options: tuple[tuple[Option, ...], ...]
    unknowns: tuple[UnknownShown, ...]
    known: int
    demonstration: bool
    as_of: str
    calendar: tuple[Appointment, ...] = ()


def _calendar(answer: Answer) -> tuple[Appointment, ...]:
    promise = answer.course.best if answer.course is not None else None
    if promise is None:
        return ()
    return tuple(
        Appointment(
            number=each.number,
            weekday=formats.weekday(each.day, short=True),
            day=formats.day(each.day),
            window=f"{time_of_day(each.window_from)}–{time_of_day(each.window_to)}",
            room=each.room,
        )
        for each in promise.fractions
    )


def _reason(reason: EngineReason) -> Reason:
    source = reason.source
    if source is None:
        return Reason(rule=phrases.text(reason.statement))
    return Reason(
        rule=phrases.text(reason.statement),
        source=source.title,
        dated=formats.day(source.dated) if source.dated else "",
        trust=TRUST[source.mark],
        url=source.url,
    )


def _line(line: Line) -> AnswerLine:
    reasons = [_reason(r) for r in line.reasons]
    if line.changes:
        would = " ".join(phrases.text(change) for change in line.changes)
        reasons.append(Reason(rule=_("What would change this"), would_change=would))
    return AnswerLine(
        question=phrases.word(f"line.{line.key}"),
        mark=cast("AnswerMark", line.state.value.replace("-", "_")),
        statement=phrases.text(line.statement),
        reasons=tuple(reasons),
        key=f"answer-{line.key}",
    )


def _option(option: EngineOption) -> Option:
    return Option(
        title=phrases.text(option.title),
        facts=tuple(Fact("", phrases.text(point)) for point in option.points),
        decides=phrases.text(option.decides),
    )


def who(code_or_text: str) -> str:
    """Who can tell: one of our roles, or the words of the source's owner."""
    return phrases.word(code_or_text) if phrases.known(code_or_text) else code_or_text


@one_network()
def shown(answer: Answer) -> AnswerShown:
    """The answer in the active language.

    Args:
        answer: as the engine gave it, today or long ago.
    """
    kinds = dict.fromkeys(option.kind for option in answer.options)
    return AnswerShown(
        lines=tuple(_line(line) for line in answer.lines),
        options=tuple(
            tuple(_option(o) for o in answer.options if o.kind == kind) for kind in kinds
        ),
        unknowns=tuple(
            UnknownShown(phrases.word(f"line.{u.line}"), phrases.text(u.statement), who(u.who))
            for u in answer.unknowns
        ),
        known=sum(line.state is LineState.KNOWN for line in answer.lines),
        demonstration=any(line.demonstration for line in answer.lines),
        as_of=formats.day(answer.as_of),
        calendar=_calendar(answer),
    )
