"""Capacity, year and offer on random documents: right, never worse with more, blind to order."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapar.proton.engine.scheduling.capacity import capacity_of
from sapar.proton.engine.scheduling.offer import make_offer
from sapar.proton.engine.scheduling.problem.books import read_offer
from sapar.proton.engine.scheduling.problem.capacity import read_capacity
from sapar.proton.engine.scheduling.problem.year import read_year
from sapar.proton.engine.scheduling.verify import check
from sapar.proton.engine.scheduling.watch import Watch
from sapar.proton.engine.scheduling.year import simulate_year
from tests.proton import offer_books as made
from tests.proton import offer_worlds as worlds
from tests.proton.year_documents import year

if TYPE_CHECKING:
    import random

FEW = settings(max_examples=6, deadline=None)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat")


@st.composite
def demands(draw: st.DrawFn) -> dict[str, Any]:
    """A centre of one to four rooms, some of another kind, and who comes."""
    found = year(draw(st.integers(1, 3)), courses=draw(st.sampled_from([60, 150, 400])))
    centre = found["centre"]
    days = DAYS[: draw(st.sampled_from([5, 6]))]
    end = draw(st.sampled_from(["12:00", "15:00", "25:00"]))
    centre["hours"] = {day: [["07:00", end]] for day in days}
    centre["anaesthesia"]["hours"] = {day: [["07:00", "10:30"]] for day in days}
    if draw(st.booleans()):
        centre["rooms"].append({"id": "F1", "kind": "fixed", "beam": "beam"})
    if draw(st.booleans()):
        centre["closures"] = [
            {
                "resource": draw(st.sampled_from(["G1", "beam", "anaesthesia", "ct", "centre"])),
                "from": "2027-03-02T09:00",
                "to": f"2027-03-0{draw(st.integers(3, 9))}T12:00",
            }
        ]
    if draw(st.booleans()):
        centre["staff"] = [
            {"role": "nurse", "weekdays": list(days), "from": "07:00", "to": "13:00", "count": 3},
            {"role": "nurse", "weekdays": ["wed"], "from": "12:00", "to": "26:00", "count": 2},
        ]
        centre["staffing"] = {"per_room": {"nurse": 1}}
    found["uptime"] = draw(
        st.sampled_from([{}, found["uptime"], {"G1": {"share": 0.8, "mean_outage_min": 200}}])
    )
    found["demand"]["mix"] = draw(
        st.lists(st.sampled_from(found["demand"]["mix"]), min_size=1, unique_by=id)
    )
    found["seed"] = draw(st.integers(0, 99))
    return found


def capacity(found: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The question how many this centre can treat."""
    shared = {key: found[key] for key in ("centre", "protocols", "demand", "uptime", "seed")}
    document = {"schema": "sapar.proton.capacity/1", "year": 2027, "draws": 2, **shared, **more}
    answer = capacity_of(read_capacity(document), watch=Watch())
    said: dict[str, Any] = json.loads(json.dumps(answer.as_json()))
    assert check(document, said) == []
    return said


