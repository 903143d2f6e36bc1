"""Where the work begins, and how the pages say what the configuration has as codes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
import yaml
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from sapar.kernel import context
from sapar.kernel.actors import Actor
from sapar.kernel.languages import phrases
from sapar.proton import actions
from sapar.proton.engine.promise import named
from sapar.proton.models import MachineEvent, Run
from sapar.proton.phrases.vocabulary import PROTOCOL_NAMES, STEP
from sapar.proton.views import words
from sapar.values.statements import Statement
from tests import cast
from tests.proton import full_days, worlds

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Almaty")


def page_of(who: str, address: str, **given: Any) -> str:
    client = cast.client(who)
    client.cookies["django_language"] = "en"
    return client.get(address, given, follow=True).content.decode()


def at(day: date, hour: int) -> Any:
    """The clock stands still at an hour of the centre's day."""
    return time_machine.travel(
        datetime(day.year, day.month, day.day, hour, tzinfo=ZONE), tick=False
    )


@pytest.mark.parametrize(
    ("who", "shown"), [("dinara", "<h1>Treatment: G1"), ("askhat", 'id="plan-table"')]
)
def test_who_has_no_list_of_cases_begins_in_the_proton_room(who: str, shown: str) -> None:
    worlds.centre()
    assert shown in page_of(who, "/")


def test_no_order_is_worked_out_for_a_day_that_has_begun_to_its_last_fraction() -> None:
    pk = worlds.centre()
    day = worlds.working_days(pk, 1)[0]
    full_days.fill(pk, day, 4)
    address = reverse("proton:day_of", args=[day])
    for hour, offered in ((7, True), (23, False)):
        with at(day, hour):
            assert ("Work out the best order" in page_of("timur", address)) is offered


def test_a_run_of_the_waiting_list_is_named_by_what_was_asked() -> None:
    pk = worlds.centre()
    day = worlds.working_days(pk, 1)[0]
    run = actions.ask(by=cast.actor("timur"), centre=pk, kind="book", problem={}, day=day)
    answer = {"status": "optimal", "objective": 12.5, "bound": 12.25}
    actions.keep_answer(by=Actor.machine("worker"), run=run, answer=answer)
    page = page_of("timur", reverse("proton:run", args=[run]))
    assert "<h1>Booking of the waiting courses</h1>" in page
    assert "See the day" not in page
    assert Run.objects.get(pk=run).state == "done"


@pytest.mark.parametrize(
    ("ends", "length"), [("12:00", "3 h"), ("10:45", "1 h 45 min"), ("09:20", "20 min")]
)
def test_an_event_says_the_end_of_the_same_day_and_its_length(ends: str, length: str) -> None:
    pk = worlds.centre()
    hour, minute = map(int, ends.split(":"))
    with context.writing_as("fixture"):
        MachineEvent(
            centre_id=pk, kind="qa", resource="G1", why="Weekly.",
            begins=datetime(2026, 11, 2, 9, tzinfo=ZONE),
            ends=datetime(2026, 11, 2, hour, minute, tzinfo=ZONE),
        ).save()  # fmt: skip
    page = page_of("timur", reverse("proton:machine"))
    assert f'<span>{ends}</span><span class="note">{length}</span>' in page
    assert page.count("2 Nov 2026") == 1


def test_the_shipped_protocols_and_steps_have_words_and_other_names_stand_as_written() -> None:
    shipped = yaml.safe_load(
        (settings.ROOT / "data" / "proton" / "proton-astana.yaml").read_text(encoding="utf-8")
    )
    text = yaml.safe_dump(shipped)
    assert [name for name in PROTOCOL_NAMES if name not in text] == []
    with translation.override("en"):
        assert words.protocol("Our own") == "Our own"
        assert phrases.known(f"{STEP}patient-qa")
        assert (words.room_kind("gantry"), words.role("porter")) == ("gantry", "porter")


def test_a_reason_about_a_step_names_it_in_words_and_an_old_one_can_still_be_read() -> None:
    said = Statement("proton.offer.chain", {"step": "mri", "use": "mri", "day": date(2027, 3, 1)})
    full = Statement("proton.offer.room_full", {"days": 3})
    new, same = named([said, full])
    assert same is full
    with translation.override("en"):
        assert phrases.text(new).startswith("MRI: this step of the preparation is possible only")
        assert "“mri”" in phrases.text(said)
        nowhere = named([Statement("proton.offer.no_chain", {"step": "ct"})])[0]
        assert phrases.text(nowhere).startswith("Planning CT: ")
