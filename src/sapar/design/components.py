"""What the components of a page are given: small frozen values, texts already translated.

The template tags in `templatetags/design.py` show them. Views of every room build them;
none of them knows a record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from django.utils.functional import _StrPromise

    Text = str | _StrPromise

Meaning = Literal["done", "waiting", "act", "stopped", ""]
"""The four meanings and no more; "" is plain text without a mark."""

AnswerMark = Literal["known", "to_decide", "missing", "impossible"]
"""How far a line of the answer is settled."""

MEANING_OF_ANSWER: dict[str, Meaning] = {
    "known": "done",
    "to_decide": "waiting",
    "missing": "act",
    "impossible": "stopped",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A place to go: breadcrumb, tab, list in a rail.

    Attributes:
        label: what the reader sees.
        href: the address; "" for the place where the reader is.
        current: whether the reader is there.
        count: how many things wait there; None shows no figure.
        meaning: marks the figure ("act" for lists that burn).
    """

    label: Text
    href: str = ""
    current: bool = False
    count: int | None = None
    meaning: Meaning = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a definition list.

    Attributes:
        term: what it is.
        value: what is known; "" shows a dash and says "not known".
        note: a quieter second line (source, date).
        meaning: marks the value.
    """

    term: Text
    value: object = ""
    note: Text = ""
    meaning: Meaning = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a timeline, newest or oldest first as the view orders them.

    Attributes:
        when: an aware moment; shown in the reader's zone.
        what: one sentence.
        who: the person or organisation that acted, or "".
        meaning: the mark beside it.
        detail: a second, quieter sentence.
        href: where the thing itself is, or "".
    """

    when: datetime
    what: Text
    who: Text = ""
    meaning: Meaning = ""
    detail: Text = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """One of the five tracks of a case.

    Attributes:
        name: the track ("Medical review").
        state: its state in words.
        meaning: the state's meaning.
        since: since when, in words ("since 3 March").
        clock: the nearest clock in words ("due in 2 h"), or "".
        clock_meaning: "act" when it is late, "waiting" when it is near, "" otherwise.
        waits_for: names of other lanes that hold this one up; a line leads to them.
        href: where the track is shown in full, or "".
        key: an id that is unique on the page, or "".
    """

    name: Text
    state: Text
    meaning: Meaning = "waiting"
    since: Text = ""
    clock: Text = ""
    clock_meaning: Meaning = ""
    waits_for: tuple[Text, ...] = ()
    href: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a line of the answer says what it says.

    Attributes:
        rule: the rule in one sentence.
        source: title of the paper, law or agreement.
        dated: its date in words, or "".
        trust: the mark of the source in words ("demonstration", "not verified"), or "".
        url: where it can be read, or "".
        would_change: what would change the line, or "".
    """

    rule: Text
    source: Text = ""
    dated: Text = ""
    trust: Text = ""
    url: str = ""
    would_change: Text = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One of several close alternatives.

    Attributes:
        title: its name.
        facts: what to compare; the same terms in the same order in every option.
        decides: what speaks for it, in one sentence.
        chosen: whether the proposal takes it.
        meaning: a mark beside the title.
        word: the mark's word.
    """

    title: Text
    facts: tuple[Fact, ...] = ()
    decides: Text = ""
    chosen: bool = False
    meaning: Meaning = ""
    word: Text = ""


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One question of the answer.

    Attributes:
        question: "who pays?"; always in the same order on the page.
        mark: how far it is settled.
        statement: the answer in one or two sentences.
        reasons: what "why" opens; empty shows no "why".
        options: close alternatives, shown side by side.
        who_can_tell: whom to ask when something is missing, or "".
        decision: what people decided, with name and date, or "".
        key: an id that is unique on the page, or "".
    """

    question: Text
    mark: AnswerMark
    statement: Text
    reasons: tuple[Reason, ...] = ()
    options: tuple[Option, ...] = ()
    who_can_tell: Text = ""
    decision: Text = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class PageProblem:
    """One line of an error summary.

    Attributes:
        what: what is wrong and what to do.
        href: "#id" of the field, or "".
    """

    what: Text
    href: str = ""
