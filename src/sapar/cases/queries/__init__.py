"""What other rooms and the pages may know of cases: frozen dataclasses, never records."""

from __future__ import annotations

from sapar.cases.queries.available import Available, ReasonChoice, available_actions
from sapar.cases.queries.counts import Count, counts_for_ministry
from sapar.cases.queries.lists import Worklist
from sapar.cases.queries.one import (
    CaseView,
    ClockView,
    Lane,
    case_by_number,
    case_view,
    cases_of_person,
)
from sapar.cases.queries.records import (
    DecisionView,
    EventView,
    GlassView,
    MessageView,
    TaskView,
    broken_glass,
    decisions,
    tasks,
    thread,
    timeline,
)
from sapar.cases.queries.worklists import (
    ORDERS,
    CaseLine,
    Filters,
    Page,
    counts,
    search,
    worklist,
    worklists_for,
)

__all__ = [
    "ORDERS",
    "Available",
    "CaseLine",
    "CaseView",
    "ClockView",
    "Count",
    "DecisionView",
    "EventView",
    "Filters",
    "GlassView",
    "Lane",
    "MessageView",
    "Page",
    "ReasonChoice",
    "TaskView",
    "Worklist",
    "available_actions",
    "broken_glass",
    "case_by_number",
    "case_view",
    "cases_of_person",
    "counts",
    "counts_for_ministry",
    "decisions",
    "search",
    "tasks",
    "thread",
    "timeline",
    "worklist",
    "worklists_for",
]
