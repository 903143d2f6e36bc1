"""A simulated year: nobody is lost, the same seed is the same year, more capacity does not harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from sapar.proton.engine.scheduling.offer.kept import protection_of
from sapar.proton.engine.scheduling.problem.reading import BadProblemError
from sapar.proton.engine.scheduling.problem.year import read_year
from sapar.proton.engine.scheduling.protection import learn
from sapar.proton.engine.scheduling.verify import check
from sapar.proton.engine.scheduling.watch import Watch
from sapar.proton.engine.scheduling.year import compare, many_years, simulate_year
from sapar.proton.engine.scheduling.year.full import Centre
from sapar.proton.engine.scheduling.year.policies import side_by_side, tuned
from tests.proton.year_documents import year

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date


def lived(document: dict[str, Any]) -> dict[str, Any]:
    found = json.loads(json.dumps(simulate_year(read_year(document)).as_json()))
    assert check(document, found) == []
    return dict(found)


def balanced(found: dict[str, Any]) -> bool:
    counts = found["counts"]
    known = counts["started"] + counts["waiting"] + counts["withdrawn"]
    return bool(counts["arrived"] == known and counts["completed"] <= counts["started"])


@pytest.mark.parametrize("mode", ["full", "fast"])
def test_everybody_who_arrives_has_started_waits_or_went_elsewhere(mode: str) -> None:
    policy = {"overtime_min": 30, "no_show_share": 0.02, "patience_days": 25}
    found = lived(year(mode=mode, policy=policy, courses=300))
    assert found["counts"]["arrived"] > 40
    assert found["counts"]["withdrawn"] > 0
    assert balanced(found)


@pytest.mark.parametrize("mode", ["full", "fast"])
def test_no_resource_is_used_longer_than_it_is_open(mode: str) -> None:
    quiet = {"overtime_min": 0, "no_show_share": 0}
    found = lived(year(mode=mode, courses=260, policy=quiet))
    assert 0.6 < found["utilisation"]["room:G1"] <= 1
    assert all(0 <= share <= 1 for share in found["utilisation"].values())


def test_bookings_of_a_lived_year_never_overlap_in_a_room_or_on_the_beam() -> None:
    policy = {
        "overtime_min": 30,
        "no_show_share": 0.02,
        "replan_from_min": 60,
        "means": {"second_daily": True, "weekends": {"hours": [["08:00", "12:00"]]}},
    }
    centre = Centre(read_year(year(2, courses=300, days=60, policy=policy)))
    for number in range(len(centre.days)):
        centre.live(number)
    held: dict[tuple[date, str, int], str] = {}
    for patient in centre.patients.values():
        for booking in patient.booked:
            lit = range(*booking.beam)
            for key in [(booking.date, booking.room, m) for m in range(booking.start, booking.end)]:
                assert held.setdefault(key, booking.course) == booking.course
            for key in [(booking.date, "beam", m) for m in lit]:
                assert held.setdefault(key, booking.course) == booking.course
    assert len(held) > 1000
    assert any(booking.date.weekday() == 5 for p in centre.patients.values() for booking in p.given)


def test_outages_lose_fractions_and_lengthen_courses() -> None:
    quiet = lived(year(uptime={}, policy={}))
    loud = lived(year(uptime={"beam": {"share": 0.8, "mean_outage_min": 240}}, policy={}))
    assert quiet["counts"]["lost_fractions"] == 0
    assert all(each["mean_days"] == 0 for each in quiet["prolongation"].values())
    assert loud["counts"]["lost_fractions"] > 0
    assert loud["downtime_min"]["beam"] > 0
    assert max(each["mean_days"] for each in loud["prolongation"].values()) > 0
    assert quiet["counts"]["arrived"] == loud["counts"]["arrived"]


def test_long_outages_are_repaired_by_the_engine_of_replan() -> None:
    uptime = {"beam": {"share": 0.9, "mean_outage_min": 300}}
    plain = lived(year(uptime=uptime, policy={}, days=60))
    means = {"second_daily": True, "weekends": {"hours": [["08:00", "16:00"]]}}
    policy = {"replan_from_min": 200, "means": means}
    repaired = lived(year(uptime=uptime, policy=policy, days=60))
    assert plain["downtime_min"] == repaired["downtime_min"]
    assert balanced(repaired)
    assert repaired["counts"]["moved_patients"] > 0
    assert repaired["counts"]["fractions"] >= plain["counts"]["fractions"]


@pytest.mark.parametrize("mode", ["full", "fast"])
def test_more_rooms_do_not_lengthen_waiting_for_the_same_patients(mode: str) -> None:
    one = lived(year(1, mode=mode, courses=200))
    two = lived(year(2, mode=mode, courses=200))
    assert one["counts"]["arrived"] == two["counts"]["arrived"]
    # A working day of noise: outages meet other fractions.
    assert two["waiting"]["all"]["mean_days"] <= one["waiting"]["all"]["mean_days"] + 1


def test_a_stopped_year_tells_of_the_days_so_far() -> None:
    told: list[int] = []

    def tell(_value: float | None, _bound: float | None, done: int, _total: int) -> None:
        told.append(done)

    watch = Watch(asked_to_stop=lambda: len(told) >= 10, tell=tell)
    found = simulate_year(read_year(year()), watch=watch).as_json()
    assert found["stopped_by"] == "stop"
    assert found["work"]["used"] == 10


def test_the_fast_mode_meets_the_same_patients_and_its_error_is_stated() -> None:
    found = compare(read_year(year(days=60)), [1, 2])
    assert found["counts.arrived"]["difference"] == 0
    waiting = found["waiting.all.mean_days"]
    assert waiting["difference"] == pytest.approx(waiting["fast"] - waiting["full"])


class InOrder(Executor):
    """Runs everything at once, here."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


