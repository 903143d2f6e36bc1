"""The queue: enqueuing, leases, retries, periods, progress, who may see what."""

from __future__ import annotations

import ast
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

import sapar
from sapar.kernel.actors import Actor
from sapar.kernel.errors import InvalidInputError, NotAllowedError, NotFoundError, RefusedError
from sapar.kernel.jobs import actions, lease, queries, registry, tick, worker
from sapar.kernel.jobs.models import JobEntry, Once, State
from sapar.kernel.jobs.progress import progress, stop_asked
from sapar.kernel.jobs.queue import JobArgumentError, enqueue
from sapar.kernel.jobs.registry import Job, Period
from sapar.kernel.registry import Registry
from sapar.kernel.roles import Role
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

MACHINE = Actor.machine("test")
pytestmark = pytest.mark.django_db


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> Registry[Job[object]]:
    """An own list of jobs, so that tests register theirs."""
    registry.load()
    own: Registry[Job[object]] = Registry("jobs")
    monkeypatch.setattr(registry, "jobs", own)
    monkeypatch.setattr(registry, "periods", Registry[Period]("periods"))
    return own


def _entry(job: object) -> JobEntry:
    return JobEntry.objects.get(pk=job)


def _due_now() -> None:
    DBTaskResult.objects.update(run_after=timezone.now())


def test_a_job_is_enqueued_by_name_with_ids_and_run(jobs: object) -> None:
    seen: list[object] = []
    registry.job("room.do")(lambda *, case, day: seen.append((case, day)))
    case = uuid4()
    job = enqueue("room.do", case=case, day=3)
    assert worker.drain() == 1
    assert seen == [(str(case), 3)]
    assert _entry(job).state == State.DONE
    assert DBTaskResult.objects.get(pk=job).status == "SUCCESSFUL"


@pytest.mark.parametrize("bad", ["Айзада", "two words", "", 1.5, True, None, ["a"], "x" * 201])
def test_an_argument_that_is_no_id_is_refused(bad: object) -> None:
    with pytest.raises(JobArgumentError):
        enqueue("room.do", case=bad)  # type: ignore[arg-type]
    assert not JobEntry.objects.exists()


def test_a_job_of_an_action_that_rolls_back_never_was() -> None:
    with transaction.atomic():
        enqueue("room.do", case="a")
        transaction.set_rollback(True)
    assert not JobEntry.objects.exists()
    assert not DBTaskResult.objects.exists()


def test_the_same_key_is_one_job_even_after_it_has_run(jobs: object) -> None:
    count: list[int] = []
    registry.job("room.do")(lambda: count.append(1))
    first = enqueue("room.do", key="case:1:v2")
    assert enqueue("room.do", key="case:1:v2") == first
    worker.drain()
    assert enqueue("room.do", key="case:1:v2") == first
    worker.drain()
    assert count == [1]
    assert enqueue("room.do", key="case:1:v3") != first


def test_a_failed_attempt_leaves_no_effect_and_is_tried_again_after_a_while(jobs: object) -> None:
    tries: list[int] = []

    @registry.job("room.shaky", limit=3)
    def shaky() -> None:
        tries.append(1)
        Once.objects.create(name=f"try {len(tries)}")
        if len(tries) == 1:
            message = "Aizada has a medulloblastoma"
            raise ConnectionError(message)

    job = enqueue("room.shaky")
    assert worker.drain() == 1
    assert _entry(job).state == State.WAITING
    assert not Once.objects.exists()
    assert DBTaskResult.objects.get(pk=job).run_after > timezone.now() + timedelta(seconds=5)
    _due_now()
    worker.drain()
    assert _entry(job).state == State.DONE
    assert list(Once.objects.values_list("name", flat=True)) == ["try 2"]


def test_a_job_that_always_fails_is_left_with_its_reason_and_no_content(jobs: object) -> None:
    @registry.job("room.broken", limit=2)
    def broken() -> None:
        message = "Aizada has a medulloblastoma"
        raise ValueError(message)

    job = enqueue("room.broken")
    for _ in range(4):
        worker.drain()
        _due_now()
    entry = _entry(job)
    assert (entry.state, entry.attempts) == (State.FAILED, 2)
    assert entry.reason.startswith("builtins.ValueError in test_jobs.py:")
    assert "Aizada" not in entry.reason + DBTaskResult.objects.get(pk=job).traceback.replace(
        'message = "Aizada has a medulloblastoma"', ""
    )


def test_a_mistake_in_the_input_is_not_tried_again(jobs: object) -> None:
    @registry.job("room.wrong")
    def wrong() -> None:
        raise InvalidInputError(Problem.of("room.bad_date", value="31.02."))

    job = enqueue("room.wrong")
    worker.drain()
    assert _entry(job).state == State.FAILED
    assert _entry(job).reason.endswith("InvalidInputError: room.bad_date")


def test_an_unknown_job_waits_for_a_worker_that_knows_it(jobs: object) -> None:
    job = enqueue("room.from_a_newer_version")
    worker.drain()
    assert _entry(job).state == State.WAITING


