"""How fast a probabilistic analysis is, beside heormodel on the same draws in the same run.

heormodel gets an environment of its own under `.tools`, made once; where no index can be reached
the ratio is left out. Its answers must be ours to ten digits: another engine, other hands.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.uncertainty.draws import draw
from sapar.hta.engine.uncertainty.evppi import evppi
from sapar.hta.engine.uncertainty.sample import sample

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
MODEL = read_model((ROOT / "data" / "hta" / "sick-sicker.yaml").read_text(encoding="utf-8"))
PEER = ROOT / ".tools" / "heormodel"
PINNED = "heormodel==0.7.4"
TOGETHER = (["u_S1", "c_A", "c_B", "u_A", "hr_B"], ["c_A", "c_B"], ["u_H", "u_S1", "u_S2"])


def seconds(work: Callable[[], object], runs: int = 5) -> float:
    """The median of some runs."""
    times = []
    for _run in range(runs):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return median(times)


def peer() -> Path | None:
    """The peer's Python, or None where it cannot be installed."""
    python = PEER / "bin" / "python"
    if not python.exists():
        uv = ROOT / ".tools" / "uv" / "bin" / "uv"
        made = subprocess.run([uv, "venv", "-q", PEER], check=False)
        if made.returncode == 0:
            command = [uv, "pip", "install", "-q", "--python", python, PINNED]
            made = subprocess.run(command, check=False)
        if made.returncode:
            return None
    return python


def beside(python: Path, number: int) -> dict[str, Any]:
    """The peer on our draws."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "draws.json"
        drawn = {name: values.tolist() for name, values in draw(MODEL, number, 1).items()}
        file.write_text(json.dumps(drawn), encoding="utf-8")
        program = ROOT / "benchmarks" / "hta" / "peer_heormodel.py"
        said = subprocess.run([python, program, file], check=True, capture_output=True, text=True)
    return dict(json.loads(said.stdout))


def main() -> None:
    """Measure and print."""
    times = {}
    for number in (1_000, 10_000):
        drawn = draw(MODEL, number, 1)
        times[number] = seconds(lambda drawn=drawn: evaluate(MODEL, drawn))  # type: ignore[misc]
        whole = seconds(lambda number=number: sample(MODEL, number, 1))  # type: ignore[misc]
        print(f"  Sick-Sicker, {number} draws: {times[number]:.3f} s; with drawing {whole:.3f} s")
    python = peer()
    if python is None:
        print("  heormodel could not be installed: no ratio")
    else:
        other = beside(python, 1_000)
        ours = sample(MODEL, 1_000, 1)
        assert np.allclose(ours.costs, other["costs"], rtol=1e-10, atol=0)
        assert np.allclose(ours.effects, other["effects"], rtol=1e-10, atol=0)
        print(
            f"  heormodel, the same 1000 draws: {other['seconds']:.3f} s, "
            f"{other['seconds'] / times[1_000]:.0f} times ours; all 8000 figures agree to 1e-10"
        )
    found = sample(MODEL, 10_000, 1)
    sets = [[name] for name in found.parameters] + list(TOGETHER)
    began = time.perf_counter()
    for names in sets:
        evppi(found, names, 100_000.0)
    print(f"  EVPPI of {len(sets)} sets on 10000 draws: {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()
