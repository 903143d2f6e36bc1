"""How fast a probabilistic analysis is, beside heormodel on the same draws in the same run.

heormodel gets an environment of its own under `.tools`, made once; where no index can be reached
the ratio is left out. Its answers must be ours to ten digits: another engine, other hands.
"""

from __future__ import annotations

import json
import subprocess
import sys
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


def alone(file: Path, number: int, workers: int) -> dict[str, float]:
    """A probabilistic analysis in a process of its own: seconds after compilation, and memory."""
    program = (
        "import json, resource, sys, time\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from sapar.hta.engine.model.read import read_model\n"
        "from sapar.hta.engine.uncertainty.sample import sample\n"
        "model = read_model(open(sys.argv[1], encoding='utf-8').read())\n"
        "number, workers = int(sys.argv[2]), int(sys.argv[3])\n"
        "sample(model, 10, 1)\n"
        "began = time.perf_counter()\n"
        "with ThreadPoolExecutor(workers) as executor:\n"
        "    sample(model, number, 1, executor=executor)\n"
        "took = time.perf_counter() - began\n"
        "most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "print(json.dumps({'seconds': took, 'MiB': most}))\n"
    )
    command = [sys.executable, "-c", program, str(file), str(number), str(workers)]
    said = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(said.stdout))


def shelf() -> None:
    """Models of the shelf and the largest memory that was promised."""
    data = ROOT / "data" / "hta"
    for file, number, workers in (
        (data / "sick-sicker.yaml", 100_000, 1),
        (data / "hip-replacement.yaml", 1_000, 1),
        (data / "sick-sicker-residence.yaml", 1_000, 1),
        (ROOT / "benchmarks" / "hta" / "semi-markov.yaml", 10_000, 2),
    ):
        found = alone(file, number, workers)
        print(
            f"  {file.stem}, {number} draws, {workers} workers: {found['seconds']:.2f} s, "
            f"at most {found['MiB']:.0f} MiB"
        )


def main() -> None:
    """Measure and print."""
    times = {}
    shelf()
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
