"""The checker's own view of a question: the files, the models on the patient, their ends."""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML

from sapar.proton.engine.selection.assess import verify_doses as d
from sapar.values.statements import Problem

Document = dict[str, Any]
CLOSE = 1e-6
GRID = 400
"""Steps over a fact that is a number and not known."""


@lru_cache(maxsize=8)
def _load(text: str) -> Document:
    found: Document = YAML(typ="safe", pure=True).load(text)
    for model in found.get("models") or []:
        for asked in d.inputs_of(model):
            asked["key"] = repr(sorted(asked.items()))
    return found


def _said(document: Any) -> Any:
    """Without the keys under which null stands: nothing is said there."""
    if isinstance(document, dict):
        return {key: _said(value) for key, value in document.items() if value is not None}
    return [_said(each) for each in document] if isinstance(document, list) else document


class Checker:
    """One answer under check."""

    def __init__(self, question: Document, answer: Document, models: str, protocols: str) -> None:
        self.raw, self.q, self.a = question, _said(question), answer
        self.texts = {"models": models, "protocols": protocols}
        library, rules = _load(models), _load(protocols)
        self.models = {each["id"]: each for each in library["models"]}
        self.organs = {
            each["id"]: [way["of"] for way in each.get("ways") or []] or [[each["id"]]]
            for each in library["organs"]
        }
        self.covariates = {each["id"]: each for each in library["covariates"]}
        self.marks = {s["id"]: s["mark"] for f in (library, rules) for s in f["sources"]}
        self.protocols = {each["id"]: each for each in rules["protocols"]}
        self.found: list[Problem] = []
        self.demo = bool(self.q.get("demonstration"))
        zero = self.q["stage"] == "zero"
        self.plans = [self.q["photon"], *([] if zero else [self.q["proton"]])]

    def wrong(self, where: str, value: object, wanted: object) -> None:
        """Note a number that is another one."""
        made = Problem.of(
            "proton.selection.check.number", where=where, value=value, wanted=f"{wanted}"
        )
        self.found.append(made)

    def near(self, where: str, value: Any, wanted: float | None, slack: float = CLOSE) -> None:
        """Note a number that is not within `slack` of what is wanted."""
        same = value is None if wanted is None else isinstance(value, int | float)
        if not same or (wanted is not None and not abs(value - wanted) <= slack):
            self.wrong(where, value, wanted)

    def may(self, source: str) -> bool:
        """Whether a source may decide here."""
        mark = self.marks[source]
        return mark == "verified" or (mark == "demonstration" and self.demo)

    def protocol(self) -> Document | None:
        """The protocol of the question."""
        about = [
            p for p in self.protocols.values() if self.q["site"] in [s["id"] for s in p["sites"]]
        ]
        if self.q.get("protocol"):
            about = [p for p in about if p["id"] == self.q["protocol"]]
        return about[0] if about else None

    def facts(self, protocol: Document) -> Document:
        """What is known of the patient."""
        site = next(s for s in protocol["sites"] if s["id"] == self.q["site"])
        found = dict(site.get("means") or {})
        found |= {k: v for k, v in (self.q.get("patient") or {}).items() if v is not None}
        if self.q.get("age") is not None:
            found.setdefault("age", self.q["age"])
        return found


