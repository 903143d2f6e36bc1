"""The plan as charts: a day's rooms, beam and anaesthesia; a week in short; a year's load."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from sapar.design.charts import (
    Bar,
    Cell,
    Column,
    Gantt,
    Piece,
    Row,
    Strip,
    YearStrip,
    gantt,
    year_strip,
)
from sapar.kernel.languages import formats
from sapar.proton.engine.scheduling.problem.minutes import bits, intervals
from sapar.proton.views import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from django.utils.safestring import SafeString

    from sapar.proton.engine.scheduling.problem.minutes import Interval
    from sapar.proton.queries.plans import PlanDay, PlanFraction, ResourceLoad
    from sapar.proton.queries.work import DayFraction

NOT_GIVEN = "missed"
MOVABLE = ("planned", "missed", "interrupted")
_MARKS = {"delivered": "done", "interrupted": "act", "missed": "stopped"}


def row_key(day: date, room: str) -> str:
    """The key of a room's row: the script moves bars between such rows and reads both parts."""
    return f"room:{day.isoformat()}:{room}"


def short(fraction: PlanFraction | DayFraction) -> str:
    """A name for a fraction that is unique in its day and short: the random end of its id."""
    return fraction.id.hex[-10:]


def mark_of(fraction: PlanFraction) -> str:
    """The meaning that a fraction wears: what became of it, or that it is only held."""
    return "waiting" if fraction.until is not None else _MARKS.get(fraction.state, "")


def state_of(fraction: PlanFraction) -> str:
    """The same in words."""
    if fraction.until is not None:
        return _("Held until {moment}").format(moment=formats.moment(fraction.until))
    state = words.state(fraction.state)
    return f"{state}. {words.rest(fraction.begun)}" if fraction.begun else state


def said(fraction: PlanFraction, name: str) -> str:
    """One fraction in words, as its bar says it."""
    text = _("{time} {room}: {who}, fraction {number} of {of}, promised {window}").format(
        time=words.span(fraction.start, fraction.end),
        room=fraction.room,
        who=name,
        number=fraction.number,
        of=fraction.of,
        window=words.span(*fraction.window),
    )
    more = [state_of(fraction)] if mark_of(fraction) or fraction.begun else []
    if fraction.anaesthesia:
        more.append(_("under anaesthesia"))
    return ", ".join([text, *more])


def closed(opened: Sequence[Interval], begin: int, end: int) -> tuple[Interval, ...]:
    """What is not open between two minutes."""
    return intervals(bits([(begin, end)]) & ~bits(opened))


def rooms_of(day: PlanDay) -> list[str]:
    """The centre's rooms in their order, then others that the books name (a photon back-up)."""
    others = {each.room for each in day.fractions} - set(day.open)
    return [*day.open, *sorted(others)]


def day_chart(
    day: PlanDay,
    names: Mapping[str, str],
    *,
    movable: frozenset[str],
    picked: str = "",
    now: int | None = None,
) -> SafeString:
    """The chart of one day.

    Args:
        day: what is open and booked.
        names: what to call the patient, by the short name of the fraction.
        movable: short names of the fractions that the reader may move.
        picked: the one that the reader works on, or "".
        now: minutes after midnight when the day is today.
    """

    def bar(each: PlanFraction) -> Bar:
        key = short(each)
        return Bar(
            each.start,
            (
                Piece("before", each.setup_min),
                Piece("core", each.beam_min),
                Piece("after", each.leaving_min),
            ),
            title=said(each, names[key]),
            key=key,
            href=f"?move={key}" if key in movable else "",
            mark=mark_of(each),
            sign="ring" if each.anaesthesia else "",
            allowed=each.window if each.state == "planned" else None,
            picked=key == picked,
        )

    rows = [*_beam_rows(day)]
    for room in rooms_of(day):
        bars = tuple(bar(each) for each in day.fractions if each.room == room)
        shut = closed(day.open[room], day.begin, day.end) if room in day.open else ()
        rows.append(Row(row_key(day.day, room), room, bars, shut))
    rows += _team_rows(day)
    return gantt(
        Gantt(
            "plan",
            _("Plan of {day}: rooms, beam and anaesthesia by time of day").format(
                day=formats.day(day.day)
            ),
            day.begin,
            day.end,
            tuple(rows),
            now=now,
            now_word=_("now {time}").format(time=words.clock(now)) if now is not None else "",
            moves=bool(movable),
            described_by="plan-table",
            settings=_spoken() if movable else (),
        )
    )


def _beam_rows(day: PlanDay) -> list[Row]:
    found = []
    for beam, opened in day.beams.items():
        bars = tuple(
            Bar(each.beam[0], (Piece("core", each.beam_min),))
            for each in day.fractions
            if day.beam_of.get(each.room) == beam and each.state != NOT_GIVEN and not each.photon
        )
        label = _("Beam") if len(day.beams) == 1 else _("Beam “{id}”").format(id=beam)
        found.append(Row(f"beam:{beam}", label, bars, closed(opened, day.begin, day.end), 24))
    return found


