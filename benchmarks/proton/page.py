"""The best known values as a page of the documentation.

    python -m benchmarks.proton.page > docs/reference/proton-benchmark.md

Made of `best_known.json` alone; a test compares the two.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks.proton.instances import all_instances
from benchmarks.proton.table import BEST

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD = """\
# The benchmark of the proton engines

Best known values of every row of the public benchmark, whoever found them, and the best certified
bounds. Made by `python -m benchmarks.proton.page` of `benchmarks/proton/best_known.json`.
`python -m benchmarks.proton.table` solves the rows again, ours and the peers' (first come first
served, fixed slots, plain CP-SAT, an annealer) with the same seconds, and judges every plan by the
independent checker. A name says the size, the load in per cent (of the rooms or the beam, whichever
is fuller) and the seed. Rows `day-reference` are the days on which the programme's planners
measured CP-SAT and an annealer before there was an engine.
"""
DAYS = """
## Days

Makespan and idle beam in minutes; the bound is of the makespan.

| row | makespan | idle | bound | gap | the bound is |
|---|---|---|---|---|---|
"""
BOOKS = """
## Bookings

Σ weight × working days from the earliest feasible to the first fraction, over all courses.

| row | courses | objective | found by | bound | gap a course |
|---|---|---|---|---|---|
"""
REPAIRS = """
## Repairs

From the left: fractions given up, the same by weight, courses with a broken gap, people moved, days
later × weight, price of the means.

| row | value | found by |
|---|---|---|
"""


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |\n"


def _number(value: float) -> str:
    return f"{value:,.10g}"


def _day(name: str, entry: dict[str, Any]) -> str:
    makespan, idle = entry["best"]
    gap = 100 * (makespan - entry["bound"]) / makespan
    why = entry["bound_by"].replace("proton.bound.", "")
    return _row(name, makespan, idle, entry["bound"], f"{gap:.2f} %" if gap else "0", why)


def _book(name: str, entry: dict[str, Any], courses: int) -> str:
    best, bound = entry["best"][0], entry["bound"]
    gap = (best - bound) / courses
    return _row(name, courses, f"{best:,.1f}", entry["by"], f"{bound:,.1f}", f"{gap:.2f}")


def _repair(name: str, entry: dict[str, Any]) -> str:
    return _row(name, ", ".join(map(_number, entry["best"])), entry["by"])


def page(known: dict[str, dict[str, Any]]) -> Iterable[str]:
    """The page, piece by piece.

    Args:
        known: the best known values by row; a row without one is left out.
    """
    yield HEAD
    rows = [each for each in all_instances() if "best" in known.get(each.name, {})]
    yield DAYS
    yield from (_day(each.name, known[each.name]) for each in rows if each.family == "day")
    yield BOOKS
    for each in rows:
        if each.family == "book":
            yield _book(each.name, known[each.name], len(each.make()["courses"]))
    yield REPAIRS
    yield from (_repair(each.name, known[each.name]) for each in rows if each.family == "replan")


if __name__ == "__main__":
    print("".join(page(json.loads(BEST.read_text()))), end="")
