"""The public benchmark: what it lists, and that its page says what was found."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.proton.instances import all_instances
from benchmarks.proton.page import page
from benchmarks.proton.table import BEST, Row, keep, verdict

ROOT = Path(__file__).parents[2]
KNOWN: dict[str, dict[str, Any]] = json.loads(BEST.read_text(encoding="utf-8"))


def test_there_are_sixty_rows_and_more_of_three_families() -> None:
    rows = all_instances()
    assert len({each.name for each in rows}) == len(rows) >= 60
    assert min(Counter(each.family for each in rows).values()) >= 15


def test_every_row_has_a_best_known_value_and_none_beats_its_bound() -> None:
    assert KNOWN.keys() == {each.name for each in all_instances()}
    for name, entry in KNOWN.items():
        assert entry["by"], name
        assert entry.get("bound", 0) <= entry["best"][0] + 1e-6, name
        assert "bound" in entry or name.startswith("replan"), name


def test_every_day_is_known_to_a_hundredth() -> None:
    for name, entry in KNOWN.items():
        if name.startswith("day"):
            assert (entry["best"][0] - entry["bound"]) / entry["best"][0] <= 0.01, name


def test_the_page_of_the_documentation_is_made_of_the_best_known_values() -> None:
    shown = (ROOT / "docs" / "reference" / "proton-benchmark.md").read_text(encoding="utf-8")
    assert shown == "".join(page(KNOWN))


def test_a_row_on_which_a_peer_is_ahead_says_so() -> None:
    row = Row("x", (5.0, 2.0), 4.0, 1.0, {"one": (5.0, 3.0), "other": (4.0, 9.0)}, "")
    assert verdict(row) == "BEHIND other"
    row.peers["other"] = (5.0, 2.0)
    assert verdict(row) == "equal to other: no better plan found"
    row.bound = 5.0
    assert verdict(row) == "equal to other: the value is proven best"


def test_a_worse_run_changes_no_best_known_value(tmp_path: Path, monkeypatch: Any) -> None:
    file = tmp_path / "known.json"
    monkeypatch.setattr("benchmarks.proton.table.BEST", file)
    keep([Row("x", (5.0,), 3.0, 1.0, {"peer": (4.0,)}, "first")])
    keep([Row("x", (6.0,), 2.0, 1.0, {"peer": None}, "second")])
    assert json.loads(file.read_text()) == {
        "x": {"best": [4.0], "by": "peer", "bound": 3.0, "bound_by": "first"}
    }