def lived(document: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(json.dumps(simulate_year(read_year(document)).as_json()))
    assert check(document, said) == []
    return said


def turned(document: dict[str, Any], order: random.Random, *, rooms: bool) -> dict[str, Any]:
    """The same with its lists in another order; rooms only where their order says nothing."""
    other = copy.deepcopy(document)
    for each in (other["protocols"], other["urgencies"]):
        order.shuffle(each)
    if rooms:
        order.shuffle(other["centre"]["rooms"])
    return other


@given(found=demands(), order=st.randoms(use_true_random=False), slot=st.sampled_from([None, 25]))
@FEW
def test_capacity_is_right_and_blind_to_the_order_of_the_document(
    found: dict[str, Any], order: random.Random, slot: int | None
) -> None:
    more = {} if slot is None else {"slot_min": slot}
    first = capacity(found, **more)
    other = turned(found, order, rooms="staffing" not in found["centre"])
    assert capacity(other, **more) == first


@given(found=demands(), what=st.sampled_from(["room", "hours", "team", "device", "uptime"]))
@FEW
def test_more_capacity_never_treats_fewer_patients(found: dict[str, Any], what: str) -> None:
    more = copy.deepcopy(found)
    centre = more["centre"]
    if what == "room":
        centre["rooms"].append({**centre["rooms"][0], "id": "G9"})
    elif what == "hours":
        centre["hours"]["sun"] = centre["hours"]["mon"]
        centre["anaesthesia"]["hours"]["sun"] = centre["anaesthesia"]["hours"]["mon"]
    elif what == "team":
        centre["anaesthesia"]["teams"] += 1
    elif what == "device":
        centre["devices"][0]["count"] += 1
    else:
        more["uptime"] = {}
    before, after = capacity(found), capacity(more)
    for key in ("low", "mean", "high"):
        assert after["patients"][key] >= before["patients"][key] - 1e-3
    assert (before["target"]["reached"], after["target"]["reached"]) != ("yes", "no")


@pytest.mark.parametrize("mode", ["full", "fast"])
@given(found=demands(), order=st.randoms(use_true_random=False), patience=st.booleans())
@settings(max_examples=4, deadline=None)
def test_a_year_is_right_and_blind_to_the_order_of_the_document(
    found: dict[str, Any], order: random.Random, mode: str, *, patience: bool
) -> None:
    policy: dict[str, Any] = {"overtime_min": 30, "no_show_share": 0.02, "replan_from_min": 240}
    if patience:
        policy["patience_days"] = 20
    found |= {"mode": mode, "days": 30, "warm_up_days": 3, "policy": policy, "fill": 0.9}
    other = turned(found, order, rooms="staffing" not in found["centre"])
    assert lived(other) == lived(found)


@given(seed=st.integers(100, 10_000), order=st.randoms(use_true_random=False))
@FEW
def test_an_offer_moves_nobody_and_is_blind_to_the_order_of_the_books(
    seed: int, order: random.Random
) -> None:
    document, draw = worlds.document(seed)
    for number in range(4):
        document["course"] = worlds.course(draw, f"c{number}", document["protocols"])
        found = make_offer(read_offer(document))
        assert check(document, json.loads(json.dumps(found.as_json()))) == []
        other = copy.deepcopy(document)
        for key in ("bookings", "uses", "protocols", "urgencies"):
            order.shuffle(other[key])
        assert make_offer(read_offer(other)).as_json() == found.as_json()
        for offer in found.offers[:1]:
            document["bookings"] += [made.booking(each) for each in offer.bookings()]
            document["uses"] += [made.use(each) for each in offer.uses()]
    # All that were promised stand on the books together: a document that contradicts itself in a
    # room or on the beam would be refused here.
    assert len(read_offer(document).books.bookings) == len(document["bookings"])


def _first(**more: Any) -> dict[str, Any]:
    document = made.offer(made.course(**more.pop("course", {})), alternatives=0, **more)
    answer = make_offer(read_offer(document))
    said: dict[str, Any] = json.loads(json.dumps(answer.as_json()))
    assert check(document, said) == []
    return said


def test_a_quota_holds_for_its_payer_alone_and_for_both_where_it_names_both() -> None:
    dates = {"from": "2027-01-01", "to": "2027-06-30", "courses": 0}
    free = _first(course={"country": "KG", "payer": "agreement"})["offers"][0]["first"]
    payer = [{"id": "q", "payer": "agreement", **dates}]
    both = [{"id": "q", "payer": "agreement", "country": "KG", **dates}]
    for quotas, course, held in (
        (payer, {"payer": "agreement"}, True),
        (payer, {"payer": "self"}, False),
        (payer, {"country": "KG"}, False),
        (both, {"payer": "agreement", "country": "KG"}, True),
        (both, {"payer": "agreement", "country": "UZ"}, False),
        (both, {"payer": "self", "country": "KG"}, False),
    ):
        said = _first(course=course, quotas=quotas)
        assert said["offers"][0]["first"] == ("2027-07-01" if held else free)
        assert ("proton.offer.quota" in {each["code"] for each in said["reasons"]}) is held


def test_nobody_begins_before_the_visa_and_the_flight() -> None:
    free = _first()["offers"][0]["first"]
    said = _first(course={"arrival": "2027-04-15", "country": "KG"})["offers"][0]
    # A Thursday; the chain before runs in absence, and the wait for the visa is no delay.
    assert free < said["first"] == said["earliest"] == "2027-04-15"
    assert said["delay"] == 0


SCRIPT = """
import json
from sapar.proton.engine.scheduling.offer import make_offer
from sapar.proton.engine.scheduling.problem.books import read_offer
from tests.proton import offer_books as made
from tests.proton import offer_worlds as worlds
for seed in (3, 5, 8):
    document, draw = worlds.document(seed)
    for number in range(4):
        document["course"] = worlds.course(draw, f"c{number}", document["protocols"])
        found = make_offer(read_offer(document))
        for offer in found.offers[:1]:
            document["bookings"] += [made.booking(each) for each in offer.bookings()]
            document["uses"] += [made.use(each) for each in offer.uses()]
        print(json.dumps(found.as_json()))
"""


def test_two_processes_with_other_hash_seeds_offer_the_same() -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]
    assert said[0].count("\n") == 12
