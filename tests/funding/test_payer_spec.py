"""Who pays, as a table: each row is a test and a line of docs/reference/payer-rules.md.

SAPAR_MODE=test python -m tests.funding.test_payer_spec > docs/reference/payer-rules.md
"""

from __future__ import annotations

import dataclasses
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapar.funding.engine.estimate import estimate
from sapar.funding.engine.routes import ORDER, PayerOption, RouteState, payer_options, quota_for
from sapar.network.engine.snapshot import Agreement, Quota, Snapshot
from tests.answer.worlds import DEMO, LAW, RUMOUR, TODAY, network

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "payer-rules.md"
HEAD = """# Who pays: the rules

Generated from `tests/funding/test_payer_spec.py`; each line is a test. Routes from the one that
costs a family least: intergovernmental, state quota, insurance, charity, self-payment. The options
are shown in the order that the last column gives; the first open one is proposed.

| Case | Agreements that reach the patient | Used | The answer offers, in this order |
| --- | --- | --- | --- |
"""


def agreement(code: str, route: str, places: int | None = None, **changes: object) -> Agreement:
    quotas = (
        ()
        if places is None
        else (Quota(code=f"{code}-q", source=LAW, programme="", places=places),)
    )
    fields: dict[str, object] = {
        "code": code,
        "source": LAW,
        "patient_country": "KG",
        "centre_country": "KZ",
        "payer": f"payer-{code}",
        "route": route,
        "quotas": quotas,
        "approval_days": 5,
    }
    return Agreement(**(fields | changes))  # type: ignore[arg-type]


@dataclasses.dataclass(frozen=True)
class Row:
    case: str
    agreements: tuple[Agreement, ...]
    offered: tuple[str, ...]
    used: int = 0
    demonstration: bool = True
    wish: str = ""


STATE, UNION = agreement("state", "state-quota", 10), agreement("union", "intergovernmental", 5)
SPEC = (
    Row("No agreement reaches the patient", (), ("self-pay open",)),
    Row(
        "One agreement without a quota",
        (agreement("a", "charity"),),
        ("charity open", "self-pay open"),
    ),
    Row(
        "The route that costs less stands first",
        (STATE, UNION),
        ("intergovernmental open", "state-quota open", "self-pay open"),
    ),
    Row(
        "A full quota stands behind what is open, but is still shown",
        (UNION, STATE),
        ("state-quota open", "self-pay open", "intergovernmental quota-full"),
        used=5,
    ),
    Row(
        "An agreement that has ended is not offered",
        (dataclasses.replace(UNION, valid_to=date(2026, 2, 1)),),
        ("self-pay open",),
    ),
    Row(
        "An agreement that has not begun is not offered",
        (dataclasses.replace(UNION, valid_from=date(2026, 4, 1)),),
        ("self-pay open",),
    ),
    Row(
        "An agreement for another country is not offered",
        (agreement("b", "charity", patient_country="UZ"),),
        ("self-pay open",),
    ),
    Row(
        "An agreement for other programmes is not offered",
        (agreement("c", "charity", programmes=("transplant",)),),
        ("self-pay open",),
    ),
    Row(
        "An unverified agreement never decides",
        (agreement("d", "charity", source=RUMOUR),),
        ("self-pay open", "charity unverified"),
    ),
    Row(
        "Demonstration data decides in a demonstration",
        (agreement("e", "charity", source=DEMO),),
        ("charity open", "self-pay open"),
    ),
    Row(
        "Demonstration data decides nothing in a real installation",
        (agreement("e", "charity", source=DEMO),),
        ("self-pay open", "charity unverified"),
        demonstration=False,
    ),
    Row(
        "The family wishes to pay",
        (UNION,),
        ("self-pay open", "intergovernmental open"),
        wish="self-pay",
    ),
)


def options(row: Row) -> tuple[PayerOption, ...]:
    return payer_options(
        network(agreements=row.agreements, demonstration=row.demonstration),
        patient_country="KG",
        centre_country="KZ",
        programme="protons",
        quota_used={q.code: row.used for a in row.agreements for q in a.quotas},
        wish=row.wish,
    )


@pytest.mark.parametrize("row", SPEC, ids=lambda row: row.case)
def test_the_rule(row: Row) -> None:
    assert tuple(f"{o.route} {o.state.value}" for o in options(row)) == row.offered


def page() -> str:
    lines = []
    for row in SPEC:
        reach = "; ".join(
            f"{a.route}"
            + (f", {a.quotas[0].places} places" if a.quotas else "")
            + (f", {a.source.mark.value}" if a.source.mark.value != "verified" else "")
            for a in row.agreements
        )
        lines.append(
            f"| {row.case} | {reach or 'none'} | {row.used or ''} | {'; '.join(row.offered)} |"
        )
    return HEAD + "\n".join(lines) + "\n"


def test_the_page_is_what_the_rules_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


agreements = st.builds(
    lambda n, route, places, source: agreement(f"x{n}", route, places, source=source),
    st.integers(0, 99),
    st.sampled_from(ORDER),
    st.none() | st.integers(0, 3),
    st.sampled_from([LAW, DEMO, RUMOUR]),
)


@given(
    st.lists(agreements, max_size=5, unique_by=lambda a: a.code), st.integers(0, 4), st.booleans()
)
def test_there_is_always_a_way_and_nothing_unusable_stands_first(
    found: list[Agreement],
    used: int,
    demonstration: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    row = Row("", tuple(found), (), used, demonstration)
    offered = options(row)
    assert offered[0].state is RouteState.OPEN
    assert len(offered) == len(found) + 1
    for option in offered:
        if option.state is RouteState.OPEN and option.source is not None:
            assert option.source.mark.decides(demonstration=demonstration)
            assert option.places_left is None or option.places_left > 0


def test_a_quota_for_the_programme_counts_before_one_for_any() -> None:
    own = Quota(code="own", source=LAW, programme="protons", places=1)
    any_programme = Quota(code="any", source=LAW, programme="", places=9)
    both = agreement("f", "charity", quotas=(any_programme, own))
    assert quota_for(both, "protons", TODAY) == own
    assert quota_for(both, "transplant", TODAY) == any_programme


def price(snapshot: Snapshot, **changes: object) -> object:
    fields: dict[str, object] = {
        "programme": "protons",
        "indication": "",
        "covers": frozenset({"treatment"}),
        "needs": frozenset(),
        "companions": 0,
        "rehabilitation": False,
    }
    return estimate(snapshot, **(fields | changes))  # type: ignore[arg-type]


def test_anaesthesia_companions_and_rehabilitation_cost_only_where_they_are_needed() -> None:
    bare = price(network())
    full = price(
        network(), needs=frozenset({"paediatric-anaesthesia"}), companions=2, rehabilitation=True
    )
    assert [p.item for p in bare.parts] == ["treatment"]  # type: ignore[attr-defined]
    assert len(full.parts) == 4  # type: ignore[attr-defined]
    lodging = next(p for p in full.parts if p.item == "companion-day")  # type: ignore[attr-defined]
    assert lodging.units == (84, 112)
    assert not lodging.covered


if __name__ == "__main__":
    sys.stdout.write(page())
