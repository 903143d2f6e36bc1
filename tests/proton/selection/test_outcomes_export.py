"""Giving the registry out: with consent, in the trail, and with nobody in the bytes."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from django.utils import timezone

from sapar.kernel import context
from sapar.kernel.audit.models import AuditEvent
from sapar.kernel.errors import InvalidInputError, NotAllowedError
from sapar.people import actions as people
from sapar.people.engine.facts import ContactFact, GuardianFact, IdentifierFact, NameFact
from sapar.people.models import Consent, Person
from sapar.proton.actions import outcomes, questionnaires
from sapar.proton.actions.outcome_export import MANIFEST, export_outcomes
from sapar.proton.cli import proton
from sapar.proton.models import (
    Course,
    Fraction,
    Outcome,
    Questionnaire,
    RegistryKey,
    Selection,
    Visit,
)
from sapar.proton.queries.predictions import compared, foretold
from tests import cast
from tests.proton.selection import outcome_worlds as worlds

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from sapar.cases.models import Case

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PHYSICIST = "askhat"
PLANTED = "Сырдакова"
NUMBERS = ("77012345678", "N7654321", "+77017654321")


def centre() -> UUID:
    return cast.organisation("proton-astana").pk


def export(smallest: int = 1) -> dict[str, Any]:
    made = export_outcomes(by=cast.actor(PHYSICIST), centre=centre(), smallest=smallest)
    return {name: json.loads(content) for name, content in made.files.items()}


def bundles(files: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for name, each in files.items() if name != MANIFEST]


def planted() -> tuple[Case, Course]:
    """A course in which every text of person, case, course and outcome names the patient."""
    name = NameFact(PLANTED, PLANTED, PLANTED, "Cyrl", "official")
    case, course = worlds.treated(
        ended=95,
        research=True,
        names=(name,),
        city=PLANTED,
        contacts=(ContactFact("phone", NUMBERS[2]), ContactFact("email", "syrdakova@example.org")),
        identifiers=(IdentifierFact("passport", NUMBERS[1], "KG", PLANTED),
                     IdentifierFact("other", NUMBERS[0], "KG", "")),
        guardians=(GuardianFact(name, PLANTED),),
    )  # fmt: skip
    outcomes.record_outcome(
        by=cast.actor("marat"), case=case.pk, version=0,
        values={"technique": "spot-scanning", "intent": "curative"},
        targets=[{"site": "Oropharynx", "dose-per-fraction": "2", "volume": "PTV"}],
    )  # fmt: skip
    outcomes.record_visit(
        by=cast.actor("marat"), case=case.pk, on=course.last + 80 * DAY, occasion="follow-up",
        grades={"dry-mouth": (2, "probable")}, text=f"{PLANTED} {NUMBERS[0]}",
    )  # fmt: skip
    rows = worlds.planned(course)
    mother = worlds.mother_of(case)
    worlds.answered(mother, rows[-1].pk)
    questionnaires.send(by=mother, form=rows[-1].pk)
    with context.writing_as("fixture"):
        row = Outcome.objects.get(course=course)
        Outcome.objects.filter(pk=row.pk).update(
            values={**row.values, "setting": PLANTED, "unknown-field": PLANTED},
            targets=[*row.targets, {"site": PLANTED, "volume": PLANTED}],
        )
        Visit.objects.update(values={"disease": PLANTED}, withdrawn_reason="")
        Questionnaire.objects.filter(state="open").update(answers={PLANTED: 1})
        Course.objects.filter(pk=course.pk).update(
            label=PLANTED[:40], protocol=PLANTED, payer=PLANTED, asked={"name": PLANTED},
            ended_reason=PLANTED,
        )  # fmt: skip
        Fraction.objects.filter(course=course).update(phase=PLANTED, reason=PLANTED)
        type(case).objects.filter(pk=case.pk).update(
            facts={"question": PLANTED, "diagnosis_text": PLANTED}, indication=PLANTED,
            icd10=PLANTED,
        )  # fmt: skip
        Person.objects.filter(pk=case.person_id).update(gender="female")
    case.refresh_from_db()
    return case, course


def test_nothing_that_names_the_patient_is_in_the_bytes() -> None:
    case, course = planted()
    made = export_outcomes(by=cast.actor(PHYSICIST), centre=centre(), smallest=1)
    assert made.patients == 1
    text = "\n".join((*made.files, *(content.decode() for content in made.files.values())))
    ids = [case.pk, case.number, course.pk, case.person_id, case.centre_id]
    ids += [Outcome.objects.get().pk, Visit.objects.get().pk]
    ids += list(Questionnaire.objects.values_list("pk", flat=True))
    for secret in (PLANTED, "Сырдаков", "syrdakova", *NUMBERS, RegistryKey.objects.get().key):
        assert secret not in text, secret
    for each in ids:
        assert str(each) not in text, each
        assert str(each).replace("-", "") not in text, each
    assert "1965-" not in text
    assert "Oropharynx" in text  # what is meant to leave does


def test_all_days_of_a_patient_are_shifted_by_one_number_of_days_and_none_is_real() -> None:
    _case, course = planted()
    (bundle,) = bundles(export())
    found = [entry["resource"] for entry in bundle["entry"]]
    shifts = set()
    for each in found:
        if "performedPeriod" in each:
            shifts.add(date.fromisoformat(each["performedPeriod"]["start"]) - course.first)
            shifts.add(date.fromisoformat(each["performedPeriod"]["end"]) - course.last)
        elif each["resourceType"] == "AdverseEvent":
            shifts.add(date.fromisoformat(each["date"]) - (course.last + 80 * DAY))
        elif "effectiveDateTime" in each:
            shifts.add(date.fromisoformat(each["effectiveDateTime"]) - timezone.localdate())
    (shift,) = shifts
    assert abs(shift) >= 7 * DAY


def test_a_course_leaves_in_the_guides_profiles_with_its_grades_and_what_was_said() -> None:
    planted()
    (bundle,) = bundles(export())
    found = [entry["resource"] for entry in bundle["entry"]]
    kinds = [each["resourceType"] for each in found]
    assert kinds.count("Procedure") == 2
    assert kinds.count("AdverseEvent") == 1
    assert kinds.count("Observation") == 1 + 15  # the age, and each symptom
    assert kinds.count("BodyStructure") == 2
    summary = next(each for each in found if each.get("performedPeriod") and "basedOn" in each)
    given = date.fromisoformat(summary["performedPeriod"]["end"])
    event = next(each for each in found if each["resourceType"] == "AdverseEvent")
    assert date.fromisoformat(event["date"]) - given == 80 * DAY


def test_only_courses_whose_family_agreed_to_research_leave() -> None:
    agreed, _course = worlds.treated(research=True)
    worlds.treated()
    worlds.treated(research=True, given=0)
    files = export()
    assert len(bundles(files)) == 1
    assert files[MANIFEST]["left_out"]["without_consent"] in {"<1", 1}
    consent = Consent.objects.get(person_id=agreed.person_id)
    people.withdraw_consent(by=cast.actor("aigul"), consent=consent.pk)
    assert bundles(export()) == []


def test_who_stands_almost_alone_is_left_out_and_the_list_tells_no_small_count() -> None:
    for _n in range(2):
        worlds.treated(research=True)
    files = export(smallest=5)
    assert bundles(files) == []
    assert files[MANIFEST]["patients"] == 0
    assert files[MANIFEST]["left_out"] == {"without_consent": 0, "too_few_alike": "<5"}


def test_pseudonyms_are_the_same_in_the_next_export_and_another_centres_differ() -> None:
    planted()
    first, second = export(), export()
    assert first == second
    (bundle,) = bundles(first)
    with context.writing_as("fixture"):
        RegistryKey.objects.update(key="ab" * 32)
    (other,) = bundles(export())
    assert other["id"] != bundle["id"]


def test_only_a_physicist_of_the_centre_gives_out_and_each_case_is_in_its_own_trail() -> None:
    case, _course = worlds.treated(research=True)
    for name in ("marat", "saule", "aigul", "madina", "yerlan", "kanat"):
        with pytest.raises(NotAllowedError):
            export_outcomes(by=cast.actor(name), centre=centre())
    almaty = cast.organisation("adult-oncology-almaty").pk
    with pytest.raises(NotAllowedError):
        export_outcomes(by=cast.actor(PHYSICIST), centre=almaty)
    export()
    rows = AuditEvent.objects.filter(action="proton.export_outcomes")
    assert {row.root_type for row in rows} == {"organisation", "case"}
    assert rows.filter(root_type="case", root_id=case.pk).count() == 1


def test_a_group_of_none_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        export_outcomes(by=cast.actor(PHYSICIST), centre=centre(), smallest=0)


def test_the_command_line_writes_the_files_once_into_an_empty_folder(tmp_path: Path) -> None:
    worlds.treated(research=True)
    folder = str(tmp_path / "out")
    run = CliRunner().invoke(proton, ["registry-export", "--out", folder, "--smallest", "1"])
    assert run.exit_code == 0, run.output
    assert json.loads(run.output)["courses"] == 1
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert len(written) == 2
    assert MANIFEST in written
    again = CliRunner().invoke(proton, ["registry-export", "--out", folder])
    assert again.exit_code != 0


def test_what_was_foretold_of_the_given_plan_meets_what_was_seen() -> None:
    case, course = worlds.treated(ended=300)
    worlds.foretell(case, proton=0.9)
    worlds.foretell(case, proton=0.3)
    worlds.foretell(case, "estimate", proton=0.7)
    worlds.graded(case, 182, course, dry_mouth=2)
    silent, _course = worlds.treated(ended=300)
    worlds.foretell(silent)
    photon, late = worlds.treated(ended=300)
    worlds.foretell(photon, "estimate")
    with context.writing_as("fixture"):
        Fraction.objects.filter(course=late).update(photon=True)
    worlds.graded(photon, 182, late, dry_mouth=1)
    rows = foretold(centre())
    assert sorted(
        (r.endpoint, r.predicted, r.observed) for r in rows if r.observed is not None
    ) == [
        ("xerostomia-2", 0.3, 1),
        ("xerostomia-2", 0.5, 0),
    ]
    (found,) = compared(rows, shared=False)
    assert (found.calibration.count, found.calibration.events, found.unknown) == (2, 1, 1)
    assert found.models == ("xerostomia-2-primary",)
    assert compared(rows, shared=False, group="cns") == ()
    (other,) = compared(rows, shared=True)
    assert other.calibration.suppressed
    assert other.unknown is None


def test_what_was_asked_after_the_first_fraction_foretells_nothing() -> None:
    case, course = worlds.treated(ended=300)
    for risk in (0.9, 0.4, 0.1):
        worlds.foretell(case, proton=risk)
    worlds.graded(case, 182, course, dry_mouth=2)
    long_ago = timezone.now() - timedelta(days=900)
    with context.writing_as("fixture"):
        Selection.objects.filter(case=case, number__lte=2).update(created_at=long_ago)
    (row,) = foretold(centre())
    assert row.predicted == 0.4


def test_a_course_with_both_kinds_or_a_plan_without_a_number_says_nothing() -> None:
    case, course = worlds.treated(ended=300)
    worlds.foretell(case)
    with context.writing_as("fixture"):
        Fraction.objects.filter(course=course, number=1).update(photon=True)
    other, _course = worlds.treated(ended=300)
    worlds.foretell(other, proton=None)
    assert foretold(centre()) == ()


def test_the_command_line_compares_as_json_and_as_a_table() -> None:
    case, course = worlds.treated(ended=300)
    worlds.foretell(case)
    worlds.graded(case, 182, course, dry_mouth=2)
    run = CliRunner().invoke(proton, ["calibration", "--json"])
    assert run.exit_code == 0, run.output
    (found,) = json.loads(run.output)
    assert (found["endpoint"], found["count"], found["events"]) == ("xerostomia-2", 1, 1)
    shown = CliRunner().invoke(proton, ["calibration", "--centre", "proton-astana", "--shared"])
    assert "xerostomia-2\ttoo few" in shown.output


def test_a_withdrawn_visit_neither_leaves_nor_counts() -> None:
    case, course = worlds.treated(ended=300, research=True)
    worlds.foretell(case)
    pk = worlds.graded(case, 182, course, dry_mouth=2)
    outcomes.withdraw_visit(by=cast.actor("marat"), visit=pk, version=None, reason="wrong-patient")
    (row,) = foretold(centre())
    assert row.observed is None
    kinds = [e["resource"]["resourceType"] for e in bundles(export())[0]["entry"]]
    assert "AdverseEvent" not in kinds
