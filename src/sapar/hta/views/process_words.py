"""Words of the pages of the process: steps, verdicts, criteria, and how sure something is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sapar.hta.models import VERDICTS
from sapar.hta.models.base import MARKS
from sapar.hta.states import DECISION, GROUNDS
from sapar.hta.words_dossier import DOMAINS
from sapar.hta.words_process import BIAS, CERTAINTY, CRITERIA, DESIGNS, RISKS
from sapar.kernel.languages import formats

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sapar.design.components import Meaning

STEPS: Mapping[str, Any] = {
    "Topic taken up": gettext_lazy("Topic taken up"),
    "Priority by the expert group": gettext_lazy("Priority by the expert group"),
    "Question settled": gettext_lazy("Question settled"),
    "Dossier and model": gettext_lazy("Dossier and model"),
    "Review": gettext_lazy("Review"),
    "Committee and decision": gettext_lazy("Committee and decision"),
    "Publication": gettext_lazy("Publication"),
    "End of the time for appeals": gettext_lazy("End of the time for appeals"),
    "Topic selected": gettext_lazy("Topic selected"),
    "Scope final": gettext_lazy("Scope final"),
    "Company submission": gettext_lazy("Company submission"),
    "External assessment report": gettext_lazy("External assessment report"),
    "Committee meeting": gettext_lazy("Committee meeting"),
    "Final guidance": gettext_lazy("Final guidance"),
    "Appeal": gettext_lazy("Appeal"),
    "Application to the regulator": gettext_lazy("Application to the regulator"),
    "Scope proposed, from the survey of the member states (article 9)": gettext_lazy(
        "Scope proposed, from the survey of the member states (article 9)"
    ),
    "Scope final (article 10)": gettext_lazy("Scope final (article 10)"),
    "Dossier of the developer (article 12)": gettext_lazy("Dossier of the developer (article 12)"),
    "Dossier confirmed (article 13)": gettext_lazy("Dossier confirmed (article 13)"),
    "Draft reports (article 14)": gettext_lazy("Draft reports (article 14)"),
    "Authorisation by the Commission": gettext_lazy("Authorisation by the Commission"),
    "Report final (article 15)": gettext_lazy("Report final (article 15)"),
}
"""The labels of the processes in data/hta/processes; one that is not here is shown as it is."""
PROCESSES: Mapping[str, Any] = {
    "kz": gettext_lazy("Health technology assessment (Kazakhstan)"),
    "nice": gettext_lazy("Technology appraisal (NICE, England)"),
    "eu-jca": gettext_lazy("Joint clinical assessment (EU)"),
}
SCOPE: Mapping[str, Any] = {
    "population": gettext_lazy("Population"),
    "intervention": gettext_lazy("Intervention"),
    "comparators": gettext_lazy("Comparators"),
    "outcomes": gettext_lazy("Outcomes"),
    "setting": gettext_lazy("Setting"),
    "perspective": gettext_lazy("Whose costs count"),
    "horizon": gettext_lazy("Time horizon"),
    "subgroups": gettext_lazy("Groups looked at apart"),
}
CONFLICTS: Mapping[str, Any] = {
    "none": gettext_lazy("Nothing binds me"),
    "minor": gettext_lazy("Something small, that others should know"),
    "serious": gettext_lazy("A serious conflict"),
}
DECLARED: Mapping[str, tuple[Meaning, Any]] = {
    "": ("act", gettext_lazy("not declared yet")),
    "none": ("done", gettext_lazy("nothing")),
    "minor": ("waiting", gettext_lazy("something small")),
    "serious": ("stopped", gettext_lazy("serious")),
}
RECUSED: Mapping[str, Any] = {
    "own-work": gettext_lazy("their own topic or model"),
    "serious-conflict": gettext_lazy("a serious conflict"),
}
VERDICT_MEANINGS: Mapping[str, Meaning] = {
    "recommended": "done",
    "conditions": "done",
    "research": "waiting",
    "not-recommended": "stopped",
}
MARK_MEANINGS: Mapping[str, Meaning] = {
    "verified": "done",
    "demonstration": "waiting",
    "unverified": "act",
}
MARK_WORDS: Mapping[str, Any] = dict(MARKS)
RISK_MEANINGS: Mapping[str, Meaning] = {
    "low": "done",
    "some": "waiting",
    "high": "act",
    "unclear": "stopped",
}
CERTAINTY_MEANINGS: Mapping[str, Meaning] = {
    "": "act",
    "very-low": "act",
    "low": "waiting",
    "moderate": "waiting",
    "high": "done",
}
WEIGHT_MEANINGS: Mapping[str, Meaning] = {"must": "act", "should": "waiting", "note": ""}


def step(label: str) -> str:
    """A step of a process."""
    return str(STEPS.get(label, label))


def criterion(code: str) -> str:
    """A criterion of scores, votes and decisions."""
    if code == "departure":
        return _("Why it departs from the vote")
    return str(CRITERIA.get(code, code))


def design(code: str) -> str:
    """The design of a study."""
    return str(DESIGNS.get(code, code))


def bias(code: str) -> str:
    """A domain of bias."""
    return str(BIAS.get(code, code))


def risk(code: str) -> str:
    """A risk of bias."""
    return str(RISKS.get(code, code))


def certainty(code: str) -> str:
    """How certain a study is, or that nobody judged it."""
    return str(CERTAINTY.get(code, code)) if code else _("not judged yet")


def domain(code: str) -> str:
    """A domain of the dossier."""
    return str(DOMAINS.get(code, code))


def verdict(code: str) -> dict[str, Any]:
    """A verdict as mark and word."""
    word = str(dict(VERDICTS).get(code, code))
    return {"code": code, "meaning": VERDICT_MEANINGS.get(code, ""), "word": word}


def mark(code: str) -> dict[str, Any]:
    """How sure a source is, as mark and word."""
    return {"meaning": MARK_MEANINGS.get(code, "act"), "word": str(MARK_WORDS.get(code, code))}


def decision_state(code: str) -> dict[str, Any]:
    """How a decision stands, as mark and word."""
    state = DECISION.state(code)
    return {"meaning": state.meaning, "word": str(state.label)}


def ground(code: str) -> str:
    """The ground of an appeal."""
    return str(GROUNDS.get(code, code))


def recused(code: str) -> str:
    """Why somebody does not vote."""
    return str(RECUSED.get(code, code))


def late(days: int) -> str:
    """How late something is."""
    return ngettext("{n} day late", "{n} days late", days).format(n=formats.number(days))


def due(day: date | None, days_late: int = 0) -> str:
    """When something is due, or how late it is."""
    if days_late:
        return late(days_late)
    return _("by {day}").format(day=formats.short_day(day)) if day else ""


def reasons(given: Mapping[str, str]) -> list[tuple[str, str]]:
    """Reasons by criterion, in the order of the criteria."""
    order = [*CRITERIA, "departure"]
    known = sorted(given, key=lambda each: order.index(each) if each in order else len(order))
    return [(criterion(name), given[name]) for name in known if given[name]]
