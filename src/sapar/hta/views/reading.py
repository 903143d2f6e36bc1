"""A kept document as a page shows it: read for display, never worked out."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from sapar.design.charts import Arrow, Branches, Network, Node, Twig, branches, network
from sapar.hta.reading import read
from sapar.kernel.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sapar.design.charts import Drawing
    from sapar.hta.engine.model.model import AnyModel, Branch
    from sapar.values.statements import Problem

KEPT = 64
"""So many models are kept as they were read: a kept document never changes."""


@functools.lru_cache(maxsize=KEPT)
def model_of(document: str) -> tuple[AnyModel | None, tuple[Problem, ...]]:
    """A model and what is wrong with it: a newer engine may refuse what an older one took."""
    try:
        return read(document), ()
    except InvalidInputError as error:
        return None, error.problems


def arrows(model: AnyModel, rest: str = "") -> list[dict[str, Any]]:
    """The transitions as rows of a table, numbered as the drawing numbers them.

    Args:
        model: any model; of steps with resources the ways between them count as transitions.
        rest: what a way says that takes the rest of the chances.
    """
    steps = getattr(model, "steps", None) or {}
    labels = {each.name: each.label for each in (*model.states, *steps.values())}
    told: dict[tuple[str, str], tuple[str, str]] = {
        pair: (expression.text, expression.where)
        for pair, expression in (getattr(model, "transitions", None) or {}).items()
    }
    for pair, timed in (getattr(model, "times", None) or {}).items():
        told[pair] = (_law(timed), timed.where)
    curves = getattr(model, "curves", None) or ()
    for before, after, curve in zip(model.states, model.states[1:], curves, strict=False):
        told[before.name, after.name] = (curve, "")
    for pair, text, where in _ways(steps, rest):
        known = told.get(pair)
        told[pair] = (f"{known[0]}; {text}" if known else text, where)
    return [
        {
            "sign": str(number),
            "begin": begin,
            "end": end,
            "from": labels.get(begin, begin),
            "to": labels.get(end, end),
            "text": text,
            "line": line_of(where),
        }
        for number, ((begin, end), (text, where)) in enumerate(told.items(), 1)
    ]


def _law(timed: Any) -> str:
    """The law of a time as it is written."""
    given = ", ".join(f"{name}={each.text}" for name, each in timed.given.items())
    return f"{timed.law}({given or timed.table})"


def _ways(steps: Mapping[str, Any], rest: str) -> Iterator[tuple[tuple[str, str], str, str]]:
    """From each step to the next ones, by chance, or by a time that is over first."""
    for name, step in steps.items():
        for end, chance in step.then:
            yield (name, end), chance.text if chance is not None else rest, step.where
        for end, timed in (*step.leaves.items(), *step.waiting_leaves.items()):
            yield (name, end), _law(timed), step.where


def line_of(where: str) -> int:
    """The line of a place such as `parameters.p:12`; 0 where it names none."""
    last = where.rpartition(":")[2]
    return int(last) if last.isdecimal() else 0


def drawing(model: AnyModel, title: str, *, rest: str, each_strategy: str) -> Drawing | None:
    """The model as states and arrows or as branches; None where it has neither.

    Args:
        model: any model.
        title: of the drawing.
        rest: what the branch that takes the rest of the chances says.
        each_strategy: what the root of a tree decides.
    """
    root = getattr(model, "root", None)
    if root is not None:
        twig = Twig(each_strategy, "", tuple(_twig(each, rest) for each in root.branches), True)
        return branches(Branches("diagram", title, twig, described_by="branches"))
    rows = arrows(model, rest)
    if not rows:
        return None
    start = getattr(model, "start", None) or {}
    stays = not getattr(model, "curves", None)
    steps = (getattr(model, "steps", None) or {}).values()
    nodes = tuple(
        Node(step.name, step.label, double=bool(step.resource), stays=False) for step in steps
    ) or tuple(
        Node(
            state.name, state.label, begins=state.name in start, dead=state.dead,
            double=state.memory > 1, stays=stays,
        )
        for state in model.states
    )  # fmt: skip
    drawn = tuple(
        Arrow(row["begin"], row["end"], row["sign"], f"{row['from']} → {row['to']}: {row['text']}")
        for row in rows
    )
    return network(Network("diagram", title, nodes, drawn, described_by="transitions"))


def _twig(branch: Branch, rest: str) -> Twig:
    note = rest if branch.chance is None else branch.chance.text
    return Twig(branch.label, note, tuple(_twig(each, rest) for each in branch.branches))


def branches_of(model: AnyModel, rest: str) -> list[dict[str, Any]]:
    """The branches of a tree as rows of a table, each with its depth."""
    root = getattr(model, "root", None)
    return list(_walk(root, 0, rest)) if root is not None else []


def _walk(branch: Branch, depth: int, rest: str) -> Iterator[dict[str, Any]]:
    if depth:
        yield {
            "label": branch.label,
            "depth": depth,
            "indent": "— " * (depth - 1),
            "chance": rest if branch.chance is None else branch.chance.text,
            "pays": [(name, each.text) for name, each in branch.pays.items()],
            "line": line_of(branch.where),
        }
    for each in branch.branches:
        yield from _walk(each, depth + 1, rest)
