"""Sent names to the report's names: a table first, then likeness, never a silent guess.

The rule, in this order:

1. What a person at this site has confirmed before counts.
2. The same words as in the table (letter case, separators, script and order do not count) are the
   name, if side and level agree; a target, a margin (PRV), a planning helper are told by their own
   words.
3. Else the name whose words are most alike is proposed, with its score. Below `SURE`, or where a
   second name is within `MARGIN`, or where the side, the level or a number is not explained,
   no name is given: a person chooses among the alternatives.
4. Left never meets right, and upper never lower: such names are no alternatives at all.
5. Two sent names for one name are a conflict: neither keeps it, unless one was confirmed by a
   person, or one is the table's word for word and the other only alike.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from sapar.proton.engine.selection.names.parse import Form, Parsed, parse
from sapar.proton.engine.selection.names.read import NOT_USED
from sapar.proton.engine.selection.names.words import similarity, tidy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sapar.proton.engine.selection.names.read import Table

SURE: Final = 0.85
"""Below this likeness no name is given: our choice, measured on the specimen names of the tests."""
SHOWN: Final = 0.5
"""Below this likeness a name is not even an alternative."""
MARGIN: Final = 0.05
"""A second name so near in likeness makes the first unsure."""
CAPPED: Final = 0.8
"""The most that a name gets whose side, level or number is not explained."""
MOST_ALTERNATIVES: Final = 6

REMEMBERED, TABLE, SPELLING = "remembered", "table", "spelling"
UNSURE, SIDE, CONFLICT = "unsure", "side", "conflict"
HELPER, DERIVED, UNKNOWN = "helper", "derived", "unknown"
HOWS: Final = (REMEMBERED, TABLE, SPELLING, UNSURE, SIDE, CONFLICT, HELPER, DERIVED, UNKNOWN)
"""How a match came about: see `Match.how`."""


@dataclass(frozen=True, slots=True)
class Match:
    """What a sent name is taken for.

    Attributes:
        sent: as given.
        name: the report's name; "-" not used by selection; "" to be said by a person.
        score: 0 to 1; of the best alternative where `name` is "".
        how: "remembered" (a person at this site), "table" (word for word), "spelling" (alike),
            "unsure" (below the stated score, or two names near), "side" (the side is missing or
            relative), "conflict" (two sent names for one), "helper" (serves planning only),
            "derived" (a part or a difference of structures), "unknown" (nothing is alike).
        alternatives: (name, score), the best first; a person chooses.
        others: the other sent names of a conflict.
    """

    sent: str
    name: str
    score: float
    how: str
    alternatives: tuple[tuple[str, float], ...] = ()
    others: tuple[str, ...] = field(default=())

    @property
    def asks(self) -> bool:
        """Whether a person must say it: no name is given."""
        return not self.name


def _with_margin(name: str, margin: str) -> str:
    """The name of an organ with its margin: before the side, as the report has it."""
    if not margin:
        return name
    base, _, side = name.rpartition("_")
    return f"{base}{margin}_{side}" if side in {"L", "R"} and base else f"{name}{margin}"


def _meets(said: Form, wanted: Form) -> bool | None:
    """True: side and level agree; None: one is silent; False: they contradict each other."""
    if said.level and wanted.level and said.level != wanted.level:
        return False
    if {said.side, wanted.side} == {"L", "R"} or {said.side, wanted.side} == {"?", "B"}:
        return False
    if said.side == "B" and wanted.side in {"L", "R"}:
        return False
    if wanted.side == "B" and said.side in {"L", "R"}:
        return False
    return True if said.side == wanted.side and said.level == wanted.level else None


def _alternatives(parsed: Parsed, table: Table) -> list[tuple[float, bool, str]]:
    """(likeness, whether side and level agree, name), the best form of each name."""
    found: dict[str, tuple[float, bool]] = {}
    likeness: dict[tuple[str, ...], float] = {}
    for form, name in table.forms:
        meets = _meets(parsed.form, form)
        if meets is False:
            continue
        near = likeness.get(form.words)
        if near is None:
            near = likeness[form.words] = similarity(parsed.form.words, form.words)
        if near >= SHOWN:
            found[name] = max(found.get(name, (0.0, False)), (near, bool(meets)))
    return sorted(
        ((near, meets, name) for name, (near, meets) in found.items()),
        key=lambda each: (-each[0], not each[1], each[2]),
    )


def _told(sent: str, parsed: Parsed) -> Match | None:
    """What its own words tell without the table: targets, helpers, differences."""
    if parsed.helper:
        return Match(sent, NOT_USED, 1.0, HELPER)
    if parsed.target and not parsed.derived:
        name = parsed.target.name
        if parsed.form.words or parsed.left_over or parsed.form.side:
            return Match(sent, "", CAPPED, UNSURE, ((name, CAPPED),))
        return Match(sent, name, 1.0, TABLE, ((name, 1.0),))
    if parsed.derived:
        return Match(sent, "", 0.0, DERIVED)
    return None


def _scored(sent: str, parsed: Parsed, table: Table) -> Match:
    """The same words, or else the most alike name of the table."""
    exact = table.exact(parsed.form)
    if exact and not parsed.left_over:
        name = _with_margin(exact, parsed.margin)
        return Match(sent, name, 1.0, TABLE, ((name, 1.0),))
    found = _alternatives(parsed, table)
    if not found:
        return Match(sent, "", 0.0, UNKNOWN)
    doubtful = bool(parsed.left_over)
    shown = tuple(
        (
            _with_margin(name, parsed.margin),
            round(near if meets and not doubtful else min(near, 1.0) * CAPPED, 3),
        )
        for near, meets, name in found
    )
    shown = tuple(sorted(shown, key=lambda each: (-each[1], each[0])))[:MOST_ALTERNATIVES]
    best, meets, first = found[0]
    name = _with_margin(first, parsed.margin)
    if not meets or doubtful:
        side = parsed.form.side in {"", "?"} and any(n[-2:] in {"_L", "_R"} for n, _ in shown)
        return Match(sent, "", shown[0][1], SIDE if side and not meets else UNSURE, shown)
    second = max((near if meets else near * CAPPED for near, meets, _ in found[1:]), default=0.0)
    if best < 1.0 and (best < SURE or second > best - MARGIN):
        return Match(sent, "", round(best, 3), UNSURE, shown)
    return Match(sent, name, round(best, 3), TABLE if best == 1.0 else SPELLING, shown)


def propose(sent: str, table: Table) -> Match:
    """What one sent name is taken for, without its neighbours and without memory."""
    parsed = parse(sent, table.rules, table.known)
    own = tidy(sent)
    if own in table.names:  # the report's own name is itself, whatever its words say
        return Match(sent, own, 1.0, TABLE, ((own, 1.0),))
    return _told(sent, parsed) or _scored(sent, parsed, table)


_RANK: Final = {REMEMBERED: 2, TABLE: 1, SPELLING: 0}


def _settled(found: Sequence[Match]) -> list[Match]:
    """The matches with conflicts named: two sent names, or one sent twice, for one name."""
    holders: dict[str, list[Match]] = {}
    for match in found:
        if match.name and match.name != NOT_USED:
            holders.setdefault(match.name, []).append(match)
    settled = []
    for match in found:
        rivals = holders.get(match.name, [])
        if len(rivals) < 2:
            settled.append(match)
            continue
        ranks = Counter(_RANK[each.how] for each in rivals)
        highest = max(ranks)
        if _RANK[match.how] == highest and ranks[highest] == 1:
            settled.append(match)
            continue
        others = sorted(each.sent for each in rivals if each is not match)
        shown = match.alternatives or ((match.name, match.score),)
        settled.append(
            replace(match, name="", how=CONFLICT, alternatives=shown, others=tuple(others))
        )
    return settled


def match(sent: Sequence[str], table: Table, remembered: Mapping[str, str]) -> list[Match]:
    """What each sent name is taken for, in the given order; the order itself decides nothing.

    Args:
        sent: the names of a structure set; the same name twice is a conflict with itself.
        table: of the data file.
        remembered: what a person confirmed for this site: sent name (tidied) to the report's name
            or "-".
    """
    found = []
    for each in sent:
        kept = remembered.get(tidy(each))
        if kept:
            found.append(Match(each, kept, 1.0, REMEMBERED, ((kept, 1.0),)))
        else:
            found.append(propose(each, table))
    return _settled(found)
