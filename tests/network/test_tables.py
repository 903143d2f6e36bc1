"""The documentation's tables are those of the files."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from sapar.network.cli import network

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "data.md"


def test_the_reference_page_says_what_the_files_say():
    run = CliRunner().invoke(network, ["tables"])
    assert run.exit_code == 0
    assert run.output == PAGE.read_text(encoding="utf-8"), (
        "run: sapar network tables > docs/reference/data.md"
    )
