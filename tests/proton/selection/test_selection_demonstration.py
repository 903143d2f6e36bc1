"""The demonstration has an adult whom the rule judges and a child whom it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from sapar.kernel import context
from sapar.proton import proton_doses
from sapar.proton.demonstration import selection as demonstration
from sapar.proton.models import PanelOpinion, Selection, Study
from sapar.proton.proton_doses import ProtonSide
from tests import factories

if TYPE_CHECKING:
    from sapar.cases.models import Case

pytestmark = pytest.mark.django_db


def a_case(icd10: str, age: int, state: str = "in-panel") -> Case:
    today = timezone.localdate()
    person = factories.make_person(born=today.replace(year=today.year - age, day=1))
    case = factories.make_case(state=state, person=person)
    with context.writing_as("fixture"):
        type(case).objects.filter(pk=case.pk).update(icd10=icd10)
    return case


def test_two_cases_get_a_study_a_comparison_and_one_a_decision(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nothing(*_given: Any) -> ProtonSide:
        return ProtonSide(None, None, ())

    monkeypatch.setattr(
        proton_doses, "estimated", nothing
    )  # a second or more each; tested elsewhere
    a_case("C50.4", 50)
    later = a_case("C10.2", 58, "accepted")
    adult = a_case("C09.9", 61)
    child = a_case("C71.6", 7)
    demonstration.load()
    assert {s.case_id for s in Study.objects.all()} == {adult.pk, child.pk}
    assert not Study.objects.filter(case=later).exists()
    for study in Study.objects.all():
        assert (study.state, study.source) == (Study.State.READY, Study.Source.UPLOAD)
        assert study.sent_by is not None
        assert study.count == study.files.count() > 10
        assert study.size == sum(each.size for each in study.files.all()) > 100_000
        assert len(study.package_sha256) == 64
    judged, listed = (Selection.objects.get(case=case) for case in (adult, child))
    assert judged.verdict in {"worth-a-plan", "never-qualifies"}
    assert listed.verdict == "not-by-this-rule"
    assert judged.given["age"] == 61
    opinion = PanelOpinion.objects.get()
    assert (opinion.selection_id, opinion.chosen) == (listed.pk, "protons")
    assert opinion.agreement == "no-proposal"
    demonstration.load()
    assert Study.objects.count() == Selection.objects.count() == 2


def test_a_case_for_which_nobody_may_send_any_more_gets_no_study() -> None:
    a_case("C09.9", 61, "referred-onward")
    demonstration.load()
    assert not Study.objects.exists()


def test_without_such_cases_there_is_nothing_to_show() -> None:
    demonstration.load()
    assert not Study.objects.exists()