def test_a_worker_that_lost_its_lease_cannot_finish_the_job(jobs: object) -> None:
    held: list[lease.Lease] = []

    @registry.job("room.slow")
    def slow() -> None:
        Once.objects.create(name=f"effect {len(held)}")

    job = enqueue("room.slow")
    first = lease.claim("one", 60, {"room.slow": 5})
    assert first is not None
    assert lease.claim("two", 60, {}) is None  # it is held
    JobEntry.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    second = lease.claim("two", 60, {"room.slow": 5})
    assert second is not None
    assert second.token == first.token + 1
    assert worker.run_leased(first) == "lost"
    assert not Once.objects.exists()
    assert worker.run_leased(second) == "done"
    assert worker.run_leased(second) == "lost"
    assert Once.objects.count() == 1
    assert _entry(job).attempts == 2


def test_a_heartbeat_keeps_the_lease_and_learns_of_its_loss() -> None:
    enqueue("room.slow")
    held = lease.claim("one", 60, {})
    assert held is not None
    JobEntry.objects.update(leased_until=timezone.now())
    held.report.done, held.report.total = 3, 9
    lease.extend(held)
    entry = JobEntry.objects.get()
    assert entry.leased_until is not None
    assert entry.leased_until > timezone.now() + timedelta(seconds=50)
    assert (entry.done, entry.total) == (3, 9)
    JobEntry.objects.update(token=7)
    lease.extend(held)
    assert held.report.lost


def test_a_job_that_kills_its_workers_is_left_as_failed_in_the_end() -> None:
    job = enqueue("room.poison")
    for _ in range(3):
        assert lease.claim("one", 60, {"room.poison": 3}) is not None
        JobEntry.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert lease.claim("one", 60, {"room.poison": 3}) is None
    assert _entry(job).state == State.FAILED
    assert _entry(job).reason == "the worker was lost (3)"


def test_a_long_job_computes_without_writing_and_writes_at_the_end(jobs: object) -> None:
    @registry.job("room.solve")
    def solve(*, day: str) -> str:
        progress(1, 2)
        return day.upper()

    @solve.commit
    def keep(made: str, *, day: str) -> None:
        Once.objects.create(name=f"{made} for {day}")

    job = enqueue("room.solve", day="monday")
    worker.drain()
    assert Once.objects.get().name == "MONDAY for monday"
    assert (_entry(job).done, _entry(job).total) == (2, 2)


def test_a_search_shows_its_best_and_bound_and_ends_with_the_best_when_asked(jobs: object) -> None:
    seen: list[tuple[float | None, float | None, bool]] = []

    @registry.job("room.search")
    def search() -> None:
        for step in range(1, 10):
            progress(step, 10, best=100.0 - step, bound=90.0)
            lease.extend(held)  # what the heartbeat does
            shown = queries.progress_of(by=MACHINE, job=job)
            seen.append((shown.best, shown.bound, shown.stop_asked))
            if stop_asked():
                Once.objects.create(name=f"best of {step}")
                return
            if step == 3:
                actions.stop(by=MACHINE, job=job)

    job = enqueue("room.search")
    claimed = lease.claim("one", 60, {})
    assert claimed is not None
    held = claimed
    assert worker.run_leased(held) == "done"
    assert seen[0] == (99.0, 90.0, False)
    assert seen[-1] == (96.0, 90.0, True)
    assert Once.objects.get().name == "best of 4"
    assert _entry(job).best == 96.0
    with pytest.raises(RefusedError):
        actions.stop(by=MACHINE, job=job)


def test_a_search_that_is_stopped_while_it_waits_or_is_lost_still_knows_it(jobs: object) -> None:
    registry.job("room.search")(lambda: None)
    job = enqueue("room.search")
    actions.stop(by=MACHINE, job=job)
    first = lease.claim("one", 60, {})
    assert first is not None
    assert first.report.stop
    JobEntry.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    second = lease.claim("two", 60, {"room.search": 3})
    assert second is not None
    assert second.report.stop


def test_only_who_asked_for_a_search_and_the_administrator_end_it() -> None:
    me = Actor(user_id=uuid4(), roles=frozenset({Role.SCHEDULER}))
    other = Actor(user_id=uuid4(), roles=frozenset({Role.SCHEDULER}))
    job = enqueue("room.search", by=me)
    with pytest.raises(NotAllowedError):
        actions.stop(by=other, job=job)
    actions.stop(by=me, job=job)
    assert _entry(job).stop_asked


def test_a_computing_function_that_writes_is_refused(jobs: object) -> None:
    @registry.job("room.sly", limit=1)
    def sly() -> None:
        Once.objects.create(name="sly")

    sly.commit(lambda _made: None)
    job = enqueue("room.sly")
    worker.drain()
    assert _entry(job).state == State.FAILED
    assert "WroteWhileComputingError" in _entry(job).reason
    assert not Once.objects.exists()


