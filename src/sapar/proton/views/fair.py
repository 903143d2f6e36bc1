"""Fairness of a proposed booking in words: who waits how long, what each protection costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sapar.cases.models import Case
from sapar.kernel.languages import formats
from sapar.proton.views import words
from sapar.proton.views.comparing import GROUPS

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = {
    "urgency": gettext_lazy("Urgency"),
    "child": gettext_lazy("Age"),
    "anaesthesia": gettext_lazy("Anaesthesia"),
    "origin": gettext_lazy("From where"),
    "country": gettext_lazy("Country"),
    "payer": gettext_lazy("Payer"),
}
PROTECTIONS = {
    "child": gettext_lazy("Children first"),
    "anaesthesia": gettext_lazy("Anaesthesia first"),
    "foreign": gettext_lazy("From abroad first"),
    "waiting_per_week": gettext_lazy("Long waiting counts"),
    "late": gettext_lazy("Deadlines count"),
}
STATES = {
    "open": gettext_lazy("Nearly solved: the figures may still change a little."),
    "left_out": gettext_lazy("Not compared: the search ended before."),
}


def fairness(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The two tables of a booking's page; empty where the answer says nothing."""
    block = answer.get("fairness") or {}
    waiting = [
        _waits(kind, name, line)
        for kind in KINDS
        for name, line in sorted((block.get("waiting") or {}).get(kind, {}).items())
    ]
    protections = [_protection(each) for each in block.get("protections") or ()]
    return {"waits": waiting, "protections": protections}


def _group(kind: str, name: str) -> str:
    """A group in words."""
    if kind == "urgency":
        return str(dict(Case.Urgency.choices).get(name, name))
    if kind == "anaesthesia":
        return _("Yes") if name == "yes" else _("No")
    if kind == "country":
        return formats.country(name)
    return str(GROUPS.get(name, name))


def _waits(kind: str, name: str, line: Mapping[str, Any]) -> dict[str, Any]:
    delay, days = line["working_days"], line["calendar_days"]
    return {
        "kind": str(KINDS[kind]),
        "group": _group(kind, name),
        "courses": int(delay["n"]) + int(line["unplaced"]),
        "unplaced": int(line["unplaced"]),
        "delay": _decimal(delay["mean"]),
        "days": _decimal(days["mean"]),
        "most": _decimal(days["p90"]),
    }


def _decimal(value: float | None) -> str:
    return "" if value is None else words.decimal(value)


def _protection(line: Mapping[str, Any]) -> dict[str, Any]:
    kind, _sign, which = str(line["protection"]).partition(":")
    if kind == "urgency":
        name = _("Urgency: {name}").format(name=_group("urgency", which))
    elif kind == "quota":
        name = _("Quota “{name}”").format(name=which)
    else:
        name = str(PROTECTIONS.get(kind, kind))
    return {
        "name": name,
        "protected": _effect(line["protected"]),
        "others": _effect(line["others"]),
        "note": str(STATES.get(line["state"], "")),
    }


def _effect(effect: Mapping[str, Any]) -> dict[str, Any]:
    """The courses of a group, and its mean waiting with the protection and without it."""
    delay = effect.get("delay")
    said = ""
    if delay is not None:
        ours, theirs = _interval(delay["with"]), _interval(delay["without"])
        said = _("{n} instead of {other}").format(n=ours, other=theirs)
        if ours == theirs:
            said = _("{n} either way").format(n=ours)
    return {"courses": int(effect["courses"]), "delay": said}


def _interval(ends: list[float]) -> str:
    """Two ends as one figure where they are the same on two decimals."""
    low, high = (words.figure(round(end, 2)) for end in ends)
    return low if low == high else f"{low}–{high}"
