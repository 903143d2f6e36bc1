"""The processes and scoring schemes of `data/hta`, read once, and the calendar they count by."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from ruamel.yaml import YAML

from sapar.kernel.errors import InvalidInputError
from sapar.network.queries import snapshot, working_calendar
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sapar.hta.engine.clocks.process import Process


@dataclass(frozen=True, slots=True)
class Scheme:
    """How topics are scored, from a day on.

    Attributes:
        criteria: codes; each has the phrase `hta.criterion.<code>`.
        least, most: of a score.
        valid_from, source, mark: since when, and where that stands.
    """

    id: str
    country: str
    title: str
    criteria: tuple[str, ...]
    least: int
    most: int
    valid_from: date
    source: str
    mark: str


@functools.cache
def processes() -> dict[str, Process]:
    """Every process by its id."""
    # Reading takes the engine's reader; a page that needs no process must not load it.
    from sapar.hta.engine.clocks.process import read_process  # noqa: PLC0415

    folder = settings.DATA / "hta" / "processes"
    found = [read_process(path.read_text("utf-8")) for path in sorted(folder.glob("*.yaml"))]
    return {each.id: each for each in found}


def process_named(name: str) -> Process:
    """A process.

    Raises:
        InvalidInputError: there is none of this name.
    """
    found = processes().get(name)
    if found is None:
        known = ", ".join(processes())
        raise InvalidInputError(
            Problem.of("hta.process.unknown", where="process", value=name, known=known)
        )
    return found


@functools.cache
def schemes() -> tuple[Scheme, ...]:
    """Every scoring scheme, the newest last."""
    folder = settings.DATA / "hta" / "scoring"
    found = []
    for path in sorted(folder.glob("*.yaml")):
        row: dict[str, Any] = YAML(typ="safe").load(path.read_text("utf-8"))
        found.append(
            Scheme(
                row["id"], row["country"], row["title"], tuple(row["criteria"]), row["least"],
                row["most"], row["valid_from"], row["source"], row["mark"],
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda each: each.valid_from))


def scheme_on(country: str, day: date) -> Scheme:
    """The scheme in force in a country on a day; that of any other country where it has none."""
    known = [each for each in schemes() if each.valid_from <= day]
    own = [each for each in known if each.country == country]
    return (own or known)[-1]


def working_in(country: str) -> Callable[[date], bool]:
    """Whether a day is worked in a country, by its own calendar."""
    return working_calendar(snapshot(timezone.localdate()), country).is_working
