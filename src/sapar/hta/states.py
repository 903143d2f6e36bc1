"""How a topic and a decision go on, as tables. An action moves them; nobody sets a state."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sapar.kernel.tracks import State, Track, Transition


def _on(event: str, sources: str, target: str, reason: str = "") -> Transition:
    return Transition(event, frozenset(sources.split()), target, reason)


ASSESSMENT = Track(
    "assessment",
    (
        State("submitted", pgettext_lazy("assessment", "Submitted"), "requested", meaning="act"),
        State("scoring", _("Being scored"), "in-progress"),
        State("ranked", _("Waiting in the order of priority"), "ready", meaning="act"),
        State("scoping", _("The question is being settled"), "in-progress"),
        State("assessing", _("Being assessed"), "in-progress"),
        State("reviewing", _("In review"), "in-progress"),
        State("appraising", _("Before the committee"), "in-progress"),
        State("decided", _("Decided, not yet published"), "in-progress", meaning="act"),
        State("published", pgettext_lazy("assessment", "Published"), "completed", meaning="done"),
        State("under-appeal", _("Under appeal"), "on-hold", meaning="act"),
        State("replaced", _("Replaced by a later decision"), "completed", "", True, "stopped"),
        State("declined", _("Not taken up"), "rejected", "", True, "stopped"),
        State("withdrawn", _("Withdrawn"), "cancelled", "", True, "stopped"),
    ),
    (
        _on("take_up", "submitted", "scoring"),
        _on("decline", "submitted scoring ranked", "declined", "not-taken-up"),
        _on("rank", "scoring", "ranked"),
        _on("open_scope", "ranked", "scoping"),
        _on("settle_scope", "scoping", "assessing"),
        _on("reopen_scope", "assessing reviewing", "scoping"),
        _on("send_to_review", "assessing", "reviewing"),
        _on("send_back", "reviewing appraising", "assessing"),
        _on("send_to_committee", "reviewing", "appraising"),
        _on("decide", "appraising", "decided"),
        _on("look_again", "decided", "appraising"),
        _on("publish", "decided", "published"),
        _on("appeal", "published", "under-appeal"),
        _on("dismiss_appeal", "under-appeal", "published"),
        _on("allow_appeal", "under-appeal", "appraising"),
        _on("replace", "published", "replaced"),
        _on(
            "withdraw",
            "submitted scoring ranked scoping assessing reviewing appraising",
            "withdrawn",
        ),
    ),
)

DECISION = Track(
    "decision",
    (
        State("decided", pgettext_lazy("decision", "Decided"), "in-progress", meaning="act"),
        State("published", pgettext_lazy("decision", "Published"), "completed", meaning="done"),
        State("under-appeal", _("Under appeal"), "on-hold", meaning="act"),
        State("replaced", _("Replaced by a later decision"), "completed", "", True, "stopped"),
        State("dropped", _("Dropped before it was published"), "cancelled", "", True, "stopped"),
    ),
    (
        _on("publish", "decided", "published"),
        _on("drop", "decided", "dropped"),
        _on("appeal", "published", "under-appeal"),
        _on("dismiss_appeal", "under-appeal", "published"),
        _on("replace", "published under-appeal", "replaced"),
    ),
)

NOT_TAKEN_UP = {
    "outside": _("It is not about health care that the body decides on"),
    "low-priority": _("Its priority is too low"),
    "no-evidence": _("There is nothing yet that could be assessed"),
    "decided-already": _("It was decided lately, and nothing has changed"),
}
GROUNDS = {
    "procedure": _("A rule of the process was broken"),
    "evidence": _("Evidence was left out or misread"),
    "model": _("The model has a mistake"),
    "fairness": _("Some people are treated worse without a reason"),
}
"""On which grounds a decision may be appealed."""
APPEAL_STEP = "appeal"
"""The step of a process whose day ends the time for appeals."""
