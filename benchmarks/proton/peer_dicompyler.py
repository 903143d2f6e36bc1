"""Histograms by dicompyler-core (BSD), in an environment of its own.

    python peer_dicompyler.py FOLDER RUNS     of every structure of rtss.dcm in rtdose.dcm

Prints JSON: seconds of processor of the quickest run, and of each structure volume, mean, D95 and
largest dose.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path
from typing import Any

import pydicom
from dicompylercore import dvhcalc


def main() -> None:
    """Calculate and print."""
    logging.disable(logging.WARNING)
    folder = Path(sys.argv[1])
    structures, dose = (pydicom.dcmread(folder / name) for name in ("rtss.dcm", "rtdose.dcm"))
    numbers = [
        int(each.ReferencedROINumber)
        for each in structures.ROIContourSequence
        if each.get("ContourSequence")
    ]
    best = float("inf")
    found: dict[int, dict[str, Any]] = {}
    for _run in range(int(sys.argv[2])):
        began = time.process_time()
        made = {number: dvhcalc.get_dvh(structures, dose, number) for number in numbers}
        best = min(best, time.process_time() - began)
        found = {
            number: {
                "cc": float(each.volume),
                "mean": float(each.mean),
                "max": float(each.max),
                "d95": float(each.statistic("D95").value),
            }
            for number, each in made.items()
        }
    print(json.dumps({"seconds": best, "found": found}))


if __name__ == "__main__":
    main()
