"""What the answer is asked, and what it is: frozen, complete, and without a language.

`Question` holds everything that the answer depends on, so an old answer can be run again and
compared; `Answer` holds codes with parameters, so it can be read in five languages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sapar.values.marks import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sapar.booking.engine.places import FreeDay
    from sapar.cases.engine.referral import ReferralFacts
    from sapar.funding.engine.estimate import Estimate
    from sapar.network.engine.snapshot import Snapshot
    from sapar.proton.engine.promise import CourseOffer
    from sapar.values.marks import Source
    from sapar.values.statements import Statement

LINES = (
    "completeness",
    "identity",
    "indication",
    "centre",
    "payer",
    "visa",
    "calendar",
    "price",
    "stay",
    "rehabilitation",
    "letters",
)
"""The questions, always in this order."""


class LineState(StrEnum):
    """The mark of a line."""

    KNOWN = "known"
    TO_DECIDE = "to-decide"
    MISSING = "missing"
    IMPOSSIBLE = "impossible"


class IdentityState(StrEnum):
    """What the people room says of who this is."""

    NEW = "new"
    KNOWN = "known"
    POSSIBLE = "possible"
    DIFFERENT_BIRTH_DATE = "different-birth-date"
    TOO_LITTLE = "too-little"


@dataclass(frozen=True, slots=True)
class Question:
    """A referral and everything else that the answer depends on.

    Attributes:
        facts: the referral.
        snapshot: the network on `as_of`.
        as_of: the day the answer is given.
        received_on: the day the referral was received; start windows count from it.
        identity: what is known of the person.
        places: programme code to its days with places.
        quota_used: quota code to accepted cases.
        treated_this_year: programme code to cases accepted in the calendar year.
        offers: programme code to what its centre offers, where a scheduler of its own plans it;
            made for the `not_before` and the deadline that `solve.course_needed` says.
    """

    facts: ReferralFacts
    snapshot: Snapshot
    as_of: date
    received_on: date
    identity: IdentityState = IdentityState.TOO_LITTLE
    places: Mapping[str, tuple[FreeDay, ...]] = field(default_factory=dict)
    quota_used: Mapping[str, int] = field(default_factory=dict)
    treated_this_year: Mapping[str, int] = field(default_factory=dict)
    offers: Mapping[str, CourseOffer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a line says what it says: the rule, what it found, its source."""

    rule: str
    statement: Statement
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """What is still not known, and who can tell ("" is nobody in particular)."""

    line: str
    statement: Statement
    who: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """The answer to one of LINES.

    Attributes:
        key: one of LINES.
        state: the mark.
        statement: the answer in one sentence.
        reasons: the rules that led to it, the decisive first.
        changes: what would change it.
    """

    key: str
    state: LineState
    statement: Statement
    reasons: tuple[Reason, ...] = ()
    changes: tuple[Statement, ...] = ()

    @property
    def demonstration(self) -> bool:
        """Whether a reason rests on demonstration data."""
        return any(r.source and r.source.mark is Mark.DEMONSTRATION for r in self.reasons)


@dataclass(frozen=True, slots=True)
class Option:
    """One of two or more close ways, shown side by side.

    Attributes:
        kind: "payer", "programme", "treatment" or "calendar".
        title: what it is.
        points: what speaks for and against it.
        decides: what decides between it and the others.
    """

    kind: str
    title: Statement
    points: tuple[Statement, ...]
    decides: Statement


@dataclass(frozen=True, slots=True)
class Answer:
    """The complete answer: a proposal, people decide.

    Attributes:
        lines: one for each of LINES, in that order.
        options: close alternatives, side by side.
        unknowns: what is still unknown and who can tell.
        programme, indication, centre, agreement, quota: codes proposed, or "".
        start: first feasible first treatment; None if none can be given.
        latest_start: end of the start window; None if none applies.
        apply_by: latest date to apply for the visa; None if nothing is applied for.
        estimate: the price in parts; None without a programme.
        course: the calendar of a programme that is planned by fractions, with its alternatives;
            None where intake places are given.
        fingerprint: the snapshot's.
        as_of: the day it was given.
    """

    lines: tuple[Line, ...]
    options: tuple[Option, ...]
    unknowns: tuple[Unknown, ...]
    fingerprint: str
    as_of: date
    programme: str = ""
    indication: str = ""
    centre: str = ""
    agreement: str = ""
    quota: str = ""
    start: date | None = None
    latest_start: date | None = None
    apply_by: date | None = None
    estimate: Estimate | None = None
    course: CourseOffer | None = None

    def line(self, key: str) -> Line:
        """The line with this key.

        Raises:
            KeyError: it is none of LINES.
        """
        for line in self.lines:
            if line.key == key:
                return line
        raise KeyError(key)

    @property
    def complete(self) -> bool:
        """Whether nothing that the referrer can give is missing."""
        return self.line("completeness").state is LineState.KNOWN
