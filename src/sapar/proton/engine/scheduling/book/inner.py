"""Compiled functions that only compiled functions call.

They have no entry from Python, which for tuples of eighty arrays takes longest to compile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")


def inner(function: F) -> F:
    """Compile a function for use inside compiled ones, kept on disk between runs."""
    compiler: Any = numba.njit
    made: Any = compiler(
        cache=True,
        fastmath=False,
        boundscheck=False,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
    )(function)
    return made  # type: ignore[no-any-return] # numba's dispatcher is called as the function is
