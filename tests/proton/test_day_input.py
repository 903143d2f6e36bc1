"""Mistakes in a day's document: all are named, each with its place, its value and a remedy."""

from __future__ import annotations

from typing import Any

import pytest

from sapar.proton.engine.scheduling.problem.day import read_day
from sapar.proton.engine.scheduling.problem.reading import BadProblemError
from sapar.proton.phrases import PHRASES

JOB = {"id": "a", "setup_min": 10, "beam_min": 5, "leaving_min": 5}


def day(*jobs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "schema": "sapar.proton.day/1",
        "beams": [{"id": "beam", "switch_min": 1}],
        "rooms": [{"id": "G1", "kind": "gantry", "beam": "beam", "open": [["08:00", "12:00"]]}],
        "jobs": list(jobs),
        **more,
    }


def mistakes(document: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(BadProblemError) as raised:
        read_day(document)
    for problem in raised.value.problems:
        assert problem.code in PHRASES
        assert f"{problem.code}.remedy" in PHRASES
    return [(p.code.removeprefix("proton.input."), p.where) for p in raised.value.problems]


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({"setup_min": -1}, "negative", "jobs[0].setup_min"),
        ({"window": ["-1:00", "09:00"]}, "negative_time", "jobs[0].window"),
        ({"room": "G7"}, "unknown_room", "jobs[0].room"),
        ({"rooms": ["G1", "G7"]}, "unknown_room", "jobs[0].rooms"),
        ({"kinds": ["eye"]}, "unknown_kind", "jobs[0].kinds"),
        ({"setup_min": 300}, "job_too_long", "jobs[0]"),
        ({"window": ["12:30", "13:00"]}, "window_closed", "jobs[0].window"),
        ({"window": ["09:30", "09:00"]}, "order", "jobs[0].window"),
        ({"anaesthesia": True}, "no_anaesthesia_team", "jobs[0].anaesthesia"),
        ({"fasting_rank": 1}, "rank_awake", "jobs[0].fasting_rank"),
        ({"after": {"job": "a", "min": 5}}, "after_itself", "jobs[0].after.job"),
        ({"after": {"job": "z", "min": 5}}, "unknown_job", "jobs[0].after.job"),
        ({"setup_min": 0, "beam_min": 0, "leaving_min": 0}, "no_duration", "jobs[0]"),
        ({"colour": "red"}, "unknown_key", "jobs[0].colour"),
    ],
)
def test_each_mistake_of_a_job_is_named(change: dict[str, Any], code: str, where: str) -> None:
    assert (code, where) in mistakes(day({**JOB, **change}))


def test_a_circle_of_jobs_is_named_at_each_of_them() -> None:
    jobs = [
        {**JOB, "id": name, "after": {"job": other, "min": 5}} for name, other in ("ab", "bc", "ca")
    ]
    found = mistakes(day(*jobs))
    assert found == [("after_circle", f"jobs[{n}].after.job") for n in range(3)]


def test_all_mistakes_are_named_at_once() -> None:
    document = day(
        {**JOB, "beam_min": -3},
        {**JOB, "room": "G9"},
        {**JOB, "id": "c", "kinds": ["eye"]},
        rooms=[],
        beams=[{"id": "beam", "switch_min": -1}, {"id": "beam", "switch_min": 1}],
    )
    found = {code for code, _ in mistakes(document)}
    assert {"negative", "unknown_room", "unknown_kind", "no_room", "duplicate"} <= found


def test_an_unknown_beam_and_a_wrong_schema_are_named() -> None:
    document = day(JOB, schema="sapar.proton.book/1")
    document["rooms"][0]["beam"] = "other"
    found = mistakes(document)
    assert ("schema", "schema") in found
    assert ("unknown_beam", "rooms[0].beam") in found
