"""Which visa, as a table: each row is a test and a line of docs/reference/visa-rules.md.

SAPAR_MODE=test python -m tests.travel.test_visa_spec > docs/reference/visa-rules.md
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.network.engine.snapshot import VisaRoute
from sapar.travel.engine.visa import APPLY_MARGIN_DAYS, VisaAdvice, VisaState, visa_advice
from tests.answer.worlds import DEMO, LAW, RUMOUR, TODAY, network

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "visa-rules.md"
HEAD = f"""# Which visa: the rules

Generated from `tests/travel/test_visa_spec.py`; each line is a test. The routes themselves are
dated data (see [data](data.md)). Where several routes are open, one that allows the whole stay
stands before one that does not, then visa-free before digital before consular. Between the visa's
expected issue and travel {APPLY_MARGIN_DAYS} days are kept free: our margin, no state's rule.

| Case | Citizenship | Routes | Stay | Outcome |
| --- | --- | --- | --- | --- |
"""


def route(kind: str, **changes: object) -> VisaRoute:
    fields: dict[str, object] = {
        "code": kind,
        "source": LAW,
        "citizenship": "KG",
        "destination": "KZ",
        "kind": kind,
    }
    return VisaRoute(**(fields | changes))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Row:
    case: str
    citizenship: str
    routes: tuple[VisaRoute, ...]
    state: VisaState
    kind: str = ""
    stay: tuple[int, int] | None = None
    too_long: bool | None = None
    demonstration: bool = True


SPEC = (
    Row("The centre is at home", "KZ", (), VisaState.HOME),
    Row("Citizenship is not given", "", (route("visa-free"),), VisaState.UNKNOWN_CITIZENSHIP),
    Row("No rule is known", "FR", (route("visa-free"),), VisaState.NO_ROUTE),
    Row("Visa-free", "KG", (route("visa-free"),), VisaState.NOT_NEEDED, "visa-free"),
    Row("Digital visa", "KG", (route("digital", processing_days=5),), VisaState.NEEDED, "digital"),
    Row(
        "Two routes: the one that asks least",
        "KG",
        (route("consular"), route("visa-free")),
        VisaState.NOT_NEEDED,
        "visa-free",
    ),
    Row(
        "Two routes, the easier too short for the stay",
        "KG",
        (route("visa-free", max_days=30), route("digital", max_days=90)),
        VisaState.NEEDED,
        "digital",
        (42, 56),
        too_long=False,
    ),
    Row(
        "The only route is too short: said, not hidden",
        "KG",
        (route("visa-free", max_days=30),),
        VisaState.NOT_NEEDED,
        "visa-free",
        (42, 56),
        too_long=True,
    ),
    Row(
        "An unverified rule decides nothing",
        "KG",
        (route("digital", source=RUMOUR),),
        VisaState.UNVERIFIED,
        "digital",
    ),
    Row(
        "A verified rule stands before an unverified easier one",
        "KG",
        (route("visa-free", source=RUMOUR), route("consular")),
        VisaState.NEEDED,
        "consular",
    ),
    Row(
        "Demonstration rules decide nothing in a real installation",
        "KG",
        (route("visa-free", source=DEMO),),
        VisaState.UNVERIFIED,
        "visa-free",
        demonstration=False,
    ),
    Row(
        "A rule that has ended is not used",
        "KG",
        (route("visa-free", valid_to=TODAY - timedelta(days=1)),),
        VisaState.NO_ROUTE,
    ),
)


def advice(row: Row) -> VisaAdvice:
    return visa_advice(
        network(visa_routes=row.routes, demonstration=row.demonstration),
        citizenship=row.citizenship,
        destination="KZ",
        stay_days=row.stay,
    )


@pytest.mark.parametrize("row", SPEC, ids=lambda row: row.case)
def test_the_rule(row: Row) -> None:
    given = advice(row)
    assert (given.state, given.kind, given.stay_too_long) == (row.state, row.kind, row.too_long)


def page() -> str:
    lines = []
    for row in SPEC:
        routes = "; ".join(
            r.kind
            + (f", {r.max_days} days" if r.max_days else "")
            + (f", {r.source.mark.value}" if r.source.mark.value != "verified" else "")
            for r in row.routes
        )
        stay = f"{row.stay[0]} to {row.stay[1]} days" if row.stay else "not said"
        outcome = row.state.value + (f", {row.kind}" if row.kind else "")
        outcome += ", too short for the stay" if row.too_long else ""
        cells = (row.case, row.citizenship or "not said", routes or "none", stay, outcome)
        lines.append(f"| {' | '.join(cells)} |")
    return HEAD + "\n".join(lines) + "\n"


def test_the_page_is_what_the_rules_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


@given(st.integers(0, 60))
def test_applying_on_the_latest_day_is_in_time_and_a_day_later_is_not(processing: int) -> None:
    given = advice(Row("", "KG", (route("digital", processing_days=processing),), VisaState.NEEDED))
    latest = given.apply_by(TODAY)
    assert latest is not None
    assert given.ready_by(latest) == TODAY
    later = given.ready_by(latest + timedelta(days=1))
    assert later is not None
    assert later > TODAY


if __name__ == "__main__":
    sys.stdout.write(page())
