"""What the report says, in the reader's language and as plain data; `as_pdf` puts it on paper.

The sentences are those of the page (`views.selection_shown`): nothing is worded twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.text import capfirst
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from sapar.design.charts.scale import round_ticks
from sapar.kernel.languages import formats
from sapar.proton.report.chart import drawn
from sapar.proton.views import dvh_charts, selection_shown, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sapar.proton.engine.selection.dvh.histogram import DoseVolume
    from sapar.proton.queries.selection import SelectionSeen
    from sapar.values.statements import Problem

MOST_CHARTS: Final = 10
QUARTERS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
SHORT: Final = 16
"""Digits of a SHA-256 that stand beside a version of data; the page's record has all."""


Block = dict[str, Any]
"""A part of the report as plain data; its "kind" says what it is."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a report is made of.

    Attributes:
        seen: the version, answered, with its documents.
        case_number: of the case.
        name: of the patient as the reader may know it, or "".
        study_findings: what the check of the study found.
        centre: whose report it is, or "".
    """

    seen: SelectionSeen
    case_number: str
    name: str = ""
    study_findings: tuple[Problem, ...] = ()
    centre: str = ""


def moment_of(seen: SelectionSeen) -> datetime:
    """The last thing that happened to a version: it dates the file, so that bytes stay the same."""
    moments = [seen.answered_at or seen.asked_at, *(each.at for each in seen.opinions)]
    return max(moments)


Cell = str | tuple[str, str]
"""A text, or a text and the meaning of its mark."""


def _cell(cell: Cell) -> dict[str, str]:
    text, look = cell if isinstance(cell, tuple) else (cell, "")
    return {"text": str(text), "look": look}


def _table(heads: Sequence[tuple[str, bool, float]], rows: Iterable[Sequence[Cell]]) -> Block:
    """A table: label, whether numbers, and width of each column."""
    return {
        "kind": "table",
        "heads": [{"label": name, "number": right, "wide": wide} for name, right, wide in heads],
        "rows": [[_cell(cell) for cell in row] for row in rows],
    }


def _said(text: str, look: str = "") -> Block:
    return {"kind": "sentence", "text": text, "look": look}


