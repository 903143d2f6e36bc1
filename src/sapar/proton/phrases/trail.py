"""What the trail calls the room's actions and pages: the words of their buttons and headings."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

_ACTIONS = {
    # Planning studies.
    "begin_upload": _("Send the study"),
    "finish_upload": _("Everything has arrived."),
    "give_up_upload": _("Give it up"),
    "take_instances": _("Received"),
    "keep_reading": _("The study is read"),
    "assign_study": _("Give it to this case"),
    "discard_study": _("Remove the study"),
    "forget_study": _("Remove the study"),
    "confirm_names": _("Confirm these names"),
    "deidentify": _("Make the copy"),
    "keep_copy": _("A copy without names, for the panel"),
    "reidentify": _("From a pseudonym to its case"),
    # Protons or photons.
    "ask_selection": _("Compare"),
    "keep_selection": _("Answered"),
    "stop_selection": _("Stop the plan and take the estimate"),
    "decide_selection": _("The panel has decided"),
    "ask_replay": _("Work it out again"),
    "keep_replay": _("How it can be worked out again"),
    # Outcomes.
    "plan_questionnaires": _("Questionnaires"),
    "answer_questionnaire": _("Answer the questions"),
    "send_questionnaire": _("Send it to the centre"),
    "handle_severe": _("It is written down what was done."),
    "record_outcome": _("Fill in the registry"),
    "record_visit": _("Record a visit"),
    "withdraw_visit": _("It was a mistake"),
    "export_outcomes": _("Giving it out"),
    # The calendar.
    "hold": _("Held"),
    "confirm": _("Confirmed"),
    "expire": _("Ended a hold that ran out"),
    "move": _("Moved"),
    "record_delivered": _("Delivered"),
    "record_interrupted": _("Interrupted"),
    "record_missed": _("Missed"),
}
_PAGES = {
    "proton-study": _("Planning study"),
    "proton-copy": _("Download the copy"),
    "proton-inbox": _("Studies without a case"),
    "proton-reidentify": _("Whose copy is this"),
    "structure-names": _("Names of structures"),
    "comparisons": _("Protons or photons"),
    "selection": _("Protons or photons"),
    "selection-report": _("Report (PDF)"),
    "selection-record": _("The record (JSON)"),
    "outcome": _("Outcomes"),
    "outcomes": _("Outcomes"),
    "questionnaire": _("Questions for you"),
    "questions": _("Questions for you"),
    "waiting-list": _("Waiting list"),
    "console": _("Treatment"),
    "appointments": _("Appointments"),
    "booking-run": _("Calculations"),
}
PHRASES = {f"action.proton.{code}": words for code, words in _ACTIONS.items()} | {
    f"page.{code}": words for code, words in _PAGES.items()
}
