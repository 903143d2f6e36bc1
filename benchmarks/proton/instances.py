"""The instances of the public benchmark: a name, what it is, and the document it stands for.

Every document is made from its seed by the generators beside this file, so the benchmark is a list
of names. `python -m benchmarks.proton.table --write FOLDER` writes the documents as JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.proton.losses import LOSSES, replan_problem
from benchmarks.proton.promised import promised_day
from tests.proton.book_instances import book_problem
from tests.proton.day_instances import ROWS, plain_day

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Instance:
    """One row of the benchmark.

    Attributes:
        name: unique; says family, size, rooms, load and seed.
        family: day, book or replan.
        make: makes the document.
    """

    name: str
    family: str
    make: Callable[[], dict[str, Any]]


def _days() -> list[Instance]:
    found = [
        Instance(
            f"day-reference-{jobs}x{rooms}-{seed}",
            "day",
            lambda jobs=jobs, rooms=rooms, seed=seed: plain_day(jobs, rooms, seed),
        )
        for jobs, rooms, seed in ROWS
    ]
    fixed = [
        (60, 3, 11), (70, 3, 12), (80, 3, 13), (90, 3, 14), (60, 4, 15), (80, 4, 16), (100, 4, 17),
        (100, 5, 18), (75, 5, 19),
    ]  # fmt: skip
    found += [
        Instance(
            f"day-fixed-{jobs}x{rooms}-{seed}",
            "day",
            lambda jobs=jobs, rooms=rooms, seed=seed: plain_day(jobs, rooms, seed),
        )
        for jobs, rooms, seed in fixed
    ]
    free = [(45, 2, 21), (60, 3, 22), (80, 3, 23), (80, 4, 24), (100, 5, 25)]
    found += [
        Instance(
            f"day-free-{jobs}x{rooms}-{seed}",
            "day",
            lambda jobs=jobs, rooms=rooms, seed=seed: plain_day(jobs, rooms, seed, fixed=False),
        )
        for jobs, rooms, seed in free
    ]
    promised = [
        (2, 80, 31), (2, 95, 32), (3, 80, 33), (3, 90, 34), (3, 95, 35), (4, 90, 36), (5, 85, 37),
        (3, 100, 38), (3, 105, 39),
    ]  # fmt: skip
    found += [
        Instance(
            f"day-promised-{rooms}r-{load}-{seed}",
            "day",
            lambda rooms=rooms, load=load, seed=seed: promised_day(rooms, load, seed),
        )
        for rooms, load, seed in promised
    ]
    return found


def _books() -> list[Instance]:
    """A third of a year each, and two whole years of 800 courses.

    Four rooms fill one beam; a fifth brings choice, not more courses.
    """
    some = [(2, 80), (2, 90), (2, 95), (2, 100), (2, 105), (3, 80), (3, 90), (3, 95), (3, 100),
            (3, 105), (4, 85), (4, 95), (4, 100), (4, 105), (5, 85), (5, 90), (5, 95),
            (5, 105)]  # fmt: skip
    found = [
        Instance(
            f"book-{rooms}r-{load}-{50 + n}",
            "book",
            lambda rooms=rooms, load=load, n=n: book_problem(
                50 + n, courses=round(0.73 * min(rooms, 4) * 120), rooms=rooms, load=load, days=120
            ),
        )
        for n, (rooms, load) in enumerate(some)
    ]
    return found + [
        Instance(
            f"book-year-3r-{load}-1", "book", lambda load=load: book_problem(1, rooms=3, load=load)
        )
        for load in (95, 105)
    ]


def _repairs() -> list[Instance]:
    return [
        Instance(
            f"replan-{rooms}r-{load}-{loss}",
            "replan",
            lambda rooms=rooms, load=load, loss=loss: replan_problem(rooms, load, loss, 70 + rooms),
        )
        for rooms, load in ((2, 90), (3, 85), (3, 95), (5, 90), (5, 105))
        for loss in LOSSES
        if (loss == "beam-5-days") == (load > 100)
    ]


def all_instances() -> list[Instance]:
    """Every instance, in the order of the table."""
    return _days() + _books() + _repairs()
