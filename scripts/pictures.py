"""Takes the pictures of the README from a demonstration, as a visitor of a working day sees it.

    export SAPAR_VAR=/tmp/pictures
    sapar demo --prepare-only
    python scripts/pictures.py docs/images

It moves the clock to a forenoon, lets the day's order be worked out and taken before the first
patient, and records as given what lies before that hour. The demonstration is changed by it: load a
fresh one for the next time.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, make_server
from zoneinfo import ZoneInfo

import django
import time_machine

if TYPE_CHECKING:
    from uuid import UUID

    from playwright.sync_api import Page

ZONE = ZoneInfo("Asia/Almaty")
EARLY, NOW = (6, 0), (11, 40)
FLAGS = ["--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"]
WIDTH, HEIGHT = 1440, 632


def moment(day: date, at: tuple[int, int]) -> datetime:
    """An hour of a day at the centre."""
    return datetime(day.year, day.month, day.day, *at, tzinfo=ZONE)


def a_worked_day() -> date:
    """Work through a day until `NOW`: its order taken, what lay before recorded. Returns it."""
    from django.utils import timezone  # noqa: PLC0415 - after Django is set up

    from sapar.kernel.accounts.models import Membership, actor_for  # noqa: PLC0415
    from sapar.kernel.roles import Role  # noqa: PLC0415
    from sapar.proton import actions, jobs  # noqa: PLC0415
    from sapar.proton.models import Fraction  # noqa: PLC0415
    from sapar.proton.queries.configuration import require_planning  # noqa: PLC0415
    from sapar.proton.queries.documents import day_document  # noqa: PLC0415

    def who(role: Role, centre: UUID | None = None) -> Membership:
        rows = Membership.objects.filter(role=role, state="approved")
        return (rows.filter(organisation_id=centre) if centre else rows)[0]

    planner = who(Role.SCHEDULER)
    centre = planner.organisation_id
    therapist = who(Role.THERAPIST, centre)
    day = timezone.localdate()
    while not require_planning(centre, day).calendar.working(day):
        day += timedelta(days=1)
    with time_machine.travel(moment(day, EARLY)):
        by = actor_for(planner.user, centre)
        run = actions.ask(
            by=by, centre=centre, kind="day", problem=day_document(centre, day), day=day
        )
        jobs.keep_day(jobs.solve_day(run=str(run)), run=str(run))
        actions.apply_day(by=by, run=run)
    minute = NOW[0] * 60 + NOW[1]
    rows = Fraction.objects.filter(centre_id=centre, date=day, state="planned")
    ended = [row for row in rows.order_by("start") if row.end <= minute]
    for row in ended:
        with time_machine.travel(moment(day, divmod(row.end, 60))):
            by = actor_for(therapist.user, centre)
            actions.record_delivered(by=by, fraction=row.pk, version=None)
    return day


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, *_args: object) -> None:
        """Nothing."""


def signed_in(page: Page, address: str, email: str) -> None:
    """Sign in as one of the demonstration's people."""
    from sapar.kernel.demonstration import PASSWORD  # noqa: PLC0415 - after Django is set up

    page.goto(f"{address}/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_load_state()


def main(folder: Path) -> None:
    """Take the pictures into a folder."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sapar.site.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright runs a loop in this thread
    django.setup()
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415 - after Django is set up
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where it is used

    day = a_worked_day()
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        with time_machine.travel(moment(day, NOW)), sync_playwright() as playwright:
            root = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS, *root])
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            page.context.add_cookies([{"name": "django_language", "value": "en", "url": address}])
            signed_in(page, address, "scheduler@sapar.example")
            page.goto(f"{address}/proton/day/{day}/")
            page.wait_for_load_state("networkidle")
            page.screenshot(path=folder / "proton-day.png")
            browser.close()
        server.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
