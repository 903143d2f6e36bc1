"""Inputs that nobody has a source for: with them, nothing can be decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sapar.hta.engine.model.names import uses

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import AnyModel, Parameter, Table
    from sapar.hta.engine.survival.curves import Curve

SWITCH = {"0", "1"}


def _needs_source(parameter: Parameter) -> bool:
    """Whether a parameter brings knowledge: what follows from others or is a switch does not."""
    values = parameter.values.values()
    if all(uses(each) for each in values):
        return False
    return "" in parameter.values or not {each.text for each in values} <= SWITCH


def _curves(model: AnyModel) -> dict[str, Curve]:
    """Curves of survival with numbers of their own, beside those that only name inputs."""
    found = model.sections.get("survival")
    return {
        name: curve
        for name, curve in (found.value if found is not None else {}).items()
        if any(not uses(each) for law in curve.laws.values() for each, _ in law.expressions())
    }


def named_inputs(model: AnyModel) -> dict[str, Parameter | Table | Curve]:
    """Everything that may need a source, by name: curves with numbers, tables, inputs."""
    return {**_curves(model), **model.tables, **model.parameters}


def knowledge(model: AnyModel) -> dict[str, Parameter | Table | Curve]:
    """What brings knowledge, by name: inputs in the order of the document, tables, curves.

    A parameter that is worked out from others brings none, nor does one that only says by 0 and 1
    which strategy does what; nor does a curve that only names inputs.
    """
    inputs = {
        name: each for name, each in model.parameters.items() if each.source or _needs_source(each)
    }
    return {**inputs, **model.tables, **_curves(model)}


def placeholders(model: AnyModel) -> tuple[str, ...]:
    """The names of inputs, tables and curves without a source.

    Where there is any, an answer reads "not assessable".
    """
    return tuple(name for name, each in knowledge(model).items() if not each.source)


def unverified(model: AnyModel) -> tuple[str, ...]:
    """The names of inputs, tables and curves with a source that nobody verified.

    Those marked as demonstration are among them: their values were taken to show something.
    """
    known = knowledge(model).items()
    return tuple(name for name, each in known if each.source and each.mark != "verified")


def verdict(model: AnyModel) -> dict[str, Any]:
    """Whether anything may be concluded from a model's numbers.

    Returns:
        `assessable`: no input lacks a source; `placeholders` those that do; `unverified` those
        whose source nobody verified: they are named beside a conclusion and do not prevent it.
    """
    missing = placeholders(model)
    return {
        "assessable": not missing,
        "placeholders": list(missing),
        "unverified": list(unverified(model)),
    }
