"""Records of the cases room, one file for each kind."""

from __future__ import annotations

from sapar.cases.models.case import Case, NumberSeries
from sapar.cases.models.talk import BreakGlass, Message, SentReferral, ThreadRead
from sapar.cases.models.work import CaseEvent, Clock, Decision, Task

__all__ = [
    "BreakGlass",
    "Case",
    "CaseEvent",
    "Clock",
    "Decision",
    "Message",
    "NumberSeries",
    "SentReferral",
    "Task",
    "ThreadRead",
]
