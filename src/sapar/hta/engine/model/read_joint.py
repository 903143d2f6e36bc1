"""The section `joint`: groups of parameters that are drawn together."""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from sapar.hta.engine.model.section import Found
from sapar.hta.engine.uncertainty.joint import COPULA, DIRICHLET, KINDS, NORMAL, Joint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sapar.hta.engine.model.reader import Reader
    from sapar.hta.engine.model.section import Known
    from sapar.hta.engine.model.yaml import Place

    Numbers = NDArray[np.float64]

PAIR = re.compile(r"\s*(\w+)\s*,\s*(\w+)\s*")
MOST = 200
"""Parameters of one group."""
LARGE = 1e15
DEFINITE = 1e-10
"""The least eigenvalue of a matrix of correlations must be above this."""
KEYS = {
    NORMAL: ("kind", "of", "mean", "se", "covariance", "covariances", "correlation",
             "correlations"),
    DIRICHLET: ("kind", "of", "counts", "prior"),
    COPULA: ("kind", "of", "family", "freedom", "measure", "correlation", "correlations"),
}  # fmt: skip


def _names(r: Reader, place: Place, known: Known, taken: dict[str, str]) -> tuple[str, ...]:
    """The parameters of a group: known, each in one group, each with one value."""
    inside = r.part(place, "of")
    if inside is None or not isinstance(inside.value, CommentedSeq) or len(inside.value) < 2:
        r.note("joint_names", inside or place, "" if inside is None else inside.value)
        return ()
    found = []
    for k, each in enumerate(inside.value):
        name, here = str(each), inside.at(k)
        if name not in known.parameters:
            r.note("joint_unknown", here, name)
        elif "" not in known.parameters[name].values:
            r.note("drawn_once", here, name)
        elif name in taken:
            r.note("joint_twice", here, name, group=taken[name])
        else:
            taken[name] = place.path.rpartition(".")[2]
            found.append(name)
    whole = len(found) == len(inside.value) and len(found) <= MOST
    return tuple(found) if whole else ()


def _numbers(r: Reader, place: Place, names: tuple[str, ...], least: float) -> tuple[float, ...]:
    """One number for each name: a list in their order, or a mapping by name."""
    if isinstance(place.value, CommentedMap):
        r.mapping(place, names, names)
        return tuple(
            r.number(place.at(name), least, LARGE) if name in place.value else 1.0 for name in names
        )
    if not isinstance(place.value, CommentedSeq) or len(place.value) != len(names):
        r.note("joint_size", place, place.value, wanted=len(names))
        return ()
    return tuple(r.number(place.at(k), least, LARGE) for k in range(len(names)))


def _square(r: Reader, place: Place, names: tuple[str, ...]) -> Numbers | None:
    """A matrix: whole rows, or each row up to its diagonal."""
    size = len(names)
    if not isinstance(place.value, CommentedSeq) or len(place.value) != size:
        r.note("joint_size", place, place.value, wanted=size)
        return None
    rows = [place.at(k) for k in range(size)]
    first = rows[0].value
    triangle = isinstance(first, CommentedSeq) and len(first) == 1
    found = np.zeros((size, size))
    for k, row in enumerate(rows):
        length = k + 1 if triangle else size
        if not isinstance(row.value, CommentedSeq) or len(row.value) != length:
            r.note("joint_size", row, row.value, wanted=length)
            return None
        for j in range(length):
            found[k, j] = r.number(row.at(j), -LARGE, LARGE)
            if triangle:
                found[j, k] = found[k, j]
    apart = np.abs(found - found.T) > 1e-9 * np.abs(found).max()
    if apart.any():
        k, j = (int(each[0]) for each in np.nonzero(apart))
        r.note("joint_symmetric", place.at(k), f"{names[k]}, {names[j]}")
        return None
    return np.asarray((found + found.T) / 2)


def _pairs(r: Reader, place: Place, names: tuple[str, ...], found: Numbers) -> None:
    """Numbers by pairs, `a, b: 0.3`, into a matrix; pairs that are not named are 0."""
    if not r.mapping(place, None):
        return
    for key, inside in place.items():
        pair = PAIR.fullmatch(key)
        if pair is None or pair[1] == pair[2] or not {pair[1], pair[2]} <= set(names):
            r.note("joint_pair", inside, key, known=", ".join(names))
            continue
        k, j = names.index(pair[1]), names.index(pair[2])
        found[k, j] = found[j, k] = r.number(inside, -LARGE, LARGE)


def _definite(r: Reader, place: Place, names: tuple[str, ...], matrix: Numbers) -> bool:
    """Whether a matrix can be one of covariances: by its correlations, free of units."""
    spread = np.sqrt(np.clip(np.diag(matrix), 0, None))
    if (spread <= 0).any():
        r.note("joint_spread", place, names[int(np.argmin(spread))])
        return False
    scaled = matrix / np.outer(spread, spread)
    for k, j in combinations(range(len(names)), 2):
        if abs(scaled[k, j]) >= 1:
            r.note("joint_correlation", place, f"{names[k]}, {names[j]}: {scaled[k, j]:.4g}")
            return False
    least = float(np.linalg.eigvalsh(scaled)[0])
    if least <= DEFINITE:
        r.note("joint_definite", place, f"{least:.3g}")
        return False
    return True


