"""A model document from a file or a pipe, for every command of the room."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from sapar.hta.engine.model.model import AnyModel


def model_of(file: BinaryIO) -> AnyModel:
    """The model in a file.

    Raises:
        InvalidInputError: the file is no text in UTF-8.
        BadModelError: the model is wrong.
    """
    from sapar.hta.engine.model.read import read_model

    return read_model(text_of(file))


def text_of(file: BinaryIO) -> str:
    """The text of a document.

    Raises:
        InvalidInputError: the file is no text in UTF-8.
    """
    from sapar.hta.engine.model.yaml import LARGEST
    from sapar.kernel.errors import InvalidInputError
    from sapar.values.statements import Problem

    content = file.read(4 * LARGEST + 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem.of("hta.input.yaml", where=getattr(file, "name", ""), value=str(error))
        raise InvalidInputError(problem) from error


@contextmanager
def answered() -> Iterator[None]:
    """Mistakes of an engine as those of a command: every one with its line and remedy.

    Raises:
        InvalidInputError: what was inside raised `BadModelError`.
    """
    from sapar.hta.engine.model.yaml import BadModelError
    from sapar.kernel.errors import InvalidInputError

    try:
        yield
    except BadModelError as error:
        raise InvalidInputError(error.problems) from error
