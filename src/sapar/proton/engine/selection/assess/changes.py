"""What would change the verdict: doses and facts at which the rule's outcome flips, computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.proton.engine.selection.assess.organs import ends
from sapar.proton.engine.selection.assess.predict import candidates, predict
from sapar.proton.engine.selection.assess.shares import flip, shares
from sapar.proton.engine.selection.models.doses import OrganDose
from sapar.proton.engine.selection.rules.judge import rule_met

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.proton.engine.selection.assess.problem import PlanDoses
    from sapar.proton.engine.selection.assess.work import Endpoint, Work
    from sapar.proton.engine.selection.models.model import Value

PLANS = ("photon", "proton")
FACT_STEPS = 20
"""A fact that is a number may flip the rule and flip it back: its range is walked in steps."""


def organ_shares(work: Work, e: Endpoint) -> list[dict[str, Any]]:
    """Share of each organ in the difference, largest first; empty where something is missing."""
    question = work.question
    if question.proton is None or not e.known:
        return []
    predicted = e.predicted[0]
    photon, _, _ = ends(
        predicted.model, predicted.doses[0], question.photon.bound, question.fractions
    )
    proton, _, _ = ends(
        predicted.model, predicted.doses[1], question.proton.bound, question.fractions
    )
    found = shares(predicted, photon, proton)
    rows = [{"organ": organ, "share": value} for organ, value in found.items()]
    return sorted(rows, key=lambda row: -row["share"])


class _Flips:
    """Differences of the complications that count, with one organ of one plan changed."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.thresholds = [z.threshold for z in work.zero if z.threshold.id in work.binding]
        used = {name for threshold in self.thresholds for name in threshold.of}
        self.endpoints = [each for each in work.counting if each.asked.id in used]
        plans: tuple[PlanDoses | None, ...] = (work.question.photon, work.question.proton)
        self.plans = [plan for plan in plans if plan is not None]
        self.readings = {
            e.asked.id: [
                ends(e.predicted[0].model, doses, plan.bound, work.question.fractions)[0]
                for doses, plan in zip(e.predicted[0].doses, self.plans, strict=True)
            ]
            for e in self.endpoints
        }
        self.risks = {
            e.asked.id: [
                float(e.predicted[0].model.risk(each, e.predicted[0].options.corners[0]))
                for each in self.readings[e.asked.id]
            ]
            for e in self.endpoints
        }
        self.now = {name: risks[0] - risks[1] for name, risks in self.risks.items()}

    def differences(self, number: int, organ: str, dose: OrganDose) -> dict[str, float]:
        """With `organ` of plan `number` (0 photon, 1 proton) at another dose."""
        found = dict(self.now)
        for e in self.endpoints:
            model = e.predicted[0].model
            if organ in model.organs:
                found[e.asked.id] = self._one(e, number, organ, dose)
        return found

    def _one(self, e: Endpoint, number: int, organ: str, dose: OrganDose) -> float:
        model, features = e.predicted[0].model, e.predicted[0].options.corners[0]
        both = self.readings[e.asked.id]
        changed = {
            asked: model.reading(asked, dose, self.work.question.fractions)
            for asked in model.inputs
            if asked.organ == organ
        }
        risk = float(model.risk({**both[number], **changed}, features))
        other = self.risks[e.asked.id][1 - number]
        return risk - other if number == 0 else other - risk

    def met(self, number: int, organ: str, dose: OrganDose) -> bool:
        """Whether the rule is met then."""
        return rule_met(self.thresholds, self.differences(number, organ, dose))

    def one(self, number: int, organ: str) -> dict[str, Any] | None:
        """At which mean dose of an organ of a plan the outcome flips; None where at none."""
        dose = next(
            e.predicted[0].doses[number][organ].low
            for e in self.endpoints
            if organ in e.predicted[0].doses[number]
        )
        now = self.met(number, organ, dose)
        # Less dose in the proton plan, or more in the photon plan, speaks for protons.
        down = (number == 1) is not now
        end = 0.0 if down else self.plans[number].highest
        mean = dose.mean_gy

        def holds(gy: float) -> bool:
            changed = dose.times(gy / mean) if mean > 0 and gy > 0 else OrganDose.even(organ, gy)
            return self.met(number, organ, changed) is now

        if (down and mean <= 0) or (not down and mean >= end):
            return None
        found = flip(mean, end, holds)
        if found is None:
            return None
        return {
            "kind": "dose",
            "plan": PLANS[number],
            "organ": organ,
            "now_gy": mean,
            "flips_at_gy": found,
            "to_met": not now,
        }


def changes(work: Work) -> list[dict[str, Any]]:
    """Every single change that flips whether the rule is met; the smallest change of dose first.

    Doses: the organ's whole histogram is scaled to another mean, all else as it is. Facts about the
    patient: each other word that one may be. Where something is missing, what it is.
    """
    if not work.reached or not work.protocol.thresholds:
        return []
    if not all(each.known for each in work.counting):
        return []
    flips = _Flips(work)
    organs = dict.fromkeys(o for e in flips.endpoints for o in e.predicted[0].model.organs)
    found = [flips.one(number, organ) for number in (1, 0) for organ in organs]
    doses = [each for each in found if each is not None]
    doses.sort(key=lambda row: abs(row["flips_at_gy"] - row["now_gy"]))
    return doses + _facts(work)


def _facts(work: Work) -> list[dict[str, Any]]:
    known: Mapping[str, Value] = {
        **work.protocol.sites[work.question.site],
        **work.question.patient,
    }
    now = _met(work, known)
    follows = set(work.protocol.sites[work.question.site]) - set(work.question.patient)
    asking = dict.fromkeys(
        [n for e in work.counting for n in e.predicted[0].model.covariates]
        + [key for e in work.counting for where, _ in e.asked.models for key, _ in where]
    )
    found = []
    for name in [each for each in asking if each not in follows]:
        found += [
            {"kind": "fact", "what": name, "now": known[name], "flips_at": value, "to_met": not now}
            for value in _others(work, known, name, now=now)
        ]
    return found


def _others(work: Work, known: Mapping[str, Value], name: str, *, now: bool) -> tuple[Value, ...]:
    """The values of a fact at which the outcome flips; of a number the nearest."""
    asked = work.library.covariates[name]
    if asked.kind == "number":
        at = _number(work, known, name, now=now)
        return () if at is None else (at,)
    values: tuple[Value, ...] = asked.choices or (False, True)
    return tuple(
        value
        for value in values
        if value != known[name] and _met(work, {**known, name: value}) is not now
    )


def _number(work: Work, known: Mapping[str, Value], name: str, *, now: bool) -> float | None:
    asked = work.library.covariates[name]
    start = float(known[name])

    def holds(value: float) -> bool:
        return _met(work, {**known, name: value}) is now

    found = []
    for end in (asked.low, asked.high):
        before = start
        for step in range(1, FACT_STEPS + 1):
            here = start + (end - start) * step / FACT_STEPS
            at = flip(before, here, holds)
            if at is not None:
                found.append(at)
                break
            before = here
    return min(found, key=lambda v: abs(v - start)) if found else None


def _met(work: Work, known: Mapping[str, Value]) -> bool:
    values = {}
    for e in work.counting:
        models = candidates(e.asked, known, work.library)
        made = predict(models[0], work.question, known, work.library).difference
        values[e.asked.id] = 0.0 if made is None else made.low
    thresholds = [each.threshold for each in work.zero if each.threshold.id in work.binding]
    return rule_met(thresholds, values)
