"""How near to its bound a booking comes after five minutes, and after an hour.

    python -m benchmarks.proton.hour                       every booking row at 95 to 105 %
    python -m benchmarks.proton.hour --only year           some of them
    python -m benchmarks.proton.hour --seconds 900         a shorter hour

The clock decides here, so the figures depend on the machine; each answer is judged by the checker.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.proton.instances import Instance, all_instances
from benchmarks.proton.rows import refuse
from sapar.proton.engine.scheduling.book.solve import solve_book
from sapar.proton.engine.scheduling.problem.books import read_book
from sapar.proton.engine.scheduling.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

EARLY = 300.0
"""Seconds after which the gap is first noted."""

FROM, TO = 95, 105
"""Loads in per cent."""

WORK = 1_000_000
"""More work than an hour holds."""


@dataclass(slots=True)
class Notes:
    """The gap as told by the solver: the last one before `EARLY`, and the last one."""

    courses: int
    began: float = field(default_factory=time.monotonic)
    early: float | None = None
    last: float | None = None

    def tell(self, best: float | None, bound: float | None, _done: int, _total: int) -> None:
        """Keep what is told."""
        if best is None or bound is None:
            return
        self.last = (best - bound) / self.courses
        if self.early is None or time.monotonic() - self.began <= EARLY:
            self.early = self.last


def load_of(instance: Instance) -> int:
    """The load in per cent that a booking row's name says: book-3r-95-57, book-year-3r-95-1."""
    return int(instance.name.split("-")[-2])


def shown(gap: float | None) -> str:
    """A gap in weighted working days a course."""
    return "no plan" if gap is None else f"{gap:.3f}"


def run(instance: Instance, seconds: float) -> str:
    """Solve one row for so many seconds; a line of the table."""
    document = instance.make() | {"work": WORK}
    notes = Notes(len(document["courses"]))
    ends = notes.began + seconds
    watch = Watch(expired=lambda: time.monotonic() > ends, tell=notes.tell)
    answer = solve_book(read_book(document), watch=watch).as_json()
    refuse(document, answer)
    return (
        f"{instance.name}: gap a course after {EARLY / 60:.0f} min {shown(notes.early)}, after "
        f"{(time.monotonic() - notes.began) / 60:.0f} min {answer['gap_per_course']:.3f} "
        f"(objective {answer['objective']:.1f}, bound {answer['bound']:.1f}, "
        f"{answer['stopped_by']})"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each row."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="")
    parser.add_argument("--seconds", type=float, default=3600.0)
    chosen = parser.parse_args(arguments)
    for each in all_instances():
        if each.family == "book" and chosen.only in each.name and FROM <= load_of(each) <= TO:
            print(run(each, chosen.seconds), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
