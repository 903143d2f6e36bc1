"""A web process stays light: no page may load a solver."""

from __future__ import annotations

import os
import subprocess
import sys

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