def _team_rows(day: PlanDay) -> list[Row]:
    if day.teams is None:
        return []
    before, after = day.around
    bars = tuple(
        Bar(each.start - before, (Piece("plain", each.end - each.start + before + after),))
        for each in day.fractions
        if each.anaesthesia and each.state != NOT_GIVEN
    )
    shut = closed(day.teams, day.begin, day.end)
    return [Row("anaesthesia", _("Anaesthesia"), bars, shut, 24)]


def _spoken() -> tuple[tuple[str, str], ...]:
    """What the script says while a bar is moved."""
    return (
        ("lifted", _("Lifted. Arrow keys move it, Enter proposes, Escape puts it back.")),
        ("put-back", _("Put back.")),
    )


def week_chart(days: Sequence[PlanDay], today: date, *, movable: bool) -> SafeString:
    """Seven days by rooms, every fraction one bar; a bar leads to its own day, or is moved.

    Args:
        days: what is open and booked.
        today: of the centre.
        movable: whether the reader may move fractions.
    """
    shown = [day for day in days if day.working or day.fractions] or list(days[:5])
    begin, end = min(day.begin for day in shown), max(day.end for day in shown)

    def bar(each: PlanFraction) -> Bar:
        key = short(each)
        moves = movable and each.state in MOVABLE
        return Bar(
            each.start,
            (Piece("plain" if mark_of(each) else "core", each.end - each.start),),
            title=_("{time} {who}, {number} of {of}").format(
                time=words.clock(each.start),
                # No read of a case is noted for a week: whose it is its day says.
                who=each.called if each.case is None else _("A patient"),
                number=each.number,
                of=each.of,
            ),
            key=key if moves else "",
            href=f"?move={key}" if moves else "",
            # Full is ahead, open is behind; a sign on every delivered one would drown the others.
            mark=mark_of(each) if each.state != "delivered" else "",
        )

    rows = [
        Row(
            row_key(day.day, room),
            room,
            tuple(bar(each) for each in day.fractions if each.room == room),
            closed(day.open.get(room, ()), begin, end),
            24,
            "" if place else _day_link(day, today),
        )
        for day in shown
        for place, room in enumerate(rooms_of(day))
    ]
    moves = any(each.href for row in rows for each in row.bars)
    return gantt(
        Gantt(
            "plan",
            _("The week from {day}: fractions by day and room").format(
                day=formats.day(days[0].day)
            ),
            begin,
            end,
            tuple(rows),
            moves=moves,
            described_by="plan-table",
            settings=_spoken() if moves else (),
        )
    )


def _day_link(day: PlanDay, today: date) -> SafeString:
    text = f"{formats.weekday(day.day, short=True)} {day.day.day}"
    return format_html(
        '<a href="{}"{}>{}</a>',
        reverse("proton:day_of", args=[day.day.isoformat()]),
        format_html(' aria-current="{}"', "date") if day.day == today else "",
        text,
    )


def load_name(load: ResourceLoad, beams: int) -> str:
    """What a resource is called in words."""
    if load.kind == "anaesthesia":
        return _("Anaesthesia")
    if load.kind == "beam":
        return _("Beam") if beams == 1 else _("Beam “{id}”").format(id=load.id)
    return load.id


def year_chart(
    loads: Sequence[ResourceLoad],
    names: Sequence[str],
    shares: Sequence[str],
    *,
    chosen: tuple[int, int] | None,
    now: float | None,
) -> SafeString:
    """The year's load as strips.

    Args:
        loads: of the resources, all with the same weeks.
        names: what each is called.
        shares: the load of each in words.
        chosen: the first and the last week of the brushed span, or None.
        now: where today is, in weeks from the first.
    """
    weeks = loads[0].weeks if loads else ()
    mondays = [week.monday for week in weeks]
    months = [
        (place + offset / 7, monday + timedelta(days=offset))
        for place, monday in enumerate(mondays)
        for offset in range(7)
        if (monday + timedelta(days=offset)).day == 1
    ]
    return year_strip(
        YearStrip(
            "year",
            _("Load against capacity by week"),
            tuple(
                Column(
                    monday.isoformat(),
                    _("Week from {day}").format(day=formats.short_day(monday)),
                    reverse("proton:week_of", args=[monday.isoformat()]),
                )
                for monday in mondays
            ),
            tuple(
                Strip(name, share, tuple(Cell(week.load, week.capacity) for week in load.weeks))
                for load, name, share in zip(loads, names, shares, strict=True)
            ),
            tuple((at, _month(first)) for at, first in months),
            chosen,
            now,
            described_by="load-table",
        )
    )


def _month(first: date) -> str:
    """A month's name, shortened; in place of January stands its year."""
    return str(first.year) if first.month == 1 else formats.short_month(first)
