"""A web process stays light: no page may load a solver."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HEAVY = ["ortools", "scipy", "numba", "pydicom", "pandas", "matplotlib", "sphinx", "playwright"]
PROGRAM = """
import importlib, pathlib, sys
import django
django.setup()
import sapar.site.urls
root = pathlib.Path(sapar.site.__file__).parent.parent
for path in root.rglob("*.py"):
    name = ".".join(("sapar", *path.relative_to(root).with_suffix("").parts))
    if "engine" in path.parts:  # a file of an engine may be called "forms", too
        continue
    if path.stem in {"views", "urls", "forms", "panels"} or "views" in path.parent.name:
        importlib.import_module(name.removesuffix(".__init__"))
import sapar.site.wsgi
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


def test_no_view_loads_a_solver_or_a_development_tool() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "sapar.site.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert not loaded & set(HEAVY)


READING = """
import pathlib, sys
from sapar.hta.engine.eligibility.report import for_patient
from sapar.hta.engine.model.read import read_model
for path in pathlib.Path(sys.argv[1]).glob("*.yaml"):
    read_model(path.read_text(encoding="utf-8"))
chooses = read_model(pathlib.Path(sys.argv[1], "migraine.yaml").read_text(encoding="utf-8") + (
    "eligibility: {difference: 'normal(mean=0.1, sd=0.05)', cost: 9, loss: 0.5, threshold: 60}"
))
for_patient(chooses, 0.1, 0.05, 0.15)
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


def test_a_page_that_reads_a_model_or_judges_one_patient_loads_no_solver() -> None:
    shelf = Path(__file__).parents[2] / "data" / "hta"
    done = subprocess.run(
        [sys.executable, "-c", READING, str(shelf)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not set(done.stdout.split()) & set(HEAVY)
