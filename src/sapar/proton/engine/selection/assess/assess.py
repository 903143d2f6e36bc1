"""Protons or photons for one patient, by one protocol: the pure heart of selection.

Decision support: it selects who should be planned and compares plans; it plans nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sapar.proton.engine.selection.assess import answer as a
from sapar.proton.engine.selection.assess import document
from sapar.proton.engine.selection.assess.changes import changes
from sapar.proton.engine.selection.assess.draws import draw
from sapar.proton.engine.selection.assess.predict import candidates, predict, unknown_words
from sapar.proton.engine.selection.assess.reasons import reasons_for
from sapar.proton.engine.selection.assess.spared import organ_table
from sapar.proton.engine.selection.assess.work import Endpoint, Work, sureness
from sapar.proton.engine.selection.rules.judge import Member, Reached, decision, outcome, reach

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.proton.engine.selection.assess.problem import Question
    from sapar.proton.engine.selection.assess.work import Sure
    from sapar.proton.engine.selection.models.library import Library
    from sapar.proton.engine.selection.models.model import Value
    from sapar.proton.engine.selection.rules.protocol import Asked, Protocol, Protocols


def assess(question: Question, library: Library, protocols: Protocols) -> a.Assessment:
    """The answer to a question.

    Args:
        question: made by `problem.read_problem`.
        library: models.
        protocols: rules; `question.protocol` or else the first that is about the site.

    Raises:
        ValueError: the question was made for other data files (their hashes differ).
    """
    for key, sha256 in (("models", library.sha256), ("protocols", protocols.sha256)):
        if question.data.get(key, sha256) != sha256:
            message = f"the question was made for another file of {key}"
            raise ValueError(message)
    protocol = protocol_of(question, protocols)
    if question.child or protocol is None or _too_young(question, protocol):
        return _not_by_rule(question, library, protocols, protocol)
    known = _known(question, protocol)
    work = _work(question, library, protocol, known)
    sure = sureness(work)
    verdict, points_to = _verdict(work, sure)
    reasons = reasons_for(work, verdict, points_to, sure)
    made = document.head(question, library, protocols, protocol) | {
        "verdict": verdict,
        "points_to": points_to,
        "confidence": sure.confidence,
        "chance": sure.chance,
        "reasons": [a.said(each) for each in reasons],
        "endpoints": [document.endpoint(work, each) for each in work.endpoints],
        "thresholds": document.thresholds(work, sure),
        "changes": changes(work),
        "organs": organ_table(question),
        "missing": document.missing(work),
        "sources": document.sources(work),
    }
    return a.Assessment(verdict, points_to, sure.confidence, sure.chance, reasons, made)


def zero_dose(question: Question, library: Library, protocols: Protocols) -> a.Assessment:
    """Stage 0: the answer where no proton plan is known; who can never qualify is told so."""
    return assess(replace(question, stage="zero", proton=None), library, protocols)


def verdict_of(question: Question, library: Library, protocols: Protocols) -> str:
    """The verdict alone, for many questions; `assess` says the same and explains it."""
    protocol = protocol_of(question, protocols)
    if question.child or protocol is None or _too_young(question, protocol):
        return a.NOT_BY_RULE
    work = _work(question, library, protocol, _known(question, protocol))
    return _verdict(work, sureness(work))[0]


def protocol_of(question: Question, protocols: Protocols) -> Protocol | None:
    """The protocol that is asked for, if it is about the site; the site's first by default."""
    names = protocols.for_site(question.site)
    wanted = question.protocol or (names[0] if names else "")
    return protocols.protocols[wanted] if wanted in names else None


def _too_young(question: Question, protocol: Protocol) -> bool:
    return question.age is not None and question.age < protocol.least_age


def _known(question: Question, protocol: Protocol) -> dict[str, Value]:
    """What is known of the patient, with what follows from the site; the patient's word counts."""
    return {**protocol.sites[question.site], **question.patient}


def _work(
    question: Question, library: Library, protocol: Protocol, known: Mapping[str, Value]
) -> Work:
    endpoints = tuple(_asked(each, question, library, known) for each in protocol.asked)
    demo = question.demonstration
    zero_members = {e.asked.id: Member(-1.0, e.zero, e.decides) for e in endpoints}
    members = {
        e.asked.id: Member(e.difference.low, e.difference.high, e.decides)
        for e in endpoints
        if e.difference is not None
    }
    zero = tuple(reach(t, zero_members, demonstration=demo) for t in protocol.thresholds)
    reached: tuple[Reached, ...] = ()
    if question.proton is not None:
        reached = tuple(reach(t, members, demonstration=demo) for t in protocol.thresholds)
    return Work(question, library, protocol, endpoints, zero, reached)


