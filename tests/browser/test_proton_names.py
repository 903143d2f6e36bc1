"""Naming the structures of a study in a real browser: by keyboard, on a desk and on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sapar.proton.queries.structure_names import names_of
from tests.proton.selection.intake import a_case
from tests.proton.selection.test_names_pages import a_study

if TYPE_CHECKING:
    from tests.support.browser import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SENT = ("Parotid", "Parotid_R", "Ring 2", "Спинной мозг", "Жүрек", "Parotid_L_old", "PTV_70")


def test_a_physicist_names_the_structures_by_keyboard(visit: Visit) -> None:
    study = a_study(a_case(), SENT)
    path = f"/proton/study/{study}/names/"
    for width, theme in ((360, "dark"), (1440, "light")):
        desk = visit.page("askhat", width=width, theme=theme, language="ru")
        desk.goto(visit.url(path))
        visit.fits(desk)
        visit.axe(desk)
        visit.shot(desk, "names")
    assert desk.evaluate("document.activeElement.name") == "take-0"  # the first that is open
    desk.keyboard.type("Parotid_L")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")
    assert desk.evaluate("document.activeElement.name") == "take-5"
    desk.keyboard.press("End")  # not used
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/selection/")
    seen = names_of(study)
    assert (seen.open, seen.new) == (0, 0)
    assert seen.confirmed["Parotid"] == "Parotid_L"
    assert "Parotid_L_old" not in seen.confirmed
