"""`make bench`: run every benchmark beside this file, each in a process of its own.

A benchmark is a program `bench_<what>.py` that prints its measurements, one a line.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Run those whose name holds a word given as argument, or all."""
    failed = 0
    for path in sorted(HERE.glob("bench_*.py")):
        if all(word in path.stem for word in sys.argv[1:]):
            print(f"{path.stem.removeprefix('bench_')}:", flush=True)
            environment = {**os.environ, "SAPAR_MODE": "test", "PYTHONPATH": str(HERE.parent)}
            done = subprocess.run([sys.executable, path], env=environment, check=False)
            failed += bool(done.returncode)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
