"""What all pages of calculations share: finding one, how it stands, its mistakes and reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sapar.kernel.errors import NotFoundError
from sapar.kernel.languages import phrases
from sapar.proton import queries
from sapar.proton.models import Run
from sapar.proton.policy import Permission
from sapar.proton.views import words
from sapar.values.statements import Problem, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from sapar.proton.queries.runs import RunView
    from sapar.proton.views.desk import Desk

MEANINGS = {
    "waiting": "waiting",
    "running": "waiting",
    "done": "done",
    "applied": "done",
    "refused": "act",
    "failed": "act",
    "cancelled": "stopped",
}


UNITS = {
    "day": gettext_lazy("minutes from the opening to the last fraction"),
    "book": gettext_lazy("weighted days of waiting"),
    "replan": gettext_lazy("patients who move"),
    "capacity": gettext_lazy("patients a year"),
}
"""What the best value of each engine counts."""


def state_words(code: str) -> str:
    """How a calculation stands."""
    return {
        "waiting": _("Waits to begin"),
        "running": _("Runs"),
        "done": _("Answered"),
        "applied": _("Applied"),
        "refused": _("The question has mistakes"),
        "failed": _("Failed"),
        "cancelled": _("Cancelled"),
    }.get(code, code)


def kind_words(code: str) -> str:
    """What was asked."""
    return str(dict(Run.Kind.choices).get(code, code))


def find(desk: Desk, pk: UUID) -> RunView:
    """One calculation of one's own centre.

    Raises:
        NotFoundError: there is none, or the reader may not know of it.
    """
    found = queries.run_of(desk.actor, pk)
    if found.centre != desk.centre.pk:
        raise NotFoundError(Problem.of("proton.no_run", where="run", value=pk))
    return found


def around(desk: Desk, run: RunView) -> dict[str, Any]:
    """What every page of a calculation shows: state, progress, and the button that stops it."""
    return {
        "run": run,
        "state": state_words(run.state),
        "meaning": MEANINGS.get(run.state, ""),
        **figures(run),
        "unit": str(UNITS.get(run.engine, "")),
        "may_stop": run.open and not run.stop_asked and desk.may(Permission.PLAN),
        "again": reverse("proton:run", args=[run.id]),
    }


def figures(run: RunView) -> dict[str, str]:
    """The best so far and the bound in the reader's form; "" while there is none."""
    return {
        "best": words.decimal(run.best) if run.best is not None else "",
        "bound": words.decimal(run.bound) if run.bound is not None else "",
    }


def reasons(answer: Mapping[str, Any], labels: Mapping[str, str] | None = None) -> list[str]:
    """Why there is no plan, or what the answer says, in sentences.

    Args:
        answer: of an engine.
        labels: what ids of courses are called.
    """
    return said((*answer.get("reasons", ()), *answer.get("says", ())), labels)


def said(given: Iterable[Mapping[str, Any]], labels: Mapping[str, str] | None = None) -> list[str]:
    """Codes with parameters as sentences; a code that nobody has a phrase for as it is."""
    found = []
    for each in given:
        params = {
            key: (labels or {}).get(value, value) if isinstance(value, str) else value
            for key, value in (each.get("params") or {}).items()
        }
        statement = Statement(str(each["code"]), params)
        known = phrases.known(statement.code)
        found.append(phrases.text(statement) if known else statement.code)
    return found


def mistakes(answer: Mapping[str, Any]) -> list[dict[str, str]]:
    """The mistakes of a question, each with its place and remedy."""
    found = []
    for each in answer.get("problems", ()):
        problem = Problem(
            str(each["code"]),
            str(each.get("where", "")),
            str(each.get("value", "")),
            {k: v for k, v in (each.get("params") or {}).items() if k not in {"value", "where"}},
        )
        known = phrases.known(problem.code)
        found.append(
            {
                "what": phrases.text(problem) if known else problem.code,
                "remedy": phrases.remedy(problem) if known else "",
                "where": problem.where,
                "value": problem.value,
            }
        )
    return found
