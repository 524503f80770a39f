"""The machine's Chromium, and how a user of a deployment signs in with it: for pictures, figures and proofs."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIETLY = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync")
LOGIN = "/login/"
# What is emulated lasts as long as the session that asked for it.
_TOOLS: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


@dataclass(frozen=True)
class Screen:
    """What a page is looked at with."""

    name: str
    width: int
    height: int
    finger: bool = False
    dark: bool = False

    def __str__(self) -> str:
        return f"{self.name}, {'dark' if self.dark else 'light'}"

    def show(self, page: Page) -> None:
        """Turn the page into what it is on this screen, without loading it again."""
        page.set_viewport_size({"width": self.width, "height": self.height})
        page.emulate_media(color_scheme="dark" if self.dark else "light")
        if page not in _TOOLS:
            _TOOLS[page] = page.context.new_cdp_session(page)
        _TOOLS[page].send("Emulation.setTouchEmulationEnabled", {"enabled": self.finger, "maxTouchPoints": 5})


DESK, DESK_DARK = Screen("desk", 1440, 900), Screen("desk", 1440, 900, dark=True)
PHONE, PHONE_DARK = Screen("phone", 360, 640, finger=True), Screen("phone", 360, 640, finger=True, dark=True)


def chromium() -> str | None:
    """Where it is, if it is."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser that is gone afterwards."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(QUIETLY))
        try:
            yield browser
        finally:
            browser.close()


def sign_in(page: Page, side: Mapping[str, Any], role: str) -> None:
    """As the first user in the role, of those that `deployment.json` tells of the side."""
    user = next(user for user in side["users"] if user["role"] == role)
    page.goto(side["url"] + LOGIN)
    page.fill("input[name=username]", user["username"])
    page.fill("input[name=password]", user["password"])
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda address: LOGIN not in address)


def speak(page: Page, language: str) -> None:
    """Have the pages in this language from now on; the page is on one of the side already."""
    page.evaluate(
        """language => fetch("/ui/preferences/", {method: "POST", body: new URLSearchParams({language}),
           headers: {"X-CSRFToken": ui.csrfToken()}})""",
        language,
    )