def test_a_job_given_back_by_a_stopping_worker_counts_no_attempt(jobs: object) -> None:
    @registry.job("room.long")
    def long() -> None:
        Once.objects.create(name="half")
        raise worker.Abandoned

    job = enqueue("room.long")
    held = lease.claim("one", 60, {})
    assert held is not None
    with pytest.raises(worker.Abandoned):
        worker.run_leased(held)
    assert (_entry(job).state, _entry(job).attempts) == (State.WAITING, 0)
    assert not Once.objects.exists()


def test_each_period_is_enqueued_once_whatever_the_number_of_ticks(jobs: object) -> None:
    registry.periodic("room.sweep", every=timedelta(minutes=5))
    registry.periodic("room.count", every=timedelta(hours=1), country="KZ")
    noon = datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC)
    assert tick.enqueue_due(noon) == 2
    for seconds in (0, 60, 298):
        tick.enqueue_due(noon + timedelta(seconds=seconds))
    assert JobEntry.objects.filter(name="room.sweep").count() == 1
    tick.enqueue_due(noon + timedelta(minutes=5))
    assert JobEntry.objects.filter(name="room.sweep").count() == 2
    assert JobEntry.objects.filter(name="room.count").count() == 1


def test_a_waiting_job_is_cancelled_at_once_and_can_be_tried_again(jobs: object) -> None:
    count: list[int] = []
    registry.job("room.do")(lambda: count.append(1))
    job = enqueue("room.do")
    assert actions.cancel(by=MACHINE, job=job) == State.CANCELLED
    assert worker.drain() == 0
    with pytest.raises(RefusedError):
        actions.cancel(by=MACHINE, job=job)
    actions.retry(by=MACHINE, job=job)
    worker.drain()
    assert count == [1]
    with pytest.raises(RefusedError):
        actions.retry(by=MACHINE, job=job)


def test_a_running_job_that_is_cancelled_leaves_no_effect(jobs: object) -> None:
    @registry.job("room.do")
    def do() -> None:
        Once.objects.create(name="effect")

    job = enqueue("room.do")
    held = lease.claim("one", 60, {})
    assert held is not None
    assert actions.cancel(by=MACHINE, job=job) == State.RUNNING
    assert worker.run_leased(held) == "cancelled"
    assert _entry(job).state == State.CANCELLED
    assert not Once.objects.exists()


def test_only_who_asked_and_the_administrator_see_a_job() -> None:
    me = Actor(user_id=uuid4(), roles=frozenset({Role.REFERRER}))
    other = Actor(user_id=uuid4(), roles=frozenset({Role.REFERRER}))
    administrator = Actor(user_id=uuid4(), roles=frozenset({Role.ADMINISTRATOR}))
    job = enqueue("room.do", by=me)
    assert queries.progress_of(by=me, job=job).state == State.WAITING
    assert queries.progress_of(by=administrator, job=job).name == "room.do"
    assert [entry.job_id for entry in queries.latest(by=me)] == [job]
    assert queries.latest(by=other) == []
    with pytest.raises(NotFoundError):
        queries.progress_of(by=other, job=job)
    with pytest.raises(NotAllowedError):
        actions.cancel(by=me, job=job)


def test_housekeeping_forgets_old_jobs_but_keeps_keys(jobs: object) -> None:
    from sapar.kernel.jobs.jobs import prune

    registry.job("room.do")(lambda: None)
    enqueue("room.do")
    kept = enqueue("room.do", key="a")
    worker.drain()
    DBTaskResult.objects.update(finished_at=timezone.now() - timedelta(days=4))
    prune()
    assert list(JobEntry.objects.values_list("pk", flat=True)) == [kept]


def _enqueued_names() -> set[str]:
    found = set()
    for path in Path(sapar.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", "")) == "enqueue"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(str(node.args[0].value))
    return found


def test_every_job_that_the_code_enqueues_by_name_exists() -> None:
    registry.load()
    assert _enqueued_names() <= {name for name, _job in registry.jobs.items()}


def test_periodic_jobs_are_registered_jobs() -> None:
    registry.load()
    known = {name for name, _job in registry.jobs.items()}
    assert {period.job for period in registry.periods} <= known


def test_the_list_of_jobs_is_one_json_document(run_sapar: Callable[..., object]) -> None:
    job = enqueue("room.do")
    result = run_sapar("jobs", "list", "--json")
    assert json.loads(result.output)["jobs"][0]["id"] == str(job)  # type: ignore[attr-defined]


def test_the_progress_fragment_asks_again_until_the_job_has_ended(client: Client) -> None:
    from tests import cast

    mine = cast.client("aigul")
    job = enqueue("room.do", by=cast.actor("aigul"))
    address = reverse("jobs:progress", args=[job])
    waiting = mine.get(address)
    assert b'hx-trigger="every 2s"' in waiting.content
    DBTaskResult.objects.filter(pk=job).update(status="SUCCESSFUL")
    JobEntry.objects.filter(pk=job).update(state=State.DONE)
    ended = mine.get(address)
    assert b"hx-trigger" not in ended.content
    assert ended["HX-Trigger"] == "job-ended"
    assert client.get(address).status_code == 302
