"""Results as an Excel file: one sheet for each part of an answer, every number as a number."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import xlsxwriter
from django.utils.translation import gettext as _

from sapar.hta.export_parts import PARTS, Cell, Sheet, tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sapar.hta.engine.model.model import AnyModel

__all__ = ["Cell", "Sheet", "sheets_of", "workbook"]
RUN = frozenset("=+-@\t\r")
"""With these signs a text begins that a spreadsheet would run."""
LONGEST_NAME = 31
"""Characters of a sheet's name, as Excel allows."""
# A fixed day, so that the same answer gives the same bytes.
_CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def workbook(sheets: Sequence[Sheet], title: str) -> bytes:
    """An Excel file. Texts stay texts: nothing in them becomes a formula or a link.

    A text that a spreadsheet would run is marked as text, so that it stays one when somebody edits
    the cell or saves the sheet as CSV.
    """
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": title, "created": _CREATED.replace(tzinfo=None)})
        bold = book.add_format({"bold": True, "bottom": 1})
        quoted = book.add_format({"quote_prefix": True})
        for name, sheet in _named(sheets).items():
            page = book.add_worksheet(name)
            page.freeze_panes(1, 0)
            for k, text in enumerate(sheet.header):
                page.write_string(0, k, text, bold)
                page.set_column(k, k, _width(sheet, k))
            for number, row in enumerate(sheet.rows, 1):
                for k, cell in enumerate(row):
                    _write(page, (number, k), cell, quoted)
    return out.getvalue()


def _write(page: Any, place: tuple[int, int], cell: Cell, quoted: Any) -> None:
    row, column = place
    if cell is None:
        return
    if isinstance(cell, str):
        page.write_string(row, column, cell, quoted if cell[:1] in RUN else None)
    elif cell != cell or cell in {float("inf"), float("-inf")}:  # noqa: PLR0124 - not a number
        page.write_string(row, column, str(cell))
    else:
        page.write_number(row, column, cell)


def _width(sheet: Sheet, column: int) -> float:
    texts = [sheet.header[column], *(str(row[column]) for row in sheet.rows if len(row) > column)]
    return float(min(60, 2 + max(len(text) for text in texts)))


def _named(sheets: Sequence[Sheet]) -> dict[str, Sheet]:
    """Sheets by a name that Excel takes; of equal ones the later get a number."""
    found: dict[str, Sheet] = {}
    for sheet in sheets:
        plain = re.sub(r"[\[\]:*?/\\]", " ", sheet.name).strip("' ")[:LONGEST_NAME] or "-"
        name, number = plain, 2
        while name.casefold() in {each.casefold() for each in found}:
            ending = f" {number}"
            name, number = plain[: LONGEST_NAME - len(ending)] + ending, number + 1
        found[name] = sheet
    return found


def sheets_of(model: AnyModel, answers: Mapping[str, Any]) -> list[Sheet]:
    """The sheets of what was worked out.

    Args:
        model: of the answers.
        answers: any of `run` (`report.run` or `report.run_with_draws`), `sensitivity`, `voi`
            (`report.information`), `budget` (`budget.report.report`), `facility`, `equity`,
            `eligibility` (the reports of their engines), `scenarios` (`report_value.scenarios`) and
            `verification` (`verify.as_document`).
    """
    found = [_about(model, answers), _inputs(model), *tables(model)]
    if "run" in answers:
        found += _base(model, answers["run"])
        if "psa" in answers["run"]:
            found += _draws(model, answers["run"]["psa"])
    if "sensitivity" in answers:
        found.append(_sensitivity(answers["sensitivity"]))
    if "voi" in answers:
        found.append(_information(answers["voi"]))
    if "budget" in answers:
        found += _budget(answers["budget"])
    for name, make in PARTS.items():
        if name in answers:
            found += make(model, answers[name])
    return found


def _about(model: AnyModel, answers: Mapping[str, Any]) -> Sheet:
    settings = model.settings
    rows: list[tuple[Cell, Cell]] = [
        (_("Model"), model.title),
        (_("Name"), model.id),
        (_("Version"), model.version),
        (_("Currency"), settings.currency),
        (_("Price year"), settings.price_year),
        (_("Perspective"), settings.perspective),
    ]
    conventions = answers.get("run", {}).get("conventions")
    if conventions is not None:
        rows += [
            (_("Within a cycle"), conventions["within_cycle"]),
            (_("Discounting"), conventions["discounting"]),
            (_("Cycles"), conventions["cycles"]),
            (_("Years of a cycle"), conventions["cycle_years"]),
        ]
        for name, steps in conventions["discount"].items():
            said = "; ".join(f"{since:g}: {rate:g}" for since, rate in steps)
            rows.append((_("Discount rate from year: {name}").format(name=name), said))
    psa = answers.get("run", {}).get("psa")
    if psa is not None:
        rows += [(_("Draws"), psa["draws"]), (_("Seed"), psa["seed"])]
    money = answers.get("run", {}).get("money")
    for step in () if money is None else money["steps"]:
        rows.append((_("Rate: {row}").format(row=step["row"]), step["factor"]))
    return Sheet(_("About"), (_("What"), _("Value")), rows)


