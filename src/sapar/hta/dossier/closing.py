"""The last parts of a dossier: reporting items, domains, the record of a topic, hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from sapar.hta.dossier.cells import grid, said
from sapar.hta.dossier.parts import Cell, Grid, Head, Pairs, Part, Said
from sapar.hta.engine.dossier import cheers, domains
from sapar.hta.views import words
from sapar.kernel.languages import phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sapar.hta.dossier.asked import Asked
    from sapar.hta.dossier.parts import Block
    from sapar.hta.engine.dossier.cheers import Item


def _written(asked: Asked) -> dict[int, tuple[str, str]]:
    """By item what people wrote, and the reason where it does not apply."""
    return {
        each.number: (each.text, each.reason if each.not_applicable else "") for each in asked.items
    }


def filled(asked: Asked, items: Sequence[Item]) -> int:
    """How many of the items are filled."""
    told = _written(asked)
    return sum(each.filled or any(told.get(each.number, ())) for each in items)


def reporting(asked: Asked, items: Sequence[Item]) -> Part:
    """The 28 items: what the model says, what people wrote, what is open."""
    told = _written(asked)
    count = _("{filled} of {count} reporting items are filled; {own} by the model itself.")
    numbers = {
        "filled": filled(asked, items), "count": cheers.COUNT,
        "own": sum(each.filled for each in items),
    }  # fmt: skip
    lead = Said(count.format(**numbers), "items-1", "lead", params=numbers)
    parts = []
    extra = {each.number: each.said for each in asked.items}
    for item in items:
        blocks: list[Block] = [*said(extra.get(item.number, item.said), f"item-{item.number}")]
        text, reason = told.get(item.number, ("", ""))
        if reason:
            blocks.append(Said(_("Does not apply: {why}").format(why=reason), look="note"))
        if text:
            blocks.append(Said(text, look="quote"))
        if not blocks:
            blocks.append(Said(_("To be written by a person."), look="open"))
        title = f"{item.number}. {phrases.word(f'hta.cheers.{item.number}')}"
        parts.append(Part(f"item-{item.number}", title, tuple(blocks)))
    return Part("items", _("Reporting items (CHEERS 2022)"), (lead,), tuple(parts))


def nine(asked: Asked) -> Part:
    """The nine domains of the Core Model: outline, what people wrote, what is to be written."""
    parts = []
    known = {each.domain: each for each in asked.domains}
    for each in domains.outlines(asked.model, asked.answers):
        seen = known.get(each.domain)
        blocks: list[Block] = [*said(each.said, f"domain-{each.domain}")]
        if seen is not None and seen.text.strip():
            blocks.append(Said(seen.text, look="quote"))
        else:
            blocks += [Said(phrases.word(ask), look="open") for ask in each.asks]
        title = f"{each.domain}: {phrases.word(f'hta.domain.{each.domain}')}"
        parts.append(Part(f"domain-{each.domain}", title, tuple(blocks)))
    return Part("domains", _("The nine domains of the HTA Core Model"), (), tuple(parts))


def record(asked: Asked) -> list[Part]:
    """Evidence, votes and decision of a topic."""
    topic = asked.topic
    if topic is None:
        return []
    parts = []
    if topic.evidence:
        heads = (
            Head(_("Study"), wide=2.2), Head(_("What it shows"), wide=2.2),
            Head(_("Certainty"), wide=0.9), Head(_("Why"), wide=1.6),
        )  # fmt: skip
        rows = tuple(tuple(Cell(text, text) for text in row) for row in topic.evidence)
        table = Grid("evidence-table", _("Evidence"), heads, rows)
        parts.append(Part("evidence", _("Evidence"), (table,)))
    if topic.votes:
        heads_of: list[tuple[str, Any]] = [(_("Verdict"), None), (_("Votes"), words.whole)]
        blocks: list[Block] = [grid("votes", _("Votes"), heads_of, topic.votes)]
        blocks += [Said(text, look="quote") for text in topic.dissent]
        parts.append(Part("votes", _("The vote of the committee"), tuple(blocks)))
    if topic.decision:
        rows_of = tuple((name, text, "") for name, text in topic.decision)
        parts.append(Part("decision", _("The decision"), (Pairs("decision-facts", rows_of),)))
    return parts


def came_from(asked: Asked) -> Part:
    """Document, engine, libraries, seeds and digests: with them anybody gets the same numbers."""
    facts = [
        (_("Model"), asked.version.code, asked.version.label),
        (_("Document"), asked.version.digest, "SHA-256"),
    ]
    engines = {run.engine for run in asked.runs.values() if run.engine}
    facts += [(_("Engine"), each, "SHA-256") for each in sorted(engines)]
    locks = {
        ", ".join(f"{name} {value}" for name, value in run.lock.items())
        for run in asked.runs.values()
        if run.lock
    }
    facts += [(_("Libraries and machine"), each, "") for each in sorted(locks)]
    heads = (
        Head(_("Question"), wide=1.2), Head(_("Options"), wide=1.6), Head(_("Seed"), True, 0.6),
        Head(_("Answer (SHA-256)"), wide=2.2),
    )  # fmt: skip
    rows = []
    for kind, run in asked.runs.items():
        told = "; ".join(f"{name}: {_option(value)}" for name, value in run.options.items())
        rows.append(
            (
                Cell(words.kind(kind), words.kind(kind)), Cell(told, told),
                Cell(str(run.seed), run.seed),
                Cell(run.result_digest, run.result_digest, code=True),
            )
        )  # fmt: skip
    note = _(
        "The same document, options and seeds give the same numbers with this engine. Block b of "
        "the draws of an input begins from the SHA-256 of seed, stream and b; each block has "
        "1,000 draws."
    )
    blocks = (
        Pairs("came-from", tuple(facts)),
        Grid("runs-table", _("Questions"), heads, tuple(rows)),
        Said(note, look="note"),
    )
    return Part("trace", _("Where the numbers come from"), blocks)


def _option(value: Any) -> str:
    if isinstance(value, list):
        if value and isinstance(value[0], int | float):
            return f"{words.figure(value[0])} – {words.figure(value[-1])}"
        return "; ".join(" + ".join(map(str, each)) for each in value) or "–"
    return words.figure(value) if isinstance(value, int | float) else str(value)
