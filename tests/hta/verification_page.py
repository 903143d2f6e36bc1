"""The reference page of the verification, made from the tests and the planted faults.

SAPAR_MODE=test python -m tests.hta.verification_page
"""

from __future__ import annotations

import re
from pathlib import Path

from sapar.hta.engine.verification.kinds import GROUPS
from sapar.hta.engine.verification.subject import NEEDS
from sapar.hta.engine.verification.verify import all_tests
from tests.hta.faults import FAULTS, HIP, HIV, MIGRAINE, RESIDENCE, SICK
from tests.hta.planted import BY_READER, finders

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "hta-verification.md"

_PERSPECTIVE = {"sources.perspective": "The document does not say the year of its prices."}
_UTILITY = "The published distribution of u_H, beta(200, 3), has its mean at 0.985; the value is 1."
EXPLAINED: dict[str, dict[str, str]] = {
    SICK: {
        "horizon.life_long": (
            "A teaching model: its death rate is 0.2 % at every age, and half live to be 100."
        ),
        "distributions.means_near": _UTILITY,
        "distributions.values_central": _UTILITY,
        **_PERSPECTIVE,
    },
    RESIDENCE: {
        "distributions.means_near": _UTILITY,
        "distributions.values_central": _UTILITY,
        "distributions.none_forgotten": (
            "Published without distributions for the rate of getting sicker and for what "
            "transitions cost."
        ),
        **_PERSPECTIVE,
    },
    HIP: {
        "conventions.same_frontier": (
            "The prosthesis is paid in the state of the start: rules that do not count the start "
            "whole lose part of its price."
        ),
        "effects.living_gain": "Published without QALYs in the year of the operation.",
        "effects.ones_are_years": "The same: one year of each life has no utility.",
        "arms.as_long_as_paid": "A prosthesis is paid once and works for life.",
        "parameters.all_move": "The patient is a woman: the coefficient of men moves nothing.",
        "parameters.tables_long_enough": "The published table ends with “85 and older”.",
        "distributions.none_forgotten": (
            "Published with fixed prices of the prostheses, for one age."
        ),
        **_PERSPECTIVE,
    },
    HIV: {
        "discounting.both_discounted": "Published with 6 % for costs and 0 % for life years.",
        "distributions.none_forgotten": "Published with fixed prices of the drugs.",
        **_PERSPECTIVE,
    },
    MIGRAINE: {**_PERSPECTIVE},
}
"""Why tests warn of published models, by model and test."""

_HEAD = """# Verification of models

*Generated from the tests and the planted faults by `tests/hta/verification_page.py`, as a test
checks.*

`sapar hta verify MODEL` puts a model to {number} black-box tests: each changes the model in a way
of which the effect is known beforehand, or looks at what no sound model has. What fails stands
first, then what is worth a question, a warning; `--all` shows the rest, `--json` everything. The
command ends with 1 when a test failed. The tests know no model and no language: what an input is
they see from its unit and from where it goes. The same model gives the same result. A model that
draws people is tried with 2,000 of them, one with a queue for half a year.

`verify(model)` of `sapar.hta.engine.verification.verify` gives the same as an object; another
engine may be put to the tests in place of ours. A test that asks for what a model lacks is not
applicable and says so. For every test there is a document or a broken engine that makes it fail
(`tests/hta/provoked.py`). All tests take 0.4 s on Sick-Sicker, 0.7 s on its
form with residence time and 4 s on the model of a queue.
"""


def _needs(names: tuple[str, ...]) -> str:
    said = {
        "cohort": "a cohort", "time": "time", "tree": "a tree", "states": "states",
        "dead": "a state of the dead",
        "arms": "two strategies", "own": "inputs by strategy", "draws": "distributions",
        "rates": "discounting", "utilities": "utilities", "health": "an effect in years",
        "prices": "prices", "plain": "no drawn people", "sure": "nothing below zero",
        "sections": "no sections",
    }  # fmt: skip
    assert set(said) == set(NEEDS)
    return ", ".join(said[each] for each in names)


def _tables() -> list[str]:
    lines = []
    for group, title in GROUPS.items():
        rows = [each for each in all_tests() if each.group == group]
        lines += [f"## {title}", "", "| test | what must hold | needs |", "| --- | --- | --- |"]
        lines += [f"| `{each.id}` | {each.says} | {_needs(each.needs)} |" for each in rows]
        lines.append("")
    return lines


def _warnings() -> list[str]:
    lines = [
        "## Warnings about the published models", "",
        "No test fails on them. What is warned of is as it was published:", "",
        "| model | test | why |", "| --- | --- | --- |",
    ]  # fmt: skip
    for model, rows in EXPLAINED.items():
        lines += [f"| {model} | `{test}` | {why} |" for test, why in rows.items()]
    return [*lines, ""]


def _faults() -> list[str]:
    found = finders()
    refused = list(found.values()).count(BY_READER)
    hidden = list(found.values()).count("")
    asked = len(found) - refused
    lines = [
        "## Planted faults",
        "",
        f"{len(found)} mistakes of people, written down before the tests (`tests/hta/faults.py`),",
        f"were planted one at a time into the published models. The reader refuses {refused}; of",
        f"the other {asked} the tests find {asked - hidden}: one fails or warns that does not on",
        "the original. The table names the first. At the first count 65 were found; after it came",
        "`structure.complements`, `parameters.tables_asked_alike`, `conventions.tables_by_year`.",
        "What stays hidden is a possible model: only somebody who knows the disease sees it.",
        "",
        "| model | fault | found by |",
        "| --- | --- | --- |",
    ]
    for fault in FAULTS:
        by = found[fault.name]
        shown = by if by == BY_READER else f"`{by}`" if by else "**nothing**"
        lines.append(f"| {fault.model} | {fault.says} | {shown} |")
    return [*lines, ""]


def page() -> str:
    """The whole page."""
    head = _HEAD.format(number=len(all_tests())).splitlines()
    text = "\n".join([*head, "", *_tables(), *_warnings(), *_faults()])
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
