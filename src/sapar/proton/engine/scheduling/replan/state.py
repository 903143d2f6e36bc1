"""Making the tasks of a repair: who has to move, who may, and where they could go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.proton.engine.scheduling.replan.days import Days
from sapar.proton.engine.scheduling.replan.options import (
    ROOM,
    Finder,
    Option,
    frame_of,
    stay_of,
)
from sapar.proton.engine.scheduling.replan.tasks import Task, Work, rank_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sapar.proton.engine.scheduling.replan.ground import Ground, Piece
    from sapar.proton.engine.scheduling.replan.tasks import Key

MOST_RELAYS = 6
MORE_RELAYS = 3
"""More than were lost: a lost fraction may not fit on the first days of the next phase."""
MOST_OPTIONS = 9_000
"""In all; a repair of very many pieces looks at fewer places for each."""
FEWEST = 8


def relays(ground: Ground) -> list[Piece]:
    """Fractions of a next phase that may make way for lost ones of the phase before it."""
    found = []
    for name in sorted(ground.future):
        pieces = ground.future[name]
        hit = [piece for piece in pieces if piece.hit]
        for phase in sorted({piece.phase for piece in hit}):
            number = MORE_RELAYS + sum(piece.phase == phase for piece in hit)
            following = [p for p in pieces if p.phase == phase + 1 and not p.hit]
            following.sort(key=lambda p: (p.booking.date, p.booking.start))
            found += following[: min(MOST_RELAYS, number)]
    return found


def _few(options: list[Option], most: int) -> list[Option]:
    """The cheapest, and some of the others, so that not all are on the same full day."""
    if len(options) <= most:
        return options
    cheap, rest = options[: most // 2], options[most // 2 :]
    step = -(-len(rest) // (most - len(cheap)))
    return [*cheap, *rest[::step]]


def make(ground: Ground, movable: list[Piece], yielding: tuple[Piece, ...] = ()) -> Work:
    """The work when what was hit has to move.

    Args:
        ground: the bookings.
        movable: what may move to any place.
        yielding: what may move inside the window that was promised.
    """
    own_day = keys_of(yielding)
    everything = ground.pieces()
    hit = [piece for piece in everything if piece.hit]
    moving = {piece.key: piece for piece in (*yielding, *movable, *hit)}
    staying = {piece.key: piece for piece in everything if piece.key not in moving}
    days = Days(ground, staying)
    finder = Finder(ground, days)
    keys = frozenset(moving)
    most = max(FEWEST, MOST_OPTIONS // max(1, len(moving)))
    tasks = []
    for piece in sorted(moving.values(), key=lambda each: rank_of(ground, each)):
        frame = frame_of(ground, piece, keys)
        options = finder.of(piece, frame)
        if piece.key in own_day:
            # Inside the window that was promised, in its own room or a matched one.
            options = [o for o in options if o.day == piece.booking.date and o.cost <= ROOM]
        options = _few(options, most)
        if not piece.hit:
            options = [stay_of(piece), *options]
        tasks.append(Task(piece, tuple(options), frame.limit))
    return Work(ground, tasks, staying, days, frozenset(piece.course for piece in hit))


def keys_of(pieces: Iterable[Piece]) -> frozenset[Key]:
    """Their keys."""
    return frozenset(piece.key for piece in pieces)
