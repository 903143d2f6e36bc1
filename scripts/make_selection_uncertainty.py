"""Print the covariances of data/proton/selection/models.yaml, to be pasted there.

    python scripts/make_selection_uncertainty.py

Head-and-neck models: Fisher information of 40 people with the doses of 150 patients of the
made cohort. 40 is the size with which sampled coefficients alone leave, in that cohort, the
published median agreement of just above 70 % (repub.eur.nl/pub/101704). Parotid flow: 222 people,
pneumonitis 382, as published, on doses that are stated here. A test holds the file to this.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sapar.proton.engine.selection.assess.cohort import cohort, people
from sapar.proton.engine.selection.models.information import covariance
from sapar.proton.engine.selection.models.library import read_models
from sapar.proton.engine.selection.rules.protocol import read_protocols

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sapar.proton.engine.selection.models.library import Library
    from sapar.proton.engine.selection.rules.protocol import Protocols

FOLDER = Path(__file__).parents[1] / "data" / "proton" / "selection"
EFFECTIVE, MADE, SEED = 40, 150, 2026
PAROTID = (222, (9.2, 19.7, 26.0, 27.9, 30.2, 31.1, 32.2, 35.2, 37.9, 41.3, 45.0))
LUNG = (382, (5.0, 10.0, 15.0, 20.0, 25.0))
STATED = {"parotid-flow-left": PAROTID, "parotid-flow-right": PAROTID, "pneumonitis": LUNG}


def covariances(library: Library, protocols: Protocols) -> dict[str, NDArray[np.float64]]:
    """The covariance of every model that gets one here, by id."""
    documents = cohort(MADE, SEED)
    found = {}
    for model in library.models.values():
        if model.source.id == "psi-port":
            group = people(model, documents, library, protocols)
            found[model.id] = covariance(model, group, EFFECTIVE)
        elif model.id in STATED:
            n, doses = STATED[model.id]
            found[model.id] = covariance(model, [({model.inputs[0]: d}, {}) for d in doses], n)
    return found


def block(library: Library, name: str, matrix: NDArray[np.float64]) -> str:
    """The YAML of one model's uncertainty."""
    model = library.models[name]
    stated = STATED.get(name)
    source = "information-effective" if stated is None else "information-cohort"
    method = f"{EFFECTIVE} people with the doses of {MADE} made patients (seed {SEED})"
    if stated is not None:
        method = f"{stated[0]} people at mean doses of {', '.join(f'{d:g}' for d in stated[1])} Gy"
    lines = [
        "    uncertainty:",
        "      kind: covariance",
        f"      source: {source}",
        f"      method: {method}",
        f"      order: [{', '.join(term.name for term in model.terms)}]",
        "      rows:",
    ]
    for index, row in enumerate(matrix.tolist()):
        lines.append(f"        - [{', '.join(f'{v:.6e}' for v in row[: index + 1])}]")
    return "\n".join(lines)


def main() -> None:
    """Print every block under the id of its model."""
    library = read_models((FOLDER / "models.yaml").read_text(encoding="utf-8"))
    text = (FOLDER / "protocols.yaml").read_text(encoding="utf-8")
    protocols = read_protocols(text, library)
    for name, matrix in covariances(library, protocols).items():
        sys.stdout.write(f"# {name}\n{block(library, name, matrix)}\n")


if __name__ == "__main__":
    main()
