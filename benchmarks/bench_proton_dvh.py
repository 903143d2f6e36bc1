"""Dose-volume histograms beside dicompyler-core and beside stored curves, in one run."""

from __future__ import annotations

from benchmarks.proton.dvh import main

if __name__ == "__main__":
    raise SystemExit(main())
