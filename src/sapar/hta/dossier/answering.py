"""The parts of a dossier that the answers of the engine give."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from sapar.design.charts import Curve, Plot, plot
from sapar.hta import verification_words
from sapar.hta.dossier.cells import blocks_of, finite, grid
from sapar.hta.dossier.parts import Cell, Chart, Grid, Head, Part, Said
from sapar.hta.engine.verification.kinds import FAILED, GROUPS, PASSED, SKIPPED, WARNED
from sapar.hta.views import results, words
from sapar.hta.views.axes import axis

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sapar.design.charts import Drawing
    from sapar.hta.dossier.asked import Asked
    from sapar.hta.dossier.parts import Block, Look
    from sapar.hta.queries import RunSeen
    from sapar.hta.views.picture import Picture, Shown

EARLIER = ("strategies", "conventions", "occupancy")


def _not_asked(*runs: RunSeen | None) -> tuple[Block, ...]:
    """Why nothing stands here: the engine refused, or nobody asked."""
    wrong = [each for run in runs if run is not None for each in words.mistakes(run.problems)]
    if wrong:
        return tuple(Said(f"{each['what']} {each['remedy']}", look="act") for each in wrong)
    return (Said(_("This was not asked of the model, or it cannot be asked of it."), look="note"),)


def _made(asked: Asked, key: str, title: str, found: Sequence[Picture], *kinds: str) -> Part:
    """A part with its pictures, and what is said where there are none."""
    parts = tuple(_part(each) for each in found)
    missing = [asked.runs.get(kind) for kind in kinds]
    refused = any(run is not None and run.problems for run in missing)
    return Part(key, title, _not_asked(*missing) if refused or not parts else (), parts)


def _pictures(shown: Shown | None) -> list[Picture]:
    return [] if shown is None else results.pictures(shown)


def _part(picture: Picture) -> Part:
    return Part(f"part-{picture.key}", picture.title, tuple(blocks_of(picture)))


def base(asked: Asked) -> Part:
    """Costs and effects, frontier and dominance, where people are, every convention."""
    found = _pictures(asked.shown("base") or asked.shown("psa"))
    found = [each for each in found if each.key.startswith(EARLIER)]
    return _made(asked, "base", _("The base case"), found, "base")


def uncertainty(asked: Asked) -> Part:
    """Draws with their Monte-Carlo errors; then one input after the other."""
    drawn = [each for each in _pictures(asked.shown("psa")) if not each.key.startswith(EARLIER)]
    found = [*drawn, *_pictures(asked.shown("sensitivity"))]
    return _made(asked, "uncertainty", _("How sure it is"), found, "psa", "sensitivity")


def information(asked: Asked) -> Part:
    """What it is worth to know more."""
    found = _pictures(asked.shown("voi"))
    return _made(asked, "information", _("What it is worth to know more"), found, "voi")


def budget(asked: Asked) -> Part:
    """What it costs the payer, by year."""
    if "budget" not in asked.model.sections:
        text = _("The document says nothing of a budget.")
        return Part("budget", _("Budget impact"), (Said(text, look="note"),))
    return _made(asked, "budget", _("Budget impact"), _pictures(asked.shown("budget")), "budget")


def sections(asked: Asked) -> list[Part]:
    """Centres, groups, whom to treat, scenarios: those that the document has."""
    made: dict[str, tuple[str, Callable[[Asked, Any], list[Block]]]] = {
        "facility": (_("What a centre costs"), _facility),
        "equity": (_("Who gains and who loses"), _equity),
        "eligibility": (_("Whom to treat"), _eligibility),
        "scenarios": (_("Scenarios"), _scenarios),
    }
    return [
        Part(name, title, tuple(make(asked, asked.more[name])))
        for name, (title, make) in made.items()
        if asked.more.get(name)
    ]


def _facility(_asked: Asked, rows: Sequence[Mapping[str, Any]]) -> list[Block]:
    heads: list[tuple[str, Any]] = [
        (_("Centre"), None), (_("Investment"), words.money), (_("A year"), words.money),
        (_("Fractions a year"), words.money), (_("Use of capacity"), words.per_cent),
        (_("A fraction"), words.money), (_("A course"), words.money),
    ]  # fmt: skip
    centres = [
        (
            row["label"], row["investment"], row["yearly"][-1], row["treated"][-1],
            row["utilisation"] if row["capacity"] is not None else None,
            row["cost_per_fraction"], row["cost_per_course"],
        )
        for row in rows
    ]  # fmt: skip
    items = [
        (row["label"], item["group"], item["name"], item["yearly"], item["share"])
        for row in rows
        for item in row["items"]
    ]
    more: list[tuple[str, Any]] = [
        (_("Centre"), None), (_("Kind"), None), (_("Item"), None), (_("A year"), words.money),
        (_("Share"), words.per_cent),
    ]  # fmt: skip
    return [
        grid("centres", _("Centres"), heads, centres),
        grid("items", _("What a year costs, item by item"), more, items),
    ]


def _equity(_asked: Asked, found: Mapping[str, Any]) -> list[Block]:
    heads: list[tuple[str, Any]] = [
        (_("Group"), None), (_("Share"), words.per_cent), (_("Before"), words.figure),
        (_("Gained"), words.figure), (_("Displaced"), words.figure), (_("After"), words.figure),
    ]  # fmt: skip
    rows = [
        (row["label"], *(row[key] for key in ("share", "before", "gained", "displaced", "after")))
        for row in found["groups"]
    ]
    sums: list[tuple[str, Any]] = [
        (_("Health"), None), (_("Health of all"), words.money), (_("Equity"), words.figure),
        (_("Welfare"), words.figure), (_("Aversion to inequality"), words.figure),
    ]  # fmt: skip
    welfare = [("", found["health"], found["equity"], found["welfare"], found["aversion"]["value"])]
    blocks: list[Block] = [
        grid("groups", _("Groups"), heads, rows),
        grid("welfare", _("Welfare"), sums[1:], [welfare[0][1:]]),
    ]
    if not found["aversion"]["source"]:
        text = _("The aversion has no source: it is a placeholder.")
        blocks.insert(0, Said(text, look="stopped"))
    return blocks


def _eligibility(asked: Asked, found: Mapping[str, Any]) -> list[Block]:
    limit = finite(found["limit"])
    text = (
        _("Nobody should be treated: no benefit is worth the cost.")
        if limit is None
        else _("Treat from a benefit of {limit} of 100 on: {share} of 100 patients.").format(
            limit=words.fixed(100 * limit, 2), share=words.fixed(100 * found["share"], 1)
        )
    )
    params = {"limit": found["limit"], "share": found["share"]}
    heads: list[tuple[str, Any]] = [
        (_("Choosing by patient, for one"), words.money),
        (_("Exact predictions, for one"), words.money),
        (_("Health for one"), words.figure), (_("Cost for one"), words.money),
    ]  # fmt: skip
    row = [tuple(found[key] for key in ("individual", "knowing", "health", "cost"))]
    curve: list[tuple[str, Any]] = [
        (_("Benefit from which to treat"), words.figure), (_("Net benefit for one"), words.money)
    ]  # fmt: skip
    points = [(each["limit"], each["net_benefit"]) for each in found["curve"]]
    return [
        Said(text, "eligibility-1", params=params),
        grid("choosing", _("What choosing is worth"), heads, row),
        Chart("limits-chart", _limits(asked, points)),
        replace(grid("limits", _("Net benefit by limit"), curve, points), paper="some"),
    ]


def _limits(asked: Asked, points: Sequence[tuple[float, float]]) -> Drawing:
    """Net benefit over the benefit from which a patient is treated."""
    reward = asked.model.rewards[asked.model.cost]
    money, unit = words.scaled((y for _x, y in points), reward.unit)
    line = tuple((x, y / money) for x, y in points)
    label = _("Net benefit by the benefit from which a patient is treated")
    return plot(
        Plot(
            "limits-plot",
            label,
            axis((x for x, _y in line), _("Benefit from which to treat"), tight=True),
            axis((y for _x, y in line), ", ".join((_("Net benefit for one"), unit)), zero=True),
            (Curve(_("Net benefit for one"), line, 1),),
            zero=True,
            height=220,
            described_by="limits-table",
        )
    )


def _scenarios(asked: Asked, rows: Sequence[Mapping[str, Any]]) -> list[Block]:
    heads: list[tuple[str, Any]] = [
        (_("Scenario"), None), (_("Strategy"), None), (_("Costs"), words.money),
        (_("Effects"), words.effect), (_("Standing"), None),
        (_("Cost of one more unit"), words.money), (_("Same frontier"), None),
    ]  # fmt: skip
    labels = {each.name: each.label for each in asked.model.strategies}
    table = [
        (
            row["label"] or _("as the model says"), labels[name], each["cost"], each["effect"],
            str(words.STATUS.get(each["status"], ("", each["status"]))[1]), each["icer"],
            _("yes") if row["same_frontier"] else _("no"),
        )
        for row in rows
        for name, each in row["strategies"].items()
    ]  # fmt: skip
    return [grid("scenarios", _("Scenarios"), heads, table)]


def verification(asked: Asked) -> Part:
    """What the tests of the model found: counts by group, what failed or warns, then all."""
    title = _("Tests of the model")
    shown = asked.shown("verify")
    if shown is None or not shown.result:
        return Part("verification", title, _not_asked(asked.runs.get("verify")))
    found = shown.result
    counts = {key: int(value) for key, value in found["counts"].items()}
    look: Look = "act" if counts.get(FAILED) else ("waiting" if counts.get(WARNED) else "done")
    text = verification_words.summary(counts)
    summary = Said(text, "verification-1", look, params=dict(counts))
    blocks: list[Block] = [summary, _by_group(found["tests"])]
    bad = [row for row in found["tests"] if row["status"] in {FAILED, WARNED}]
    if bad:
        blocks.append(_look_at(bad))
    picture = _pictures(shown)[0]
    full = Part("part-checks", _("Every test"), tuple(blocks_of(picture, paper="none")))
    return Part("verification", title, tuple(blocks), (full,))


def _by_group(tests: Sequence[Mapping[str, Any]]) -> Grid:
    order = (PASSED, WARNED, FAILED, SKIPPED)
    heads: list[tuple[str, Any]] = [(_("Group"), None)]
    heads += [(verification_words.status(each), words.whole) for each in order]
    rows = [
        (
            verification_words.group(group),
            *(sum(t["group"] == group and t["status"] == s for t in tests) for s in order),
        )
        for group in GROUPS
        if any(t["group"] == group for t in tests)
    ]
    return grid("groups-of-tests", _("Tests by group"), heads, rows)


def _look_at(tests: Sequence[Mapping[str, Any]]) -> Grid:
    heads = (
        Head(_("Result"), wide=0.7), Head(_("What must hold"), wide=2),
        Head(_("What was found"), wide=2),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(
                verification_words.status(row["status"]), verification_words.status(row["status"]),
                look="act" if row["status"] == FAILED else "waiting",
            ),
            Cell(verification_words.says(row), verification_words.says(row)),
            Cell(verification_words.sentence(row), verification_words.sentence(row)),
        )
        for row in tests
    )  # fmt: skip
    return Grid("look-at-table", _("To be looked at"), heads, rows)
