"""The command line in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from sapar.cli.main import sapar

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result


@pytest.fixture
def run_sapar() -> Callable[..., Result]:
    """`run_sapar("jobs", "list")`: the result with its output and exit code."""
    return lambda *words: CliRunner().invoke(sapar, ["--language", "en", *words])
