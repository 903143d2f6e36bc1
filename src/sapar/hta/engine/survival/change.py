"""Curves with something changed, for programs that compare a model with another one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sapar.hta.engine.model.model import AnyModel, Expression
    from sapar.hta.engine.survival.curves import Curve, LawText

    Laws = Mapping[str, LawText]


def _with(model: AnyModel, change: Callable[[Curve], Curve]) -> AnyModel:
    found = model.sections.get("survival")
    if found is None:
        return model
    curves = {name: change(each) for name, each in found.value.items()}
    sections = {**model.sections, "survival": replace(found, value=curves)}
    return replace(model, sections=sections)


def by_strategy(model: AnyModel, change: Callable[[Laws], Laws]) -> AnyModel:
    """The model with other laws for its strategies; curves that have one for all stay.

    Args:
        model: any model.
        change: laws by strategy in, laws by strategy (or one under the empty name) out.
    """
    return _with(
        model, lambda each: each if "" in each.laws else replace(each, laws=change(each.laws))
    )


def arguments(model: AnyModel, change: Callable[[Expression], Expression]) -> AnyModel:
    """The model with every argument of its laws changed."""

    def law(text: LawText) -> LawText:
        return replace(
            text,
            laws=tuple(map(law, text.laws)),
            arguments={key: change(each) for key, each in text.arguments.items()},
            series={key: tuple(map(change, each)) for key, each in text.series.items()},
        )

    return _with(
        model, lambda each: replace(each, laws={key: law(text) for key, text in each.laws.items()})
    )
