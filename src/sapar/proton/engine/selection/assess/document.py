"""The parts of an answer's document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.proton.engine.selection.assess import answer as a
from sapar.proton.engine.selection.assess.changes import organ_shares
from sapar.proton.engine.selection.assess.draws import interval
from sapar.proton.engine.selection.assess.predict import Range

if TYPE_CHECKING:
    from sapar.proton.engine.selection.assess.problem import Question
    from sapar.proton.engine.selection.assess.work import Endpoint, Sure, Work
    from sapar.proton.engine.selection.models.library import Library
    from sapar.proton.engine.selection.rules.protocol import Protocol, Protocols


def head(
    question: Question, library: Library, protocols: Protocols, protocol: Protocol | None
) -> dict[str, Any]:
    """What the answer is about, and what it was made with."""
    return {
        "schema": a.SCHEMA,
        "question_sha256": question.sha256,
        "data": {"models": library.sha256, "protocols": protocols.sha256},
        "stage": question.stage,
        "site": question.site,
        "protocol": None if protocol is None else protocol.id,
        "protocol_names": {} if protocol is None else dict(protocol.names),
        "demonstration": question.demonstration,
        "seed": question.seed,
        "draws": question.draws,
        "proton": None
        if question.proton is None
        else {"source": question.proton.source, "mark": str(question.proton.mark)},
    }


def endpoint(work: Work, e: Endpoint) -> dict[str, Any]:
    """One complication."""
    first = e.predicted[0].model
    drawn = e.drawn
    shown = None if drawn is None else drawn.all
    own = {m.model.id: m.model for m in e.predicted}
    kinds = {m.uncertainty.kind for m in own.values()}
    return {
        "id": e.asked.id,
        "endpoint": first.endpoint,
        "grade": first.grade,
        "months": first.months,
        "models": list(own),
        "counts": e.asked.decides,
        "decides": e.decides,
        "marks": sorted({str(m.source.mark) for m in own.values()}),
        "photon": e.photon.value,
        "photon_range": e.photon.as_json(),
        "proton": None if e.proton is None else e.proton.value,
        "proton_range": None if e.proton is None else e.proton.as_json(),
        "difference": None if e.difference is None else e.difference.value,
        "difference_range": None if e.difference is None else e.difference.as_json(),
        "zero_dose_difference": e.zero,
        "interval_95": None if shown is None or not drawn or not drawn.of else interval(shown),
        "interval_of": [] if shown is None or drawn is None else list(drawn.of),
        "zero_interval_95": interval(drawn.zero) if drawn and "coefficients" in drawn.of else None,
        "coefficients_uncertain": "none" not in kinds,
        "organs": organ_shares(work, e),
        "missing_organs": {k: v for m in e.predicted for k, v in m.missing.items()},
        "missing_patient": sorted(
            {n for m in e.predicted for n in m.options.missing} | set(e.unknown)
        ),
    }


def thresholds(work: Work, sure: Sure) -> list[dict[str, Any]]:
    """Every threshold with its numbers."""
    reached = work.reached or (None,) * len(work.zero)
    found = []
    for zero, plan in zip(work.zero, reached, strict=True):
        t = zero.threshold
        value = None if plan is None else Range(plan.low, plan.high)
        found.append(
            {
                "id": t.id,
                "kind": t.kind,
                "of": list(t.of),
                "limit": t.points / 100.0,
                "mark": str(t.source.mark),
                "source": t.source.id,
                "who_can_tell": t.source.who_can_tell,
                "decides": zero.decides,
                "value": None if value is None else value.value,
                "range": None if value is None else value.as_json(),
                "met": None if plan is None else plan.met,
                "zero_dose_value": zero.high,
                "possible": zero.met is not False,
                "share_of_draws": sure.shares.get(t.id),
                "interval_95": sure.values.get(t.id),
            }
        )
    return found


def missing(work: Work) -> dict[str, Any]:
    """What is missing of what counts."""
    organs: dict[str, str] = {}
    patient: set[str] = set()
    for each in work.counting:
        for predicted in each.predicted:
            organs |= predicted.missing
            patient |= set(predicted.options.missing)
        patient |= set(each.unknown)
    return {"organs": organs, "patient": sorted(patient)}


def sources(work: Work) -> list[dict[str, Any]]:
    """Where everything comes from."""
    cited = {work.protocol.source.id: work.protocol.source}
    for threshold in work.protocol.thresholds:
        cited.setdefault(threshold.source.id, threshold.source)
    for each in work.endpoints:
        for predicted in each.predicted:
            model = predicted.model
            cited.setdefault(model.source.id, model.source)
            known = work.library.sources.get(model.uncertainty.source)
            if known is not None:
                cited.setdefault(known.id, known)
    return [
        {
            "id": s.id,
            "title": s.title,
            "dated": s.dated,
            "mark": str(s.mark),
            "url": s.url,
            "who_can_tell": s.who_can_tell,
            "note": s.note,
        }
        for s in cited.values()
    ]