def _covariances(r: Reader, place: Place, names: tuple[str, ...]) -> Numbers | None:
    """The covariances of a normal group: a matrix, or standard errors with pairs."""
    whole, se = r.part(place, "covariance"), r.part(place, "se")
    ways = [r.part(place, key) for key in ("covariances", "correlations", "correlation")]
    if (whole is None) == (se is None) or (whole is not None and any(ways)) or (
        sum(each is not None for each in ways) > 1
    ):  # fmt: skip
        r.note("joint_matrix", place, place.path)
        return None
    if whole is not None:
        return _square(r, whole, names)
    errors = np.array(() if se is None else _numbers(r, se, names, 0.0))
    if len(errors) != len(names):
        return None
    pairs, shares, square = ways
    if pairs is not None:
        found = np.diag(errors**2)
        _pairs(r, pairs, names, found)
        return found
    given = np.eye(len(names)) if square is None else _square(r, square, names)
    if given is None:
        return None
    if shares is not None:
        _pairs(r, shares, names, given)
    return np.asarray(given * np.outer(errors, errors))


def _read_normal(r: Reader, place: Place, names: tuple[str, ...], known: Known) -> Joint | None:
    for name in names:
        if known.parameters[name].distribution is not None:
            r.note("joint_twice", place.at("of"), name, group="distribution")
    mean = r.part(place, "mean")
    means = () if mean is None else _numbers(r, mean, names, -LARGE)
    matrix = _covariances(r, place, names)
    if matrix is None or not _definite(r, place, names, matrix):
        return None
    return Joint("", NORMAL, names, tuple(map(tuple, matrix.tolist())), means)


def _read_dirichlet(r: Reader, place: Place, names: tuple[str, ...], known: Known) -> Joint | None:
    for name in names:
        if known.parameters[name].distribution is not None:
            r.note("joint_twice", place.at("of"), name, group="distribution")
    inside, prior = r.part(place, "counts"), r.part(place, "prior")
    if inside is None:
        r.note("missing", place, "counts")
        return None
    more = 0.0 if prior is None else r.number(prior, 0, LARGE)
    counts = tuple(each + more for each in _numbers(r, inside, names, 0.0))
    for name, each in zip(names, counts, strict=False):
        if each <= 0:
            r.note("joint_count", inside, name)
    return Joint("", DIRICHLET, names, counts=counts)


def _margins(r: Reader, place: Place, names: tuple[str, ...], known: Known) -> None:
    """Every parameter of a copula has a distribution; whether it can be drawn was looked at."""
    for name in names:
        if known.parameters[name].distribution is None:
            r.note("joint_margin", place.at("of"), name)


def _of_scores(
    r: Reader, place: Place, names: tuple[str, ...], measure: str
) -> tuple[tuple[float, ...], ...] | None:
    """The correlations of the scores of a copula, from those of the ranks.

    Kruskal, Journal of the American Statistical Association 1958;53:814-61: 2 sin(π ρ / 6) of
    Spearman's, sin(π τ / 2) of Kendall's.
    """
    square, pairs = r.part(place, "correlation"), r.part(place, "correlations")
    if (square is None) == (pairs is None):
        r.note("joint_matrix", place, place.path)
        return None
    found = np.eye(len(names)) if square is None else _square(r, square, names)
    if found is None:
        return None
    if pairs is not None:
        _pairs(r, pairs, names, found)
    if not _definite(r, place, names, found):
        return None
    if measure == "spearman":
        found = 2 * np.sin(np.pi * found / 6)
    elif measure == "kendall":
        found = np.sin(np.pi * found / 2)
    np.fill_diagonal(found, 1.0)
    return tuple(map(tuple, found.tolist())) if _definite(r, place, names, found) else None


def _read_copula(r: Reader, place: Place, names: tuple[str, ...], known: Known) -> Joint | None:
    _margins(r, place, names, known)
    family = r.choice(place, "family", ("normal", "t"), "normal")
    measure = r.choice(place, "measure", ("spearman", "kendall", "scores"), "spearman")
    inside = r.part(place, "freedom")
    if (family == "t") != (inside is not None):
        r.note("joint_freedom", place, family)
    if family == "t" and measure == "spearman":
        # No closed form joins Spearman's correlation to that of t scores.
        r.note("joint_measure", place, measure)
    matrix = _of_scores(r, place, names, measure)
    freedom = float("inf") if inside is None else r.number(inside, 1, 1e6)
    return None if matrix is None else Joint("", COPULA, names, matrix, freedom=freedom)


def read_joint(r: Reader, place: Place, known: Known) -> Found:
    """Read the groups; every mistake is noted with its line.

    Args:
        r: notes mistakes.
        place: the section.
        known: what it may name.

    Returns:
        A tuple of `Joint`.
    """
    found: list[Joint] = []
    taken: dict[str, str] = {}
    if not r.mapping(place, None):
        return Found(())
    readers = {NORMAL: _read_normal, DIRICHLET: _read_dirichlet, COPULA: _read_copula}
    for name, inside in place.items():
        r.name(inside, name)
        if not r.mapping(inside, None, ("kind", "of")):
            continue
        kind = r.choice(inside, "kind", KINDS, NORMAL)
        r.mapping(inside, KEYS[kind])
        before = len(r.problems)
        names = _names(r, inside, known, taken)
        made = readers[kind](r, inside, names, known) if names else None
        if made is not None and len(r.problems) == before:
            found.append(
                Joint(
                    name, kind, made.of, made.matrix, made.mean, made.counts, made.freedom,
                    inside.where,
                )
            )  # fmt: skip
    # What a row leaves over need not stand in an expression.
    rests = [name for each in found if each.kind == DIRICHLET for name in each.of]
    return Found(tuple(found), touches=tuple(rests))
