"""What a fraction costs: by hand, as published, and where a decision flips."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from sapar.cli.main import sapar
from sapar.hta.engine.evaluate import evaluate
from sapar.hta.engine.expressions.build import Term, number
from sapar.hta.engine.facility.costs import (
    Capacity,
    Capital,
    Facility,
    Staff,
    annual,
    annuity_factor,
    formulas,
    value,
)
from sapar.hta.engine.facility.report import centres, flip_of, reach, report
from sapar.hta.engine.facility.threshold import flip
from sapar.hta.engine.model.read import read_model
from sapar.hta.engine.model.yaml import BadModelError
from sapar.hta.engine.uncertainty.sample import sample

if TYPE_CHECKING:
    from click.testing import Result

MODELS = Path(__file__).parents[2] / "data" / "hta"


def worth(term: Term, **names: float) -> float:
    return float(value(term, {key: np.asarray(each) for key, each in names.items()}))


def by_hand(price: float, residual: float, rate: float, years: int) -> float:
    """The yearly payment found by halving: the present value of payments is the net price."""
    most = (abs(price) + abs(residual)) * (1 + rate)
    low, high = -most, most
    for _ in range(200):
        middle = (low + high) / 2
        paid = sum(middle / (1 + rate) ** k for k in range(1, years + 1))
        low, high = (
            (low, middle) if paid > price - residual / (1 + rate) ** years else (middle, high)
        )
    return (low + high) / 2


@given(
    st.floats(1e3, 1e9),
    st.floats(0, 0.5),
    st.one_of(st.just(0.0), st.floats(1e-6, 0.3)),
    st.integers(1, 60),
)
def test_the_annual_cost_of_capital_pays_its_price_over_its_life(
    price: float, left: float, rate: float, years: int
) -> None:
    item = Capital(number(price), number(years), number(price * left))
    found = worth(annual(item, number(rate)))
    assert found == pytest.approx(by_hand(price, price * left, rate, years), rel=1e-6)


def test_without_interest_capital_is_spread_evenly() -> None:
    assert worth(annuity_factor(number(0), number(12))) == 12
    item = Capital(number(1_200), number(12), number(240))
    assert worth(annual(item, number(0))) == pytest.approx(80)
    assert worth(annuity_factor(number(0.05), number(10))) == pytest.approx(7.721734929, rel=1e-9)


def centre(volume: tuple[float, ...], **more: object) -> Facility:
    parts: dict[str, object] = {
        "rate": number(0.04),
        "volume": tuple(number(each) for each in volume),
        "fractions": number(25),
        "capital": {"machine": Capital(number(30e6), number(20))},
        "staff": {
            "physicists": Staff(number(5), number(60_000)),
            "nurses": Staff(number(3), number(30_000), number(4_000), whole=True),
        },
        "yearly": {"maintenance": number(2e6), "energy": number(3e5)},
        "per_fraction": {"consumables": number(12)},
        "per_course": {"planning": number(900)},
        **more,
    }
    return Facility(**parts)  # type: ignore[arg-type]


def test_a_centre_is_counted_as_by_hand_with_a_ramp_and_whole_shifts() -> None:
    made = formulas(centre((6_000, 8_000, 20_000)))
    capital = by_hand(30e6, 0, 0.04, 20)
    yearly = [
        capital + 300_000 + groups * 90_000 + 2.3e6 + 12 * volume + 900 * volume / 25
        for volume, groups in ((6_000, 2), (8_000, 2), (20_000, 5))
    ]
    assert [worth(each) for each in made.yearly] == pytest.approx(yearly, rel=1e-9)
    factors = [1.04**-k for k in (1, 2, 3)]
    levelised = sum(map(float.__mul__, yearly, factors)) / sum(
        v * f for v, f in zip((6_000, 8_000, 20_000), factors, strict=True)
    )
    assert worth(made.per_fraction) == pytest.approx(levelised, rel=1e-9)
    assert worth(made.per_course) == pytest.approx(25 * levelised, rel=1e-9)
    assert worth(made.investment) == 30e6


def test_a_plan_without_ramp_up_is_its_single_year() -> None:
    one, many = formulas(centre((9_000,))), formulas(centre((9_000,) * 12))
    assert worth(one.per_fraction) == worth(many.per_fraction)


def test_no_more_is_treated_than_the_capacity_and_the_utilisation_says_so() -> None:
    room = Capacity(number(2), number(10), number(250), number(2), number(0.9))
    made = formulas(centre((4_500, 12_000), capacity=room))
    assert made.capacity is not None
    assert worth(made.capacity) == 9_000
    assert [worth(each) for each in made.treated] == [4_500, 9_000]
    assert worth(made.utilisation) == pytest.approx(12_000 / 9_000)


@given(st.floats(1_000, 50_000), st.floats(1.01, 3))
def test_a_fraction_is_cheaper_where_more_are_given(volume: float, more: float) -> None:
    smooth = {"staff": {"physicists": Staff(number(5), number(60_000))}}
    few, many = centre((volume,), **smooth), centre((volume * more,), **smooth)
    assert worth(formulas(many).per_fraction) < worth(formulas(few).per_fraction)


def peeters() -> str:
    return (MODELS / "facility-peeters.yaml").read_text(encoding="utf-8")


def test_published_costs_of_a_fraction_come_back_within_rounding() -> None:
    found = evaluate(read_model(peeters())).discounted["cost"][:, 0]
    # 36.7 M is anything from 36.65 to 36.75, 32,500 from 32,450 to 32,550: 0.3 % of 1,128.
    assert found == pytest.approx([1_128, 743, 233], rel=2e-3)
    assert found == pytest.approx([36.7e6 / 32_500, 24.9e6 / 33_500, 9.6e6 / 41_200], rel=1e-12)
    assert found[0] / found[2] == pytest.approx(4.8, abs=0.05)
    assert found[1] / found[2] == pytest.approx(3.2, abs=0.05)


def test_the_report_divides_a_published_total_into_capital_and_the_rest() -> None:
    found = {each["facility"]: each for each in report(read_model(peeters()))}
    assert {name: each["investment"] for name, each in found.items()} == {
        "combined": 138.6e6, "proton": 94.9e6, "photon": 23.4e6,
    }  # fmt: skip
    items = {each["group"]: each for each in found["proton"]["items"]}
    assert items["capital"]["yearly"] == pytest.approx(by_hand(94.9e6, 0, 0.05, 30), rel=1e-9)
    assert items["capital"]["yearly"] + items["rest"]["yearly"] == pytest.approx(24.9e6)
    assert sum(each["share"] for each in items.values()) == pytest.approx(1)
    dear = read_model(peeters().replace("value: 94.9e+6", "value: 94.9e+8"))
    with pytest.raises(BadModelError, match=r"hta\.run\.facility_total"):
        report(dear)


BRAZIL = """
schema: sapar.hta.tree/1
id: few-patients
strategies: {photon: Photons, proton: Protons}
parameters:
  patients: {value: 50, unit: course/year, distribution: "uniform(least=40, most=60)"}
  life: {value: 20, unit: year}
  gain: {by_strategy: {photon: 0, proton: 2.71}}
  dear: {by_strategy: {photon: 0, proton: 1}}
