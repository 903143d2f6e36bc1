"""The checker and one day: right answers pass, each planted fault is found by its own code."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.proton.engine.scheduling.verify import check
from tests.proton.verify_documents import DAY, DAY_ANSWER, Document, fresh, placed

Change = tuple[str, str, Any]


def job_at(index: int, start: str, beam_start: str, beam_end: str, end: str) -> list[Change]:
    return [
        ("a", f"plan[{index}].{key}", value)
        for key, value in zip(
            ("start", "beam_start", "beam_end", "end"),
            (start, beam_start, beam_end, end),
            strict=True,
        )
    ]


def figures(makespan: int, idle: int, bound: int = 80) -> list[Change]:
    """The answer's figures after a change, so that only the rule is broken."""
    return [
        ("a", "makespan_min", makespan),
        ("a", "beam_idle_min", idle),
        ("a", "beam_idle_bound_min", None),
        ("a", "gap", (makespan - bound) / makespan),
        ("a", "status", "optimal" if makespan == bound else "feasible"),
    ]


FAULTS: list[tuple[str, list[Change]]] = [
    ("shape", [("a", "plan[0].start", "25.10")]),
    ("shape", [("a", "makespan_min", True)]),
    ("shape", [("a", "plan", ...)]),
    ("shape", [("a", "gap", float("nan"))]),
    ("schema_differs", [("a", "schema", "sapar.proton.book.answer/1")]),
    ("status_unknown", [("a", "status", "good")]),
    ("job_unknown", [("a", "plan.add", {**DAY_ANSWER["plan"][0], "job": "x"})]),
    ("job_repeated", [("a", "plan.add", DAY_ANSWER["plan"][0])]),
    ("job_missing", [("a", "plan[4]", ...)]),
    ("room_unknown", [("a", "plan[4].room", "L9")]),
    ("room_not_allowed", [("p", "jobs[4].room", ...), ("p", "jobs[4].kinds", ["gantry"])]),
    ("room_not_allowed", [("p", "jobs[1].rooms", ["G1", "L1"])]),
    ("times_wrong", [("a", "plan[4].end", "08:16")]),
    ("times_wrong", [("a", "plan[4].beam_start", "07:51")]),
    ("room_closed", [("p", "rooms[2].open", [["07:30", "08:14"]])]),
    ("room_closed", [("p", "rooms[2].open", [["07:30", "08:00"], ["08:01", "12:00"]])]),
    ("room_overlap", [*job_at(1, "07:41", "07:51", "07:56", "08:01"),
                      ("p", "jobs[2].after.min", 19), *figures(80, 35)]),
    ("beam_closed", [("p", "beams[0].closed", [["07:24", "07:25"]])]),
    ("beam_overlap", [("p", "beams[0].switch_min", 2)]),
    ("team_closed", [("p", "anaesthesia.open[0]", ["07:01", "12:00"])]),
    ("team_closed", [("p", "anaesthesia.open[0]", ["07:00", "08:27"])]),
    ("team_overload", [("p", "anaesthesia.recovery_min", 15)]),
    ("fasting_order", [("p", "jobs[0].fasting_rank", 2)]),
    ("window_missed", [("p", "jobs[0].window", ["07:11", "07:30"])]),
    ("window_missed", [("p", "jobs[0].window", ["07:00", "07:09"])]),
    ("sessions_too_close", [("p", "jobs[2].after.min", 61)]),
    ("makespan_wrong", [("a", "makespan_min", 81), ("a", "gap", 1 / 81),
                        ("a", "status", "feasible")]),
    ("idle_wrong", [("a", "beam_idle_min", 44)]),
    ("bound_above", [("a", "bound.makespan_min", 81), ("a", "gap", -0.0125)]),
    ("bound_above", [("a", "bounds[0].makespan_min", 80.5), ("a", "bound.makespan_min", 80.5),
                     ("a", "gap", -0.00625)]),
    ("bound_above", [("a", "beam_idle_bound_min", 46)]),
    ("bound_not_best", [("a", "bounds[0].makespan_min", 80), ("a", "bound.makespan_min", 79),
                        ("a", "gap", 0.0125), ("a", "status", "feasible")]),
    ("bound_missing", [("a", "bound", None)]),
    ("gap_wrong", [("a", "gap", 0.01)]),
    ("gap_wrong", [("a", "gap", None)]),
    ("not_optimal", [("a", "bound.makespan_min", 79), ("a", "gap", 0.0125)]),
    ("resource_unknown", [("a", "bound.resource", "room:G9")]),
    ("resource_unknown", [("a", "bounds[0].resource", "beam")]),
    ("reasons_without_need", [("a", "reasons", [{"code": "proton.reason.job", "params": {}}])]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "changes"), FAULTS, ids=[f"{n}-{fault[0]}" for n, fault in enumerate(FAULTS)]
)
def test_each_fault_of_a_day_is_found_by_its_own_code(code: str, changes: list[Change]) -> None:
    problem, answer = fresh(DAY, DAY_ANSWER)
    for side, path, value in changes:
        placed(problem if side == "p" else answer, path, copy.deepcopy(value))
    assert {found.code for found in check(problem, answer)} == {f"proton.verify.{code}"}


