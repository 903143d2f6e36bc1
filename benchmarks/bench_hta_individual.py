"""How fast people are followed one by one: the bounds of the acceptance list, in this run.

Illness and death: 1000 people, 1000 draws, 2 strategies, with shares of states, costs and QALYs.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sapar.hta.engine.individual.run import follow, has_compiler
from sapar.hta.engine.model.individual import Individual
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.uncertainty.draws import draw

if TYPE_CHECKING:
    from collections.abc import Callable

SHELF = Path(__file__).parents[1] / "data" / "hta"


def published(name: str) -> Individual:
    """A model of the shelf."""
    found = read_model((SHELF / f"{name}.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, Individual)
    return found


def seconds(work: Callable[[], object]) -> float:
    """One run."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def alone() -> None:
    """Illness and death in a process of its own, so that its memory is its own."""
    compiled = sys.argv[1] == "compiled"
    model = replace(published("illness-death"), horizon=55.0, grid=1.0)
    drawn = draw(model, 1_000, 1)
    follow(model, {name: each[:2] for name, each in drawn.items()}, 0, compiled=compiled)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.process_time()
    times = [seconds(lambda: follow(model, drawn, 0, compiled=compiled)) for _ in range(3)]
    core = (time.process_time() - began) / 3
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    bound = 1.2 if compiled else 15.0
    words = f"best of 3: {min(times):.2f} s (bound {bound:g}), {core:.2f} s of one core"
    words += f", {after:.0f} MB at most"
    print(f"  illness-death 1000 x 1000 x 2, {sys.argv[1]}: {words}, {before:.0f} before the run")


def main() -> None:
    """Measure and print."""
    for way in ("compiled", "plain"):
        if way == "plain" or has_compiler():
            subprocess.run([sys.executable, __file__, way], check=True)
    model = published("microsimulation-sick-sicker")
    took = seconds(lambda: follow(model, people=1_000_000))
    print(f"  Sick-Sicker microsimulation, 1,000,000 people x 2 x 30 cycles: {took:.2f} s")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        alone()
    else:
        main()
