"""A large planning study read, and 10,000 files scanned: time and memory, in one run."""

from __future__ import annotations

from benchmarks.proton.studies import main

if __name__ == "__main__":
    raise SystemExit(main())
