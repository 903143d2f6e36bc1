"""The proton engines beside their peers on a few rows, and how long an offer and a year take.

The whole public benchmark is `python -m benchmarks.proton.table`. Bounds in the same run: reading
the books as JSON for an offer, the full mode for a fast year.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

from benchmarks.proton import table
from benchmarks.proton.losses import full_year
from sapar.proton.engine.scheduling.examples import example
from sapar.proton.engine.scheduling.offer import Prepared, make_offer
from sapar.proton.engine.scheduling.problem.books import read_offer
from sapar.proton.engine.scheduling.problem.year import read_year
from sapar.proton.engine.scheduling.year import many_years, simulate_year

ROWS = ("day-reference-60x4-1", "day-reference-60x3-1", "day-promised-3r-95", "book-2r-90",
        "replan-3r-95-beam-4-hours")  # fmt: skip


def blocks() -> dict[str, Any]:
    """The planning blocks of the demonstration's centre."""
    import os  # noqa: PLC0415 - Django is set up only for the path of the data

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sapar.site.settings")
    from django.conf import settings  # noqa: PLC0415
    from ruamel.yaml import YAML  # noqa: PLC0415

    found = YAML(typ="safe").load((settings.DATA / "proton" / "proton-astana.yaml").read_text())
    made: dict[str, Any] = json.loads(json.dumps(found["data"], default=str))
    return made


def offers() -> None:
    """An offer on a full year of books, warm and cold, against reading the same books."""
    document = full_year()
    text = json.dumps(document)
    began = time.perf_counter()
    problem = read_offer(json.loads(text))
    reading = time.perf_counter() - began
    patients = [
        replace(problem, course=replace(problem.course, protocol=name, **more))
        for name in sorted(problem.books.protocols)
        for more in ({"urgency": "U1"}, {"urgency": "U3"}, {"age": 5, "anaesthesia": True})
    ]
    warm, cold = [], []
    prepared = Prepared(problem.books)
    for patient in patients * 2:
        began = time.perf_counter()
        make_offer(patient, prepared=prepared)
        warm.append(time.perf_counter() - began)
    for patient in patients:
        began = time.perf_counter()
        make_offer(patient)
        cold.append(time.perf_counter() - began)
    for name, times in (("warm", warm), ("cold", cold)):
        p95 = sorted(times)[int(0.95 * (len(times) - 1))]
        print(
            f"  offer, {name}, {len(document['bookings'])} bookings: p95 {1e3 * p95:.0f} ms, "
            f"{p95 / reading:.2f} of reading the books as JSON"
        )


class Here:
    """An executor that works in this process, so that the ratio is of one core."""

    def map(self, function: Any, *arguments: Any) -> Any:
        """As `concurrent.futures.Executor.map`."""
        return map(function, *arguments)


def years() -> None:
    """A year in the fast mode against the full mode."""
    document = {**example("year", blocks()), "mode": "full"}
    began = time.perf_counter()
    simulate_year(read_year(document))
    full = time.perf_counter() - began
    problem = read_year({**document, "mode": "fast"})
    many_years(problem, range(2), Here())  # type: ignore[arg-type] # only map is used
    began = time.perf_counter()
    many_years(problem, range(50), Here())  # type: ignore[arg-type] # only map is used
    fast = (time.perf_counter() - began) / 50
    print(
        f"  a year: full {full:.1f} s, fast {fast:.3f} s, {full / fast:.0f} fast years in one full"
    )


def main() -> int:
    """Measure and print."""
    offers()
    years()
    worst = 0
    for row in ROWS:
        worst |= table.main(["--quick", "--only", row])
    return worst


if __name__ == "__main__":
    raise SystemExit(main())
