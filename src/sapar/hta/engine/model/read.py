"""From a document to a model: every name resolved and every mistake named before anything runs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sapar.hta.engine.model import (
    read_cohort,
    read_events,
    read_individual,
    read_partitioned,
    read_tree,
)
from sapar.hta.engine.model.reader import Reader
from sapar.hta.engine.model.yaml import BadModelError, read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable

    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.engine.model.yaml import Place

KINDS: dict[str, Callable[[Reader, Place], AnyModel]] = {
    read_cohort.SCHEMA: read_cohort.cohort,
    read_tree.SCHEMA: read_tree.tree,
    read_partitioned.SCHEMA: read_partitioned.partitioned,
    read_individual.SCHEMA: read_individual.individual,
    read_events.SCHEMA: read_events.events,
}
"""What reads a document, by its schema."""


@lru_cache(maxsize=64)
def read_model(text: str) -> AnyModel:
    """Read a model.

    Args:
        text: the YAML document, see docs/reference/hta-models.md.

    Returns:
        A model of the kind that its schema says; every name in it is known, its units agree, and
        nothing was worked out yet. A model does not change, so who asks again gets the same one.

    Raises:
        BadModelError: with every mistake, its line, the value and what is allowed.
    """
    r, place = Reader(), read_yaml(text)
    if not r.mapping(place, None, ("schema",)):
        raise BadModelError(tuple(r.problems))
    schema = r.text(place, "schema")
    if schema not in KINDS:
        r.note("schema", place.at("schema"), schema, wanted=", ".join(KINDS))
        raise BadModelError(tuple(r.problems))
    return KINDS[schema](r, place)
