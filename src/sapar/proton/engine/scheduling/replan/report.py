"""From a decision to the answer: moves with reasons, people, prolongation, compensation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.compensation import Delay, compensate
from sapar.proton.engine.scheduling.replan.answer import Move, Planned, Prolonged, ReplanAnswer
from sapar.proton.engine.scheduling.replan.ground import moment_of
from sapar.proton.engine.scheduling.replan.options import Finder, frame_of, in_frame
from sapar.proton.engine.scheduling.replan.state import keys_of
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from datetime import date

    from sapar.proton.engine.scheduling.replan.answer import By
    from sapar.proton.engine.scheduling.replan.ground import Ground, Piece, Place
    from sapar.proton.engine.scheduling.replan.solve import Search
    from sapar.proton.engine.scheduling.replan.tasks import Chosen, Work
    from sapar.values.statements import Param

EXTRA_DAYS = 5


def _by(ground: Ground, piece: Piece, place: Place, others: list[date]) -> By:
    """By which means a piece is given at its new place; the most special word first."""
    means = ground.problem.means
    if means.photon is not None and place.room in means.photon.rooms:
        return "photon"
    if ground.open.weekend(place.day):
        return "weekend"
    if place.day != piece.booking.date and place.day in others:
        return "second-daily"
    end = ground.open.usual_end(place.room, place.day)
    if means.extend_hours_min and place.start + piece.length > end:
        return "extended-hours"
    if place.day == piece.booking.date:
        return "same-day" if place.room == piece.booking.room else "matched-room"
    return "later"


def _why(work: Work, piece: Piece) -> Statement:
    if piece.hit:
        return Statement("proton.replan.lost", {"resource": piece.hit})
    way = "made_way" if piece.course in work.hit else "made_room"
    return Statement(f"proton.replan.{way}")


def _why_not(work: Work, piece: Piece) -> Statement:
    """Why a piece has no place."""
    task = next(task for task in work.tasks if task.piece.key == piece.key)
    params: dict[str, Param] = {"course": piece.course, "fraction": piece.number}
    if task.options:
        return Statement("proton.replan.others_first", params)
    frame = frame_of(work.ground, piece, keys_of(each.piece for each in work.tasks))
    finder = Finder(work.ground, work.days)
    if not any(in_frame(work.ground, piece, frame, day) for day in finder.looked_at(piece, frame)):
        return Statement("proton.replan.phase_order", params)
    return Statement(f"proton.replan.no_{'team' if piece.asleep else 'room'}", params)


def _moves(work: Work, chosen: Chosen) -> tuple[Move, ...]:
    ground, found = work.ground, []
    for piece in ground.pieces():
        place = work.place(piece.key, chosen)
        if place == piece.place:
            continue
        others = [day for day, _ in ground.past_sessions[piece.course]]
        for other in ground.future[piece.course]:
            there = work.place(other.key, chosen)
            if other.key != piece.key and there is not None:
                others.append(there.day)
        booking = piece.booking
        window = booking.window or (booking.start, booking.start)
        inside = place is not None and place.day == booking.date
        why = [_why(work, piece)] + ([] if place is not None else [_why_not(work, piece)])
        found.append(
            Move(
                course=piece.course,
                fraction=piece.number,
                old=piece.place,
                new=place,
                by=None if place is None else _by(ground, piece, place, others),
                in_window=inside and place is not None and window[0] <= place.start <= window[1],
                why=tuple(why),
            )
        )
    return tuple(found)


def _prolonged(work: Work, chosen: Chosen) -> tuple[Prolonged, ...]:
    ground, found = work.ground, []
    for name in sorted(ground.future):
        pieces = ground.future[name]
        old = [piece.booking.date for piece in pieces]
        places = [work.place(piece.key, chosen) for piece in pieces]
        new = [place.day for place in places if place is not None]
        days = max(0, (max(new) - max(old)).days) if new else 0
        missing = len(old) - len(new)
        gap = work.broken(name, chosen)
        if days or missing or gap:
            delay = _delay(ground, name, old, new)
            protocol = ground.protocols[name]
            made = compensate(protocol.dose, delay, _avoid(ground))
            found.append(Prolonged(name, days, missing, gap, made))
    return tuple(found)


def _delay(ground: Ground, name: str, old: list[date], new: list[date]) -> Delay:
    course = ground.courses[name]
    begun = course.begun
    unknown = begun is not None and begun.started is None and len(begun.days) < begun.delivered
    past = ground.past[name]
    first_old, first_new = min([*past, *old]), min([*past, *(new or old)])
    last = max([*past, *(new or old)])
    more: list[int] = []
    day = last
    while len(more) < EXTRA_DAYS and (day - last).days < 30:
        day += timedelta(days=1)
        if ground.open.usual.working(day):
            more.append((day - last).days)
    return Delay(
        fractions=sum(course.fractions),
        remaining=len(new),
        missing=len(old) - len(new),
        days_before=(max([*past, *old]) - first_old).days,
        days_after=(last - first_new).days,
        more_days=tuple(more),
        category=ground.protocols[name].category,
        start_known=not unknown,
    )


def _avoid(ground: Ground) -> tuple[str, ...]:
    means = ground.problem.means
    found = [] if means.weekend_hours else ["weekends"]
    return tuple(found + ([] if means.second_daily else ["second-daily"]))


def _planned(work: Work, chosen: Chosen) -> tuple[Planned, ...]:
    ground, found = work.ground, []
    means = ground.problem.means.photon
    for piece in ground.pieces():
        place, booking = work.place(piece.key, chosen), piece.booking
        if place is None:
            continue
        if place != piece.place:
            window = booking.window
            kept = place.day == booking.date and window is not None
            if not kept or window is None or not window[0] <= place.start <= window[1]:
                window = None
            booking = replace(
                booking, date=place.day, room=place.room, start=place.start, window=window
            )
            if means is not None and place.room in means.rooms:
                booking = replace(booking, setup_min=0, beam_min=means.fraction_min, leaving_min=0)
        found.append(Planned(booking, piece.number))
    for booking in ground.others:
        late = moment_of(booking.date, booking.start) >= ground.problem.now
        if booking.course not in ground.courses and late:
            found.append(Planned(booking, booking.fraction))
    found.sort(key=lambda each: (each.booking.date, each.booking.room, each.booking.start))
    return tuple(found)


def report(search: Search, work: Work, chosen: Chosen) -> ReplanAnswer:
    """The answer of a decision."""
    ground = work.ground
    moves, prolonged = _moves(work, chosen), _prolonged(work, chosen)
    pieces = ground.pieces()
    hit = [piece for piece in pieces if piece.hit]
    moved = {move.course for move in moves}
    given_up = [move for move in moves if move.new is None]
    gaps = [each for each in prolonged if each.gap_days]
    best = len(moves) == len(hit) and not given_up and not gaps
    by: dict[str, int] = {}
    for move in moves:
        if move.by is not None:
            by[move.by] = by.get(move.by, 0) + 1
    reasons = [move.why[-1] for move in given_up]
    reasons += [
        Statement("proton.replan.gap", {"course": each.course, "days": each.gap_days})
        for each in gaps
    ]
    return ReplanAnswer(
        status="optimal" if best and len(moved) == len(work.hit) else "feasible",
        moves=moves,
        moved_courses=len(moved),
        bound=len(work.hit),
        hit_fractions=len(hit),
        given_up=len(given_up),
        kept=len(pieces) - len(moves),
        prolonged=prolonged,
        plan=_planned(work, chosen),
        reasons=tuple(reasons),
        by={key: by[key] for key in sorted(by)},
        options=sum(len(task.options) for task in work.tasks),
        proven=search.proven,
        seed=search.problem.seed,
        used=int(search.used),
        limit=search.limit,
        stopped_by=search.watch.stopped_by or ("proof" if search.proven else "work"),
    )