class Side:
    """One model on this patient: ends of readings of each plan, and the possible facts."""

    def __init__(self, c: Checker, model: Document, facts: Document) -> None:
        self.c, self.model = c, model
        self.theta = [float(term["value"]) for term in model["coefficients"]]
        self.known = True
        self.ends = [self._ends(plan) for plan in c.plans]
        self.facts, self.between = self._facts(facts)
        self.falls = model["form"] in {"logistic", "relative-risk"} and any(
            term["value"] < 0 and (term.get("sum") or (index == 0 and "dose" in model))
            for index, term in enumerate(model["coefficients"])
        )

    def _ends(self, plan: Document) -> tuple[dict[str, float], dict[str, float], bool]:
        low, high, sure = {}, {}, True
        fractions = self.c.q.get("fractions")
        for asked in d.inputs_of(self.model):
            a, b, one = d.ends_of(asked["organ"], plan, self.c.organs[asked["organ"]])
            bottom, top = (d.read(asked, each, fractions, self.theta) for each in (a, b))
            if bottom is None or top is None:
                one, n = False, fractions or 1
                bottom = d.read(asked, d.even(0.0), n, self.theta)
                top = d.read(asked, d.even(d.highest(plan)), n, self.theta)
            low[d.key(asked)], high[d.key(asked)] = bottom or 0.0, top or 0.0
            sure = sure and one
        self.known = self.known and sure
        return low, high, sure

    def _facts(self, facts: Document) -> tuple[list[dict[str, float]], bool]:
        """Every possible set of features; a grid over numbers that are not known."""
        axes: list[list[tuple[str, Any]]] = []
        between = False
        names = dict.fromkeys(
            t["covariate"] for t in self.model["coefficients"] if "covariate" in t
        )
        for name in names:
            if name in facts:
                axes.append([(name, facts[name])])
                continue
            self.known = False
            asked = self.c.covariates[name]
            values: list[Any] = list(asked.get("choices") or [])
            if not values and "least" in asked:
                between, step = True, (asked["most"] - asked["least"]) / GRID
                values = [asked["least"] + i * step for i in range(GRID + 1)]
            axes.append([(name, value) for value in values or [False, True]])
        found = []
        for picked in itertools.product(*axes):
            here = dict(picked)
            found.append(
                {
                    t["name"]: d.feature(t, here[t["covariate"]])
                    for t in self.model["coefficients"]
                    if "covariate" in t
                }
            )
        for term in self.model["coefficients"]:
            if "volume" in term:
                found, gap = self._volume(term, found)
                between = between or gap
        return found, between

    def _volume(
        self, term: Document, found: list[dict[str, float]]
    ) -> tuple[list[dict[str, float]], bool]:
        organ = self.c.q["photon"]["organs"].get(term["volume"]) or {}
        cc = organ.get("total_cc")
        if cc is None and organ.get("volume_cc"):
            cc = sum(organ["volume_cc"])
        if cc is not None:
            return [{**f, term["name"]: float(cc)} for f in found], False
        self.known = False
        grid = [0.0, *(0.25 * i for i in range(1, GRID)), 1e6]
        return [{**f, term["name"]: value} for f in found for value in grid], True

    def p(self, readings: dict[str, float], facts: dict[str, float]) -> float:
        """Risk with the published coefficients."""
        return d.risk(self.model, readings, facts, self.theta)

    def risks(self, plan: int) -> tuple[float, float]:
        """Ends of the risk of a plan."""
        low, high, sure = self.ends[plan]
        if self.falls and not sure:
            return 0.0, 1.0
        found = [self.p(each, facts) for each in (low, high) for facts in self.facts]
        return min(found), max(found)

    def gap(
        self, one: tuple[dict[str, float], ...], other: tuple[dict[str, float], ...]
    ) -> tuple[float, float]:
        """Ends of the difference of two plans."""
        low = min(self.p(one[0], f) - self.p(other[1], f) for f in self.facts)
        high = max(self.p(one[1], f) - self.p(other[0], f) for f in self.facts)
        return low, high

    def difference(self) -> tuple[float, float]:
        """Photon less proton."""
        if self.falls and not (self.ends[0][2] and self.ends[1][2]):
            low, high = self.risks(0)
            return low - 1.0, high
        return self.gap(self.ends[0][:2], self.ends[1][:2])

    def zero(self) -> float:
        """The most that any proton plan could reach."""
        if self.falls:
            return self.risks(0)[1]
        return self.gap(self.ends[0][:2], (self.none(), self.none()))[1]

    def none(self) -> dict[str, float]:
        """What is read off organs without dose."""
        n = self.c.q.get("fractions") or 1
        return {
            d.key(asked): d.read(asked, d.even(0.0), n, self.theta) or 0.0
            for asked in d.inputs_of(self.model)
        }
