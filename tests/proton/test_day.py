"""The sequence of one day: plans, bounds, reasons, and what repeats."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sapar.proton.engine.scheduling.day.arrays import arrays_of, whole
from sapar.proton.engine.scheduling.day.explain import binds, explain
from sapar.proton.engine.scheduling.day.rules import holds
from sapar.proton.engine.scheduling.day.search import Plan, figures
from sapar.proton.engine.scheduling.day.solve import solve_day
from sapar.proton.engine.scheduling.problem.day import read_day
from sapar.proton.engine.scheduling.problem.reading import BadProblemError
from sapar.proton.engine.scheduling.verify import check
from sapar.proton.engine.scheduling.watch import Watch
from sapar.proton.phrases import PHRASES
from tests.proton.day_instances import plain_day, promised_day
from tests.proton.day_strategies import OPENS, Brute, clock, days, shortest_sequence

if TYPE_CHECKING:
    import random

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def solved(day: dict[str, Any]) -> dict[str, Any]:
    answer = solve_day(read_day(day)).as_json()
    assert check(day, answer) == []
    assert all(reason["code"] in PHRASES for reason in answer["reasons"])
    return answer


def possible(day: dict[str, Any]) -> bool:
    try:
        read_day(day)
    except BadProblemError:
        return False
    return True


@pytest.mark.parametrize(
    ("row", "bound", "best"),
    [((60, 4, 1), 473, 473), ((100, 4, 1), 730, 730), ((60, 3, 1), 533, 538)],
)
def test_known_rows_are_met_and_the_ends_of_the_day_lift_the_bound(
    row: tuple[int, int, int], bound: int, best: int
) -> None:
    answer = solved({**plain_day(*row), "work": 4_000_000})
    assert answer["bound"]["makespan_min"] == bound
    assert bound <= answer["makespan_min"] <= best
    assert answer["status"] == ("optimal" if answer["makespan_min"] == bound else "feasible")


@pytest.mark.parametrize("fixed", [True, False])
def test_a_full_day_has_a_plan_after_very_little_work(*, fixed: bool) -> None:
    answer = solved({**plain_day(100, 5, 7, fixed=fixed), "work": 1})
    assert answer["status"] in {"optimal", "feasible"}
    assert answer["gap"] < 0.1


def test_with_three_rooms_the_rooms_bind_and_with_four_the_beam() -> None:
    for rooms, code in ((3, "proton.day.binds_rooms"), (4, "proton.day.binds_beam")):
        problem = read_day({**plain_day(60, rooms, 1), "work": 500_000})
        answer = solve_day(problem)
        said = binds(answer)
        assert said is not None
        assert said.code == code
        assert said in explain(problem, answer)
        codes = [each.code for each in explain(problem, answer)] + [b.by for b in answer.bounds]
        assert all(code in PHRASES for code in codes)


@given(day=days(most=3, length=34))
@FEW
def test_bound_and_plan_enclose_the_best_plan_of_all(day: dict[str, Any]) -> None:
    if not possible(day):
        return
    best = Brute(day, OPENS + 34).run()
    answer = solved(day)
    if best is None:
        assert answer["status"] == "infeasible"
    else:
        assert (answer["makespan_min"], answer["beam_idle_min"]) == best
        assert answer["status"] == "optimal"
        assert answer["beam_idle_bound_min"] == best[1]


def test_a_day_full_of_promises_is_planned_to_the_end() -> None:
    answer = solved({**promised_day(60, 4, 2, ahead=30, children=3), "work": 20_000_000})
    assert answer["status"] == "optimal"
    assert answer["beam_idle_min"] == answer["beam_idle_bound_min"]


@given(day=days(most=5, promised=False))
@settings(max_examples=60, deadline=None)
def test_without_promises_small_days_are_solved_to_the_end(day: dict[str, Any]) -> None:
    answer = solved(day)
    assert answer["status"] == "optimal"
    assert answer["makespan_min"] == shortest_sequence(day)


@given(day=days(most=7))
@FEW
def test_every_answer_passes_the_checker(day: dict[str, Any]) -> None:
    if possible(day):
        assert solved(day)["status"] != "unknown"


@given(day=days(most=6), which=st.integers(0, 5), minutes=st.integers(-9, 9))
@settings(max_examples=60, deadline=None)
def test_the_rules_that_a_plan_is_asked_for_are_those_of_the_checker(
    day: dict[str, Any], which: int, minutes: int
) -> None:
    if not possible(day):
        return
    problem = read_day(day)
    answer = solve_day(problem)
    if not answer.plan:
        return
    rows = list(answer.plan)
    moved = rows[which % len(rows)]
    rows[which % len(rows)] = replace(moved, start=moved.start + minutes)
    start = {row.job.id: row.start for row in rows}
    place = {row.job.id: row.room for row in rows}
    rooms = [room.id for room in problem.rooms]
    a = arrays_of(problem)
    plan = Plan(
        whole([start[job.id] for job in problem.jobs]),
        whole([rooms.index(place[job.id]) for job in problem.jobs]),
    )
    end, idle = figures(a, plan)
    other = replace(
        answer,
        status="feasible",
        plan=tuple(rows),
        makespan=end - a.origin,
        beam_idle=idle,
        beam_idle_bound=0,
        stopped_by="work",
    )
    assert holds(a, plan.start, plan.room) == (check(day, other.as_json()) == [])


@given(day=days(most=6), order=st.randoms(use_true_random=False))
@FEW
def test_permuting_the_document_changes_nothing(day: dict[str, Any], order: random.Random) -> None:
    if not possible(day):
        return
    other = json.loads(json.dumps(day))
    for key in ("jobs", "rooms", "beams"):
        order.shuffle(other[key])
    assert solved(other) == solved(day)


@given(day=days(most=6), minutes=st.integers(1, 30))
@FEW
def test_more_hours_and_another_room_never_make_the_bound_worse(
    day: dict[str, Any], minutes: int
) -> None:
    if not possible(day):
        return
    before = solved(day)
    longer = json.loads(json.dumps(day))
    for room in longer["rooms"]:
        hours, mins = map(int, room["open"][-1][1].split(":"))
        room["open"][-1][1] = clock(hours * 60 + mins + minutes)
    wider = json.loads(json.dumps(day))
    wider["rooms"].append({**day["rooms"][0], "id": "G9"})
    for job in wider["jobs"]:
        if "rooms" in job:
            job["rooms"].append("G9")
    for other in (longer, wider):
        after = solved(other)
        if before["status"] == "optimal":
            assert after["bound"]["makespan_min"] <= before["bound"]["makespan_min"]


@given(day=days(most=5, length=30))
@settings(max_examples=60, deadline=None)
def test_reasons_exclude_every_plan_and_none_can_be_left_out(day: dict[str, Any]) -> None:
    if not possible(day):
        return
    answer = solved(day)
    if answer["status"] != "infeasible":
        return
    assert answer["reasons_minimal"] in {"irreducible", "smallest"}
    reasons = answer["reasons"]
    assert solve_day(read_day(only(day, reasons))).status == "infeasible"
    for reason in reasons:
        less = only(day, [each for each in reasons if each is not reason])
        assert solve_day(read_day(less)).status in {"optimal", "feasible"}


def only(day: dict[str, Any], reasons: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: C901 - one kind of reason after the other
    """The day with nothing asked but these reasons; fasting orders become second sessions."""
    kept: dict[str, Any] = json.loads(json.dumps(day))
    said: dict[str, list[dict[str, Any]]] = {
        code: [] for code in ("window", "room_open", "beam_closed", "after", "fasting")
    }
    named: set[str] = set()
    for reason in reasons:
        code, params = reason["code"].removeprefix("proton.reason."), reason["params"]
        said.setdefault(code, []).append(params)
        named |= {params[key] for key in ("job", "other") if key in params}
    for room in kept["rooms"]:
        if room["id"] not in [p["room"] for p in said["room_open"]]:
            room["open"] = [["00:00", "47:59"]]
    for beam in kept["beams"]:
        if beam["id"] not in [p["beam"] for p in said["beam_closed"]]:
            beam.pop("closed", None)
    if "anaesthesia" in kept and "anaesthesia_open" not in said:
        kept["anaesthesia"].update(
            teams=9, open=[["00:00", "47:59"]], induction_min=0, recovery_min=0
        )
    kept["jobs"] = [job for job in kept["jobs"] if job["id"] in named]
    ranks = {(p["job"], p["other"]) for p in said["fasting"]}
    for job in kept["jobs"]:
        if job["id"] not in [p["job"] for p in said["window"]]:
            job.pop("window", None)
        if (job["id"], job.get("after", {}).get("job")) not in [
            (p["job"], p["other"]) for p in said["after"]
        ]:
            job.pop("after", None)
        if "fasting_rank" in job and not ranks:
            job["fasting_rank"] = 0
    return kept


def crowded() -> dict[str, Any]:
    """Two jobs promised the same minute in one room, and one that has nothing to do with it."""
    job = {"setup_min": 5, "beam_min": 5, "leaving_min": 5, "room": "G1"}
    return {
        "schema": "sapar.proton.day/1",
        "beams": [{"id": "beam", "switch_min": 1}],
        "rooms": [{"id": "G1", "beam": "beam", "open": [["08:00", "12:00"]]}],
        "jobs": [
            {"id": "a", **job, "window": ["09:00", "09:05"]},
            {"id": "b", **job, "window": ["09:00", "09:05"]},
            {"id": "c", **job, "window": ["10:00", "11:00"]},
        ],
        "work": 1_000_000,
    }


def test_two_promises_for_one_minute_are_named_and_nothing_else() -> None:
    answer = solved(crowded())
    assert answer["status"] == "infeasible"
    assert answer["reasons_minimal"] == "smallest"
    assert [(r["code"], r["params"]["job"]) for r in answer["reasons"]] == [
        ("proton.reason.window", "a"),
        ("proton.reason.window", "b"),
    ]


def test_a_day_with_too_much_work_names_the_room_and_the_jobs_that_fill_it() -> None:
    day = plain_day(12, 2, 3)
    day["rooms"][0]["open"] = [["08:00", "09:00"]]
    day["work"] = 2_000_000
    answer = solved(day)
    assert answer["status"] == "infeasible"
    codes = [reason["code"] for reason in answer["reasons"]]
    assert codes.count("proton.reason.room_open") == 1
    assert 2 <= codes.count("proton.reason.job") <= 6


def minutes_of(job: dict[str, Any]) -> int:
    return int(job["setup_min"] + job["beam_min"] + job["leaving_min"])


def overfull(jobs: int, short_by: int) -> dict[str, Any]:
    """A day of three free rooms, each so many minutes too short for all treatments together."""
    day = plain_day(jobs, 3, 3, fixed=False)
    share = sum(minutes_of(job) for job in day["jobs"]) // 3
    for room in day["rooms"]:
        room["open"] = [["06:00", clock(360 + share - short_by)]]
    return {**day, "work": 1_000_000}


def test_reasons_of_a_day_that_is_much_too_short_are_the_long_treatments_that_fill_it() -> None:
    day = overfull(20, 60)
    answer = solved(day)
    assert (answer["status"], answer["reasons_minimal"]) == ("infeasible", "irreducible")
    assert answer["reasons_open"] == 0
    assert [said["code"] for said in answer["says"]] == ["proton.day.reasons_irreducible"]
    named = {each["params"]["job"] for each in answer["reasons"] if "job" in each["params"]}
    minutes = [minutes_of(job) for job in day["jobs"] if job["id"] in named]
    left_out = [minutes_of(job) for job in day["jobs"] if job["id"] not in named]
    # Short ones are given up first, so that few are named.
    assert sum(left_out) / len(left_out) < sum(minutes) / len(minutes)


def test_where_the_work_ends_the_answer_says_how_many_reasons_may_be_needless() -> None:
    answer = solved(overfull(40, 1))
    assert answer["status"] == "infeasible"
    assert answer["reasons_minimal"] is None
    assert 0 < answer["reasons_open"] <= len(answer["reasons"])
    assert answer["stopped_by"] == "work"
    (said,) = answer["says"]
    assert said["params"] == {"open": answer["reasons_open"], "count": len(answer["reasons"])}
    assert said["code"] in PHRASES
    stopped = solve_day(read_day(overfull(40, 1)), watch=Watch(expired=lambda: True)).as_json()
    assert (stopped["stopped_by"], stopped["reasons_open"]) == ("clock", len(stopped["reasons"]))


def test_a_stop_before_the_first_piece_of_work_says_unknown_and_no_gap() -> None:
    answer = solve_day(read_day(plain_day(30, 3, 1)), watch=Watch(asked_to_stop=lambda: True))
    assert answer.status == "unknown"
    assert answer.stopped_by == "stop"
    assert answer.gap is None


def test_a_day_without_jobs_is_done_at_once() -> None:
    answer = solved({**plain_day(5, 2, 1), "jobs": []})
    assert (answer["status"], answer["makespan_min"], answer["plan"]) == ("optimal", 0, [])


def test_two_processes_with_other_hash_seeds_say_the_same() -> None:
    program = (
        "import json, sys;"
        "from sapar.proton.engine.scheduling.day.solve import solve_day;"
        "from sapar.proton.engine.scheduling.problem.day import read_day;"
        "print(json.dumps([solve_day(read_day(d)).as_json() for d in json.load(sys.stdin)]))"
    )
    documents = [{**plain_day(25, 3, 4), "work": 1_000_000}, crowded()]
    said = [
        subprocess.run(
            [sys.executable, "-c", program],
            input=json.dumps(documents),
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "src", "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]
