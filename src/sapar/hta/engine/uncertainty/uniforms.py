"""Parameters from points of a cube: for designs of points that are evener than chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sapar.hta.engine.lazy import special
from sapar.hta.engine.uncertainty.distributions import law_of
from sapar.hta.engine.uncertainty.draws import drawn_names
from sapar.hta.engine.uncertainty.joint import (
    DIRICHLET,
    EDGE,
    NORMAL,
    groups_of,
    margins,
    means_of,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from sapar.hta.engine.model.model import AnyModel
    from sapar.hta.engine.uncertainty.joint import Joint

    Numbers = NDArray[np.float64]


def dirichlet(counts: Numbers, points: Numbers) -> Numbers:
    """Rows that sum to one, from points (places, N); `counts` broadcasts against them."""
    drawn = special.gammaincinv(counts, points)
    return np.asarray(drawn / np.maximum(drawn.sum(axis=0), 1e-300))


def _group(model: AnyModel, group: Joint, points: Numbers) -> Numbers:
    if group.kind == DIRICHLET:
        return dirichlet(np.array(group.counts)[:, None], points)
    lower = np.linalg.cholesky(np.array(group.matrix))
    scores = lower @ special.ndtri(points[: len(group.of)])
    if group.kind == NORMAL:
        return np.asarray(means_of(model, group)[:, None] + scores)
    if np.isfinite(group.freedom):
        chance = special.chdtri(group.freedom, 1 - points[len(group.of)])
        ranks = special.stdtr(group.freedom, scores / np.sqrt(chance / group.freedom))
    else:
        ranks = special.ndtr(scores)
    ranks = np.clip(ranks, EDGE, 1 - EDGE)
    laws = margins(model, group)
    return np.stack([law.quantile(row) for law, row in zip(laws, ranks, strict=True)])


def axes_of(model: AnyModel, names: Iterable[str]) -> int:
    """How many axes of the cube some parameters need; those of a group come together."""
    wanted, found = set(names), 0
    for group in groups_of(model):
        if wanted & set(group.of):
            found += len(group.of) + int(np.isfinite(group.freedom))
            wanted -= set(group.of)
    return found + len(wanted)


def from_points(model: AnyModel, names: Iterable[str], points: Numbers) -> dict[str, Numbers]:
    """Parameters at points of a cube.

    Args:
        model: the model.
        names: drawn parameters; whoever names one of a group gets the whole group.
        points: (axes, N), within 0 and 1, see `axes_of`.

    Returns:
        By parameter, (N,).
    """
    wanted = set(names)
    points = np.clip(points, EDGE, 1 - EDGE)
    found: dict[str, Numbers] = {}
    place = 0
    for group in groups_of(model):
        if not wanted & set(group.of):
            continue
        size = len(group.of) + int(np.isfinite(group.freedom))
        rows = _group(model, group, points[place : place + size])
        found.update(zip(group.of, rows, strict=True))
        place += size
        wanted -= set(group.of)
    for name in drawn_names(model):
        distribution = model.parameters[name].distribution
        if name in wanted and distribution is not None:
            found[name] = law_of(distribution).quantile(points[place])
            place += 1
    drawn = set(drawn_names(model))
    return {name: values for name, values in found.items() if name in drawn}
