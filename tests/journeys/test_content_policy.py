"""Every page keeps the content security policy, as the browser that enforces it sees it."""

import re
from collections import deque
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from deploy.browser import sign_in
from tests.journeys.running import Running

pytestmark = [pytest.mark.journey, pytest.mark.browser]

PAGES = 30  # a side; of each address pattern one
NOTE_VIOLATIONS = """
window.__violations = [];
document.addEventListener('securitypolicyviolation', (event) =>
  window.__violations.push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`));
"""
# Linked from nowhere, but pages all the same.
ALSO = ("/api/docs/", "/admin/", "/admin/access/user/", "/admin/access/user/add/", "/no-such-page/")


LEAVES = re.compile(r"logout|export|\.(csv|xlsx)$")  # what signs out or is a file


def pattern_of(path: str) -> str:
    """An address without what names one record."""
    return "/".join("*" if any(sign.isdigit() for sign in part) else part for part in path.split("/"))


def links_of(page: Page, home: str) -> list[str]:
    found = page.eval_on_selector_all("a[href]:not([download])", "links => links.map(link => link.href)")
    here = urlsplit(home).netloc
    paths = [urlsplit(link) for link in found]
    return [one.path for one in paths if one.netloc == here and not LEAVES.search(one.path)]


@pytest.mark.parametrize(
    ("side", "role"), [("crm", "rep"), ("crm", "admin"), ("erp", "accountant"), ("integration", "operator")]
)
def test_no_page_violates_it(running: Running, browser: Browser, side: str, role: str) -> None:
    home = running.sides[side]["url"]
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(NOTE_VIOLATIONS)
    page = context.new_page()
    page.set_default_timeout(90_000)
    violations: dict[str, list[str]] = {}
    sign_in(page, running.sides[side], role)

    waiting, seen = deque(["/", *ALSO]), {pattern_of(path) for path in ("/", *ALSO)}
    looked_at = 0
    while waiting and looked_at < PAGES:
        path = waiting.popleft()
        answer = page.goto(urljoin(home, path))
        if answer is None or not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        looked_at += 1
        policy = answer.headers.get("content-security-policy", "")
        if "unsafe" in policy or "default-src 'self'" not in policy:
            violations.setdefault(path, []).append(f"policy: {policy!r}")
        if found := page.evaluate("window.__violations"):
            violations.setdefault(path, []).extend(found)
        for link in links_of(page, home):
            if pattern_of(link) not in seen:
                seen.add(pattern_of(link))
                waiting.append(link)
    context.close()

    assert violations == {}
    assert looked_at > 10
