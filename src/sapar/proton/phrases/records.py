"""What the records and actions of the proton room say to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_PROBLEMS: dict[str, tuple[str | _StrPromise, str | _StrPromise]] = {
    "no_configuration": (
        _("The centre does not say how it plans on {day}."),
        _("Write a configuration that is valid from that day or earlier."),
    ),
    "part_unknown": (
        _("“{value}” is no part of a configuration."),
        _("Remove it, or see the reference of the planning documents for the right name."),
    ),
    "part_missing": (
        _("The part “{value}” is missing."),
        _("Add it: without rooms and hours nothing can be planned."),
    ),
    "choice_unknown": (
        _("The protocol “{value}” is chosen and is not there."),
        _("Choose one of: {known}."),
    ),
    "zone_other": (
        _("The centre’s time zone is {value}; this installation plans in {zone}."),
        _("Set the centre’s time zone to {zone}; other zones are not supported yet."),
    ),
    "no_phase": (
        _("The configuration has no phase “{value}”."),
        _("Ask for the calendar again: the protocols have changed."),
    ),
    "day_past": (_("{day} is in the past."), _("Choose a day from today on.")),
    "time_past": (_("{value} is in the past."), _("Choose a later time.")),
    "too_early": (
        _("The fraction is planned for {value}."),
        _("Record it when it has begun, or move it first."),
    ),
    "course_ended": (
        _("The course is “{value}”: its fractions stay as they are."),
        _("Look at the page of the case: it may need a new calendar."),
    ),
    "nothing_offered": (
        _("There is no such calendar in the offer."),
        _("Ask for the answer again and choose one of its calendars."),
    ),
    "has_course": (
        _("The case has a calendar already."),
        _("Release it first, or look at the case again."),
    ),
    "minutes_taken": (
        _("Somebody else has just taken some of these minutes."),
        _("Ask for the answer again: it shows what is free now."),
    ),
    "nothing_held": (_("No calendar is held for this case."), _("Hold one first.")),
    "hold_expired": (
        _("The hold ended on {until}."),
        _("Ask for the answer again and hold its calendar."),
    ),
    "ledger.no_room": (
        _("There is no room “{value}”."),
        _("Choose one of the centre’s rooms."),
    ),
    "move.not_open": (
        _("A fraction in the state “{value}” cannot be moved."),
        _("Only a fraction that is planned or was not completed can be moved."),
    ),
    "move.outside_window": (
        _("{value} is outside the promised time, {low} to {high}."),
        _("Choose a time in it, or ask the patient and say that they agree."),
    ),
    "move.planned_again": (
        _("Fraction {value} is planned again already."),
        _("Move that one."),
    ),
    "move.no_start": (
        _("The protocol does not begin on the weekday of {day}."),
        _("Choose another day for the first fraction."),
    ),
    "move.room_not_allowed": (
        _("The protocol is not given in room {value}."),
        _("Choose one of: {rooms}."),
    ),
    "move.not_matched": (
        _("Room {value} does not deliver the plan that was made for {other}."),
        _("Choose a room that is matched with it, or ask for a new plan."),
    ),
    "move.day_full": (
        _("The course would have more than {most} a day on {day}."),
        _("Choose another day."),
    ),
    "move.too_close": (
        _("Two fractions of a day would be less than {minutes} minutes apart."),
        _("Choose a later or an earlier time."),
    ),
    "move.phase_order": (
        _("Fraction {value} would leave the order of the phases."),
        _("Choose a day between the phase before and the phase after."),
    ),
    "move.week_full": (
        _("The week would have {value} treatment days; the protocol allows {most}."),
        _("Choose a day of another week."),
    ),
    "move.gap": (
        _("Between {first} and {then} there would be {value} days; the protocol allows {most}."),
        _("Choose a day that keeps the gaps short."),
    ),
    "move.same_time": (
        _("The times of day of the course would lie {value} minutes apart; {most} are allowed."),
        _("Choose a time nearer to that of the other days."),
    ),
    "not_planned": (
        _("The fraction is “{value}” already."),
        _("Look at the list again: somebody has recorded it."),
    ),
    "not_today": (
        _("The fraction is planned for {day}."),
        _("Record it on its day, or move it first."),
    ),
    "not_confirmed": (
        _("The course is “{value}”: it is not confirmed."),
        _("Confirm the calendar on the page of the case first."),
    ),
    "bad_minutes": (_("{value} minutes cannot be."), _("Give 0 to 600 minutes.")),
    "reason_unknown": (_("There is no reason “{value}”."), _("Choose one of: {known}.")),
    "kind_unknown": (_("“{value}” is no kind of event."), _("Choose one from the list.")),
    "resource_unknown": (_("There is no “{value}” here."), _("Choose one of: {known}.")),
    "ends_before": (
        _("It would end before it began."),
        _("Give an end that is later than the beginning."),
    ),
    "event_ended": (_("It ended on {ends}."), _("Write a new line in the log.")),
    "engine_unknown": (_("Nothing answers “{value}”."), _("Choose a kind of question.")),
    "run_ended": (_("The search has ended."), _("Look at its answer.")),
    "no_run": (
        _("There is no such question, or you may not see it."),
        _("Look at the list of questions."),
    ),
    "not_to_apply": (
        _("The answer of a question of the kind “{value}” is not written on the books."),
        _("Ask for the order of a day, or for a repair."),
    ),
    "no_plan": (
        _("There is no plan to apply: the answer says “{value}”."),
        _("Read its reasons, change what they name, and ask again."),
    ),
    "day_changed": (
        _("The books have changed since the plan was made."),
        _("Ask again: the new plan starts from what is booked now."),
    ),
    "nobody_waits": (
        _("Nobody waits for a calendar."),
        _("Look at the waiting list: all have theirs."),
    ),
    "verdict_unknown": (_("“{value}” is no verdict."), _("Approve it, or decide otherwise.")),
    "overrule_reason": (
        _("A decision that differs from the proposal needs its reason."),
        _("Write the reason in words."),
    ),
    "nothing_to_approve": (
        _("The repair proposes no compensation for this course."),
        _("Look at the list of courses that are longer than planned."),
    ),
    "approved_already": (
        _("This was said already."),
        _("Look at what was said; a new repair asks again."),
    ),
    "approval_missing": (
        _("The word of the {part_phrase} is missing for one course."),
        _("Let both speak of each course that is longer than planned."),
    ),
}

PHRASES: dict[str, str | _StrPromise] = {
    **{f"proton.{code}": what for code, (what, _remedy) in _PROBLEMS.items()},
    **{f"proton.{code}.remedy": remedy for code, (_what, remedy) in _PROBLEMS.items()},
    "proton.somebody": _("A patient"),
    "proton.held": _("A calendar of {count} appointments from {day} to {last}."),
    "proton.part.physicist": _("physicist"),
    "proton.part.physician": _("physician"),
    "proton.reading": _("The question is read."),
    "proton.searching": _("The engine searches."),
    "proton.why.unverified": _("How the centre plans is not verified, so it decides nothing here."),
    "proton.why.has_calendar": _("The case has its calendar already; it begins on {day}."),
    "proton.why.plan_has_mistakes": _(
        "How the centre plans has {count} mistakes; its administrator can mend them."
    ),
    "action.proton.hold": _("Held a treatment calendar"),
    "action.proton.confirm": _("Confirmed the treatment calendar"),
    "action.proton.expire": _("Ended a hold of a calendar that ran out"),
    "action.proton.move": _("Moved a fraction"),
    "action.proton.take_back": _("Took back what was recorded of a fraction"),
    "action.proton.record_delivered": _("Recorded a fraction as given"),
    "action.proton.record_interrupted": _("Recorded a fraction as interrupted"),
    "action.proton.record_missed": _("Recorded a fraction as not given"),
    "action.proton.approve": _("Spoke of a compensation"),
    "action.proton.apply_book": _("Applied a booking of the waiting list"),
    "action.proton.apply_day": _("Applied the order of a day"),
    "action.proton.apply_replan": _("Applied a repair"),
}
"""The problems with their remedies, and the other sentences and words, by code."""
