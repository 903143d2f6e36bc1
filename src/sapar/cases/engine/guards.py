"""What blocks what between the tracks, as a table. No clock, no records.

A step of one track may need a state of another: nobody travels before the money is approved.
The same table refuses the step, and draws the lines between the lanes of the case page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sapar.values.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Need:
    """A step of a track needs another track to be in one of some states.

    Attributes:
        track, events: the steps that are blocked.
        by: the track that blocks.
        states: the states of `by` in which the steps are allowed.
        code: the phrase that says what must come first.
        forward: whether the page draws it as a line (a step towards treatment).
    """

    track: str
    events: frozenset[str]
    by: str
    states: frozenset[str]
    code: str
    forward: bool = True


@dataclass(frozen=True, slots=True)
class Blocker:
    """A line between two lanes: this track waits for that one."""

    track: str
    blocked_by: str
    statement: Statement


def _need(track: str, events: str, by: str, states: str, code: str, *, forward: bool) -> Need:
    return Need(track, frozenset(events.split()), by, frozenset(states.split()), code, forward)


_SENT = "submitted received info-requested in-triage in-panel accepted"
_BEFORE_TREATMENT = "not-started travelling arrived admitted"

NEEDS: tuple[Need, ...] = (
    _need("funding", "hold apply", "review", _SENT, "cases.needs.live_request", forward=False),
    _need("visa", "mark_not_needed", "review", _SENT, "cases.needs.live_request", forward=False),
    _need("booking", "waitlist hold", "review", _SENT, "cases.needs.live_request", forward=False),
    _need("funding", "approve", "review", "accepted", "cases.needs.accepted", forward=True),
    _need("visa", "apply issue", "review", "accepted", "cases.needs.accepted", forward=True),
    _need("booking", "confirm", "review", "accepted", "cases.needs.accepted", forward=True),
    _need("booking", "confirm", "funding", "approved", "cases.needs.funding", forward=True),
    _need("journey", "travel", "review", "accepted", "cases.needs.accepted", forward=True),
    _need("journey", "travel start", "funding", "approved", "cases.needs.funding", forward=True),
    _need("journey", "travel", "visa", "issued not-needed", "cases.needs.visa", forward=True),
    _need("journey", "travel start", "booking", "confirmed", "cases.needs.place", forward=True),
    _need("funding", "release", "journey", "not-started", "cases.needs.not_begun", forward=False),
    _need(
        "booking",
        "release reschedule",
        "journey",
        _BEFORE_TREATMENT,
        "cases.needs.not_in_treatment",
        forward=False,
    ),
    _need(
        "booking",
        "no_show",
        "journey",
        "not-started travelling",
        "cases.needs.not_arrived",
        forward=False,
    ),
    _need(
        "whole",
        "request_cancel cancel record_death",
        "review",
        _SENT,
        "cases.needs.live_request",
        forward=False,
    ),
    _need(
        "whole",
        "request_cancel cancel",
        "journey",
        f"{_BEFORE_TREATMENT} in-treatment interrupted",
        "cases.needs.not_treated",
        forward=False,
    ),
    _need(
        "whole",
        "record_death",
        "journey",
        f"{_BEFORE_TREATMENT} in-treatment interrupted treated in-rehab discharged",
        "cases.needs.not_closed",
        forward=False,
    ),
    _need(
        "whole",
        "enter_in_error",
        "review",
        f"{_SENT} lapsed declined advice-given referred-onward",
        "cases.needs.sent",
        forward=False,
    ),
)
"""The whole table; docs/reference/tracks.md is generated from it."""

_WHILE_OPEN = _need("", "", "whole", "open", "cases.needs.open", forward=False)
_STOPPED = frozenset({"cancelled", "died", "entered-in-error"})


def unmet(track: str, event: str, states: Mapping[str, str]) -> tuple[Statement, ...]:
    """Why a step is blocked by the other tracks; empty when it is not.

    Args:
        track: the track that would move.
        event: by what.
        states: the state of every track by name.
    """
    if track != "whole":
        if states["whole"] in _STOPPED or (states["whole"] != "open" and event != "release"):
            return (Statement(_WHILE_OPEN.code),)
        if track == "journey" and states["review"] != "accepted":
            return (Statement("cases.needs.accepted"),)
    return tuple(
        Statement(need.code)
        for need in NEEDS
        if need.track == track and event in need.events and states[need.by] not in need.states
    )


def blockers(states: Mapping[str, str], possible: Iterable[tuple[str, str]]) -> list[Blocker]:
    """The lines between the lanes: which track's next step waits for which other track.

    Args:
        states: the state of every track by name.
        possible: the (track, event) steps that the tracks alone would allow now.
    """
    if states["whole"] in _STOPPED:
        return []
    steps = set(possible)
    found: dict[tuple[str, str], Blocker] = {}
    for need in NEEDS:
        if not need.forward or states[need.by] in need.states:
            continue
        if any((need.track, event) in steps for event in need.events):
            found.setdefault(
                (need.track, need.by), Blocker(need.track, need.by, Statement(need.code))
            )
    return list(found.values())
