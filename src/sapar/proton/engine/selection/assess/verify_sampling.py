"""The checker's draws of a whole question, and what an answer says of its own draws."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

from sapar.proton.engine.selection.assess import verify_doses as d
from sapar.proton.engine.selection.assess import verify_draws as chances
from sapar.proton.engine.selection.assess.verify_sides import CLOSE

if TYPE_CHECKING:
    from sapar.proton.engine.selection.assess.verify_sides import Checker, Side

Document = dict[str, Any]
DRAWS = 400
SIGMAS = 5.0


class Ruled(Protocol):
    """What is looked at of a rule on a patient."""

    c: Checker
    protocol: Document
    sides: dict[str, list[Side]]
    counts: dict[str, bool]


def reached(row: dict[str, float], limits: list[Document]) -> bool:
    """Whether differences reach one of these thresholds."""
    for t in limits:
        found = [row[name] for name in t["of"]]
        if (sum(found) if t["kind"] == "sum" else max(found)) >= t["points"] / 100.0 - 1e-12:
            return True
    return False


class Sampling:
    """Draws of its own, and what the answer says of draws."""

    def __init__(self, rule: Ruled) -> None:
        self.rule = rule
        self.c = rule.c
        self.z = chances.normals(int(self.c.q.get("seed") or 0) + 101)
        self.roots: dict[str, list[list[float]]] = {}
        self.doses: dict[tuple[str, int, str, int], tuple[d.Organ, float]] = {}
        self.rho = float(self.c.q.get("dose_correlation", 1.0))

    def check(self, answered: dict[str, Document]) -> None:
        """Intervals of complications, shares of thresholds, confidence and chance."""
        rule, c = self.rule, self.c
        known = {
            name: sides[0]
            for name, sides in rule.sides.items()
            if len(sides) == 1 and sides[0].known
        }
        if int(c.q.get("draws", 10_000)) < 2 * DRAWS:
            return
        counting = [name for name in rule.sides if rule.counts[name]]
        if not counting or any(name not in known for name in counting):
            for key in ("confidence", "chance"):
                if c.a[key] is not None:
                    c.wrong(key, c.a[key], None)
            return
        full, dose = [], []
        for _ in range(DRAWS):
            both = self._draw(known)
            full.append({name: pair[0] for name, pair in both.items()})
            dose.append({name: pair[1] for name, pair in both.items()})
        for name, each in answered.items():
            if each["interval_95"] is not None and name in known:
                low, high = each["interval_95"]
                inside = [low - CLOSE <= row[name] <= high + CLOSE for row in full]
                self._share(f"endpoints.{name}.interval_95", 0.95, sum(inside) / DRAWS, least=True)
        self._rule(full, dose)

    def _rule(self, full: list[dict[str, float]], dose: list[dict[str, float]]) -> None:
        stated = self.rule.protocol.get("thresholds") or []
        limits = [t for t in stated if self.c.may(t["source"])] or stated
        for t, said in zip(stated, self.c.a["thresholds"], strict=True):
            share = sum(reached(row, [t]) for row in full) / DRAWS
            self._share(f"thresholds.{t['id']}.share_of_draws", said["share_of_draws"], share)
        bare = [
            n
            for n, sides in self.rule.sides.items()
            if self.rule.counts[n]
            and (sides[0].model.get("uncertainty") or {"kind": "none"})["kind"] == "none"
        ]
        sides = {n: s[0] for n, s in self.rule.sides.items() if n in full[0]}
        zero = len(self.c.plans) == 1
        best = {n: s.zero() if zero else s.difference()[0] for n, s in sides.items()}
        now = reached(best, limits)
        agree = sum(reached(row, limits) is now for row in full) / DRAWS
        if bare:
            if self.c.a["confidence"] is not None:
                self.c.wrong("confidence", self.c.a["confidence"], None)
        else:
            self._share("confidence", self.c.a["confidence"], agree)
        if zero or not any(self._errs(n) for n, yes in self.rule.counts.items() if yes):
            if self.c.a["chance"] is not None:
                self.c.wrong("chance", self.c.a["chance"], None)
            return
        self._share("chance", self.c.a["chance"], sum(reached(r, limits) for r in dose) / DRAWS)

    def _errs(self, name: str) -> bool:
        """Whether doses of a complication's organs are drawn at all."""
        if any(plan.get("scenarios") for plan in self.c.plans):
            return True
        organs = {a["organ"] for s in self.rule.sides[name] for a in d.inputs_of(s.model)}
        return any(
            chances.error(organ, plan, self._way(organ, plan)) > 0
            for organ in organs
            for plan in self.c.plans
        )

    def _way(self, organ: str, plan: Document) -> list[str]:
        return d.way_of(plan, self.c.organs[organ]) or []

    def _share(self, where: str, said: float | None, mine: float, *, least: bool = False) -> None:
        """Two shares of draws agree within chance; `least`: mine may be anything above."""
        if said is None:
            self.c.wrong(where, said, mine)
            return
        p = min(max(said, 0.02), 0.98)
        slack = SIGMAS * math.sqrt(p * (1.0 - p) / DRAWS)
        if abs(said - mine) > slack and not (least and mine > said):
            self.c.wrong(where, said, mine)

    def _draw(self, known: dict[str, Side]) -> dict[str, tuple[float, float]]:
        """One draw: the difference with everything drawn, and with doses only."""
        common = [next(self.z), next(self.z)]
        own: dict[tuple[int, str], float] = {}
        cases = []
        for plan in self.c.plans:
            all_cases = plan.get("scenarios") or []
            number = min(int(chances.chance(next(self.z)) * (len(all_cases) + 1)), len(all_cases))
            cases.append(number)
        found = {}
        for name, side in known.items():
            theta = chances.coefficients(side.model, self.z, self._root(side.model))
            plans = range(len(self.c.plans))
            readings = [self._readings(side, n, common, own, cases[n]) for n in plans]
            if len(readings) == 1:
                readings.append(side.none())
            facts = side.facts[0]
            drawn = [d.risk(side.model, each, facts, theta) for each in readings]
            fixed = [side.p(each, facts) for each in readings]
            found[name] = (drawn[0] - drawn[1], fixed[0] - fixed[1])
        return found

    def _root(self, model: Document) -> list[list[float]]:
        if model["id"] not in self.roots:
            rows = (model.get("uncertainty") or {}).get("rows")
            self.roots[model["id"]] = chances.root(rows) if rows else []
        return self.roots[model["id"]]

    def _dose(self, side: Side, asked: Document, number: int, case: int) -> tuple[d.Organ, float]:
        """An organ of a plan or one of its scenarios, and the standard error of its mean."""
        organ, plan = asked["organ"], self.c.plans[number]
        key = (side.model["id"], number, d.key(asked), case)
        if key not in self.doses:
            scenario = plan["scenarios"][case - 1]["organs"] if case else None
            ways, fractions = self.c.organs[organ], self.c.q.get("fractions")
            dose, _, sure = d.ends_of(organ, plan, ways, scenario)
            if not sure or d.read(asked, dose, fractions, side.theta) is None:
                dose = d.ends_of(organ, plan, ways)[0]
            self.doses[key] = dose, chances.error(organ, plan, self._way(organ, plan))
        return self.doses[key]

    def _readings(
        self,
        side: Side,
        number: int,
        common: list[float],
        own: dict[tuple[int, str], float],
        case: int,
    ) -> dict[str, float]:
        found = {}
        for asked in d.inputs_of(side.model):
            dose, sd = self._dose(side, asked, number, case)
            if sd > 0:
                key = (number, asked["organ"])
                if key not in own:
                    own[key] = next(self.z)
                e = math.sqrt(self.rho) * common[number] + math.sqrt(1.0 - self.rho) * own[key]
                gy = max(0.0, dose.mean + sd * e)
                dose = dose.scaled(gy / dose.mean) if dose.mean > 1e-6 else d.even(gy)
            value = d.read(asked, dose, self.c.q.get("fractions"), side.theta)
            found[d.key(asked)] = value or 0.0
        return found
