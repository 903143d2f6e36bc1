"""What can be done in the proton room: the only way to change its records."""

from __future__ import annotations

from sapar.proton.actions.calendar import confirm, expire, hold, let_go, release_for, take
from sapar.proton.actions.centre import configure, problems_of
from sapar.proton.actions.delivery import (
    REASONS,
    TREATED,
    end_event,
    end_treated,
    log_event,
    record_delivered,
    record_interrupted,
    record_missed,
    withdraw_event,
)
from sapar.proton.actions.moving import move, problems_of_move
from sapar.proton.actions.runs import (
    apply_day,
    apply_replan,
    approve,
    ask,
    keep_answer,
    missing_approvals,
    stop,
)
from sapar.proton.actions.waiting import apply_book, ask_waiting

__all__ = [
    "REASONS",
    "TREATED",
    "apply_book",
    "apply_day",
    "apply_replan",
    "approve",
    "ask",
    "ask_waiting",
    "configure",
    "confirm",
    "end_event",
    "end_treated",
    "expire",
    "hold",
    "keep_answer",
    "let_go",
    "log_event",
    "missing_approvals",
    "move",
    "problems_of",
    "problems_of_move",
    "record_delivered",
    "record_interrupted",
    "record_missed",
    "release_for",
    "stop",
    "take",
    "withdraw_event",
]
