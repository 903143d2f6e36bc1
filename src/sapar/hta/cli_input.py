"""A model document from a file or a pipe, for every command of the room."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from sapar.hta.engine.model.model import AnyModel
    from sapar.values.statements import Problem


class FiniteFloat(click.FloatRange):
    """A number in a range, and neither "nan", which every range lets through, nor "inf"."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number; anything else is wrong use."""
        from django.utils.translation import gettext as _

        found = float(super().convert(value, param, ctx))
        if not math.isfinite(found):
            self.fail(_("This is not a number."), param, ctx)
        return found


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


def refuse(problem: Problem, option: str) -> NoReturn:
    """Say that a name given to an option is unknown: wrong use, and not a wrong model.

    Raises:
        BadParameter: always; with the value and the remedy.
    """
    from sapar.kernel.languages import phrases

    name = f"{problem.value}: " if problem.value else ""
    said = f"{name}{phrases.text(problem)} {phrases.remedy(problem)}"
    raise click.BadParameter(said, param_hint=option)


def known_strategies(model: AnyModel, of: str | None, against: str | None) -> tuple[str, str]:
    """The strategies that are compared: the last one and the first one if not named.

    Raises:
        BadParameter: the model has no such strategy.
    """
    from sapar.values.statements import Problem

    names = [each.name for each in model.strategies]
    for option, name in (("--of", of), ("--against", against)):
        if name is not None and name not in names:
            refuse(Problem.of("hta.input.strategy", value=name, known=", ".join(names)), option)
    return of or names[-1], against or names[0]


def warn(lines: Iterable[str]) -> None:
    """Warnings on the error stream: the first ones, and how many others there are."""
    from sapar.kernel.commands import MOST_SAID, others

    every = list(lines)
    for line in every[:MOST_SAID]:
        click.echo(line, err=True)
    others(len(every) - MOST_SAID)


def sized(value: float, error: float) -> str:
    """A value and its standard error, with two digits of the error and no fewer than whole ones.

    Without an error the value has three digits.
    """
    counted, digits = (error, 1) if error > 0 else (abs(value), 2)
    places = 0
    if counted > 0 and math.isfinite(counted):
        places = min(12, max(0, digits - math.floor(math.log10(counted))))
    return f"{value:,.{places}f} ± {error:,.{places if error > 0 else 0}f}"


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