facility:
  proton:
    rate: 0.03
    capital: {centre: {price: 30e+6, life: life}}
    yearly: {running: 2e+6}
    per_course: {planning: 1500}
    capacity: {rooms: 1, hours: 10, days: 250, fractions_per_hour: 3}
    courses: patients
    fractions: 30
let: {price: dear * proton_cost_per_course}
settings: {currency: USD}
rewards: {cost: {label: Costs, unit: USD}, qaly: {label: QALYs}}
tree: {pays: {cost: price, qaly: gain}}
"""


def test_cost_per_patient_falls_with_volume_and_with_machine_life() -> None:
    model = read_model(BRAZIL)
    grid = [(n, years) for n in (50.0, 100.0, 150.0) for years in (10.0, 20.0, 25.0)]
    drawn = {
        "patients": np.array([n for n, _ in grid]),
        "life": np.array([years for _, years in grid]),
    }
    found = evaluate(model, drawn).discounted["cost"][1].reshape(3, 3)
    assert (np.diff(found, axis=0) < 0).all()
    assert (np.diff(found, axis=1) < 0).all()
    for (n, years), cost in zip(grid, found.ravel(), strict=True):
        yearly = by_hand(30e6, 0, 0.03, int(years)) + 2e6
        assert cost == pytest.approx(yearly / n + 1_500, rel=1e-9)


def test_the_volume_at_which_a_decision_flips_is_solved_quickly() -> None:
    model = read_model(BRAZIL)
    since = time.perf_counter()
    found = flip_of(model, "patients", 10_000, ("proton", "photon"), (10, 250))
    assert time.perf_counter() - since < 1
    # 2.71 QALYs at 10,000 less planning leave 25,600 a patient for the fixed costs.
    fixed = by_hand(30e6, 0, 0.03, 20) + 2e6
    assert found.status == "flips"
    assert found.volume == pytest.approx(fixed / (2.71 * 10_000 - 1_500), rel=1e-8)
    never = flip_of(model, "patients", 5_000, ("proton", "photon"), (10, 250))
    assert (never.status, never.volume) == ("never", None)
    always = flip_of(model, "patients", 1e9, ("proton", "photon"), (10, 250))
    assert always.status == "always"


def test_the_search_ends_where_the_centre_is_full() -> None:
    model = read_model(BRAZIL)
    assert reach(model, "patients") == pytest.approx((0.5, 1 * 10 * 250 * 3 / 30))
    assert reach(model, "life") == pytest.approx((0.2, 2_000))
    assert flip_of(model, "patients", 8_000, ("proton", "photon")).status == "flips"
    never = flip_of(model, "patients", 5_000, ("proton", "photon"))
    assert never.status == "never"
    assert never.most == pytest.approx(250)


def test_a_jump_of_staff_is_found_too() -> None:
    found = flip(lambda volume: np.where(volume < 1_234.5, -1.0, 2.0), 10, 1e5)
    assert found.volume == pytest.approx(1_234.5, abs=1e-3)


def test_draws_reach_the_cost_of_a_course() -> None:
    found = sample(read_model(BRAZIL), 500, 7)
    yearly = by_hand(30e6, 0, 0.03, 20) + 2e6
    assert found.costs[1] == pytest.approx(yearly / found.parameters["patients"] + 1_500)
    assert found.model.unused == ()


def test_only_an_input_that_is_one_number_can_be_a_volume() -> None:
    for name in ("gain", "nothing"):
        with pytest.raises(BadModelError, match=r"hta\.input\.facility_input"):
            flip_of(read_model(BRAZIL), name, 1, ("proton", "photon"))


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("courses: patients", "courses: patients\n    volume: 3", "facility_volume", 11),
        ("courses: patients", "label: x", "facility_volume", 11),
        ("life: life}", "life: 0}", "above", 13),
        ("days: 250", "days: 400", "above", 16),
        ("courses: patients", "volume: -5", "above", 17),
        ("courses: patients", "volume: 0", "above", 17),
        ("courses: patients", "volume: 3 - 5", "above", 17),
        ("courses: patients", "years: 3\n    courses: {1: 3, 2: -1}", "above", 18),
        ("fractions: 30", "fractions: -30", "above", 18),
        ("rooms: 1, ", "rooms: 0, ", "above", 16),
        ("rate: 0.03", "rate: -0.5", "range", 12),
        ("rate: 0.03", "rate: 3", "range", 12),
        ("price: 30e+6", "price: -1", "range", 13),
        ("rooms: 1, ", "", "missing", 16),
        ("courses: patients", "years: 3\n    courses: {2: 3}", "facility_years", 18),
        ("courses: patients", "years: 3\n    courses: {1: 3, 7: 3}", "range", 18),
        ("    rate: 0.03\n", "", "missing", 11),
        ("running: 2e+6", "running: nothing", "unknown", 14),
        ("capital: {centre: {price", "capital: {centre: {cost", "key", 13),
    ],
)
def test_a_mistake_in_a_centre_is_named_with_its_line(
    old: str, new: str, code: str, line: int
) -> None:
    assert old in BRAZIL
    with pytest.raises(BadModelError) as found:
        read_model(BRAZIL.replace(old, new, 1))
    first = [each for each in found.value.problems if each.code == f"hta.input.{code}"]
    assert first, found.value.problems
    assert first[0].where.endswith(f":{line}")


INPUTS = "  gain: {by_strategy"


@pytest.mark.parametrize(
    ("old", "new", "value", "code", "where"),
    [
        ("courses: patients", "courses: it", 0, "limit_above", "courses:18"),
        ("courses: patients", "volume: it", -5, "limit_above", "volume:18"),
        ("courses: patients", "years: 3\n    courses: {1: 9, 3: it}", 0, "limit_above",
         "courses.3:19"),
        ("rate: 0.03", "rate: it", -0.5, "limit_range", "rate:13"),
        ("life: life}", "life: it}", 0, "limit_above", "capital.centre.life:14"),
        ("price: 30e+6", "price: it", -1, "limit_range", "capital.centre.price:14"),
        ("fractions: 30", "fractions: it", 0, "limit_above", "fractions:19"),
        ("hours: 10", "hours: it", 25, "limit_above", "capacity.hours:17"),
    ],
)  # fmt: skip
def test_an_input_that_a_centre_cannot_have_is_named_with_its_line_and_value(
    old: str, new: str, value: float, code: str, where: str
) -> None:
    assert old in BRAZIL
    name = where.partition(":")[0]
    text = BRAZIL.replace(old, new, 1)
    unit = {"life": "year", "price": "USD"}.get(name.rpartition(".")[2], "1")
    text = text.replace(INPUTS, f"  it: {{value: {value}, unit: {unit}}}\n{INPUTS}")
    model = read_model(text)
    for ask in (report, evaluate):
        with pytest.raises(BadModelError) as found:
            ask(model)
        (problem,) = found.value.problems
        assert problem.code == f"hta.run.{code}"
        assert problem.params["name"] == name
        assert problem.where == f"facility.proton.{where}"
        assert float(str(problem.value)) == value


def test_a_draw_that_a_centre_cannot_have_is_refused_too() -> None:
    wide = BRAZIL.replace("uniform(least=40, most=60)", "uniform(least=-40, most=60)")
    with pytest.raises(BadModelError) as found:
        sample(read_model(wide), 100, 1)
    (problem,) = found.value.problems
    assert (problem.code, problem.params["name"]) == ("hta.run.limit_above", "courses")
    assert float(str(problem.value)) <= 0
    assert np.isfinite(sample(read_model(BRAZIL), 100, 1).costs).all()


def test_a_model_without_centres_is_refused() -> None:
    text = (MODELS / "hiv.yaml").read_text(encoding="utf-8")
    with pytest.raises(BadModelError, match=r"hta\.input\.facility_missing"):
        report(read_model(text))
    wrong = call("facility", "-", given=text)
    assert wrong.exit_code == 3
    assert "Add a section “facility”" in wrong.stderr
    none = BRAZIL.partition("facility:")[0] + "facility: {}\n" + BRAZIL.partition("30\n")[2]
    with pytest.raises(BadModelError, match=r"hta\.input\.empty"):
        read_model(none.replace("dear * proton_cost_per_course", "dear"))


def test_a_centre_that_costs_nothing_has_no_shares() -> None:
    text = BRAZIL.replace("price: 30e+6", "price: 0").replace("2e+6", "0").replace("1500", "0")
    (found,) = report(read_model(text))
    assert {each["share"] for each in found["items"]} == {0.0}


NO_CAPACITY = BRAZIL.replace(
    "    capacity: {rooms: 1, hours: 10, days: 250, fractions_per_hour: 3}\n", ""
)


def test_without_a_capacity_the_search_goes_to_the_hundredfold() -> None:
    asked = ("facility", "-", "--volume", "patients", "--threshold", "10000")
    found = call(*asked, given=NO_CAPACITY)
    assert found.exit_code == 0, found.output
    assert "are worth the same where patients is 156.893" in found.stdout
    answer = json.loads(call(*asked, "--json", given=NO_CAPACITY).stdout)
    assert (answer["flip"]["least"], answer["flip"]["most"]) == (0.5, 5_000)


def test_a_volume_that_is_zero_needs_the_largest_one() -> None:
    text = NO_CAPACITY.replace("courses: patients", "courses: 50 + more")
    text = text.replace(INPUTS, f"  more: {{value: 0}}\n{INPUTS}")
    asked = ("facility", "-", "--volume", "more", "--threshold", "10000")
    wrong = call(*asked, given=text)
    assert wrong.exit_code == 2
    assert "--most" in wrong.stderr
    found = call(*asked, "--most", "1000", "--json", given=text)
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["flip"]["volume"] == pytest.approx(106.893, abs=0.01)
    with pytest.raises(BadModelError, match=r"hta\.run\.limit_above"):
        reach(read_model(text), "more")
    low = call("facility", "-", "--volume", "patients", "--threshold", "10000", "--most", "0.1",
               "--json", given=NO_CAPACITY)  # fmt: skip
    assert json.loads(low.stdout)["flip"]["least"] < 0.1


def test_a_ramp_counts_from_its_years_on() -> None:
    text = BRAZIL.replace("courses: patients", "years: 5\n    courses: {1: 20, 3: patients}")
    one = centres(read_model(text))["proton"]
    courses = [worth(each, patients=50.0) / 30 for each in one.volume]
    assert courses == pytest.approx([20, 20, 50, 50, 50])


def call(*arguments: str, given: str) -> Result:
    return CliRunner().invoke(sapar, ["--language", "en", "hta", *arguments], input=given)


def test_centres_and_their_threshold_are_told_on_the_terminal() -> None:
    found = call("facility", str(MODELS / "facility-peeters.yaml"), given="")
    assert found.exit_code == 0, found.output
    assert "1,129.23" in found.stdout
    asked = ("facility", "-", "--volume", "patients", "--threshold", "10000", "--most", "250")
    found = call(*asked, given=BRAZIL)
    assert "proton and photon are worth the same where patients is" in found.stdout
    answer = json.loads(call(*asked, "--json", given=BRAZIL).stdout)
    assert answer["flip"]["status"] == "flips"
    assert call(*asked[:4], given=BRAZIL).exit_code == 2
    wrong = call(*asked, "--of", "nothing", given=BRAZIL)
    assert wrong.exit_code == 2
    assert "photon, proton" in wrong.stderr
