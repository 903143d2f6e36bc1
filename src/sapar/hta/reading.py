"""A model read from its document, with its mistakes as those of a user; remembered for a while."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from sapar.kernel.errors import InvalidInputError

if TYPE_CHECKING:
    from sapar.hta.engine.model.model import AnyModel

REMEMBERED = 16
"""So many models stay in memory: a decision is read by each of its gates."""


@functools.lru_cache(maxsize=REMEMBERED)
def _read(document: str) -> AnyModel:
    # Reading needs arrays; a page that reads no model must not load them.
    from sapar.hta.engine.model.read import read_model  # noqa: PLC0415 - see above

    return read_model(document)


def read(document: str) -> AnyModel:
    """The model that a document says. Models are never changed, so that one may be shared.

    Raises:
        InvalidInputError: every mistake with its line.
    """
    from sapar.hta.engine.model.yaml import BadModelError  # noqa: PLC0415 - as above

    try:
        return _read(document)
    except BadModelError as error:
        raise InvalidInputError(error.problems) from error
