"""Scenarios: a model with some of its inputs and conventions set otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sapar.hta.engine.model.model import AnyModel, Expression


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a scenario sets.

    Attributes:
        settings: fields of `Settings`, by name; of `discount` only the rates that it names.
        parameters: by parameter the values that replace its own, by strategy or under "".
    """

    name: str
    label: str
    settings: Mapping[str, Any]
    parameters: Mapping[str, Mapping[str, Expression]]


def scenarios_of(model: AnyModel) -> tuple[Scenario, ...]:
    """The scenarios of a model, in their order."""
    found = model.sections.get("scenarios")
    return () if found is None else tuple(found.value.values())


def under(model: AnyModel, scenario: Scenario) -> AnyModel:
    """A model under a scenario.

    What the scenario sets is fixed: it is drawn no longer, alone or in a group.
    """
    settings = dict(scenario.settings)
    if "discount" in settings:
        settings["discount"] = {**model.settings.discount, **settings["discount"]}
    parameters = dict(model.parameters)
    for name, values in scenario.parameters.items():
        parameters[name] = replace(parameters[name], values=values, distribution=None)
    sections = dict(model.sections)
    if "joint" in sections:
        held = frozenset(scenario.parameters)
        groups = tuple(replace(each, held=each.held | held) for each in sections["joint"].value)
        sections["joint"] = replace(sections["joint"], value=groups)
    return replace(
        model,
        settings=replace(model.settings, **settings),
        parameters=parameters,
        sections=sections,
    )
