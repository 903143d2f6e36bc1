"""How long a page of a worklist takes with 10,000 cases, and how many queries it costs.

Run it on an empty, migrated database of its own:

    SAPAR_MODE=test SAPAR_VAR=/tmp/bench SAPAR_DATABASE_URL=sqlite:///tmp/bench/db.sqlite3 \
        python benchmarks/bench_worklist.py [CASES]
"""

# ruff: noqa: E402 - Django is set up before records are imported
from __future__ import annotations

import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sapar.site.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sapar.cases import queries
from sapar.cases.models import Case
from sapar.kernel import context
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.actors import Actor
from sapar.kernel.roles import Role
from sapar.people.models import Person, PersonName


def fill(count: int) -> Organisation:
    """Synthetic cases of one centre, a quarter on each of four lists."""
    with context.writing_as("fixture"):
        home, centre = (
            Organisation.objects.get_or_create(
                code=f"bench-{kind}", defaults={"kind": kind, "country": country}
            )[0]
            for kind, country in (("hospital", "KG"), ("centre", "KZ"))
        )
        people = Person.objects.bulk_create(
            [Person(gender="female") for _index in range(count)], batch_size=500
        )
        PersonName.objects.bulk_create(
            [PersonName(person=p, family="A", given="B", script="Cyrl") for p in people],
            batch_size=500,
        )
        states = ("submitted", "received", "in-panel", "accepted")
        urgencies = ("stat", "asap", "urgent", "routine")
        Case.objects.bulk_create(
            [
                Case(
                    number=f"B-{index:07d}",
                    person=person,
                    referring_organisation=home,
                    centre=centre,
                    programme="bench",
                    urgency=urgencies[index // 4 % 4],
                    review=states[index % 4],
                    submitted_at=timezone.now(),
                    next_due_at=timezone.now(),
                )
                for index, person in enumerate(people)
            ],
            batch_size=500,
        )
    return centre


def main() -> None:
    """Fill, then ask for every list and the counts; print times."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    call_command("migrate", verbosity=0)
    centre = fill(count)
    actor = Actor(organisation_id=centre.pk, country="KZ", roles=frozenset({Role.COORDINATOR}))
    for entry in queries.worklists_for(actor):
        begun = time.perf_counter()
        with CaptureQueriesContext(connection) as captured:
            page = queries.worklist(actor, entry.code)
        spent = (time.perf_counter() - begun) * 1000
        print(
            f"{entry.code:20} {len(page.lines):3} lines {len(captured):2} queries {spent:7.1f} ms"
        )
    begun = time.perf_counter()
    queries.counts(actor)
    print(f"{'counts':20} {(time.perf_counter() - begun) * 1000:27.1f} ms")


main()