def test_a_right_day_passes() -> None:
    assert check(DAY, DAY_ANSWER) == []


def impossible() -> tuple[Document, Document]:
    """Two jobs that must both have the one room in the same half hour."""
    problem: Document = {
        "schema": "sapar.proton.day/1",
        "beams": [{"id": "beam", "switch_min": 1}],
        "rooms": [{"id": "G1", "beam": "beam", "open": [["07:00", "07:30"]]}],
        "jobs": [
            {
                "id": name,
                "setup_min": 8,
                "beam_min": 4,
                "leaving_min": 4,
                "window": ["07:00", "08:00"],
            }
            for name in ("a", "b")
        ],
    }
    answer: Document = {
        **copy.deepcopy(DAY_ANSWER),
        "status": "infeasible", "plan": [], "makespan_min": None, "beam_idle_min": None,
        "beam_idle_bound_min": None,
        "bound": None, "bounds": [], "gap": None, "reasons_minimal": "smallest",
        "reasons": [
            {"code": "proton.reason.room_open", "params": {"room": "G1"}},
            {"code": "proton.reason.job", "params": {"job": "a"}},
            {"code": "proton.reason.job", "params": {"job": "b"}},
        ],
    }  # fmt: skip
    return problem, answer


def test_an_impossible_day_with_its_reasons_passes() -> None:
    assert check(*impossible()) == []


INFEASIBLE: list[tuple[str, list[Change]]] = [
    ("plan_unexpected", [("a", "plan", DAY_ANSWER["plan"][:1])]),
    ("figure_unexpected", [("a", "gap", 0.5)]),
    ("reasons_missing", [("a", "reasons", [])]),
    ("reason_code", [("a", "reasons[1].code", "job")]),
    (
        "reason_repeated",
        [("a", "reasons.add", {"code": "proton.reason.job", "params": {"job": "b"}})],
    ),
    ("reasons_minimal", [("a", "reasons_minimal", "some")]),
    ("resource_unknown", [("a", "reasons[0].params.room", "G2")]),
    ("resource_unknown", [("a", "reasons[1].params.job", "x")]),
    ("reasons_without_need", [("a", "status", "unknown")]),
    ("reasons_too_few", [("a", "reasons[2]", ...)]),
    ("reasons_too_few", [("a", "reasons[0]", ...)]),
    ("infeasible_refuted", [("p", "rooms[0].open", [["07:00", "07:32"]])]),
]


@pytest.mark.parametrize(
    ("code", "changes"), INFEASIBLE, ids=[f"{n}-{fault[0]}" for n, fault in enumerate(INFEASIBLE)]
)
def test_each_fault_of_an_impossible_day_is_found(code: str, changes: list[Change]) -> None:
    problem, answer = impossible()
    for side, path, value in changes:
        placed(problem if side == "p" else answer, path, copy.deepcopy(value))
    assert {found.code for found in check(problem, answer)} == {f"proton.verify.{code}"}


def test_a_bound_above_a_plan_that_the_checker_finds_itself_is_refuted() -> None:
    problem, answer = impossible()
    problem["rooms"][0]["open"] = [["07:00", "12:00"]]
    answer |= {
        "status": "feasible", "reasons": [], "makespan_min": 60, "beam_idle_min": 40,
        "gap": 10 / 60, "bound": {"resource": "search", "makespan_min": 50, "by": "proton.x"},
        "plan": [
            {"job": "a", "room": "G1", "start": "07:00", "beam_start": "07:08", "beam_end": "07:12",
             "end": "07:16"},
            {"job": "b", "room": "G1", "start": "07:44", "beam_start": "07:52", "beam_end": "07:56",
             "end": "08:00"},
        ],
    }  # fmt: skip
    assert [found.code for found in check(problem, answer)] == ["proton.verify.bound_refuted"]
    answer["bound"]["makespan_min"], answer["gap"] = 32, 28 / 60
    assert check(problem, answer) == []