def _asked(
    asked: Asked, question: Question, library: Library, known: Mapping[str, Value]
) -> Endpoint:
    models = candidates(asked, known, library)
    predicted = tuple(predict(model, question, known, library) for model in models)
    sure = len(predicted) == 1 and predicted[0].known and question.draws > 0
    return Endpoint(
        asked=asked,
        predicted=predicted,
        unknown=unknown_words(asked, known) if len(models) > 1 else (),
        decides=asked.decides
        and all(m.source.mark.decides(demonstration=question.demonstration) for m in models),
        drawn=draw(predicted[0], question, library) if sure else None,
    )


def _verdict(work: Work, sure: Sure) -> tuple[str, str | None]:
    """The verdict, and the one that the numbers would give whatever their marks."""
    verdict, points_to = _by_numbers(work, sure)
    # Adult models never decide for a child: of somebody whose age is not known they may not.
    return (verdict if work.question.age is not None else a.TO_BE_DECIDED), points_to


def _by_numbers(work: Work, sure: Sure) -> tuple[str, str | None]:
    if not work.protocol.thresholds:
        return a.TO_BE_DECIDED, None
    if outcome(work.zero) is False:
        never = decision(work.zero) is False
        return (a.NEVER if never else a.TO_BE_DECIDED), a.NEVER
    if work.question.proton is None:
        possible = any(each.met is not False and each.counts for each in work.zero)
        return (a.WORTH_A_PLAN if possible else a.TO_BE_DECIDED), a.WORTH_A_PLAN
    if work.question.stage == "estimate":
        return _estimated(work, sure)
    points = {True: a.INDICATED, False: a.NOT_INDICATED, None: None}[_binding_outcome(work)]
    found = decision(work.reached)
    may = work.question.proton.mark.decides(demonstration=work.question.demonstration)
    if found is None or not may:
        return a.TO_BE_DECIDED, points
    return (a.INDICATED if found else a.NOT_INDICATED), points


def _binding_outcome(work: Work) -> bool | None:
    ids = work.binding
    return outcome([each for each in work.reached if each.threshold.id in ids])


def _estimated(work: Work, sure: Sure) -> tuple[str, str | None]:
    """An estimate says "worth a plan", or "not" where a plan would hardly be indicated."""
    now = _binding_outcome(work)
    limit = work.protocol.estimate_chance
    if sure.chance is None:
        # Errors of dose that could not be drawn, as something is missing: then nobody knows.
        hardly = now is False and not (sure.why in {"missing", "no-draws"} and _errs(work.question))
    else:
        hardly = now is False and sure.chance < limit
    points = a.NOT_INDICATED if hardly else a.WORTH_A_PLAN
    if not hardly:
        possible = any(each.met is not False and each.counts for each in work.zero)
        return (points if possible else a.TO_BE_DECIDED), points
    return (points if decision(work.reached) is False else a.TO_BE_DECIDED), points


def _errs(question: Question) -> bool:
    """Whether a dose has a stated error or scenarios."""
    plans = [plan for plan in (question.photon, question.proton) if plan is not None]
    return any(plan.scenarios or any(sd > 0 for sd in plan.sd_gy.values()) for plan in plans)


def _not_by_rule(
    question: Question, library: Library, protocols: Protocols, protocol: Protocol | None
) -> a.Assessment:
    """No model of adults is looked at; only doses are compared."""
    reasons = reasons_for(None, a.NOT_BY_RULE, None, None, question=question, protocol=protocol)
    made = document.head(question, library, protocols, protocol) | {
        "verdict": a.NOT_BY_RULE,
        "points_to": None,
        "confidence": None,
        "chance": None,
        "reasons": [a.said(each) for each in reasons],
        "endpoints": [],
        "thresholds": [],
        "changes": [],
        "organs": organ_table(question),
        "missing": {"organs": {}, "patient": []},
        "sources": [],
    }
    return a.Assessment(a.NOT_BY_RULE, None, None, None, reasons, made)
