"""A decision worked out again; reference cases that change; decisions that are opened again."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
import time_machine
from click.testing import CliRunner
from django.utils import timezone

from sapar.cli.main import sapar
from sapar.hta import actions
from sapar.hta.jobs import collect
from sapar.hta.models import (
    Decision,
    Observation,
    ReferenceCase,
    ReferenceCheck,
    Replay,
    Topic,
    Watch,
)
from sapar.hta.replay import record, replay
from sapar.kernel.errors import InvalidInputError, NotAllowedError
from sapar.kernel.jobs import worker
from tests.hta import process_world as world

pytestmark = pytest.mark.django_db


def test_a_replay_compares_every_published_number_bit_for_bit() -> None:
    decision = Decision.objects.get(pk=world.published())
    found = replay(json.loads(json.dumps(record(decision))))
    assert found.compared == sum(len(each) for each in decision.numbers.values()) > 50
    assert found.same
    assert found.same_engine
    assert found.same_lock


def test_a_replay_names_the_number_that_differs_by_one_bit() -> None:
    kept = record(Decision.objects.get(pk=world.published()))
    numbers = kept["runs"][0]["numbers"]
    was = numbers["strategies[1].cost"]
    numbers["strategies[1].cost"] = was * (1 + 2**-52)
    numbers["strategies[9].cost"] = 1.0
    del numbers["strategies[0].cost"]  # a number that only a later engine says
    found = replay(kept)
    assert [(each.where, each.published, each.now) for each in found.differences] == [
        ("base strategies[1].cost", numbers["strategies[1].cost"], was),
        ("base strategies[9].cost", 1.0, None),
    ]
    assert not found.same


def test_a_record_whose_document_was_changed_is_refused() -> None:
    kept = record(Decision.objects.get(pk=world.published()))
    kept["document"] += "\n"
    with pytest.raises(InvalidInputError) as caught:
        replay(kept)
    assert [p.code for p in caught.value.problems] == ["hta.record.digest"]
    with pytest.raises(InvalidInputError) as other:
        replay({"schema": "something"})
    assert [p.code for p in other.value.problems] == ["hta.record.schema"]


def test_a_replay_is_a_job_and_what_it_found_is_kept() -> None:
    decision = world.published()
    actions.ask_replay(by=world.actor("aliya"), decision=decision)
    worker.drain()
    kept = Replay.objects.get(decision_id=decision)
    assert kept.differences == []
    assert kept.compared > 50
    with pytest.raises(NotAllowedError):
        actions.ask_replay(by=world.actor("kyrgyz"), decision=decision)


def test_a_record_is_replayed_on_the_terminal_without_the_records_of_an_installation() -> None:
    kept = record(Decision.objects.get(pk=world.published()))
    good = CliRunner().invoke(sapar, ["hta", "replay", "-"], input=json.dumps(kept))
    assert good.exit_code == 0, good.output
    assert "numbers were compared" in good.output
    kept["runs"][0]["numbers"]["strategies[0].cost"] += 1
    bad = CliRunner().invoke(sapar, ["hta", "replay", "-"], input=json.dumps(kept))
    assert bad.exit_code == 1
    assert "base strategies[0].cost" in bad.output
    none = CliRunner().invoke(sapar, ["hta", "replay", "-"], input="{")
    assert none.exit_code == 3


def referred(key: str, value: dict[str, object], since: date, **more: object) -> ReferenceCase:
    pk = actions.set_reference(
        by=world.actor("dana"), key=key, value=value, valid_from=since, source="a new rule",
        mark="demonstration", **more,
    )  # fmt: skip
    return ReferenceCase.objects.get(pk=pk)


def test_a_decision_stands_on_the_reference_case_of_its_day() -> None:
    today = timezone.localdate()
    old = referred("threshold", {"low": 90_000, "high": 110_000}, today - timedelta(days=800))
    rates = referred("discount.costs", {"value": 0.03}, today - timedelta(days=800))
    now = referred("threshold", {"low": 80_000, "high": 120_000}, today - timedelta(days=10))
    referred("threshold", {"low": 1, "high": 2}, today + timedelta(days=10))
    referred("price.c_elsewhere", {"value": 5}, today - timedelta(days=10))
    decision = Decision.objects.get(pk=world.published())
    assert decision.reference == {"threshold": str(now.pk), "discount.costs": str(rates.pk)}
    assert str(old.pk) not in decision.reference.values()


@pytest.mark.parametrize(
    ("key", "value", "after"),
    [
        # See `process_world.MODEL`: B from 48,711 for a QALY, both together from 70,000.
        ("threshold", {"low": 20_000, "high": 40_000}, "soc"),
        ("threshold", {"low": 55_000, "high": 65_000}, "b"),
        ("threshold", {"value": 90_000}, "ab"),
        ("price.c_B", {"value": 60_000}, "soc"),
        ("price.c_B", {"value": 9_200}, "b"),
        ("discount.effects", {"value": 0.12}, "soc"),
    ],
)
def test_a_new_reference_case_lists_the_decisions_that_would_flip(
    key: str, value: dict[str, object], after: str
) -> None:
    today = timezone.localdate()
    first = {"value": 0.03} if key.startswith("discount") else {"value": 9_000}
    referred(key, {"low": 0, "high": 150_000} if key == "threshold" else first,
             today - timedelta(days=5))  # fmt: skip
    decision = world.published()
    case = referred(key, value, today)
    worker.drain()
    check = ReferenceCheck.objects.get(case=case)
    assert check.decision_id == decision
    assert (check.before, check.after, check.flips) == ("b", after, after != "b")
    assert check.numbers["after"][after] == max(check.numbers["after"].values())


def test_a_decision_that_does_not_stand_on_it_is_not_run_again() -> None:
    world.published()
    referred("price.c_B", {"value": 60_000}, timezone.localdate())
    assert not ReferenceCheck.objects.exists()


@pytest.mark.parametrize(
    ("key", "value", "mark", "wanted"),
    [
        ("weather", {"value": 1}, "verified", "hta.process.reference_key"),
        ("price", {"value": 1}, "verified", "hta.process.reference_key"),
        ("threshold", {"low": 5, "high": 4}, "verified", "hta.process.reference_value"),
        ("discount.costs", {"value": -1}, "verified", "hta.process.reference_value"),
        ("life-table.total", {"rows": [[2, 1], [1, 1]]}, "verified", "hta.process.reference_value"),
        ("threshold", {"value": 1}, "certain", "hta.process.mark"),
    ],
)
def test_an_entry_of_another_form_is_refused(
    key: str, value: dict[str, object], mark: str, wanted: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        actions.set_reference(
            by=world.actor("dana"), key=key, value=value, valid_from=date(2027, 1, 1),
            source="x", mark=mark,
        )  # fmt: skip
    assert [p.code for p in caught.value.problems] == [wanted]


def watched(chance: float = 0.5) -> Decision:
    """A decision for B at 60,000; where the sick live much worse, A is worth adding."""
    return Decision.objects.get(
        pk=world.published(
            valid_from=timezone.localdate(), wrong_chance=chance,
            living=[{"parameter": "u_S1", "collector": "register"}],
        )
    )  # fmt: skip


def observed(decision: Decision, events: int, people: int, month: int = 1) -> None:
    actions.observe(
        by=world.actor("dana"), decision=decision.pk, parameter="u_S1", kind="share",
        data={"events": events, "people": people},
        period=(timezone.localdate() - timedelta(days=30 * month), timezone.localdate()),
        came_from="register",
    )  # fmt: skip


def test_a_topic_is_opened_by_itself_when_outcomes_make_the_decision_doubtful() -> None:
    decision = watched()
    collect()
    worker.drain()
    assert not Watch.objects.exists()  # nothing new, nothing looked at
    observed(decision, 5_000, 10_000)  # the sick live worse: both treatments together pay more
    collect()
    worker.drain()
    look = Watch.objects.get(decision=decision)
    assert look.fired
    assert look.chance_wrong > 0.5
    topic = Topic.objects.get(reassesses=decision)
    assert topic.opened_by_machine
    assert topic.state == "submitted"
    assert topic.trigger["kind"] == "posterior"
    assert topic.trigger["best"] == look.best == "ab"
    assert topic.trigger["watch"] == str(look.pk)
    assert topic.steps.exists()


def test_outcomes_that_agree_open_nothing_and_one_topic_is_enough() -> None:
    decision = watched()
    observed(decision, 743, 1_000)
    collect()
    worker.drain()
    assert not Watch.objects.get().fired
    assert not Topic.objects.filter(opened_by_machine=True).exists()
    observed(decision, 5_000, 10_000, month=2)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        collect()
        worker.drain()
        observed(decision, 5_000, 10_000, month=3)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        collect()
        worker.drain()
    assert Watch.objects.filter(fired=True).count() == 2
    assert Topic.objects.filter(opened_by_machine=True).count() == 1


def test_a_topic_is_opened_when_the_day_of_reassessment_has_come() -> None:
    decision = Decision.objects.get(pk=world.published())
    with time_machine.travel(date(2030, 4, 2)):
        collect()
        collect()
    topic = Topic.objects.get(reassesses=decision)
    assert topic.trigger == {"kind": "date", "reassess_by": "2030-04-01"}


def test_figures_are_whole_and_a_period_counts_once() -> None:
    decision = watched()
    for data in ({"events": 3, "people": 2}, {"events": 1}, {"events": -1, "people": 2}):
        with pytest.raises(InvalidInputError):
            actions.observe(
                by=world.actor("dana"), decision=decision.pk, parameter="u_S1", kind="share",
                data=data, period=(date(2027, 1, 1), date(2027, 1, 31)), came_from="x",
            )  # fmt: skip
    for parameter in ("c_B", "on_A", "nobody"):
        with pytest.raises(InvalidInputError) as caught:
            actions.observe(
                by=world.actor("dana"), decision=decision.pk, parameter=parameter, kind="share",
                data={"events": 1, "people": 2}, period=(date(2027, 1, 1), date(2027, 1, 31)),
                came_from="x",
            )  # fmt: skip
        assert [p.code for p in caught.value.problems] == ["hta.run.observed"]
    observed(decision, 1, 2)
    observed(decision, 1, 2)
    assert Observation.objects.count() == 1
