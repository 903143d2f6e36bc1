"""Mistakes planted into published models, and how many of them the tests find."""

from __future__ import annotations

import pytest

from tests.hta.faults import FAULTS
from tests.hta.planted import BY_READER, document, finders, verified

# One worker, so that no model is put to the tests twice.
pytestmark = pytest.mark.xdist_group("verification")
MODELS = sorted({fault.model for fault in FAULTS})
HIDDEN = {
    "mortality-mixed-up",
    "treatment-of-the-healthy",
    "treated-utility-in-both",
    "wrong-branch",
    "drug-paid-once",
}
"""Those that no test finds: what the document says is possible, and only people know better."""


@pytest.mark.parametrize("name", MODELS)
def test_a_published_model_fails_no_test(name: str) -> None:
    found = verified(name)
    assert found.sound, [each.test.id for each in found.results if each.outcome.status == "failed"]


def test_every_fault_changes_its_document_and_is_one_of_its_own() -> None:
    planted = {(fault.model, fault.planted(document(fault.model))) for fault in FAULTS}
    assert len(planted) == len({fault.name for fault in FAULTS}) == len(FAULTS) >= 40
    assert all(text != document(name) for name, text in planted)


def test_nine_planted_faults_of_ten_are_found_and_the_others_are_named() -> None:
    found = finders()
    by_reader = [name for name, test in found.items() if test == BY_READER]
    asked = len(FAULTS) - len(by_reader)
    by_tests = asked - list(found.values()).count("")
    assert asked >= 40
    assert by_tests >= 36
    assert by_tests >= 0.9 * asked
    assert {name for name, test in found.items() if not test} == HIDDEN


def test_no_test_finds_more_than_a_quarter_of_all_faults() -> None:
    found = [test for test in finders().values() if test]
    assert max(found.count(each) for each in set(found)) <= len(FAULTS) // 4
