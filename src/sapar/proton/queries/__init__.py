"""Reads of the proton room: frozen dataclasses, never models.

`asking` (when could this patient begin), `courses` (a case's calendar), `configuration` and
`books` (how a centre plans, what is booked), `closures` (what the log closes), `documents` (the
questions to the engines), `runs` (how a solve stands), `patients_calendar` (iCalendar),
`counting` (counts of a period), `selection` (protons or photons).
"""

from __future__ import annotations

from sapar.proton.queries.asking import offer_for, offer_of
from sapar.proton.queries.configuration import centre_of_programme, current, planning
from sapar.proton.queries.counting import Outcomes, outcomes
from sapar.proton.queries.courses import course, course_of_case, has_course, held
from sapar.proton.queries.patients_calendar import calendar_of_case
from sapar.proton.queries.questionnaires import open_forms_of_case
from sapar.proton.queries.runs import approvals, problem_and_answer, run_of, runs
from sapar.proton.queries.selection import judges
from sapar.proton.queries.selection import line_of as selection_line

__all__ = [
    "Outcomes",
    "approvals",
    "calendar_of_case",
    "centre_of_programme",
    "course",
    "course_of_case",
    "current",
    "has_course",
    "held",
    "judges",
    "offer_for",
    "offer_of",
    "open_forms_of_case",
    "outcomes",
    "planning",
    "problem_and_answer",
    "run_of",
    "runs",
    "selection_line",
]
