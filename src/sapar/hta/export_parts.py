"""Sheets of what not every answer has: centres, groups, limits, scenarios, tests, tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sapar.hta.engine.model.model import AnyModel

Cell = str | float | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table.

    Attributes:
        name: on the tab; what Excel does not allow is left out.
        header: one text for each column.
        rows: of cells; None is an empty cell.
    """

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def tables(model: AnyModel) -> list[Sheet]:
    """Values by age, time or cycle, with their sources; nothing where there are none."""
    header = (
        _("Name"), _("Table"), _("From"), _("Value"), _("Unit"), _("Source"), _("Read on"),
        _("Mark"),
    )  # fmt: skip
    rows = [
        (
            each.name, each.label or each.name, key, value, each.unit, each.source,
            None if each.read is None else each.read.isoformat(),
            each.mark if each.source else _("placeholder"),
        )
        for each in model.tables.values()
        for key, value in zip(each.keys, each.values, strict=True)
    ]  # fmt: skip
    return [Sheet(_("Tables"), header, rows)] if rows else []


def _facility(_model: AnyModel, rows: Sequence[Mapping[str, Any]]) -> list[Sheet]:
    header = (
        _("Centre"), _("Investment"), _("Year"), _("A year"), _("Fractions a year"), _("Capacity"),
        _("Use of capacity"), _("A fraction"), _("A course"),
    )  # fmt: skip
    centres = [
        (
            row["label"], row["investment"], k + 1, yearly, row["treated"][k], row["capacity"],
            row["utilisation"] if row["capacity"] is not None else None,
            row["cost_per_fraction"], row["cost_per_course"],
        )
        for row in rows
        for k, yearly in enumerate(row["yearly"])
    ]  # fmt: skip
    items = [
        (row["label"], item["group"], item["name"], item["yearly"], item["share"])
        for row in rows
        for item in row["items"]
    ]
    of_items = (_("Centre"), _("Kind"), _("Item"), _("A year"), _("Share"))
    return [Sheet(_("Centres"), header, centres), Sheet(_("Centres, items"), of_items, items)]


def _equity(_model: AnyModel, found: Mapping[str, Any]) -> list[Sheet]:
    header = (
        _("Group"), _("Region"), _("Income"), _("Distance"), _("Share"), _("Before"), _("Gained"),
        _("Displaced"), _("After"), _("Net health of the group"),
    )  # fmt: skip
    keys = (
        "label", "region", "income", "distance", "share", "before", "gained", "displaced", "after",
        "net_health",
    )  # fmt: skip
    groups = [tuple(row[key] for key in keys) for row in found["groups"]]
    said: list[tuple[Cell, Cell]] = [
        (_("People"), found["population"]),
        (_("Index"), found["index"]),
        (_("Aversion to inequality"), found["aversion"]["value"]),
        (_("Source of the aversion"), found["aversion"]["source"] or _("placeholder")),
        (_("Health"), found["health"]),
        (_("Equity"), found["equity"]),
        (_("Welfare"), found["welfare"]),
        (_("The sign of welfare turns at"), found["flips_at"]),
    ]
    for when, label in (("before", _("Before")), ("after", _("After"))):
        said += [(f"{label}: {name}", value) for name, value in found["indices"][when].items()]
    sweep = [(row["aversion"], row["welfare"]) for row in found["sweep"]]
    return [
        Sheet(_("Groups"), header, groups),
        Sheet(_("Welfare"), (_("What"), _("Value")), said),
        Sheet(_("Aversion"), (_("Aversion to inequality"), _("Welfare")), sweep),
    ]


def _eligibility(_model: AnyModel, found: Mapping[str, Any]) -> list[Sheet]:
    words = {
        "limit": _("Benefit from which to treat"),
        "share": _("Share of patients treated"),
        "all_treated": _("Net benefit for one if all are treated"),
        "best": _("Net benefit for one at the limit"),
        "individual": _("Worth for one of choosing by patient"),
        "knowing": _("Worth for one of exact predictions"),
        "health": _("Health for one"),
        "cost": _("Cost for one"),
    }
    said: list[tuple[Cell, Cell]] = [(label, found[key]) for key, label in words.items()]
    yearly = {
        "patients": _("Patients a year"),
        "treated": _("Of them treated"),
        "individual": _("Worth a year of choosing by patient"),
        "knowing": _("Worth a year of exact predictions"),
    }
    if found["yearly"] is not None:
        said += [(label, found["yearly"][key]) for key, label in yearly.items()]
    curve = [(row["limit"], row["net_benefit"]) for row in found["curve"]]
    return [
        Sheet(_("Whom to treat"), (_("What"), _("Value")), said),
        Sheet(_("Limits"), (words["limit"], _("Net benefit for one")), curve),
    ]


def _scenarios(model: AnyModel, rows: Sequence[Mapping[str, Any]]) -> list[Sheet]:
    labels = {each.name: each.label for each in model.strategies}
    cost, effect = (model.rewards[name].label for name in (model.cost, model.effect))
    header = (
        _("Scenario"), _("Strategy"), cost, effect, _("Status"), _("Cost of one more unit"),
        _("Same frontier"),
    )  # fmt: skip
    cells = [
        (
            row["label"] or row["scenario"] or _("as the model says"), labels[name], each["cost"],
            each["effect"], each["status"], each["icer"],
            _("yes") if row["same_frontier"] else _("no"),
        )
        for row in rows
        for name, each in row["strategies"].items()
    ]  # fmt: skip
    return [Sheet(_("Scenarios"), header, cells)]


def _verification(_model: AnyModel, found: Mapping[str, Any]) -> list[Sheet]:
    from sapar.hta import verification_words as words  # noqa: PLC0415 - needs the engine

    header = (
        _("Group"), _("Test"), _("What must hold"), _("Result"), _("What was found"), _("Found"),
        _("Expected"),
    )  # fmt: skip
    rows = [
        (
            words.group(row["group"]), row["id"], words.says(row), words.status(row["status"]),
            words.sentence(row), row["found"] or None, row["expected"] or None,
        )
        for row in found["tests"]
    ]  # fmt: skip
    return [Sheet(_("Verification"), header, rows)]


PARTS: dict[str, Callable[[AnyModel, Any], list[Sheet]]] = {
    "facility": _facility,
    "equity": _equity,
    "eligibility": _eligibility,
    "scenarios": _scenarios,
    "verification": _verification,
}
"""By key of an answer, what makes its sheets."""
