"""The one place that says how inner loops are compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")


def compiled(function: F) -> F:
    """Compile a function of arrays and numbers to machine code, kept on disk between runs.

    The same numbers come out with and without compiling: no fast-math, no threads.
    """
    made: Any = numba.njit(cache=True, fastmath=False, boundscheck=False)(function)
    return made  # type: ignore[no-any-return] # numba's dispatcher is called as the function is
