"""How long an answer takes: the engine alone, and with the question read from the database.

The bound in the same run is writing the answer down as JSON: nobody can show an answer without it.
"""

# ruff: noqa: E402 - Django is set up before records are imported
from __future__ import annotations

import json
import os
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sapar.site.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from sapar.answer import panels, queries
from sapar.answer.engine.solve import answer
from sapar.answer.fhir import read
from sapar.network.demonstration import load
from sapar.values.plain import to_plain

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLE = Path(__file__).parents[1] / "tests" / "samples" / "transaction-aizada.json"
RUNS = 200


def milliseconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """The median of some runs."""
    times = []
    for _run in range(runs):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1e3)
    return median(times)


def main() -> None:
    """Measure and print."""
    call_command("migrate", verbosity=0)
    load(lambda _done, _total: None)
    facts = read(SAMPLE.read_bytes()).facts
    question = queries.ask(facts)
    given = answer(question)
    bound = milliseconds(lambda: json.dumps(to_plain(given)))
    engine = milliseconds(lambda: answer(question))
    asked = milliseconds(lambda: queries.ask(facts), 50)
    with translation.override("kk"):
        shown = milliseconds(lambda: panels.shown(given))
    with CaptureQueriesContext(connection) as captured:
        queries.answer_to(facts)
    print(f"  write the answer as JSON (bound) {bound:.2f} ms")
    print(f"  engine {engine:.2f} ms, {engine / bound:.1f} times the bound")
    print(f"  question from the database {asked:.2f} ms, {len(captured)} queries")
    print(f"  in words, Kazakh {shown:.2f} ms, {shown / bound:.1f} times the bound")


if __name__ == "__main__":
    main()
