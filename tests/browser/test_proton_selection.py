"""A clinician looks at a comparison: the pictures answer to keys, wheel and finger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sapar.proton.models import PanelOpinion
from tests.proton.selection import choosing

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from sapar.cases.models import Case
    from tests.support.browser import Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SETTLED = "[data-ready=yes]"
PIXELS = """canvas => {
  const seen = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let [bright, coloured, sum] = [0, 0, 0];
  for (let n = 0; n < seen.length; n += 4) {
    const [red, green, blue] = [seen[n], seen[n + 1], seen[n + 2]];
    bright += red + green + blue > 90;
    coloured += Math.max(red, green, blue) - Math.min(red, green, blue) > 30;
    sum = (sum * 31 + red + 7 * green + 13 * blue) % 1000003;
  }
  return { bright, coloured, sum, all: seen.length / 4 };
}"""


def opened(visit: Visit, case: Case, who: str = "marat", **how: Any) -> Page:
    page = visit.page(who, language="en", **how)
    page.goto(visit.url(f"/proton/case/{case.pk}/selection/"))
    page.wait_for_selector(f"#viewer{SETTLED}")
    settled(page)
    return page


def settled(page: Page) -> None:
    """The slices have come and are drawn."""
    page.wait_for_load_state("networkidle")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 60)))")


def canvas(page: Page, plane: str) -> Locator:
    return page.locator(f'[data-plane="{plane}"] canvas')


def pixels(page: Page, plane: str = "axial") -> dict[str, int]:
    found: dict[str, int] = canvas(page, plane).evaluate(PIXELS)
    return found


def now(page: Page, plane: str) -> int:
    return int(canvas(page, plane).get_attribute("aria-valuenow") or 0)


def test_keys_move_through_the_planes_and_say_where_one_is(visit: Visit) -> None:
    case = choosing.a_case(protons=True)
    choosing.compared(case, "submitted")
    page = opened(visit, case)
    visit.axe(page)
    for plane in ("axial", "coronal", "sagittal"):
        seen = pixels(page, plane)
        assert seen["bright"] > seen["all"] / 20, plane
    axial = canvas(page, "axial")
    axial.focus()
    first, before = now(page, "axial"), pixels(page)
    page.keyboard.press("ArrowUp")
    settled(page)
    assert now(page, "axial") == first + 1
    assert pixels(page)["sum"] != before["sum"]
    page.keyboard.press("PageDown")
    assert now(page, "axial") == first - 9
    page.keyboard.press("Home")
    assert now(page, "axial") == 1
    page.keyboard.press("End")
    assert now(page, "axial") == int(axial.get_attribute("aria-valuemax") or 0)
    # The cross goes with the slices of the others.
    coronal, sagittal = now(page, "coronal"), now(page, "sagittal")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    assert (now(page, "sagittal"), now(page, "coronal")) == (sagittal + 1, coronal + 1)
    settled(page)
    said = axial.get_attribute("aria-valuetext") or ""
    assert "Slice 42 of 42" in said
    assert "mm" in said
    assert "Photons" in said
    assert "Protons" in said
    # Nearer: the same slice, other pixels. Tab leads to the next plane by way of its buttons.
    near = pixels(page)
    page.keyboard.press("+")
    settled(page)
    assert pixels(page)["sum"] != near["sum"]
    for _step in range(5):
        page.keyboard.press("Tab")
    assert canvas(page, "coronal").evaluate("e => e === document.activeElement")


def test_the_wash_the_outlines_and_the_window_change_the_picture(visit: Visit) -> None:
    case = choosing.a_case(protons=True)
    choosing.compared(case, "submitted")
    page = opened(visit, case, theme="dark")
    seen = {}
    for dose in ("photon", "proton", "difference", "none"):
        page.check(f'[name="viewer-dose"][value="{dose}"]')
        seen[dose] = pixels(page)
        if dose == "difference":
            visit.shot(page, "difference")
    assert len({each["sum"] for each in seen.values()}) == 4
    assert seen["photon"]["coloured"] > seen["none"]["coloured"] + 1000
    assert page.locator('[data-legend="dose"]').is_hidden()
    outlined = pixels(page)["coloured"]
    page.evaluate(
        "document.querySelectorAll('[name=viewer-structure]:checked').forEach(box => box.click())"
    )
    assert pixels(page)["coloured"] < outlined / 4
    grey = pixels(page)["sum"]
    page.select_option('[name="viewer-window"]', "bone")
    assert pixels(page)["sum"] != grey
    visit.axe(page)


def test_a_wheel_a_click_and_a_swipe_do_the_same(visit: Visit) -> None:
    case = choosing.a_case()
    choosing.compared(case)
    page = opened(visit, case)
    canvas(page, "axial").scroll_into_view_if_needed()
    box = canvas(page, "axial").bounding_box()
    assert box is not None
    first, coronal, sagittal = (now(page, each) for each in ("axial", "coronal", "sagittal"))
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -120)
    settled(page)
    assert now(page, "axial") > first
    page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.7)
    assert now(page, "sagittal") < sagittal
    assert now(page, "coronal") > coronal
    page.locator('[data-plane="axial"] [data-do="previous"]').click()
    here = now(page, "axial")
    canvas(page, "axial").evaluate("""canvas => {
      const box = canvas.getBoundingClientRect();
      const finger = { pointerId: 7, pointerType: "touch", bubbles: true, clientY: box.top + 50 };
      const say = (type, x) =>
        canvas.dispatchEvent(new PointerEvent(type, { ...finger, clientX: box.left + x }));
      canvas.setPointerCapture = () => {};
      say("pointerdown", 50); say("pointermove", 65); say("pointermove", 90); say("pointerup", 90);
    }""")
    assert now(page, "axial") == here + 3


def test_the_page_fits_a_phone_where_one_plane_is_shown_at_a_time(visit: Visit) -> None:
    case = choosing.a_case(protons=True)
    choosing.compared(case, "submitted")
    page = opened(visit, case, width=360, theme="dark")
    visit.fits(page)
    assert canvas(page, "axial").is_visible()
    assert canvas(page, "coronal").is_hidden()
    page.check('[name="viewer-plane"][value="coronal"]')
    settled(page)
    assert canvas(page, "axial").is_hidden()
    assert pixels(page, "coronal")["bright"] > 1000
    visit.shot(page, "phone")
    visit.axe(page)


def test_without_script_the_tables_say_everything_and_the_panel_decides(visit: Visit) -> None:
    case = choosing.a_case()
    choosing.compared(case)
    page = visit.page("marat", language="en", scripts=False)
    page.goto(visit.url(f"/proton/case/{case.pk}/selection/"))
    assert page.locator("noscript").count() == 1
    assert page.locator("#viewer canvas").first.is_hidden()
    assert page.locator("#organs tbody tr").count() > 5
    page.check('[name="chosen"][value="photons"]')
    page.fill('[name="reason"]', "Cannot travel.")
    page.get_by_role("button", name="Keep the decision").click()
    page.get_by_text("The decision is kept beside the proposal.").wait_for()
    assert page.get_by_text("Other than proposed").first.is_visible()
    assert PanelOpinion.objects.get().agreement == "overruled"
    visit.shot(page, "decided")
