"""The schemas of the planning documents, the figures of a capacity answer, the checker's words."""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from sapar.proton.engine.scheduling import verify
from sapar.proton.engine.scheduling.verify import check, clock
from sapar.proton.engine.scheduling.verify.calendar import Calendar
from sapar.proton.phrases.verify import PHRASES
from tests.house.floors import SOURCE
from tests.proton import test_verify_book, test_verify_day, test_verify_repairs
from tests.proton import verify_documents as right
from tests.proton import verify_repairs as repairs
from tests.proton import verify_years as years

if TYPE_CHECKING:
    from collections.abc import Iterator

Document = dict[str, Any]

FOLDER = SOURCE.parent.parent / "docs/reference/proton"
SCHEMAS = {
    path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(FOLDER.glob("*.schema.json"))
}
REGISTRY: Registry[Any] = Registry().with_resources(
    [(schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()]
)

DEMAND: Document = {
    "courses_per_year": 800,
    "mix": [
        {"protocol": "brain", "share": 3, "urgency": {"soon": 0.2, "planned": 0.8},
         "fractions": [[30, 0.5], [33, 0.5]]},
        {"protocol": "child", "share": 1, "urgency": {"soon": 1}, "child_share": 0.72,
         "anaesthesia_share_of_children": 0.4},
    ],
    "origin": [{"country": "KG", "payer": "agreement", "share": 0.1, "visa_days": [20, 45]},
               {"share": 0.9}],
}  # fmt: skip
CAPACITY: Document = {
    "schema": "sapar.proton.capacity/1", "centre": right.CENTRE, "protocols": right.PROTOCOLS,
    "demand": DEMAND, "uptime": {"beam": {"share": 0.95, "mean_outage_min": 60}}, "year": 2027,
    "days": 250, "slot_min": 20, "draws": 20,
}  # fmt: skip
SPREAD = {"mean": 700.0, "low": 690.0, "high": 712.5}
CAPACITY_ANSWER: Document = {
    "schema": "sapar.proton.capacity.answer/1",
    "patients": SPREAD,
    "target": {"patients": 800, "reached": "no", "probability": 0.0},
    "binding": "rooms:gantry",
    "resources": [
        {"resource": "rooms:gantry", "minutes_per_year": 420000, "used": 1.0, "binds": 0.75,
         "patients_per_hour_a_day": 20.0},
        {"resource": "beam:beam", "minutes_per_year": 210000, "used": 0.9, "binds": 0.25,
         "patients_per_hour_a_day": 5.0},
    ],
    "changes": [{"change": "hour", "resource": "rooms", "patients": {**SPREAD, "low": 0.0}}],
    # (3 × 31.5 + 3) ÷ 4 fractions; 800 × ¼ × 0.72 children, of whom 40 % are asleep.
    "arithmetic": {
        "working_days": 250, "fractions_per_course": 24.4, "slots_per_day": 150,
        "beam_fractions_per_day": 100, "needed_per_day": 82.1, "children": 144,
        "anaesthesia_courses": 57.6, "anaesthesia_slots_per_day": None,
    },
    "rooms": {"gantry": 2, "fixed-beam": 1, "linac": 1},
    "rooms_needed": 5,
    "unstaffed_min": {},
    "says": [{"code": "proton.capacity.reached_no", "params": {"target": 800}}],
    "seed": 0, "draws": 20, "work": {"unit": "linear programs", "used": 20, "limit": None},
    "stopped_by": "work",
}  # fmt: skip

RIGHT: list[Document] = [
    right.CENTRE, right.DAY, right.DAY_ANSWER, test_verify_day.impossible()[1], right.BOOK,
    right.BOOK_ANSWER, repairs.OFFER, repairs.OFFER_ANSWER, repairs.REPLAN, repairs.REPLAN_ANSWER,
    CAPACITY, CAPACITY_ANSWER, years.YEAR, years.YEAR_ANSWER,
]  # fmt: skip
FREE = {"params", "fairness", "compensation", "protection", "rooms", "unstaffed_min", "urgency",
        "per_room", "per_centre", "uptime", "levels", "hours", "by", "waiting", "groups",
        "prolongation",
        "utilisation", "downtime_min"}  # fmt: skip
"""Objects whose keys are names, or free. (Hours take weekdays only; they are looked at below.)"""


def validator(document: Document) -> Draft202012Validator:
    name = document["schema"].removeprefix("sapar.proton.").removesuffix("/1")
    formats = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(SCHEMAS[name], registry=REGISTRY, format_checker=formats)


def named(document: Document) -> str:
    return str(document["schema"])


def objects(value: Any) -> list[Document]:
    """Objects of a document whose keys a schema lists, one of each kind that stands there."""
    kinds: dict[tuple[str, ...], Document] = {}
    for place in every_object(value):
        kinds.setdefault(tuple(sorted(place)), place)
    return list(kinds.values())


def every_object(value: Any, key: str = "") -> Iterator[Document]:
    if isinstance(value, dict):
        if key not in FREE:
            yield value
        for name, inner in value.items():
            if name not in FREE or isinstance(inner, list):
                yield from every_object(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from every_object(inner, "")


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("document", RIGHT, ids=named)
def test_right_documents_keep_to_their_schema(document: Document) -> None:
    assert [error.message for error in validator(document).iter_errors(document)] == []


@pytest.mark.parametrize("document", RIGHT, ids=named)
def test_an_unknown_key_is_refused_wherever_it_stands(document: Document) -> None:
    changed = copy.deepcopy(document)
    check_it = validator(document)
    places = objects(changed)
    assert len(places) > 1
    for place in places:
        place["tpyo"] = 1
        assert not check_it.is_valid(changed), f"taken: {sorted(place)}"
        del place["tpyo"]


@pytest.mark.parametrize("document", RIGHT, ids=named)
def test_a_value_of_another_kind_is_refused_wherever_it_stands(document: Document) -> None:
    changed = copy.deepcopy(document)
    check_it = validator(document)
    for place in objects(changed):
        for key, value in place.items():
            if key not in FREE and not isinstance(value, dict | list):
                place[key] = [[]]
                assert not check_it.is_valid(changed), f"{key}: a list of lists is taken"
                place[key] = value


@pytest.mark.parametrize(
    "path", ["hours", "rooms[2].hours", "anaesthesia.hours", "devices[0].hours"]
)
def test_hours_know_no_other_days_than_those_of_a_week(path: str) -> None:
    changed = copy.deepcopy(right.CENTRE)
    right.placed(changed, f"{path}.day", [["07:00", "09:00"]])
    assert not validator(changed).is_valid(changed)


def test_a_right_capacity_answer_passes() -> None:
    assert check(CAPACITY, CAPACITY_ANSWER) == []


CAPACITY_FAULTS: list[tuple[str, str, Any]] = [
    ("shape", "patients.mean", None),
    ("interval_wrong", "patients.low", 713),
    ("interval_wrong", "changes[0].patients.high", -1),
    ("sum_wrong", "target.patients", 801),
    ("sum_wrong", "target.reached", "perhaps"),
    ("sum_wrong", "target.probability", 0.5),
    ("share_wrong", "target.probability", 1.5),
    ("share_wrong", "resources[1].used", 1.2),
    ("sum_wrong", "resources[1].binds", 0.5),
    ("sum_wrong", "binding", "beam:beam"),
    ("sum_wrong", "binding", "none"),
    ("sum_wrong", "rooms.gantry", 3),
    ("sum_wrong", "draws", 21),
    ("sum_wrong", "rooms_needed", 3),
    ("sum_wrong", "arithmetic.working_days", 249),
    ("sum_wrong", "arithmetic.fractions_per_course", 25),
    ("sum_wrong", "arithmetic.children", 145),
    ("sum_wrong", "arithmetic.anaesthesia_courses", None),
    ("bound_above", "patients", {"mean": 1700, "low": 1690, "high": 1710}),
    ("seed_differs", "seed", 1),
]


@pytest.mark.parametrize(("code", "path", "value"), CAPACITY_FAULTS)
def test_each_fault_of_a_capacity_answer_is_found(code: str, path: str, value: Any) -> None:
    answer = copy.deepcopy(CAPACITY_ANSWER)
    right.placed(answer, path, value)
    assert {found.code for found in check(CAPACITY, answer)} == {f"proton.verify.{code}"}


def test_a_right_year_passes() -> None:
    assert check(years.YEAR, years.YEAR_ANSWER) == []


@pytest.mark.parametrize(("code", "path", "value"), years.YEAR_FAULTS)
def test_each_fault_of_a_simulated_year_is_found(code: str, path: str, value: Any) -> None:
    answer = copy.deepcopy(years.YEAR_ANSWER)
    right.placed(answer, path, value)
    assert {found.code for found in check(years.YEAR, answer)} == {f"proton.verify.{code}"}


def source() -> str:
    folder = SOURCE / "proton/engine/scheduling/verify"
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py")))


def test_the_checker_imports_nothing_of_the_solvers_and_none_of_their_readers() -> None:
    modules = set(re.findall(r"^\s*(?:from|import) (sapar[\w.]*)", source(), re.MULTILINE))
    assert modules
    others = [m for m in modules if not m.startswith((verify.__name__, "sapar.values."))]
    assert others == []


def test_every_code_has_a_sentence_a_remedy_and_a_planted_fault() -> None:
    codes = set(re.findall(r'"(proton\.verify\.\w+)"', source()))
    assert {code for code in PHRASES if not code.endswith(".remedy")} == codes
    assert {code.removesuffix(".remedy") for code in PHRASES if code.endswith(".remedy")} == codes
    tables = (
        test_verify_day.FAULTS, test_verify_day.INFEASIBLE, test_verify_book.FAULTS,
        test_verify_repairs.REPLAN_FAULTS, test_verify_repairs.OFFER_FAULTS, CAPACITY_FAULTS,
        years.YEAR_FAULTS,
    )  # fmt: skip
    planted = {f"proton.verify.{fault[0]}" for table in tables for fault in table}
    # These two have a test of their own.
    planted |= {"proton.verify.schema_unknown", "proton.verify.bound_refuted"}
    assert codes - planted == set()


PAIRS: list[tuple[Document, Document]] = [
    (right.DAY, right.DAY_ANSWER), test_verify_day.impossible(), (right.BOOK, right.BOOK_ANSWER),
    (repairs.OFFER, repairs.OFFER_ANSWER), (repairs.REPLAN, repairs.REPLAN_ANSWER),
    (CAPACITY, CAPACITY_ANSWER), (years.YEAR, years.YEAR_ANSWER),
]  # fmt: skip
JSON = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just(10**400),
    st.sampled_from(["2027-03-02", "08:00", "47:59", "G1", "proof", [], {}, [[]], ["08:00"]]),
)  # fmt: skip


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    keys: Any = value if isinstance(value, dict) else range(len(value))
    if isinstance(value, dict | list):
        for key in keys:
            yield (*path, key)
            if isinstance(value[key], dict | list):
                yield from paths(value[key], (*path, key))


@given(pair=st.sampled_from(PAIRS), data=st.data(), value=JSON)
def test_whatever_stands_in_an_answer_the_checker_names_a_place_and_never_breaks(
    pair: tuple[Document, Document], data: st.DataObject, value: Any
) -> None:
    problem, answer = right.fresh(*pair)
    where = data.draw(st.sampled_from(list(paths(answer))))
    place: Any = answer
    for key in where[:-1]:
        place = place[key]
    place[where[-1]] = value
    codes = {found.code for found in check(problem, answer)}
    assert "proton.verify.unreadable" not in codes


def day(text: str) -> Any:
    return clock.day(text)


def test_a_recurring_closure_reaches_the_hours_past_midnight_of_the_day_before() -> None:
    centre = copy.deepcopy(right.CENTRE) | {"staffing": {}}
    centre["hours"]["mon"] = [["20:00", "26:00"]]
    centre["recurring"].append(
        {"resource": "G1", "weekdays": ["tue"], "from": "00:30", "to": "01:00", "why": "other"}
    )
    minutes = Calendar(centre).room(day("2027-03-15"), "G1")
    assert minutes == clock.bits(1200, 1470) | clock.bits(1500, 1560)


def test_the_first_rooms_of_the_document_get_the_people_and_a_closed_room_passes_them_on() -> None:
    centre = copy.deepcopy(right.CENTRE)
    centre["staff"][0]["count"] = 5  # two rooms of four, two people each
    calendar = Calendar(centre)
    opened = {
        text: [room for room in calendar.rooms if calendar.room(day(text), room)]
        for text in ("2027-03-02", "2027-03-03", "2027-03-20", "2027-03-08")
    }
    assert opened == {
        "2027-03-02": ["G1", "G2"],
        "2027-03-03": ["G1", "F1", "L1"],  # G2 is closed, and F1 goes home at 13:00
        "2027-03-20": [],  # a moved Saturday without shifts
        "2027-03-08": [],
    }
    assert calendar.room(day("2027-03-03"), "L1") == clock.bits(780, 1260)
    assert calendar.is_working(day("2027-03-20"))
    assert not calendar.is_working(day("2027-03-08"))
