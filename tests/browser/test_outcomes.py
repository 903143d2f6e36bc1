"""The registry of outcomes on a desk, and the questionnaire on a phone without a script."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from sapar.proton.actions import outcomes, questionnaires
from sapar.proton.models import Questionnaire
from tests import cast
from tests.proton.selection import outcome_worlds as worlds

if TYPE_CHECKING:
    from tests.support.browser import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SLOW_LINE = 50_000


def test_a_mother_answers_on_a_phone_in_kyrgyz_without_a_script(visit: Visit) -> None:
    case, course = worlds.treated(ended=95)
    row = worlds.planned(course)[-1]
    mother = worlds.mother_of(case)
    page = visit.page("aizada_mother", width=360, scripts=False, language="ky")
    page.goto(visit.url("/my/"))
    visit.fits(page)
    visit.shot(page, "my")
    page.goto(visit.url("/proton/questions/"))
    visit.fits(page)
    visit.shot(page, "list")
    before = visit.wire(page).total()
    page.locator("main .primary").first.click()
    assert visit.wire(page).total() - before < SLOW_LINE
    visit.fits(page)
    visit.shot(page, "first")
    box = page.locator(".asked label").first.bounding_box()
    assert box is not None
    assert box["height"] >= 48
    page.locator("main .primary").click()
    assert page.locator(".error").count() == 1
    visit.shot(page, "nothing-chosen")
    page.locator(".asked label").nth(2).click()
    page.locator("main .primary").click()
    while page.locator(".asked").count() != 3:
        for part in page.locator(".asked").all():
            part.locator("label").nth(1).click()
        page.locator("main .primary").click()
    visit.fits(page)
    visit.shot(page, "three")
    for part in page.locator(".asked").all():
        part.locator("label").nth(1).click()
    # The rest are pages of the same kind; what is begun goes on where it was left.
    worlds.answered(mother, row.pk)
    page.locator("main .primary").click()
    visit.fits(page)
    visit.shot(page, "look")
    page.locator("main .primary").click()
    visit.shot(page, "thanks")
    assert Questionnaire.objects.get(pk=row.pk).state == "done"


def test_the_questions_can_be_read_aloud_and_with_a_dark_phone(visit: Visit) -> None:
    case, course = worlds.treated(ended=95)
    row = worlds.planned(course)[-1]
    mother = worlds.mother_of(case)
    page = visit.page("aizada_mother", width=360, theme="dark", language="kk")
    for path in ("/proton/questions/", f"/proton/questions/{row.pk}/"):
        page.goto(visit.url(path))
        visit.axe(page)
    visit.shot(page, "question")
    page.locator("main .primary").click()
    visit.axe(page)
    worlds.answered(mother, row.pk, value=1, choking=4)
    page.goto(visit.url(f"/proton/questions/{row.pk}/"))
    visit.axe(page)
    page.locator("main .primary").click()
    visit.axe(page)
    visit.shot(page, "severe")
    child, its = worlds.treated(ended=95, born=timezone.localdate() - timedelta(days=4000))
    worlds.mother_of(child)
    (own,) = [row for row in worlds.planned(its)[-2:] if row.form.startswith("child")]
    page.goto(visit.url(f"/proton/questions/{own.pk}/"))
    visit.fits(page)
    visit.axe(page)
    visit.shot(page, "start")
    page.locator(".asked label").last.click()
    page.locator("main .primary").click()
    visit.fits(page)
    visit.axe(page)
    visit.shot(page, "child")


def test_a_clinician_sees_what_became_of_a_patient(visit: Visit) -> None:
    worlds.centre()
    case, course = worlds.treated(ended=200, phases=("main", "boost"))
    mother = worlds.mother_of(case)
    marat = cast.actor("marat")
    worlds.graded(case, -2, course, mucositis_oral=2, dermatitis_radiation=1)
    worlds.graded(case, 30, course, dry_mouth=3, dysphagia=2, fatigue=0)
    worlds.graded(case, 182, course, dry_mouth=2, dysphagia=1)
    outcomes.record_outcome(
        by=marat, case=case.pk, version=0,
        values={"technique": "spot-scanning", "intent": "curative"},
        targets=[{"site": "Oropharynx", "dose-per-fraction": "2", "volume": "PTV"}],
    )  # fmt: skip
    rows = worlds.planned(course)
    worlds.answered(mother, rows[-1].pk, value=1, swallowing=4, dry_mouth=3)
    questionnaires.send(by=mother, form=rows[-1].pk)
    for n in range(12):
        other, its = worlds.treated(ended=300)
        worlds.foretell(other, proton=0.05 + 0.06 * n)
        worlds.graded(other, 182, its, dry_mouth=2 if n % 3 == 1 else 0)
    for width, theme in ((1440, "light"), (360, "dark")):
        page = visit.page("marat", width=width, theme=theme, language="en")
        for path, name in (
            ("/proton/outcomes/", "registry"),
            (f"/proton/outcomes/case/{case.pk}/", "entry"),
            (f"/proton/outcomes/case/{case.pk}/visit/", "visit"),
            (f"/proton/outcomes/case/{case.pk}/fields/", "fields"),
            ("/proton/outcomes/calibration/", "calibration"),
        ):
            page.goto(visit.url(path))
            visit.shot(page, name)
            visit.fits(page)
            visit.axe(page)
