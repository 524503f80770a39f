"""axe-core on every page of the three sides: both sizes, light and dark, English and Chinese.

The pages are those of the URL resolver, opened by people whose roles show the most on them; records come from some of
Northwind's orders, played first. Each menu and each sheet is opened once where it first appears. No page may be wider
than its screen either.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page

from deploy.browser import DESK, DESK_DARK, PHONE, PHONE_DARK, Screen, browsing, sign_in, speak
from deploy.demo import northwind, opening, play
from deploy.demo.deployment import Deployment
from deploy.demo.opening import World
from deploy.trials import Cases, manage, own_deployment, say
from proofs._axe import findings
from proofs._places import wanted

ORDERS = 12
# The first of a side opens all that they may; each next one what those before could not.
ROLES = {
    "crm": ("rep", "agent", "admin", ""),
    "erp": ("accountant", "order_desk", "warehouse", "admin", ""),
    "integration": ("operator", "auditor", "admin", ""),
}
LANGUAGES = ("en", "zh-hans")
PATIENCE_MS = 60_000
OPENERS = "summary, [data-open], [hx-get][hx-target='#sheet-body'], [data-palette]"
# What tells one opener from another: its words and where it leads, without the record.
OPENER = """all => all.map((one) => {
  if (!one.checkVisibility() || one.closest("dialog") || one.disabled) return "";
  const words = one.getAttribute("aria-label") || one.textContent;
  return [one.dataset.open, one.getAttribute("hx-get"), one.className, words].join(" ");
})"""
RECORD = r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+"


@dataclass
class Walker:
    """Somebody on a side, in one language; remembers which menus and sheets they have opened."""

    side: str
    role: str
    language: str
    opened: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return f"{self.side} as {self.role or 'a guest'} in {self.language}"


def check(cases: Cases) -> None:
    """Play some orders, then walk."""
    with own_deployment() as deployment:
        world = World.of(deployment)
        orders = northwind.orders(ORDERS)
        opening.prepare(world, orders, say)
        play.play(world, orders)
        with browsing() as browser:
            for side in ROLES:
                _walk_side(cases, browser, deployment, side)


def _walk_side(cases: Cases, browser: Browser, deployment: Deployment, side: str) -> None:
    facts = json.loads(deployment.file.read_text())["sides"][side]
    seen: set[str] = set()
    for role in ROLES[side]:
        asked = f"from proofs._pages import tell; tell({role!r})"
        told = json.loads(manage(deployment.var, side, "shell", "-v0", "-c", asked).splitlines()[-1])
        pages = [(address, kind) for address, kind in told if address not in seen and wanted(address)]
        seen.update(address for address, _kind in pages)
        for language in LANGUAGES:
            walk(cases, browser, facts, Walker(side, role, language), pages)


def walk(cases: Cases, browser: Browser, side: dict[str, Any], walker: Walker, pages: list[tuple[str, str]]) -> None:
    """Each page on each screen; the first menu or sheet of its kind on two of them."""
    context = browser.new_context(locale=walker.language)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    if walker.role:
        sign_in(page, side, walker.role)
        speak(page, walker.language)
    before = cases.failed
    for address, kind in pages:
        for where, screens in _shown(page, walker, side["url"], address, kind):
            for screen in screens:
                screen.show(page)
                found = list(findings(page))
                cases.that(not found, f"{walker}: {where} ({screen}): {' | '.join(found)}")
    context.close()
    say(f"{walker}: {len(pages)} pages, {cases.failed - before} failed")


def _shown(page: Page, walker: Walker, url: str, address: str, kind: str) -> Iterator[tuple[str, tuple[Screen, ...]]]:
    """Go there, and open what can be opened on it; yields what is on show, and on which screens to look at it."""
    if kind == "sheet":
        page.goto(f"{url}/notices/")
        page.evaluate("address => htmx.ajax('GET', address, {target: '#sheet-body', swap: 'innerHTML'})", address)
        page.wait_for_selector("#sheet[open]")
        yield f"{address} as a sheet", (DESK, PHONE_DARK)
        return
    _go(page, url, address)
    yield address, (DESK, DESK_DARK, PHONE_DARK, PHONE)
    for screen, other in ((DESK, DESK_DARK), (PHONE_DARK, PHONE)):
        screen.show(page)
        names = [re.sub(RECORD, "#", " ".join(name.split())) for name in page.locator(OPENERS).evaluate_all(OPENER)]
        for place, name in enumerate(names):
            if name and name not in walker.opened:
                walker.opened.add(name)
                _go(page, url, address, screen)
                page.locator(OPENERS).nth(place).click()
                page.wait_for_selector("dialog[open], details[open]")
                yield f"{address}, {name} opened", (screen, other)
                _go(page, url, address, screen)


def _go(page: Page, url: str, address: str, screen: Screen = DESK) -> None:
    screen.show(page)
    answer = page.goto(url + address)
    if answer is None or answer.status >= 400:
        raise RuntimeError(f"{address} answers {answer and answer.status}")
