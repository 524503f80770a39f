"""How the pages feel on a slow phone: when the largest thing stands there, and how long a tap or a key waits.

LCP is of first visits, each with an empty cache, the median of three for each page; the slowest page counts. INP is, as
it is defined for short stays, the longest of all interactions of a visit written down with twelve words. Both under the
throttling of `deploy.budgets.PHONE`.
"""

import statistics
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from bench._served import served
from deploy.browser import browsing
from deploy.budgets import LARGEST, PHONE, throttled
from deploy.trials import say

LOADS = 3
NOTE = "Wants the new price list and two boxes of chai next week"
_FELT = """
new PerformanceObserver(seen => seen.getEntries().filter(one => one.interactionId).forEach(one =>
  sessionStorage.setItem("felt", `${sessionStorage.getItem("felt") || "0"} ${one.duration}`)))
  .observe({type: "event", durationThreshold: 16, buffered: true});
"""


def felt(var: Path, session: str, pages: tuple[str, ...]) -> tuple[float, float]:
    """LCP of the slowest page and the longest interaction, in milliseconds."""
    with served(var, "crm", "crm.wsgi:application") as url, browsing() as browser:
        medians = {}
        for page in pages:
            times = [_first_visit(browser, url, session, page) for _load in range(LOADS)]
            medians[page] = statistics.median(times)
        say("  LCP: " + ", ".join(f"{page} {ms:.0f} ms" for page, ms in medians.items()))
        waits = _visit_written_down(browser, url, session)
        say(f"  interactions of a visit with twelve words: {sorted(waits)[-5:]} ms, {len(waits)} in all")
        return max(medians.values()), max(waits)


def _context(browser: Browser, url: str, session: str) -> BrowserContext:
    size: Any = {"width": PHONE.width, "height": PHONE.height}
    context = browser.new_context(viewport=size, has_touch=True, service_workers="block")
    context.add_cookies([{"name": "crm_sessionid", "value": session, "url": url}])
    return context


def _first_visit(browser: Browser, url: str, session: str, page: str) -> float:
    context = _context(browser, url, session)
    looked = throttled(context.new_page(), PHONE)
    answer = looked.goto(url + page, timeout=60_000)
    assert answer is not None
    assert answer.ok, f"{page}: {answer.status}"
    found = float(looked.evaluate(LARGEST))
    context.close()
    return found


def _visit_written_down(browser: Browser, url: str, session: str) -> list[float]:
    context = _context(browser, url, session)
    context.add_init_script(_FELT)
    page: Page = throttled(context.new_page(), PHONE)
    page.set_default_timeout(60_000)
    page.goto(url)
    page.locator(".nav__item--primary").tap()
    page.locator(".tile", has_text="Visit").tap()
    sheet = page.locator("#sheet")
    sheet.locator("label", has_text="Interested").tap()
    sheet.locator("textarea").tap()
    page.keyboard.type(NOTE, delay=120)
    sheet.locator(".form__actions .button--primary").tap()
    expect(sheet).to_be_hidden()
    page.wait_for_timeout(500)
    waits = [float(ms) for ms in str(page.evaluate("sessionStorage.felt || '0'")).split()]
    context.close()
    return waits
