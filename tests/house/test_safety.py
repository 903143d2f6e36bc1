"""The hazard log names tests that exist: a control without a test is not a control."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "safety.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1:-1] for line in PAGE.splitlines() if re.match(r"\| \d+ \|", line)]
ALL_TESTS = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/*.py"))


def test_hazards_are_numbered_without_a_gap() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, len(ROWS) + 1))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1].strip())
def test_every_control_is_shown_by_something_that_exists(row: list[str]) -> None:
    shown = row[5]
    named = re.findall(r"`([^`]+)`", shown)
    assert named, "a control without a test"
    for name in named:
        path, _, function = name.partition("::")
        if path.startswith("tests/"):
            assert (ROOT / path).exists(), path
        if path.startswith("test_"):
            function = path
        if function:
            assert f"def {function}(" in ALL_TESTS, function


def test_every_severity_is_one_of_three() -> None:
    assert {row[3].strip() for row in ROWS} <= {"S1", "S2", "S3"}
