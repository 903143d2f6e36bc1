"""The section `scenarios`: inputs and conventions set otherwise, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ruamel.yaml.comments import CommentedMap

from sapar.hta.engine.decision.scenarios import Scenario
from sapar.hta.engine.model import parts
from sapar.hta.engine.model.model import Use
from sapar.hta.engine.model.section import Found

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import Expression
    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.section import Known
    from sapar.hta.engine.model.yaml import Place

FIELDS = {
    "cycles": "cycles",
    "start_age": "start_age",
    "within_cycle": "within_cycle",
    "discounting": "discounting",
    "discount": "discount",
}
"""Settings that a scenario may set, and their names in `Settings`."""


def _settings(r: Reader, place: Place | None, known: Known) -> dict[str, Any]:
    if place is None or not r.mapping(place, FIELDS):
        return {}
    read = parts.settings(r, place, ())
    found = {field: getattr(read, field) for key, field in FIELDS.items() if key in place.value}
    if "discount" in found:
        rates = place.at("discount")
        r.mapping(rates, known.settings.discount)
        found["discount"] = {
            key: each for key, each in read.discount.items() if key in (rates.value or {})
        }
    return found


def _values(r: Reader, place: Place, name: str, known: Known) -> dict[str, Expression]:
    """One value, or one for each strategy where the parameter has so."""
    if "" in known.parameters[name].values or not isinstance(place.value, CommentedMap):
        return {"": r.expression(place)}
    r.mapping(place, known.strategies, known.strategies)
    return r.by_name(place)


def read_scenarios(r: Reader, place: Place, known: Known) -> Found:
    """Read the scenarios.

    Args:
        r: notes mistakes.
        place: the section.
        known: what it may name.

    Returns:
        `Scenario` by name.
    """
    found: dict[str, Scenario] = {}
    uses: list[Use] = []
    if not r.mapping(place, None):
        return Found({})
    for name, inside in place.items():
        if not r.mapping(inside, ("label", "settings", "parameters")):
            continue
        changed = r.part(inside, "parameters")
        values: dict[str, dict[str, Expression]] = {}
        if changed is not None and r.mapping(changed, known.parameters):
            for key, each in changed.items():
                if key in known.parameters:
                    values[key] = _values(r, each, key, known)
                    unit = known.parameters[key].unit
                    uses += [Use(value, unit) for value in values[key].values()]
        settings = _settings(r, r.part(inside, "settings"), known)
        if not values and not settings:
            r.note("empty", inside, name)
        found[name] = Scenario(name, r.text(inside, "label", name), settings, values)
    return Found(found, uses=tuple(uses))
