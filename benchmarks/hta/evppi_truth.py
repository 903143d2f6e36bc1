"""The worth of knowing some parameters of Sick-Sicker by nested simulation, kept as a number.

For every point of the known parameters the model is run on points of all others; no regression is
involved. Points are scrambled Sobol points, the same ones of the others everywhere; the error is
that of independent scrambles. It takes some minutes; `evppi_truth.json` keeps what it found, and a
test holds the regression against that.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from scipy.stats import qmc

from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.uncertainty.draws import drawn_names, stream
from sapar.hta.engine.uncertainty.evppi import evppi
from sapar.hta.engine.uncertainty.sample import sample, work_out
from sapar.hta.engine.uncertainty.uniforms import axes_of, from_points

ROOT = Path(__file__).parents[2]
MODEL = read_model((ROOT / "data" / "hta" / "sick-sicker.yaml").read_text(encoding="utf-8"))
KEPT = Path(__file__).with_suffix(".json")
SETS = (("u_S1", "c_A", "c_B", "u_A", "hr_B"), ("u_S1",), ("c_A",), ("c_B",))
THRESHOLD = 100_000.0
OUTER, INNER, SCRAMBLES, CHUNK = 2_048, 128, 8, 32


def once(names: tuple[str, ...], scramble: int) -> float:
    """One scramble's estimate."""
    others = [name for name in drawn_names(MODEL) if name not in names]
    rng = stream(1, "truth:" + ",".join(names), scramble)
    outer = qmc.Sobol(axes_of(MODEL, names), scramble=True, rng=rng).random(OUTER).T
    inner = qmc.Sobol(axes_of(MODEL, others), scramble=True, rng=rng).random(INNER).T
    known, rest = from_points(MODEL, names, outer), from_points(MODEL, others, inner)
    means = []
    for since in range(0, OUTER, CHUNK):
        drawn = {
            name: np.repeat(each[since : since + CHUNK], INNER) for name, each in known.items()
        }
        drawn |= {name: np.tile(each, CHUNK) for name, each in rest.items()}
        costs, effects = work_out(MODEL, drawn, CHUNK * INNER)
        benefit = effects * THRESHOLD - costs
        means.append(benefit.reshape(len(benefit), CHUNK, INNER).mean(axis=2))
    all_ = np.concatenate(means, axis=1)
    return float(all_.max(axis=0).mean() - all_.mean(axis=1).max())


def main() -> None:
    """Work it out, keep it, and print it beside the regression."""
    kept = []
    for names in SETS:
        values = [once(names, scramble) for scramble in range(SCRAMBLES)]
        truth = float(np.mean(values))
        error = float(np.std(values, ddof=1) / np.sqrt(SCRAMBLES))
        kept.append({"names": list(names), "threshold": THRESHOLD, "value": truth, "error": error})
        print(f"  {', '.join(names)}: {truth:.1f} ± {error:.1f} by nested simulation")
        for number in (10_000, 100_000):
            found = evppi(sample(MODEL, number, 1), names, THRESHOLD)
            print(f"    {number} draws: {found.value:.1f} ± {found.error:.1f} by regression")
    KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
