"""Build the documentation into docs/_build; a warning is an error."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sphinx.cmd.build import main

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"

if __name__ == "__main__":
    os.chdir(ROOT)
    words = ["-q", "-W", "--keep-going", "-b", "html", "-d", str(DOCS / "_build" / ".doctrees")]
    sys.exit(main([*words, str(DOCS), str(DOCS / "_build" / "html")]))
