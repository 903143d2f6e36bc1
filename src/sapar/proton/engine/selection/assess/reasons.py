"""Why: the sentences of an answer, in order of weight, as codes with parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sapar.proton.engine.selection.assess import answer as a
from sapar.proton.engine.selection.assess.spared import NOT_SHOWN, NOT_SPARED, organ_table
from sapar.values.statements import Statement

if TYPE_CHECKING:
    from sapar.proton.engine.selection.assess.problem import Question
    from sapar.proton.engine.selection.assess.work import Sure, Work
    from sapar.proton.engine.selection.rules.judge import Reached
    from sapar.proton.engine.selection.rules.protocol import Protocol

ENDPOINT = "proton.selection.endpoint."
COVARIATE = "proton.selection.covariate."
MOST_ORGANS = 6
"""Sentences about single organs; the table has them all."""


def reasons_for(
    work: Work | None,
    verdict: str,
    points_to: str | None,
    sure: Sure | None,
    *,
    question: Question | None = None,
    protocol: Protocol | None = None,
) -> tuple[Statement, ...]:
    """The sentences of an answer.

    Args:
        work: None where no rule was held against the patient; `question`, `protocol` say why.
        verdict: of the answer.
        points_to: of the answer.
        sure: of the draws.
        question: see `work`.
        protocol: see `work`; None where there is none for the site.
    """
    if work is None or sure is None:
        return () if question is None else _outside(question, protocol)
    found = [*_decided(work, verdict), *_open(work, verdict, points_to)]
    found += [*_sure(work, verdict, points_to, sure), *_organs(work.question)]
    return tuple(found)


def _outside(question: Question, protocol: Protocol | None) -> tuple[Statement, ...]:
    if question.child:
        first = Statement("proton.selection.child")
    elif protocol is None:
        first = Statement(
            "proton.selection.no_protocol",
            {"site_phrase": f"proton.selection.site.{question.site}"},
        )
    else:
        first = Statement("proton.selection.too_young", {"age": protocol.least_age})
    return (first, Statement("proton.selection.indication_list"), *_organs(question))


def _names(each: Reached) -> str:
    if each.threshold.kind == "each" and each.met is not None:
        return ENDPOINT + each.largest
    return ",".join(ENDPOINT + name for name in each.threshold.of)


def _numbers(each: Reached, value: float) -> dict[str, str]:
    digits = a.digits_beside(value, each.threshold.points / 100.0)
    return {
        "endpoint_phrases": _names(each),
        "value": a.percent(value, digits),
        "limit": f"{each.threshold.points:g}",
    }


def _decided(work: Work, verdict: str) -> list[Statement]:
    """Each threshold with its number; those that count first."""
    if not work.protocol.thresholds:
        who = {"who": work.protocol.source.who_can_tell}
        return [Statement("proton.selection.rule_not_published", who)]
    found = []
    if not work.reached or verdict == a.NEVER:
        found += [_at_zero(each) for each in work.zero]
    if work.reached:
        order = sorted(work.reached, key=lambda each: (not each.counts, each.met is not True))
        found += [_at_plan(each) for each in order]
    return found


def _at_zero(each: Reached) -> Statement:
    numbers = _numbers(each, each.high)
    if each.met is False and each.threshold.kind == "sum":
        return Statement("proton.selection.never_sum", numbers)
    if each.met is False:
        return Statement("proton.selection.never_each", numbers)
    if each.threshold.kind == "sum":
        return Statement("proton.selection.possible_sum", numbers)
    return Statement("proton.selection.possible_each", numbers)


def _at_plan(each: Reached) -> Statement:
    numbers = _numbers(each, each.low)
    sums = each.threshold.kind == "sum"
    if each.met is None:
        ends = {"low": a.percent(each.low), "high": a.percent(each.high)}
        return Statement("proton.selection.open", {**numbers, **ends})
    if each.met:
        code = "proton.selection.met_sum" if sums else "proton.selection.met_each"
        return Statement(code, numbers)
    code = "proton.selection.not_met_sum" if sums else "proton.selection.not_met_each"
    return Statement(code, numbers)


def _open(work: Work, verdict: str, points_to: str | None) -> list[Statement]:
    """What is missing, and what may not decide and who can tell."""
    found = _not_given(work)
    if verdict != a.TO_BE_DECIDED:
        return found + _ignored(work)
    marked = {}
    for reached in work.zero:
        if not reached.counts:
            marked[reached.threshold.source.id] = reached.threshold.source
    for each in work.counting:
        for predicted in each.predicted:
            source = predicted.model.source
            if not source.mark.decides(demonstration=work.question.demonstration):
                marked[source.id] = source
    found += [
        Statement("proton.selection.may_not_decide", {"title": s.title, "who": s.who_can_tell})
        for s in marked.values()
    ]
    if work.question.age is None:
        found.append(Statement("proton.selection.age_unknown"))
    plan = work.question.proton
    if plan is not None and not plan.mark.decides(demonstration=work.question.demonstration):
        found.append(Statement("proton.selection.doses_may_not_decide"))
    if points_to is not None:
        points = {"verdict_phrase": f"proton.selection.verdict.{points_to}"}
        found.append(Statement("proton.selection.points_to", points))
    return found


def _not_given(work: Work) -> list[Statement]:
    """Organs and facts that were not given."""
    organs: dict[str, str] = {}
    patient: dict[str, None] = {}
    for each in work.counting:
        patient |= dict.fromkeys(each.unknown)
        for predicted in each.predicted:
            organs |= predicted.missing
            patient |= dict.fromkeys(predicted.options.missing)
    facts = [
        Statement("proton.selection.missing_fact", {"what_phrase": COVARIATE + name})
        for name in patient
        if not name.startswith("volume:")
    ]
    return [*(_missing(organ, why) for organ, why in organs.items()), *facts]


def _ignored(work: Work) -> list[Statement]:
    """Thresholds that were told and did not count."""
    return [
        Statement(
            "proton.selection.did_not_count",
            {
                "endpoint_phrases": _names(each),
                "limit": f"{each.threshold.points:g}",
                "who": each.threshold.source.who_can_tell,
            },
        )
        for each in work.zero
        if not each.counts
    ]


def _missing(organ: str, why: str) -> Statement:
    named = {"organ": organ}
    if why == "missing":
        return Statement("proton.selection.missing_organ", named)
    if why == "partly-covered":
        return Statement("proton.selection.partly_covered", named)
    if why == "volumes-unknown":
        return Statement("proton.selection.volumes_unknown", named)
    if why == "no-fractions":
        return Statement("proton.selection.no_fractions", named)
    return Statement("proton.selection.no_histogram", named)


def _share(share: float, digits: int = 0) -> str:
    """A share of draws in per cent: neither all nor none by rounding alone."""
    if digits or share in {0.0, 1.0}:
        return a.percent(share, digits)
    return str(min(99, max(1, round(100.0 * share))))


def _confidence(work: Work, points_to: str | None) -> str:
    """The code of the sentence: an estimate may propose a plan though no threshold is reached."""
    met = [each.met for each in work.reached if each.threshold.id in work.binding]
    if work.question.stage == "estimate" and points_to == a.WORTH_A_PLAN and not any(met):
        return "proton.selection.confidence_not_met"
    return "proton.selection.confidence"


def _sure(work: Work, verdict: str, points_to: str | None, sure: Sure) -> list[Statement]:
    found = []
    if work.question.stage == "estimate" and sure.chance is not None:
        limit = work.protocol.estimate_chance
        numbers = {
            "percent": _share(sure.chance, a.digits_beside(sure.chance, limit, 0)),
            "limit": f"{100.0 * limit:g}",
        }
        found.append(Statement("proton.selection.estimate_chance", numbers))
    if work.question.stage == "estimate":
        found.append(Statement("proton.selection.estimate_only"))
    if sure.confidence is not None:
        share = {"percent": _share(sure.confidence)}
        found.append(Statement(_confidence(work, points_to), share))
    elif sure.why == "missing":
        found.append(Statement("proton.selection.no_confidence_missing"))
    elif sure.why == "no-coefficients":
        names = [
            ENDPOINT + e.asked.id
            for e in work.counting
            if e.drawn and "coefficients" not in e.drawn.of
        ]
        said = {"endpoint_phrases": ",".join(names)}
        found.append(Statement("proton.selection.no_confidence_coefficients", said))
    plan = work.question.proton
    if work.question.stage == "submitted" and plan is not None and not plan.scenarios:
        found.append(Statement("proton.selection.confidence_without_errors"))
    if verdict in {a.INDICATED, a.NOT_INDICATED, a.WORTH_A_PLAN, a.NEVER}:
        found.append(Statement("proton.selection.support_only"))
    return found


def _organs(question: Question) -> list[Statement]:
    """Organs that protons do not spare, said plainly; with the body where its dose falls."""
    if question.proton is None:
        return []
    rows = organ_table(question)
    bad = [row for row in rows if row["says"] in {NOT_SPARED, NOT_SHOWN}]
    found = []
    for row in bad[:MOST_ORGANS]:
        numbers = {
            "organ": row["organ"],
            "photon": f"{row['photon_mean_gy']:.1f}",
            "proton": f"{row['proton_mean_gy']:.1f}",
        }
        if row["says"] == NOT_SPARED:
            found.append(Statement("proton.selection.not_for_this_organ", numbers))
        else:
            found.append(Statement("proton.selection.not_shown_for_this_organ", numbers))
    bodies = [r for r in rows if r["role"] == "body" and r["proton_mean_gy"] is not None]
    if bad and bodies and bodies[0]["proton_mean_gy"] < bodies[0]["photon_mean_gy"]:
        numbers = {
            "photon": f"{bodies[0]['photon_mean_gy']:.1f}",
            "proton": f"{bodies[0]['proton_mean_gy']:.1f}",
        }
        found.append(Statement("proton.selection.less_in_all", numbers))
    return found
