"""Studies a minute from upload to the verdict of stage 0, beside merely reading the files."""

from __future__ import annotations

from benchmarks.proton.selection import main

if __name__ == "__main__":
    raise SystemExit(main())