def test_many_years_do_not_depend_on_who_computes_them() -> None:
    problem = read_year(year(days=60))
    here = many_years(problem, range(12), InOrder())
    with ThreadPoolExecutor(3) as threads:
        there = many_years(problem, reversed(range(12)), threads)
    assert here == there
    waiting = here["waiting.all.mean_days"]
    assert waiting["p5"] <= waiting["p50"] <= waiting["p95"]
    assert waiting["years"] == 12


def test_levels_fall_to_nothing_as_the_day_comes_near_and_grow_with_the_weight_above() -> None:
    problem = read_year(year(courses=300))
    block = learn(
        problem.demand,
        problem.centre,
        problem.protocols,
        problem.urgencies,
        first=problem.first,
        scenarios=3,
    )
    assert sorted(block["levels"]) == ["U2", "U3"]
    for level in block["levels"].values():
        assert level["rooms"][0] == 0
        assert level["rooms"] == sorted(level["rooms"])
    far = {name: level["rooms"][-1] for name, level in block["levels"].items()}
    assert far["U3"] > far["U2"] > 0
    assert protection_of(block).kept("U1", 50) == (0, 0)


def test_keeping_minutes_shortens_the_waiting_of_the_urgent() -> None:
    problem = read_year(year(1, courses=215, days=365, mode="fast", uptime={}, policy={}))
    learned = tuned(problem, range(2), scenarios=3)
    table = side_by_side(problem, {"none": {"kind": "none"}, "learned": learned}, [5, 6])
    assert table["learned"]["weighted_delay"] <= table["none"]["weighted_delay"]
    assert table["learned"]["U1.mean_delay"] <= table["none"]["U1.mean_delay"]


def test_a_mix_with_anaesthesia_needs_a_team_and_unknown_resources_are_named() -> None:
    document = year(uptime={"moon": {"share": 0.9}})
    del document["centre"]["anaesthesia"]
    with pytest.raises(BadProblemError) as raised:
        read_year(document)
    codes = {problem.code for problem in raised.value.problems}
    assert {"proton.input.no_anaesthesia", "proton.input.unknown_resource"} <= codes


SCRIPT = """
import json
from sapar.proton.engine.scheduling.problem.year import read_year
from sapar.proton.engine.scheduling.year import simulate_year
from tests.proton.year_documents import year
problems = [read_year(year(days=30, mode=mode)) for mode in ("full", "fast")]
print(json.dumps([simulate_year(problem).as_json() for problem in problems]))
"""


def test_a_seed_gives_the_same_year_in_two_processes_with_other_hash_seeds() -> None:
    def answer(hash_seed: str) -> str:
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            text=True,
        )
        return run.stdout

    first, second = answer("1"), answer("2")
    assert first == second
    assert json.loads(first)[0]["counts"]["fractions"] > 0