def _inputs(model: AnyModel) -> Sheet:
    header = (
        _("Name"), _("Input"), _("Value"), _("Unit"), _("Distribution"), _("Source"), _("Read on"),
        _("Mark"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for each in model.parameters.values():
        values = "; ".join(
            value.text if not name else f"{name}: {value.text}"
            for name, value in each.values.items()
        )
        number = _number(values)
        rows.append(
            (
                each.name,
                each.label,
                values if number is None else number,
                each.unit,
                None if each.distribution is None else each.distribution.text,
                each.source,
                None if each.read is None else each.read.isoformat(),
                each.mark if each.source else _("placeholder"),
            )
        )
    return Sheet(_("Inputs"), header, rows)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _base(model: AnyModel, answer: Mapping[str, Any]) -> list[Sheet]:
    labels = {each.name: each.label for each in model.strategies}
    cost, effect = (model.rewards[name].label for name in (model.cost, model.effect))
    header = (
        _("Strategy"), cost, effect, _("Status"), _("Against"), _("More: {name}").format(name=cost),
        _("More: {name}").format(name=effect), _("Cost of one more unit"),
    )  # fmt: skip
    rows = [
        (
            each["label"], each["cost"], each["effect"], each["status"],
            labels.get(each["against"] or ""), each["more_cost"], each["more_effect"],
            each["icer"],
        )
        for each in answer["strategies"]
    ]  # fmt: skip
    names = list(model.rewards)
    totals = [
        (
            row["label"],
            *(row["totals"].get(name) for name in names),
            *(row["undiscounted"].get(name) for name in names),
        )
        for row in answer["strategies"]
    ]
    plain = [model.rewards[name].label for name in names]
    undiscounted = [_("{name}, undiscounted").format(name=each) for each in plain]
    return [
        Sheet(_("Base case"), header, rows),
        Sheet(_("Totals"), (_("Strategy"), *plain, *undiscounted), totals),
    ]


def _draws(model: AnyModel, psa: Mapping[str, Any]) -> list[Sheet]:
    labels = {each.name: each.label for each in model.strategies}
    error = _("Standard error")
    cost, effect = (model.rewards[name].label for name in (model.cost, model.effect))
    means = [
        (labels[each["strategy"]], each["cost"], each["cost_error"], each["effect"],
         each["effect_error"])
        for each in psa["means"]
    ]  # fmt: skip
    rows = [
        (each["threshold"], labels[each["best"]], labels[name], each["chances"][name],
         each["chances_error"][name], each["loss"][name], each["evpi"], each["evpi_error"])
        for each in psa["thresholds"]
        for name in labels
    ]  # fmt: skip
    header = (
        _("Threshold"), _("Best"), _("Strategy"), _("Chance of being best"), error,
        _("Expected loss"), _("Worth of knowing everything"), error,
    )  # fmt: skip
    return [
        Sheet(_("Draws"), (_("Strategy"), cost, error, effect, error), means),
        Sheet(_("Thresholds"), header, rows),
    ]


def _sensitivity(rows: Sequence[Mapping[str, Any]]) -> Sheet:
    header = (
        _("Name"), _("Input"), _("Base"), _("Low"), _("High"), _("Net benefit at low"),
        _("Net benefit at high"), _("Turns at"), _("Moves anything"),
    )  # fmt: skip
    keys = (
        "parameter", "label", "base", "low", "high", "net_benefit_low", "net_benefit_high",
        "turns_at",
    )  # fmt: skip
    cells = [(*(row[key] for key in keys), _("yes") if row["moves"] else _("no")) for row in rows]
    return Sheet(_("Sensitivity"), header, cells)


def _information(found: Mapping[str, Any]) -> Sheet:
    rows: list[tuple[Cell, ...]] = [
        (_("everything"), found["evpi"], found["evpi_error"], _("yes")),
    ]
    rows += [
        (", ".join(row["names"]), row["value"], row["error"],
         _("yes") if row["adequate"] else _("no"))
        for row in found["evppi"]
    ]  # fmt: skip
    header = (_("Known"), _("Worth for one person"), _("Standard error"), _("To be believed"))
    return Sheet(_("Information"), header, rows)


def _budget(found: Mapping[str, Any]) -> list[Sheet]:
    header = [_("Payer"), _("Year"), _("Without"), _("With"), _("Difference")]
    uncertain = any("uncertainty" in row for row in found["payers"])
    if uncertain:
        header += [_("Mean of draws"), _("2.5 % of draws"), _("97.5 % of draws")]
    rows: list[tuple[Cell, ...]] = []
    for row in found["payers"]:
        for k, year in enumerate(found["years"]):
            more = (
                [row["uncertainty"][key][k] for key in ("mean", "low", "high")] if uncertain else []
            )
            name = row["payer"] or _("All payers together")
            money = (row[key][k] for key in ("without", "with", "difference"))
            rows.append((name, year, *money, *more))
    people = [
        (_("Without") if key == "without" else _("With"), name, year, starts[k])
        for key in ("without", "with")
        for name, starts in found["people"][key]["starts"].items()
        for k, year in enumerate(found["years"])
    ]
    return [
        Sheet(_("Budget"), header, rows),
        Sheet(_("People"), (_("Course"), _("Strategy"), _("Year"), _("Starts")), people),
    ]