def _facts(rows: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {"kind": "facts", "rows": [[str(name), str(value)] for name, value in rows]}


def _part(title: str, *blocks: Block | None) -> dict[str, Any]:
    return {"title": title, "blocks": [each for each in blocks if each is not None]}


def content(report: Report) -> dict[str, Any]:
    """The whole report as plain data, in the active language."""
    seen = report.seen
    told = selection_shown.told(seen)
    day = moment_of(seen).date()
    parts = [
        _part(_("What the rule says"), *_verdict(told)),
        _part(_("Complications"), *_endpoints(told)),
        _part(_("Organ by organ"), *_organs(told)),
        _part(_("Dose and volume"), *_charts(seen, told)),
        _part(_("What would change the verdict"), *_changes(told)),
        _part(_("What the check of the study found"), *_findings(report)),
        _part(_("What the panel decided"), *_panel(seen)),
        _part(_("Models and rules, with their sources"), *_sources(told)),
        _part(_("With what it was worked out"), *_versions(seen)),
    ]
    who = " · ".join(
        each for each in (report.case_number, report.name, report.centre, formats.day(day)) if each
    )
    return {
        "title": _("Protons or photons"),
        "kind": _("Report for the panel, version {number}").format(number=seen.number),
        "lead": who,
        "label": _(
            "Decision support. It says who should be planned with protons; it plans no treatment,"
            " and people decide."
        ),
        "foot": " · ".join((report.case_number, _("Decision support"))),
        "language": get_language() or "en",
        "day": [day.year, day.month, day.day],
        "parts": [each for each in parts if each["blocks"]],
    }


def _verdict(told: Mapping[str, Any]) -> list[Block | None]:
    rules = [
        (
            each["rule"],
            each["value"],
            each["interval"] or "–",
            each["share"],
            (each["word"], each["meaning"]),
            each["mark"],
        )
        for each in told["thresholds"]
    ]
    heads = (
        (_("Threshold"), False, 3.0), (_("Points"), True, 1.0), (_("95 of 100 draws"), True, 1.2),
        (_("Share of draws"), True, 1.0), (_("Result"), False, 1.4), (_("Source"), False, 1.6),
    )  # fmt: skip
    return [
        _said(told["sentence"], told["meaning"]),
        # What the numbers say stands before how often "the same" comes out.
        _said(told["points_to"], "open") if told["points_to"] else None,
        _said(told["confidence"]) if told["confidence"] else None,
        *(_said(text) for text in (*told["reasons"], *told["more"])),
        _table(heads, rules) if rules else None,
        _facts(
            [(str(fact.term), str(fact.value)) for fact in told["facts"]]
            + [(pgettext("comparison", "Stage"), told["stage"])]
        ),
        _said(told["proton_note"], "note"),
    ]


def _endpoints(told: Mapping[str, Any]) -> list[Block | None]:
    heads = (
        (_("Complication"), False, 2.6), (_("Photons"), True, 1.0), (_("Protons"), True, 1.0),
        (_("Difference, points"), True, 1.1), (_("95 of 100 draws"), True, 1.3),
        (_("At most, no dose"), True, 1.0), (_("Source"), False, 1.6),
    )  # fmt: skip
    rows = [
        (
            each["name"] + ("" if each["decides"] else " (" + _("does not decide") + ")"),
            each["photon"], each["proton"], each["difference"], each["interval"] or "–",
            each["zero"], each["marks"],
        )
        for each in told["endpoints"]
    ]  # fmt: skip
    doubts = sorted({each["doubt"] for each in told["endpoints"] if each["doubt"]})
    return [_table(heads, rows) if rows else None, *(_said(text, "note") for text in doubts)]


def _organs(told: Mapping[str, Any]) -> list[Block | None]:
    heads = (
        (_("Structure"), False, 2.2), (_("Photons, Gy"), True, 1.0), (_("Protons, Gy"), True, 1.0),
        (_("Uncertain"), False, 1.5), (_("Difference, Gy"), True, 1.0), (_("Result"), False, 1.4),
    )  # fmt: skip
    rows = [
        (
            row["name"], row["photon"], row["proton"], row["note"], row["difference"],
            (str(row["word"]), row["meaning"]),
        )
        for row in (*told["organs"], *told["others"])
    ]  # fmt: skip
    note = _("Mean doses. Those that the models of the rule read stand first.")
    return [_table(heads, rows) if rows else None, _said(note, "note") if rows else None]


def _charts(seen: SelectionSeen, told: Mapping[str, Any]) -> list[Block | None]:
    question = seen.question or {}
    photons = (question.get("photon") or {}).get("organs", {})
    protons = (question.get("proton") or {}).get("organs", {})
    pairs = [
        (name, dvh_charts.histogram(photons.get(name)), dvh_charts.histogram(protons.get(name)))
        for name in told["dvh_organs"]
    ]
    shown = [pair for pair in pairs if pair[1] is not None][:MOST_CHARTS]
    if not shown:
        return []
    tops = [curve.maximum_gy for _n, *both in shown for curve in both if curve is not None]
    most = max(round_ticks(0.0, max([*tops, 1.0]), 4))
    drawings = [_chart(*pair, most) for pair in shown]
    told_apart = _(
        "Share of the volume that gets at least a dose. Solid: photons; dashed: protons."
    )
    return [_said(told_apart, "note"), {"kind": "drawings", "drawings": drawings}]


def _chart(
    name: str, photon: DoseVolume | None, proton: DoseVolume | None, most: float
) -> dict[str, str]:
    """The curves of one organ; its words for those who do not see it have the mean doses."""
    said = [_("{organ}: share of the volume by dose").format(organ=name)]
    curves = []
    for label, curve in ((_("Photons"), photon), (_("Protons"), proton)):
        if curve is not None:
            curves.append(dvh_charts.points_of(curve, most))
            gy = words.decimal(round(curve.mean_gy, 1))
            said.append(_("{what}: mean {gy} Gy").format(what=label, gy=gy))
    ticks = [(tick, words.decimal(tick)) for tick in round_ticks(0.0, most, 4) if tick <= most]
    shares = [(each, f"{round(100 * each)} %") for each in QUARTERS]
    svg = drawn(curves, most, ticks, shares, _("Dose, Gy"))
    return {"svg": svg, "title": name, "alt": "; ".join(said)}


def _changes(told: Mapping[str, Any]) -> list[Block | None]:
    missing = told["missing"]
    blocks: list[Block | None] = [_said(text) for text in told["changes"]]
    if not told["changes"]:
        blocks.append(_said(_("Nothing small: no single dose or fact turns it.")))
    if missing["organs"] or missing["patient"]:
        blocks.append(_said(_("Missing, and counted with bounds:"), "lead"))
        blocks += [_said(text) for text in (*missing["organs"], *missing["patient"])]
    return blocks


def _findings(report: Report) -> list[Block | None]:
    every = selection_shown.problems((*report.study_findings, *report.seen.findings))
    if not every:
        return [_said(_("Nothing was found."))]
    rows = [
        (each["what"], each["remedy"], (_("stops"), "stopped") if each["fatal"] else "")
        for each in every
    ]
    heads = ((_("Finding"), False, 2.6), (_("What helps"), False, 2.2), ("", False, 0.6))
    return [_table(heads, rows)]


def _panel(seen: SelectionSeen) -> list[Block | None]:
    if not seen.opinions:
        return [_said(_("The panel has not decided on this version."))]
    rows = []
    for each in seen.opinions:
        told = selection_shown.opinion(each)
        said = (str(told["agreement"]), told["meaning"])
        rows.append((formats.day(each.at.date()), str(told["what"]), said, each.reason, each.by))
    heads = (
        (_("Day"), False, 1.0), (_("Decision"), False, 1.4), (_("Beside the proposal"), False, 1.3),
        (_("Reason"), False, 2.4), (_("By"), False, 1.2),
    )  # fmt: skip
    return [_table(heads, rows)]


def _sources(told: Mapping[str, Any]) -> list[Block | None]:
    rows = [
        (
            each["id"], each["title"], each["dated"] or "–", (str(each["word"]), each["meaning"]),
            each["who_can_tell"] or each["url"],
        )
        for each in told["sources"]
    ]  # fmt: skip
    heads = (
        (_("Model or rule"), False, 1.4), (_("Source"), False, 3.0), (_("Dated"), False, 0.9),
        (_("Mark"), False, 1.1), (_("Who can tell, or where"), False, 1.8),
    )  # fmt: skip
    return [_table(heads, rows) if rows else None]


def _versions(seen: SelectionSeen) -> list[Block | None]:
    named = {
        "question": _("Question, SHA-256"), "answer": _("Answer, SHA-256"),
        "study": _("Study, SHA-256"), "engine": _("Engine, SHA-256"),
    }  # fmt: skip
    rows = [(named.get(key, key), value) for key, value in seen.digests.items() if value]
    rows += [(capfirst(str(key)), str(value)[:SHORT]) for key, value in sorted(seen.data.items())]
    rows += [(str(key), str(value)) for key, value in sorted(seen.lock.items())]
    rows.append((_("Seed"), str(seen.seed)))
    return [_facts(rows), _said(_("With its record anybody can work it out again."), "note")]
