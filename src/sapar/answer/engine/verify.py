"""An independent check of an answer against its question. Shares no rule with the solver.

It re-derives from the raw data what may not be otherwise: which data may decide, that dates
follow each other, that sums are sums, that nothing was promised that does not exist.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from sapar.answer.engine.problem import LINES, LineState
from sapar.values.marks import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sapar.answer.engine.problem import Answer, Question


def _lines(answer: Answer) -> Iterator[str]:
    if tuple(line.key for line in answer.lines) != LINES:
        yield "the lines are not the eleven questions in their order"
    for line in answer.lines:
        if line.key not in ("completeness", "identity", "letters") and line.state in (
            LineState.KNOWN,
            LineState.IMPOSSIBLE,
        ):
            silent = line.statement.code.endswith((".none", ".home"))
            if not line.reasons and not silent:
                yield f"{line.key} is {line.state.value} without a reason"


def _marks(question: Question, answer: Answer) -> Iterator[str]:
    for line in answer.lines:
        if line.state is not LineState.KNOWN or not line.reasons:
            continue
        source = line.reasons[0].source
        if source is None or line.key == "payer":
            continue
        if source.mark is Mark.UNVERIFIED:
            yield f"{line.key} is decided by unverified data"
        if source.mark is Mark.DEMONSTRATION and not question.snapshot.demonstration:
            yield f"{line.key} is decided by demonstration data in a real installation"


def _dates(question: Question, answer: Answer) -> Iterator[str]:
    start = answer.start
    if start is None:
        return
    if start < question.as_of:
        yield "the start lies before the answer"
    programme = question.snapshot.programmes[answer.programme]
    if (start - question.as_of).days < programme.lead_days:
        yield "the start leaves no time for preparation"
    free = [d.free for d in question.places[answer.programme] if d.day == start]
    if not any(count > 0 for count in free):
        yield "the start is on a day without a free place"
    if answer.apply_by is not None and answer.apply_by > start:
        yield "the visa is applied for after the start"
    late = answer.latest_start is not None and start > answer.latest_start
    line = answer.line("calendar")
    if late and line.state is LineState.KNOWN:
        yield "the start is late and the calendar line does not say so"
    if not late and line.state is LineState.IMPOSSIBLE:
        yield "the calendar line says late for a start that is not"


def _payer(question: Question, answer: Answer) -> Iterator[str]:
    if not answer.agreement:
        return
    agreement = next(a for a in question.snapshot.agreements if a.code == answer.agreement)
    person = question.facts.person
    if agreement.patient_country not in (person.residence, person.citizenship):
        yield "the agreement is not for this patient's country"
    if agreement.programmes and answer.programme not in agreement.programmes:
        yield "the agreement does not name the programme"
    for quota in agreement.quotas:
        if quota.code == answer.quota and question.quota_used.get(quota.code, 0) >= quota.places:
            yield "the quota proposed is used up"


def _price(answer: Answer) -> Iterator[str]:
    if answer.estimate is None:
        return
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
    for part in answer.estimate.parts:
        row = sums[part.each.currency]
        low, high = (part.each.amount * n for n in part.units)
        row[0], row[1] = row[0] + low, row[1] + high
        if not part.covered:
            row[2], row[3] = row[2] + low, row[3] + high
    for low_total, high_total in answer.estimate.totals:
        if [low_total.amount, high_total.amount] != sums[low_total.currency][:2]:
            yield f"the total in {low_total.currency} is not the sum of the parts"
    for low_family, high_family in answer.estimate.family:
        if [low_family.amount, high_family.amount] != sums[low_family.currency][2:]:
            yield f"the family's share in {low_family.currency} is not the sum of its parts"


def verify(question: Question, answer: Answer) -> list[str]:
    """Everything that is wrong with an answer; empty when nothing is.

    Args:
        question: what was asked.
        answer: what the solver gave.
    """
    found = [*_lines(answer), *_marks(question, answer), *_dates(question, answer)]
    return [*found, *_payer(question, answer), *_price(answer)]