def test_documents_of_no_kind_are_named_and_raise_nothing() -> None:
    for problem in ({}, {"schema": "x"}, {"schema": 3}):
        assert [p.code for p in check(problem, {})] == ["proton.verify.schema_unknown"]
    assert [p.code for p in check({"schema": "sapar.proton.day/1"}, DAY_ANSWER)] == [
        "proton.verify.unreadable"
    ]


@given(
    index=st.integers(0, 4),
    key=st.sampled_from(["start", "beam_start", "beam_end", "end"]),
    shift=st.integers(-400, 400).filter(bool),
)
def test_no_single_time_can_be_changed_unseen(index: int, key: str, shift: int) -> None:
    problem, answer = fresh(DAY, DAY_ANSWER)
    row = answer["plan"][index]
    minutes = int(row[key][:2]) * 60 + int(row[key][3:]) + shift
    row[key] = f"{minutes // 60:02d}:{minutes % 60:02d}"
    assert check(problem, answer)


@given(
    index=st.integers(0, 4), start=st.integers(360, 730), room=st.sampled_from(["G1", "G2", "L1"])
)
def test_a_job_put_elsewhere_passes_only_if_a_plain_count_agrees(
    index: int, start: int, room: str
) -> None:
    problem, answer = fresh(DAY, DAY_ANSWER)
    row, job = answer["plan"][index], problem["jobs"][index]
    ends = [start, start + job["setup_min"]]
    ends += [ends[1] + job["beam_min"], ends[1] + job["beam_min"] + job["leaving_min"]]
    for key, at in zip(("start", "beam_start", "beam_end", "end"), ends, strict=True):
        row[key] = f"{at // 60:02d}:{at % 60:02d}"
    row["room"] = room
    makespan, idle = restated(answer)
    gap = (makespan - 80) / makespan
    answer |= {
        "beam_idle_bound_min": None,
        "makespan_min": makespan,
        "beam_idle_min": idle,
        "gap": gap,
        "status": "feasible",
    }
    codes = {found.code for found in check(problem, answer)} - {"proton.verify.bound_above"}
    assert bool(codes) == (not stands(problem, answer))


def clock(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def restated(answer: Document) -> tuple[int, int]:
    rows = [row for row in answer["plan"] if row["room"] != "L1"]
    span = max(clock(r["beam_end"]) for r in rows) - min(clock(r["beam_start"]) for r in rows)
    used = sum(clock(r["beam_end"]) - clock(r["beam_start"]) for r in rows)
    return max(clock(r["end"]) for r in answer["plan"]) - 420, span - used


def stands(problem: Document, answer: Document) -> bool:
    """The rules once more, by counting minutes in plain lists."""
    at = {row["job"]: {k: v if k == "room" else clock(v) for k, v in row.items() if k != "job"}
          for row in answer["plan"]}  # fmt: skip
    allowed = {"a": "G1", "b": "G2", "c": "G1 G2", "d": "G1", "e": "L1"}
    limits = {"G1": (420, 720), "G2": (420, 720), "L1": (450, 600)}
    cells = [(row["room"], m) for row in at.values() for m in range(row["start"], row["end"])]
    lit = [(r["beam_start"], r["beam_end"], r["room"]) for r in at.values() if r["room"] != "L1"]
    held = [(at[job]["start"] - 10, at[job]["end"] + 14) for job in ("a", "d")]
    return (
        all(row["room"] in allowed[job].split() for job, row in at.items())
        and all(limits[room][0] <= minute < limits[room][1] for room, minute in cells)
        and len(set(cells)) == len(cells)
        and all(high <= 540 or low >= 570 for low, high, _ in lit)
        and not any(one[2] != two[2] and one[0] <= two[0] <= one[1] for one in lit for two in lit)
        and 430 <= at["a"]["start"] <= 450
        and at["c"]["start"] >= at["b"]["start"] + 60
        and all(low >= 420 and high <= 540 for low, high in held)
        and at["a"]["start"] < at["d"]["start"]
        and held[0][1] <= held[1][0]
    )
