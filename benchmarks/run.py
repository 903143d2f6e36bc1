"""`make bench`: run every benchmark beside this file, each on a database of its own.

A benchmark is a program `bench_<what>.py` that prints its measurements, one a line: a time, and
the ratio to a peer or a bound measured in the same run, because machines are noisy.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Run those whose name holds a word given as argument, or all."""
    failed = 0
    for path in sorted(HERE.glob("bench_*.py")):
        if not all(word in path.stem for word in sys.argv[1:]):
            continue
        print(f"{path.stem.removeprefix('bench_')}:", flush=True)
        with tempfile.TemporaryDirectory(prefix="sapar-bench-") as folder:
            environment = {
                "OPENBLAS_NUM_THREADS": "1",  # as every process of `sapar`
                **os.environ,
                "SAPAR_MODE": "test",
                "SAPAR_VAR": folder,
                "SAPAR_DATABASE_URL": f"sqlite://{folder}/bench.sqlite3",
                "PYTHONPATH": str(HERE.parent),
            }
            done = subprocess.run([sys.executable, path], env=environment, check=False)
        failed += bool(done.returncode)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
