"""A reader with a real Chromium: `visit` opens pages of the live server as one of the cast.

    @pytest.mark.browser
    def test_a_coordinator_accepts(visit):
        page = visit.page("saule", width=360, theme="dark", language="kk")
        page.goto(visit.url("/"))
        visit.shot(page, "worklist")
        visit.axe(page)

At the end of each test the fixture fails it if a page asked another host for anything, if a
script failed, or if the server answered 5xx. With SAPAR_SCREENSHOTS=1 what `shot` sees is kept
under .var/screenshots; a picture of a long page takes a quarter of a second, and asserts nothing.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Request, Response

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / ".var" / "screenshots"
AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PROGRAMS = ["chromium", "chromium-browser", "google-chrome"]
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
HEIGHTS = {360: 740, 768: 1024, 1440: 900}
MILLISECONDS = 15_000


def chromium() -> str | None:
    """The path of the machine's own Chromium, or None."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process."""
    program = chromium()
    if program is None:
        missing = "no Chromium on this machine (Debian package chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    # Playwright's synchronous face runs an event loop in this thread; Django would take every
    # query of the tests for one made inside it. The loop lives as long as the process does.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=[*FLAGS, *root])
        yield started
        started.close()


@dataclass
class Wire:
    """What a page loaded.

    Attributes:
        sizes: bytes on the wire (headers and compressed body) by address, in order.
    """

    sizes: dict[str, int] = field(default_factory=dict)
    _addresses: dict[str, str] = field(default_factory=dict)

    def listen(self, page: Page) -> None:
        """Count from now on, at the browser's own network layer."""
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._loaded)

    def _asked(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["request"]["url"]

    def _loaded(self, event: dict[str, Any]) -> None:
        address = self._addresses.get(event["requestId"], "")
        self.sizes[address] = self.sizes.get(address, 0) + int(event["encodedDataLength"])

    def total(self, *, fonts: bool = False) -> int:
        """All bytes; fonts only when asked for, since they stay in the cache."""
        return sum(size for address, size in self.sizes.items() if fonts or ".woff" not in address)


@dataclass
class Visit:
    """The pages of one test.

    Attributes:
        browser: the running Chromium.
        server: pytest-django's live server.
        test: the test's name, for the screenshots' folder.
        wires: what each page loaded.
        faults: what went wrong in any page; the test fails at its end if there is any.
    """

    browser: Browser
    server: Any
    test: str
    wires: dict[Page, Wire] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    _looks: dict[Page, str] = field(default_factory=dict)
    _contexts: list[Any] = field(default_factory=list)

    def url(self, path: str = "/") -> str:
        """The address of a path on the live server, on localhost."""
        return str(self.server.url) + path

    def page(
        self,
        user: Any = None,
        *,
        width: int = 1440,
        theme: str = "light",
        language: str = "ru",
        scripts: bool = True,
        still: bool = True,
    ) -> Page:
        """A new window, of its own visitor.

        Args:
            user: a User or a name of the cast, signed in; None for nobody.
            width: of the window, in CSS pixels.
            theme: "light" or "dark".
            language: one of the five.
            scripts: False is a reader without JavaScript.
            still: the reader asks for no motion.
        """
        context = self.browser.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            color_scheme="dark" if theme == "dark" else "light",
            locale=language,
            java_script_enabled=scripts,
            reduced_motion="reduce" if still else "no-preference",
        )
        context.set_default_timeout(MILLISECONDS)
        self._contexts.append(context)
        cookies = {"django_language": language, **(session_of(user) if user is not None else {})}
        context.add_cookies(
            [{"name": name, "value": value, "url": self.url()} for name, value in cookies.items()]
        )
        page = context.new_page()
        page.on("request", self._watch_request)
        page.on("response", self._watch_response)
        page.on("pageerror", lambda error: self.faults.append(f"script failed: {error}"))
        self._looks[page] = f"{width}-{theme}-{language}"
        self.wires[page] = Wire()
        self.wires[page].listen(page)
        return page

    def _watch_request(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme in {"data", "blob", "about"}:
            return
        if asked.netloc != urlsplit(self.url()).netloc:
            self.faults.append(f"a request left the host: {request.url}")

    def _watch_response(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"the server answered {response.status} to {response.url}")

    def shot(self, page: Page, name: str, *, whole: bool = True) -> Path:
        """Keep a screenshot, if they are wanted; returns its path."""
        folder = SCREENSHOTS / re.sub(r"[^\w-]+", "_", self.test)
        path = folder / f"{name}-{self._looks[page]}.png"
        page.wait_for_load_state()
        if os.environ.get("SAPAR_SCREENSHOTS"):
            folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=path, full_page=whole)
        return path

    def axe(self, page: Page, *, without: tuple[str, ...] = ()) -> None:
        """Fail unless axe finds nothing against WCAG 2.2 AA.

        Args:
            page: as it now stands.
            without: rules to leave out; each needs its reason beside the call.
        """
        page.wait_for_load_state()
        page.evaluate(AXE.read_text(encoding="utf-8"))
        options = {
            "runOnly": {"type": "tag", "values": WCAG},
            "rules": {rule: {"enabled": False} for rule in without},
            "resultTypes": ["violations"],
        }
        found = page.evaluate(
            "async options => (await axe.run(document, options)).violations", options
        )
        said = [
            f"  {item['id']} ({item['impact']}): {item['help']}\n"
            + "\n".join(
                f"      {node['html'][:160]}\n      {(node['failureSummary'] or '').strip()}"
                for node in item["nodes"][:4]
            )
            for item in found
        ]
        assert not said, f"axe on {page.url}:\n" + "\n".join(said)

    def wire(self, page: Page) -> Wire:
        """What the page has loaded so far."""
        return self.wires[page]

    def fits(self, page: Page) -> None:
        """Fail if the page scrolls sideways."""
        page.wait_for_load_state()
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{page.url} is {wide} px wider than the window"

    def close(self) -> None:
        """Close all windows."""
        for context in self._contexts:
            context.close()


def session_of(who: Any) -> dict[str, str]:
    """The cookies of a signed-in session of a User, or of one of the cast by name."""
    from django.conf import settings
    from django.test import Client

    from tests import cast

    client = Client()
    client.force_login(cast.user(who) if isinstance(who, str) else who)
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


@pytest.fixture
def visit(browser: Browser, live_server: Any, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Pages of the live server, watched."""
    visited = Visit(browser, live_server, request.node.name)
    yield visited
    visited.close()
    assert not visited.faults, "\n".join(visited.faults)
