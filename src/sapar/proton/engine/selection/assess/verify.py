"""The independent checker of an answer: it derives everything again, in another way.

From the question, the answer and the two data files as texts; plain floats and loops; no code of
the engine. Risks, differences, bounds and thresholds have to agree to 1e-6; intervals and shares of
draws within chance, against draws of its own; doses that flip the rule have to flip it; organs'
shares are worked out over all orders. A job runs it before an answer is shown.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from typing import Any

from sapar.proton.engine.selection.assess import verify_doses as d
from sapar.proton.engine.selection.assess.verify_sampling import Sampling, reached
from sapar.proton.engine.selection.assess.verify_sides import CLOSE, Checker, Side
from sapar.proton.engine.selection.assess.verify_table import organs
from sapar.values.statements import Problem

Document = dict[str, Any]
BETWEEN = 2e-3
"""Bounds over a fact that is a number and not known: the checker only tries a grid."""
MOST_ORDERS = 720


def check(question: Document, answer: Document, models: str, protocols: str) -> tuple[Problem, ...]:
    """Everything that the checker finds wrong with an answer; empty where it agrees.

    Args:
        question: the document that was asked, as JSON.
        answer: the document that was answered.
        models: text of the file of models that it was answered with.
        protocols: text of the file of protocols.
    """
    try:
        c = Checker(question, answer, models, protocols)
        _head(c)
        protocol = c.protocol()
        age = _age(c.q)
        child = bool(question.get("child")) or (age is not None and age < 18)
        least = 0 if protocol is None else protocol.get("least_age", 18)
        if child or protocol is None or (age is not None and age < least):
            _outside(c)
        else:
            Rule(c, protocol).check()
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, StopIteration) as mistake:
        shape = Problem.of(
            "proton.selection.check.shape", value=f"{type(mistake).__name__} {mistake}"
        )
        return (shape,)
    return tuple(c.found)


def _age(question: Document) -> Any:
    """Years, as said at the top or else among the covariates."""
    return question.get("age", question.get("patient", {}).get("age"))


def _head(c: Checker) -> None:
    """The answer is about this question and these files."""
    text = json.dumps(c.raw, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    wanted = {
        "schema": "sapar.selection.assessment/1",
        "question_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "data": {k: hashlib.sha256(v.encode()).hexdigest() for k, v in c.texts.items()},
        "stage": c.q["stage"],
        "site": c.q["site"],
    }
    for key, value in wanted.items():
        if c.a[key] != value:
            c.wrong(key, c.a[key], value)


def _outside(c: Checker) -> None:
    if c.a["verdict"] != "not-by-this-rule":
        _verdict(c, "not-by-this-rule")
    for key in ("endpoints", "thresholds", "changes"):
        if c.a[key]:
            c.wrong(key, len(c.a[key]), 0)


def _verdict(c: Checker, wanted: str) -> None:
    c.found.append(
        Problem.of(
            "proton.selection.check.verdict", where="verdict", value=c.a["verdict"], wanted=wanted
        )
    )


class Rule:
    """The rule on this patient, worked out again and held against the answer."""

    def __init__(self, c: Checker, protocol: Document) -> None:
        self.c, self.protocol = c, protocol
        self.facts = c.facts(protocol)
        self.sides: dict[str, list[Side]] = {}
        self.counts: dict[str, bool] = {}
        for asked in protocol.get("endpoints") or []:
            models = self._models(asked)
            self.sides[asked["id"]] = [Side(c, c.models[name], self.facts) for name in models]
            self.counts[asked["id"]] = not asked.get("shown_only")

    def _models(self, asked: Document) -> list[str]:
        found = []
        for each in asked["models"]:
            where = each.get("where") or {}
            if all(self.facts.get(k, w) == w for k, w in where.items()):
                found.append(each["model"])
                if all(k in self.facts for k in where):
                    break
        return found

    def check(self) -> None:
        """Everything."""
        answered = {each["id"]: each for each in self.c.a["endpoints"]}
        if list(answered) != list(self.sides):
            self.c.wrong("endpoints", list(answered), list(self.sides))
            return
        for name, each in answered.items():
            self._endpoint(name, each)
        zero, plan = self._thresholds()
        self._decide(zero, plan)
        Sampling(self).check(answered)
        organs(self.c)
        _changes(self)

    def _endpoint(self, name: str, each: Document) -> None:
        c, sides, at = self.c, self.sides[name], f"endpoints.{name}"
        slack = BETWEEN if any(s.between for s in sides) else CLOSE
        photon = [s.risks(0) for s in sides]
        c.near(f"{at}.photon_range[0]", each["photon_range"][0], min(p[0] for p in photon), slack)
        c.near(f"{at}.photon_range[1]", each["photon_range"][1], max(p[1] for p in photon), slack)
        c.near(f"{at}.zero", each["zero_dose_difference"], max(s.zero() for s in sides), slack)
        known = len(sides) == 1 and sides[0].known
        for n, plan in enumerate(("photon", "proton")[: len(c.plans)]):
            low, high = (f(s.risks(n)[i] for s in sides) for i, f in enumerate((min, max)))
            # A point is stated only where nothing is open on that side.
            if each[plan] is not None or known:
                c.near(f"{at}.{plan}", each[plan], low if high - low <= CLOSE else None)
        if len(c.plans) == 1:
            return
        ends = [s.difference() for s in sides]
        low, high = min(e[0] for e in ends), max(e[1] for e in ends)
        c.near(f"{at}.difference_range[0]", each["difference_range"][0], low, slack)
        c.near(f"{at}.difference_range[1]", each["difference_range"][1], high, slack)
        if known:
            c.near(f"{at}.difference", each["difference"], low)
            self._shares(name, each)

    def _shares(self, name: str, each: Document) -> None:
        """Shares of organs: the mean over all orders."""
        side = self.sides[name][0]
        organs = list(dict.fromkeys(a["organ"] for a in d.inputs_of(side.model)))
        answered = {row["organ"]: row["share"] for row in each["organs"]}
        self.c.near(f"endpoints.{name}.organs", sum(answered.values()), each["difference"])
        if math.factorial(len(organs)) > MOST_ORDERS:
            return
        found = dict.fromkeys(organs, 0.0)
        orders = list(itertools.permutations(organs))
        for order in orders:
            now = dict(side.ends[0][0])
            before = side.p(now, side.facts[0])
            for organ in order:
                for asked in d.inputs_of(side.model):
                    if asked["organ"] == organ:
                        now[d.key(asked)] = side.ends[1][0][d.key(asked)]
                after = side.p(now, side.facts[0])
                found[organ] += (before - after) / len(orders)
                before = after
        for organ, share in found.items():
            self.c.near(f"endpoints.{name}.organs.{organ}", answered.get(organ), share)

    def _thresholds(self) -> tuple[list[Document], list[Document]]:
        """Each threshold at stage 0 and with the plan, and held against the answer."""
        zero, plan = [], []
        answered = self.c.a["thresholds"]
        stated = self.protocol.get("thresholds") or []
        if [t["id"] for t in answered] != [t["id"] for t in stated]:
            self.c.wrong("thresholds", [t["id"] for t in answered], [t["id"] for t in stated])
        for t, said in zip(stated, answered, strict=True):
            limit = t["points"] / 100.0
            tops = [max(s.zero() for s in self.sides[name]) for name in t["of"]]
            zero.append(self._state(t, [(-1.0, top) for top in tops], limit))
            slack = BETWEEN if any(s.between for n in t["of"] for s in self.sides[n]) else CLOSE
            self.c.near(f"thresholds.{t['id']}.limit", said["limit"], limit)
            self.c.near(
                f"thresholds.{t['id']}.zero", said["zero_dose_value"], zero[-1]["high"], slack
            )
            if len(self.c.plans) == 1:
                continue
            ends = [[s.difference() for s in self.sides[name]] for name in t["of"]]
            pairs = [(min(e[0] for e in each), max(e[1] for e in each)) for each in ends]
            plan.append(self._state(t, pairs, limit))
            edge = min(abs(plan[-1][k] - limit) for k in ("low", "high"))
            if said["met"] is not plan[-1]["met"] and edge > slack:
                self.c.wrong(f"thresholds.{t['id']}.met", said["met"], plan[-1]["met"])
        return zero, plan

    def _state(self, t: Document, pairs: list[tuple[float, float]], limit: float) -> Document:
        """Met, not met or open: by all, and by what may decide."""
        sure = [all(self.c.may(s.model["source"]) for s in self.sides[name]) for name in t["of"]]
        counts = self.c.may(t["source"])
        low, high = _value(t["kind"], pairs)
        some = [pair for pair, yes in zip(pairs, sure, strict=True) if yes]
        decided = None
        if counts and some and (t["kind"] == "each" or all(sure)):
            decided = _met(*_value(t["kind"], some), limit)
            if decided is False and not all(sure):
                decided = None
        return {
            "low": low,
            "high": high,
            "met": _met(low, high, limit),
            "decided": decided,
            "counts": counts,
        }

    def _decide(self, zero: list[Document], plan: list[Document]) -> None:
        wanted = self._wanted(zero, plan) if _age(self.c.q) is not None else {"to-be-decided"}
        if self.c.a["verdict"] not in wanted:
            _verdict(self.c, " / ".join(sorted(wanted)))

    def _wanted(self, zero: list[Document], plan: list[Document]) -> set[str]:
        """The verdict; two where a number lies on a limit to the last digits."""
        if not zero:
            return {"to-be-decided"}
        if all(z["met"] is False for z in zero):
            return {"never-qualifies" if _decision(zero) is False else "to-be-decided"}
        possible = any(z["counts"] and z["met"] is not False for z in zero)
        first = "worth-a-plan" if possible else "to-be-decided"
        if not plan:
            return {first}
        if self.c.q["stage"] == "estimate":
            return self._estimated(plan, first)
        mark = self.c.q["proton"].get("mark", "unverified")
        may = mark == "verified" or (mark == "demonstration" and self.c.demo)
        found = _decision(plan)
        if found is None or not may:
            return {"to-be-decided"}
        return {"indicated" if found else "not-indicated"}

    def _unknown(self) -> bool:
        """Whether nothing could be drawn: something that counts is missing, or no draws."""
        known = [len(s) == 1 and s[0].known for n, s in self.sides.items() if self.counts[n]]
        return not all(known) or self.c.q.get("draws", 10_000) < 1

    def _estimated(self, plan: list[Document], first: str) -> set[str]:
        binding = [p for p in plan if p["counts"]] or plan
        limit = self.protocol.get("estimate_chance", 0.05)
        chance = self.c.a["chance"]
        no = all(p["met"] is False for p in binding)
        if chance is None and self._unknown() and any(_errs(plan) for plan in self.c.plans):
            return {first}
        if no and (chance is None or chance < limit):
            return {"not-indicated" if _decision(plan) is False else "to-be-decided"}
        return {first}


def _errs(plan: Document) -> bool:
    """Whether the doses of a plan have a stated error."""
    sd = plan.get("dose_sd_gy") or {}
    return bool(plan.get("scenarios")) or any(value > 0 for value in sd.values())


def _value(kind: str, pairs: list[tuple[float, float]]) -> tuple[float, float]:
    if kind == "sum":
        return sum(p[0] for p in pairs), sum(p[1] for p in pairs)
    return max(p[0] for p in pairs), max(p[1] for p in pairs)


def _met(low: float, high: float, limit: float) -> bool | None:
    if low >= limit - 1e-12:
        return True
    return False if high < limit - 1e-12 else None


def _decision(states: list[Document]) -> bool | None:
    """Yes by one that may decide; no only where all say no and those that count may say so."""
    if any(s["decided"] is True for s in states):
        return True
    counting = [s for s in states if s["counts"]]
    no = bool(counting) and all(s["met"] is False for s in states)
    return False if no and all(s["decided"] is False for s in counting) else None


def _changes(rule: Rule) -> None:
    """A dose that is said to flip the rule does so, and half the way does not."""
    stated = rule.protocol.get("thresholds") or []
    limits = [t for t in stated if rule.c.may(t["source"])] or stated
    for row in rule.c.a["changes"]:
        if row["kind"] != "dose":
            continue
        number = 0 if row["plan"] == "photon" else 1
        now, flips = row["now_gy"], row["flips_at_gy"]
        beyond = flips + 1e-4 * (1.0 if flips > now else -1.0)
        half = 0.5 * (now + flips)
        for gy, met in (
            (now, not row["to_met"]),
            (half, not row["to_met"]),
            (beyond, row["to_met"]),
        ):
            if gy >= 0 and _met_with(rule, limits, (number, row["organ"], now, gy)) is not met:
                rule.c.wrong(f"changes.{row['plan']}.{row['organ']}", f"{gy} Gy", met)


def _met_with(rule: Rule, limits: list[Document], change: tuple[int, str, float, float]) -> bool:
    number, organ, now, gy = change
    values = {}
    for name in {n for t in limits for n in t["of"]}:
        side = rule.sides[name][0]
        both = [dict(side.ends[0][0]), dict(side.ends[1][0])]
        for asked in d.inputs_of(side.model):
            if asked["organ"] != organ:
                continue
            ways = rule.c.organs[organ]
            dose = d.ends_of(organ, rule.c.plans[number], ways)[0]
            changed = dose.scaled(gy / now) if now > 0 and gy > 0 else d.even(gy)
            value = d.read(asked, changed, rule.c.q.get("fractions"), side.theta)
            both[number][d.key(asked)] = value or 0.0
        values[name] = side.p(both[0], side.facts[0]) - side.p(both[1], side.facts[0])
    return reached(values, limits)
