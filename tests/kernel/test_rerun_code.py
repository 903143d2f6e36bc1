"""The digest of the engine covers every module of ours that has a say in an answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import sapar
from sapar.hta import lock as hta
from sapar.kernel.rerun import code
from sapar.proton import lock as proton

SOURCE = Path(sapar.__file__).parents[1]
LOADED = """
import importlib, pkgutil, sys
found = importlib.import_module(sys.argv[1])
for each in pkgutil.walk_packages(found.__path__, found.__name__ + "."):
    importlib.import_module(each.name)
print("\\n".join(name for name in sys.modules if name.partition(".")[0] == "sapar"))
"""


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A made engine, what it imports, and what it does not."""
    for name, text in {
        "made/__init__.py": "",
        "made/engine/__init__.py": "from made.engine import rule\n",
        "made/engine/rule.py": "import numpy\nfrom made.shared.bed import bed\n",
        "made/engine/late.py": "def f():\n    from ..other import words\n    return words\n",
        "made/engine/types.py": (
            "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from made.pages import Page\nelse:\n    import made.plain\n"
        ),
        "made/shared/__init__.py": "",
        "made/shared/bed.py": "from . import powers\nbed = 2\n",
        "made/shared/powers.py": "",
        "made/shared/alone.py": "",
        "made/other/__init__.py": "from .deep.told import x as y\n",
        "made/other/words.py": "",
        "made/other/deep/told.py": "x = 1\n",
        "made/pages.py": "import made.engine.rule\n",
        "made/plain.py": "",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_what_an_engine_imports_is_covered_and_nothing_else(made: Path) -> None:
    found = code.modules_of("made.engine", made)
    assert set(found) == {
        "made", "made.engine", "made.engine.rule", "made.engine.late", "made.engine.types",
        "made.shared", "made.shared.bed", "made.shared.powers",
        "made.other", "made.other.words", "made.other.deep.told", "made.plain",
    }  # fmt: skip
    assert found["made.shared.bed"] == made / "made" / "shared" / "bed.py"


@pytest.mark.parametrize(
    ("changed", "counts"),
    [
        ("made/engine/rule.py", True),
        ("made/shared/bed.py", True),
        ("made/shared/powers.py", True),
        ("made/other/deep/told.py", True),
        ("made/shared/alone.py", False),
        ("made/pages.py", False),
    ],
)
def test_a_change_in_what_it_imports_gives_another_digest(
    made: Path, changed: str, *, counts: bool
) -> None:
    before = code.digest_of("made.engine", made)
    assert code.digest_of("made.engine", made) == before
    (made / changed).write_text((made / changed).read_text() + "# other\n")
    assert (code.digest_of("made.engine", made) != before) is counts


@pytest.mark.parametrize("engine", [hta.ENGINE, proton.ENGINE])
def test_no_module_that_an_engine_loads_is_left_out(engine: str) -> None:
    found = code.modules_of(engine, SOURCE)
    # The interpreter itself is the second opinion: what it has loaded after all of the engine.
    said = subprocess.run(
        [sys.executable, "-c", LOADED, engine], capture_output=True, text=True, check=True
    )
    loaded = set(said.stdout.split())
    assert "sapar.values.statements" in loaded
    assert loaded - set(found) == set()
    assert not any(".views" in name for name in found)


def test_what_the_selection_shares_with_the_planning_counts() -> None:
    assert "sapar.proton.engine.scheduling.compensation" in code.modules_of(proton.ENGINE, SOURCE)
