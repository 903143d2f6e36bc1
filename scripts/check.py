"""`make check`: everything that is proved without running the product, side by side.

Each check is a command; its words are shown only when it fails. The same for people, hooks
and continuous integration.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTHON = sys.executable

CHECKS: dict[str, list[str | Path]] = {
    # The slowest stand first.
    "types (mypy --strict)": [BIN / "mypy"],
    "docs (Sphinx, warnings are errors)": [PYTHON, "scripts/docs.py"],
    "floors (import-linter)": [BIN / "lint-imports", "--no-cache"],
    "dependencies (deptry)": [BIN / "deptry", "src"],
    "migrations": [BIN / "sapar", "manage", "makemigrations", "--check", "--dry-run"],
    "Django's own checks": [BIN / "sapar", "manage", "check", "--fail-level", "WARNING"],
    "messages in five languages": [PYTHON, "scripts/messages.py", "check"],
    "lint (ruff)": [BIN / "ruff", "check", "--quiet"],
    "format (ruff)": [BIN / "ruff", "format", "--check", "--quiet"],
}


def run(name: str) -> tuple[str, int, float, str]:
    """One check: its name, exit code, seconds and words."""
    began = time.monotonic()
    done = subprocess.run(
        CHECKS[name],
        cwd=ROOT,
        env={**os.environ, "SAPAR_MODE": "test", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return name, done.returncode, time.monotonic() - began, done.stdout


def main() -> int:
    """Run all checks, or those whose name holds a word given as argument."""
    names = [n for n in CHECKS if all(word in n for word in sys.argv[1:])]
    failed = []
    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2)) as pool:
        for name, code, seconds, words in pool.map(run, names):
            print(f"{'FAILED' if code else 'ok    '} {name}, {seconds:.1f} s", flush=True)
            if code:
                failed.append(name)
                print("\n".join(f"       {line}" for line in words.strip().splitlines()[-60:]))
    if failed:
        print(f"\n{len(failed)} of {len(names)} checks failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
