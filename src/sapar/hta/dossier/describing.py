"""The parts of a dossier that a model's document says by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sapar.hta.dossier.cells import number, said
from sapar.hta.dossier.parts import Cell, Chart, Grid, Head, Pairs, Part, Said
from sapar.hta.views import reader, reading, words
from sapar.kernel.languages import formats

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sapar.design.components import Fact
    from sapar.hta.dossier.asked import Asked
    from sapar.hta.dossier.parts import Block
    from sapar.hta.engine.dossier.cheers import Item
    from sapar.hta.engine.dossier.used import Used
    from sapar.hta.engine.model.model import AnyModel, Parameter, Table

SHOWN_USES = 3
"""So many uses of an input stand in the table; the files have all."""


def pairs(key: str, facts: Sequence[Fact]) -> Pairs:
    """Facts of a page."""
    rows = [(str(each.term), str(each.value), str(each.note or "")) for each in facts]
    return Pairs(key, tuple(row for row in rows if row[1] or row[2]))


def question(asked: Asked, items: Sequence[Item]) -> Part:
    """What is asked, about whom, and what is compared."""
    blocks: list[Block] = []
    for n in (3, 5, 7, 8, 9):
        blocks += said(items[n - 1].said, f"question-{n}")
    names = tuple((each.label, each.name, "") for each in asked.model.strategies)
    blocks.append(Said(_("What is compared"), look="lead"))
    blocks.append(Pairs("strategies", tuple((label, "", name) for label, name, _n in names)))
    if asked.topic is not None and asked.topic.question:
        rows = tuple((name, text, "") for name, text in asked.topic.question)
        blocks += [Said(_("The question of the topic"), look="lead"), Pairs("scope", rows)]
    return Part("question", _("The question"), tuple(blocks))


def structure(asked: Asked) -> Part:
    """States and arrows or branches, what is summed, named expressions."""
    model = asked.model
    rest = _("the rest")
    blocks: list[Block] = [Said(reader.kind_words(model), look="lead")]
    drawing = reader.diagram(model)
    if drawing is not None:
        blocks.append(Chart("diagram-chart", drawing))
    if arrows := reading.arrows(model, rest):
        blocks.append(_arrows(arrows))
    if branches := reading.branches_of(model, rest):
        blocks.append(_branches(branches))
    made = (
        ("rewards", _("What is summed"), _rewards(model)),
        ("expressions", _("Named expressions"), _expressions(model)),
    )
    kept = tuple(Part(key, title, (table,)) for key, title, table in made if table.rows)
    return Part("structure", _("The structure"), tuple(blocks), kept)


def _arrows(rows: Sequence[Mapping[str, Any]]) -> Grid:
    heads = (
        Head(_("Arrow"), True, 0.5), Head(_("From")), Head(_("To")),
        Head(_("Chance or time"), wide=2.4), Head(_("Line"), True, 0.5),
    )  # fmt: skip
    made = tuple(
        (
            Cell(row["sign"], row["sign"]), Cell(row["from"], row["from"]),
            Cell(row["to"], row["to"]), Cell(row["text"], row["text"], code=True),
            _line(row["line"]),
        )
        for row in rows
    )  # fmt: skip
    return Grid(
        "transitions", _("Transitions"), heads, made,
        anchors=tuple(f"arrow-{row['sign']}" for row in rows),
    )  # fmt: skip


def _branches(rows: Sequence[Mapping[str, Any]]) -> Grid:
    heads = (
        Head(_("Branch"), wide=1.6), Head(_("Chance"), wide=1.6), Head(_("Pays"), wide=2),
        Head(_("Line"), True, 0.5),
    )  # fmt: skip
    made = []
    for row in rows:
        pays = "; ".join(f"{name}: {text}" for name, text in row["pays"])
        label = row["indent"] + row["label"]
        made.append(
            (
                Cell(label, label), Cell(row["chance"], row["chance"], code=True),
                Cell(pays, pays, code=True), _line(row["line"]),
            )
        )  # fmt: skip
    return Grid("branches", _("Branches"), heads, tuple(made))


def _line(line: int) -> Cell:
    return Cell(str(line), float(line)) if line else Cell("")


def _rewards(model: AnyModel) -> Grid:
    heads = (Head(_("What"), wide=1.2), Head(_("Where"), wide=1.6), Head(_("Pays"), wide=2))
    rows = []
    for reward in reader.rewards(model):
        unit = f"{reward['label']}, {reward['unit']}" if reward["unit"] else reward["label"]
        if reward["per_year"]:
            unit = _("{what} (values for a year)").format(what=unit)
        for k, (where, text) in enumerate(reward["rows"]):
            rows.append(
                (Cell(unit if k == 0 else "", unit), Cell(where, where),
                 Cell(text, text, code=True))
            )  # fmt: skip
    return Grid("rewards-table", _("What is summed"), heads, tuple(rows))


def _expressions(model: AnyModel) -> Grid:
    heads = (Head(_("Name"), wide=1), Head(_("Expression"), wide=3), Head(_("Line"), True, 0.4))
    rows = reader.expressions(model)
    made = tuple(
        (Cell(row["name"], row["name"], code=True), Cell(row["text"], row["text"], code=True),
         _line(row["line"]))
        for row in rows
    )  # fmt: skip
    anchors = tuple(f"expression-{row['name']}" for row in rows)
    return Grid("expressions-table", _("Named expressions"), heads, made, anchors=anchors)


def inputs(asked: Asked) -> Part:
    """Every input with value, unit, law, draws, source, date, mark and where it is used."""
    from sapar.hta.engine.dossier.used import used  # noqa: PLC0415 - needs arrays

    model, uses = asked.model, used(asked.model)
    missing = reader.placeholders(model)
    blocks: list[Block] = []
    if missing:
        told = ngettext(
            "{n} input has no source: it is a placeholder ({names}).",
            "{n} inputs have no source: they are placeholders ({names}).",
            len(missing),
        )
        text = told.format(n=formats.number(len(missing)), names=words.listed(missing))
        blocks.append(Said(text, look="stopped"))
    if doubted := reader.unverified(model):
        told = ngettext(
            "{n} input has a source that nobody verified.",
            "{n} inputs have a source that nobody verified.",
            len(doubted),
        )
        blocks.append(Said(told.format(n=formats.number(len(doubted))), look="act"))
    if unused := reader.unused(model):
        blocks.append(
            Said(_("Nothing uses: {names}").format(names=words.listed(unused)), look="act")
        )
    blocks.append(_inputs(asked, uses))
    drawn = asked.more.get("drawn") or {}
    parts = [Part("draws", _("What was drawn"), (_drawn(asked, drawn),))] if drawn else []
    parts += [_table(each, uses.get(name, ())) for name, each in model.tables.items()]
    return Part("inputs", _("Inputs and their sources"), tuple(blocks), tuple(parts))


def used_words(uses: Sequence[Used], most: int | None = SHOWN_USES) -> str:
    """Where an input is used: places with lines, the first ones."""
    told = (f"{each.place}:{each.line}" if each.line else each.place for each in uses)
    places = list(dict.fromkeys(told))
    shown = "; ".join(places[:most])
    more = len(places) - len(places[:most])
    return _("{places} and {n} more").format(places=shown, n=more) if more else shown


def _inputs(asked: Asked, uses: Mapping[str, Sequence[Used]]) -> Grid:
    heads = (
        Head(_("Input"), wide=1.7), Head(_("Value"), True, 1.1), Head(_("Unit"), wide=0.7),
        Head(_("How it is drawn"), wide=1.6), Head(_("Source"), wide=2.1),
        Head(_("How sure it is"), wide=1.35), Head(_("Used in"), wide=1.6),
    )  # fmt: skip
    rows = zip(reader.parameters(asked.model), asked.model.parameters.values(), strict=True)
    made = tuple(_input(row, each, uses.get(each.name, ())) for row, each in rows)
    anchors = tuple(f"input-{name}" for name in asked.model.parameters)
    return Grid("inputs-table", _("Inputs"), heads, made, anchors=anchors)


def _input(row: Mapping[str, Any], each: Parameter, uses: Sequence[Used]) -> tuple[Cell, ...]:
    texts = [f"{who}: {value}" if who else value for who, value in row["values"]]
    value: float | str
    try:
        value = float(each.values[""].text)
    except (KeyError, ValueError):
        value = "; ".join(texts)
    source = f"{each.source} ({row['read']})" if row["read"] else each.source
    names = row["label"] if row["label"] == each.name else f"{row['label']} [{each.name}]"
    drawn = row["distribution"]
    return (
        Cell(names, names), Cell("; ".join(texts), value, f"input-{each.name}-value"),
        Cell(row["unit"], each.unit), Cell(drawn or _("fixed"), drawn, code=bool(drawn)),
        Cell(source or "–", each.source), Cell(row["word"], row["word"], look=row["meaning"]),
        Cell(used_words(uses) or "–", used_words(uses, None), code=True),
    )  # fmt: skip


def _drawn(asked: Asked, drawn: Mapping[str, Mapping[str, Any]]) -> Grid:
    """What the draws of each input look like, and the stream they come from."""
    heads = (
        Head(_("Input"), wide=2), Head(_("Mean of draws"), True),
        Head(_("Standard deviation"), True),
        Head(_("2.5 % of draws"), True), Head(_("97.5 % of draws"), True),
        Head(_("Stream"), wide=1.2),
    )  # fmt: skip
    rows = []
    for name, row in drawn.items():
        label = asked.model.parameters[name].label or name
        place = f"input-{name}"
        figures = (
            number(row[key], words.figure, f"{place}-{key}")
            for key in ("mean", "sd", "low", "high")
        )
        rows.append((Cell(label, label), *figures, Cell(row["stream"], row["stream"], code=True)))
    return Grid("draws-table", _("What was drawn"), heads, tuple(rows))


def _table(table: Table, uses: Sequence[Used]) -> Part:
    _meaning, word = words.mark(table.mark, table.source)
    read = formats.short_day(table.read) if table.read else ""
    facts = (
        (_("Source"), table.source or "–", read),
        (_("How sure it is"), word, ""),
        (_("Used in"), used_words(uses, None) or "–", ""),
    )
    unit = "" if table.unit in {"", "1"} else f", {table.unit}"
    heads = (Head(_("From"), True), Head(_("Value") + unit, True))
    rows = tuple(
        (
            number(key, words.figure, f"table-{table.name}-{n}-from"),
            number(value, lambda each: words.figure(each, 6), f"table-{table.name}-{n}-value"),
        )
        for n, (key, value) in enumerate(zip(table.keys, table.values, strict=True), 1)
    )
    label = table.label or table.name
    grid = Grid(f"table-{table.name}-rows", label, heads, rows, paper="some")
    return Part(f"table-{table.name}", label, (Pairs(f"table-{table.name}-facts", facts), grid))


def conventions(asked: Asked) -> Part:
    """How it is counted, in words."""
    return Part(
        "conventions", _("How it is counted"),
        (pairs("conventions-facts", reader.settings_facts(asked.model)),),
    )  # fmt: skip
