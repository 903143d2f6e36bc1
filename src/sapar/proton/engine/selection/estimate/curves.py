"""From Hounsfield units to stopping power relative to water, by the scanner's own curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sapar.values.marks import Mark
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sapar.proton.engine.selection.estimate.data import Curve


def curve_for(scanner: str, curves: Sequence[Curve]) -> tuple[Curve, tuple[Problem, ...]]:
    """The curve of a scanner.

    Args:
        scanner: manufacturer, model and kVp as sent with the image.
        curves: known curves; one of them is `generic`.

    Returns:
        The first curve all of whose words are in the scanner's name, and what is to be said. For an
        unknown scanner the generic curve, which is never more than unverified: what is computed
        with it may only say whether a plan at the centre is worth while.
    """
    words = scanner.casefold()
    for curve in curves:
        if curve.scanner and all(word.casefold() in words for word in curve.scanner):
            problems = () if curve.source.mark is Mark.VERIFIED else (
                Problem.of("proton.dose.curve_unverified", where="image.scanner", value=scanner,
                           fatal=False, curve=curve.code),
            )  # fmt: skip
            return curve, problems
    generic = next(curve for curve in curves if not curve.scanner)
    said = Problem.of(
        "proton.dose.scanner_unknown", where="image.scanner", value=scanner, fatal=False,
        curve=generic.code,
    )  # fmt: skip
    return generic, (said,)


def stopping_power(hu: NDArray[Any], curve: Curve) -> NDArray[np.float32]:
    """Stopping power relative to water, linear between the curve's points, constant beyond."""
    return np.asarray(np.interp(hu, curve.hu, curve.power), dtype=np.float32)


def hounsfield(power: NDArray[np.float32], curve: Curve) -> NDArray[np.float32]:
    """The Hounsfield units that a curve turns into this stopping power (rising part of it)."""
    rising = np.concatenate([np.diff(curve.power) > 0, [True]])  # of equal values the last
    found = np.interp(power, curve.power[rising], curve.hu[rising])
    return np.asarray(found, dtype=np.float32)
