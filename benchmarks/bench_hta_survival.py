"""Fits of survival beside lifelines on the same seeded data, and the numbers that a test keeps.

    python benchmarks/bench_hta_survival.py [--store]

lifelines gets an environment of its own under `.tools`, made once. With `--store` its numbers
become `tests/hta/data/lifelines.json`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from sapar.hta.engine.survival.data import Data
from sapar.hta.engine.survival.fit import fit, knots_of

ROOT = Path(__file__).parents[1]
PEER = ROOT / ".tools" / "lifelines"
PINNED = "lifelines==0.30.3"
STORE = ROOT / "tests" / "hta" / "data" / "lifelines.json"


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


def sets() -> dict[str, dict[str, Any]]:
    """Three sets of made-up times: plain, entered late, and weighted with a falling hazard."""
    rng = np.random.default_rng(20261126)
    found = {}
    for name, shape, late, weighted in (
        ("plain", 1.4, False, False),
        ("late", 1.8, True, False),
        ("weighted", 0.8, False, True),
    ):
        times = 4 * rng.weibull(shape, 250) * rng.gamma(4, 0.25, 250)
        ends = rng.uniform(0.5, 9, 250)
        entries = rng.uniform(0, 1.5, 250) * late * (rng.random(250) < 0.4)
        seen = np.minimum(times, ends)
        kept = (seen > entries + 1e-3) & (seen > 1e-3)
        found[name] = {
            "times": np.round(seen[kept], 4).tolist(),
            "events": (times <= ends)[kept].astype(int).tolist(),
            "entries": np.round(entries[kept], 4).tolist(),
            "weights": (rng.integers(1, 4, 250) if weighted else np.ones(250, int))[kept].tolist(),
        }
    return found


def data_of(each: dict[str, Any]) -> Data:
    """A set as the engine takes it."""
    return Data.of(**{key: np.array(values, dtype=float) for key, values in each.items()})


def main() -> None:
    """Fit, compare, print, and perhaps store."""
    python = peer()
    if python is None:
        print("  lifelines could not be installed: nothing to compare")
        return
    given = {n: {"data": each, "knots": knots_of(data_of(each), 1)} for n, each in sets().items()}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "data.json"
        file.write_text(json.dumps(given), encoding="utf-8")
        program = ROOT / "benchmarks" / "hta" / "peer_lifelines.py"
        said = subprocess.run([python, program, file], check=True, capture_output=True, text=True)
    theirs = json.loads(said.stdout)
    for name, laws in theirs["fitted"].items():
        data = data_of(given[name]["data"])
        for law, other in laws.items():
            if law == "kaplan_meier":
                continue
            began = time.perf_counter()
            ours = fit(law, data, knots=given[name]["knots"])
            mine = time.perf_counter() - began
            more = ours.log_likelihood - other["log_likelihood"]
            spent = other.pop("seconds")
            print(f"  {name:9} {law:14} {more:+.2e} {mine:.3f} s, theirs {spent:.3f} s")
    if "--store" in sys.argv:
        how = "made by benchmarks/bench_hta_survival.py --store: seeded times, fitted by lifelines"
        kept = {
            "how": how,
            "lifelines": theirs["version"],
            "date": datetime.now(UTC).date().isoformat(),
            "sets": {n: {**given[n], "fitted": theirs["fitted"][n]} for n in given},
        }
        STORE.parent.mkdir(exist_ok=True)
        STORE.write_text(json.dumps(kept) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
