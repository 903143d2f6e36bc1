"""The page of a proposed booking says who waits how long, and what each protection costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from sapar.kernel.actors import Actor
from sapar.proton import actions
from tests import cast
from tests.proton import worlds

if TYPE_CHECKING:
    from uuid import UUID

pytestmark = pytest.mark.django_db

FIGURES = {"n": 3, "mean": 4.25, "median": 4.0, "p90": 7.0}
NOBODY = {"n": 0, "mean": None, "median": None, "p90": None}


def effect(courses: int, ours: list[float], theirs: list[float]) -> dict[str, Any]:
    change = [ours[0] - theirs[1], ours[1] - theirs[0]]
    delay = {"with": ours, "without": theirs, "change": change}
    return {"courses": courses, "delay": delay, "within_target": None}


def run_with(fairness: dict[str, Any]) -> UUID:
    pk = worlds.centre()
    worlds.waiting_case()
    run = actions.ask_waiting(by=cast.actor("timur"), centre=pk, work=4)
    answer = {"status": "feasible", "courses": [], "unplaced": [], "objective": 2, "bound": 1,
              "fairness": fairness}  # fmt: skip
    actions.keep_answer(by=Actor.machine("worker"), run=run, answer=answer)
    return run


def page_of(run: UUID) -> str:
    client = cast.client("timur")
    client.cookies["django_language"] = "en"
    return client.get(reverse("proton:run", args=[run])).content.decode()


def test_groups_and_protections_stand_on_the_page_in_words() -> None:
    protection = {"value": 1.5, "gap_per_course": 0.0, "state": "closed"}
    left_out = {"courses": 2, "delay": None, "within_target": None}
    page = page_of(
        run_with(
            {
                "waiting": {
                    "urgency": {"urgent": {"working_days": FIGURES, "calendar_days": FIGURES,
                                           "unplaced": 2}},
                    "child": {"child": {"working_days": NOBODY, "calendar_days": NOBODY,
                                        "unplaced": 1}},
                    "country": {"KG": {"working_days": FIGURES, "calendar_days": FIGURES,
                                       "unplaced": 0}},
                },
                "protections": [
                    {**protection, "protection": "child", "protected": effect(3, [0, 0], [1, 1.5]),
                     "others": effect(7, [2, 2], [2, 2])},
                    {**protection, "protection": "quota:kg", "protected": left_out,
                     "others": left_out, "state": "left_out", "gap_per_course": None},
                ],
                "relaxation": {"value": 2.0, "bound": 2.0, "rounds": 3},
            }
        )
    )  # fmt: skip
    assert "Who waits how long" in page
    assert "Kyrgyzstan" in page
    assert "Children first" in page
    assert "0 instead of 1–1.5" in page
    assert "2 either way" in page
    assert "Quota “kg”" in page
    assert "Not compared" in page


def test_an_answer_without_fairness_shows_no_empty_tables() -> None:
    page = page_of(run_with({}))
    assert "Who waits how long" not in page
    assert "What each protection" not in page
