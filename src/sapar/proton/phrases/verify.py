"""What the independent checker finds wrong with an answer or a proposed move, and what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

_V = "proton.verify."

_AGAIN = _("Run the command again; if it stays, report the answer with its problem.")
_PLACE = _("Choose another time, room or day.")
_FIGURE = _("The answer states {value} here; the true value is {wanted}.")
_EXTRA = _("Something stands here that belongs to no answer of this kind: {value}.")

_DOCUMENT = {
    "schema_unknown": (
        _("The checker knows no documents “{value}”."),
        _("Give it a problem of day, book, offer, replan, capacity or year."),
    ),
    "schema_differs": (
        _("This is no answer to the problem: it says “{value}” and not “{wanted}”."),
        _("Give the answer that belongs to this problem."),
    ),
    "shape": (_("Something is missing here or of another kind: {value}."), _AGAIN),
    "unreadable": (
        _("The problem cannot be read: {value}."),
        _("Check the problem first; the reference of the planning documents names every key."),
    ),
    "status_unknown": (_EXTRA, _AGAIN),
    "plan_unexpected": (_("An answer without a plan has {value} places in one."), _AGAIN),
    "figure_unexpected": (_EXTRA, _AGAIN),
    "reasons_missing": (_("The answer says no, or later, and gives no reason."), _AGAIN),
    "reasons_without_need": (_("The answer has a plan, or knows none, and gives reasons."), _AGAIN),
    "reasons_too_few": (_("The {value} reasons alone do not exclude every plan."), _AGAIN),
    "reason_code": (_EXTRA, _AGAIN),
    "reason_repeated": (_("A reason is given twice."), _AGAIN),
    "reasons_minimal": (_EXTRA, _AGAIN),
    "resource_unknown": (_("The problem has no “{value}”."), _AGAIN),
}

_FIGURES = {
    "times_wrong": (_FIGURE, _AGAIN),
    "makespan_wrong": (_FIGURE, _AGAIN),
    "idle_wrong": (_FIGURE, _AGAIN),
    "gap_wrong": (_FIGURE, _AGAIN),
    "first_wrong": (_FIGURE, _AGAIN),
    "earliest_wrong": (_FIGURE, _AGAIN),
    "delay_wrong": (_FIGURE, _AGAIN),
    "late_wrong": (_FIGURE, _AGAIN),
    "weight_wrong": (_FIGURE, _AGAIN),
    "cost_wrong": (_FIGURE, _AGAIN),
    "objective_wrong": (_FIGURE, _AGAIN),
    "kept_wrong": (_FIGURE, _AGAIN),
    "moved_wrong": (_FIGURE, _AGAIN),
    "prolonged_days": (_FIGURE, _AGAIN),
    "sum_wrong": (_FIGURE, _AGAIN),
    "seed_differs": (_FIGURE, _AGAIN),
    "share_wrong": (_("A share lies outside what is possible: {value}."), _AGAIN),
    "interval_wrong": (_("The ends or the middle of this interval are not in order."), _AGAIN),
    "bound_missing": (_("A plan without a bound says nothing about its worth."), _AGAIN),
    "bound_above": (_("The bound {value} lies above the plan’s own {best}."), _AGAIN),
    "bound_not_best": (_("The bound {value} is not the best of those that are listed."), _AGAIN),
    "bound_refuted": (_("The bound {value} is wrong: there is a plan with {best}."), _AGAIN),
    "infeasible_refuted": (_("There is a plan, of {best} minutes."), _AGAIN),
    "not_optimal": (_("Called optimal, but the bound says only {value}."), _AGAIN),
}

_MINUTES = {
    "room_closed": (_("“{room}” is not open for {who} (at {time})."), _PLACE),
    "room_overlap": (_("{who} and {other} are in “{room}” at the same time."), _PLACE),
    "room_unknown": (_("There is no room “{value}”."), _PLACE),
    "room_not_allowed": (_("{who} cannot be treated in “{room}”."), _PLACE),
    "rooms_not_matched": (
        _("“{value}” does not deliver the plan that {course} has in its other room."),
        _PLACE,
    ),
    "beam_closed": (_("The beam “{beam}” is not there for {who}."), _PLACE),
    "beam_overlap": (
        _("{who} and {other} need the beam at once, or with less than {minutes} min between them."),
        _PLACE,
    ),
    "team_closed": (_("The anaesthesia team is not there for {who}."), _PLACE),
    "team_overload": (_("There are not enough anaesthesia teams for {who}."), _PLACE),
    "fasting_order": (_("{who} is older than {other} and must start later."), _PLACE),
    "usable_exceeded": (
        _("On {day} “{room}” would have {value} promised minutes; {limit} may be promised."),
        _PLACE,
    ),
    "device_overload": (_("On {day} “{use}” would need {value} minutes; it has {limit}."), _PLACE),
    "window_missed": (_("{who} starts outside the promised window {low}–{high}."), _PLACE),
    "sessions_too_close": (
        _("{who}: less than {minutes} min from one session to the next."),
        _PLACE,
    ),
    "minutes_differ": (_("The minutes of this fraction are not those that were booked."), _AGAIN),
    "job_missing": (_("{job} is not in the plan."), _AGAIN),
    "job_repeated": (_("{job} is in the plan twice."), _AGAIN),
    "job_unknown": (_("The problem has no “{value}”."), _AGAIN),
}

_COURSES = {
    "course_missing": (_("{course} is neither placed nor named as not placed."), _AGAIN),
    "course_repeated": (_("{course} stands in the answer twice."), _AGAIN),
    "course_unknown": (_("The problem has no “{value}”."), _AGAIN),
    "fraction_missing": (_("{course}: fraction {value} is not placed."), _PLACE),
    "fraction_repeated": (_("{course}: fraction {value} is placed twice."), _PLACE),
    "fraction_unknown": (_("{course}: fraction {value} is not to be placed."), _AGAIN),
    "fraction_order": (_("{course}: fraction {value} is out of order."), _PLACE),
    "phase_wrong": (_("{course}: this fraction is not of phase “{value}”."), _AGAIN),
    "outside_horizon": (_("{course}: {value} lies outside the days that are planned."), _PLACE),
    "per_day": (_("{course}: {given} fractions on {value}; {wanted} are right."), _PLACE),
    "week_too_few": (
        _("{course}: {value} treatment days in the week of {week}; at least {limit} are needed."),
        _PLACE,
    ),
    "week_too_many": (
        _("{course}: {value} treatment days in the week of {week}; at most {limit} are allowed."),
        _PLACE,
    ),
    "gap_too_long": (
        _("{course}: {value} days between two treatment days; at most {limit} are allowed."),
        _PLACE,
    ),
    "time_of_day": (
        _("{course}: the times of day differ by {value} min; {limit} are allowed."),
        _PLACE,
    ),
    "start_too_early": (_("{course} cannot start on {value}: not before {day}."), _PLACE),
    "start_weekday": (_("{course} does not start on this weekday: {value}."), _PLACE),
    "before_chain": (_("{course} starts on {value}, before its preparation is done."), _PLACE),
    "chain_steps": (_("{course}: the preparation is not “{wanted}” in this order."), _AGAIN),
    "chain_too_early": (
        _("{course}: “{step}” on {value} is too early; it needs {days} working days before it."),
        _PLACE,
    ),
    "step_not_possible": (_("{course}: “{step}” is not possible on {value}."), _PLACE),
    "step_differs": (_("{course}: “{step}” takes other things or minutes."), _AGAIN),
    "during_missing": (_("{course}: “{step}” on {value} is missing."), _AGAIN),
    "during_unknown": (_("{course}: “{value}” is not due on this day."), _AGAIN),
    "quota_exceeded": (
        _("The quota “{quota}” has {limit} courses left; this is one more."),
        _PLACE,
    ),
    "protection": (
        _("{course}: on {day} only {value} min would be left; {limit} are kept for the urgent."),
        _PLACE,
    ),
    "offers_number": (_("There are {value} offers; 1 to {limit} were asked for."), _AGAIN),
    "offer_kind": (_EXTRA, _AGAIN),
    "offer_order": (_("A later offer begins earlier than the first: {value}."), _AGAIN),
    "offer_repeated": (_("The same calendar is offered twice."), _AGAIN),
    "window_wide": (
        _("{course}: a window of {value} min; at most {limit} may be promised."),
        _AGAIN,
    ),
}

_MOVES = {
    "move_missing": (_("{course}: fraction {value} moves, and no move says so."), _AGAIN),
    "move_unknown": (
        _("{course}: fraction {value} has no place to move from, or moves twice."),
        _AGAIN,
    ),
    "move_wrong": (
        _("{course}: this is not where the fraction was, or where the plan has it."),
        _AGAIN,
    ),
    "move_by": (_("{course}: the move is not what it says it is: {value}."), _AGAIN),
    "photon_not_allowed": (_("{course} cannot be treated with photons in “{value}”."), _PLACE),
    "photon_minutes": (
        _("On {day} the photon room would need {value} minutes; {limit} are there."),
        _PLACE,
    ),
    "prolonged_missing": (_("{course} ends later, and the answer does not list it."), _AGAIN),
    "prolonged_unknown": (_("{course} does not end later."), _AGAIN),
    "compensation_missing": (_("{course} ends later, and no compensation is proposed."), _AGAIN),
}

_ALL = {**_DOCUMENT, **_FIGURES, **_MINUTES, **_COURSES, **_MOVES}

PHRASES = {
    **{_V + code: what for code, (what, _remedy) in _ALL.items()},
    **{f"{_V}{code}.remedy": remedy for code, (_what, remedy) in _ALL.items()},
}
