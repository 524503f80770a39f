"""`make screenshots`: pictures of a running deployment into docs/images, on a phone and on a desk.

Takes the deployment of `var/` (or HEMING_VAR), where something should have happened: `KEEP=1 make demo` leaves one.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.sync_api import Browser, Page

from deploy import png
from deploy.browser import DESK, LOGIN, PHONE, Screen, browsing, sign_in
from deploy.environment import ROOT, var_dir

FOLDER = ROOT / "docs" / "images"
SCREENS = (PHONE, DESK)


@dataclass(frozen=True)
class Shot:
    """A page worth a picture; `{id}` in its path is the first object that one of `pick` finds in the side's API."""

    name: str
    side: str
    path: str
    role: str = ""  # nobody is signed in
    pick: tuple[str, ...] = ()


SHOTS = (
    Shot("crm-login", "crm", LOGIN),
    Shot("crm-today", "crm", "/", "rep"),
    Shot("crm-board", "crm", "/pipeline/", "rep"),
    Shot("crm-deal", "crm", "/pipeline/{id}/", "rep", ("deals/?order_state=completed", "deals/?status=won", "deals/")),
    Shot("crm-account", "crm", "/accounts/{id}/", "rep", ("accounts/?registered=true", "accounts/")),
    Shot("crm-import", "crm", "/import/accounts/", "rep"),
    Shot("crm-people", "crm", "/account/people/", "admin"),
    Shot("crm-tokens", "crm", "/tokens/", "rep"),
    Shot("erp-desk", "erp", "/", "order_desk"),
    Shot("erp-order", "erp", "/orders/{id}/", "order_desk", ("orders/?status=completed", "orders/")),
    Shot("erp-stock", "erp", "/inventory/", "warehouse"),
    Shot("erp-voucher", "erp", "/ledger/vouchers/new/", "accountant"),
    Shot("erp-trial-balance", "erp", "/ledger/trial-balance/", "accountant"),
    Shot("hub-wall", "integration", "/", "operator"),
    Shot("hub-steps", "integration", "/steps/", "operator"),
)


def main(only: list[str]) -> int:
    """Take all pictures, or those named; the number is how many failed."""
    file = var_dir() / "deployment.json"
    if not file.exists():
        print(f"Nothing is running here ({file} is missing); `make run` starts it.", file=sys.stderr)
        return 1
    sides = json.loads(file.read_text())["sides"]
    FOLDER.mkdir(parents=True, exist_ok=True)
    failed = 0
    with browsing() as browser:
        for screen in SCREENS:
            for shot, page in _pages(browser, sides, only, screen):
                failed += not take(shot, page, sides, screen)
    return failed


def take(shot: Shot, page: Page, sides: dict[str, Any], screen: Screen) -> bool:
    """One picture; says what it was, or why there is none."""
    path = shot.path
    if shot.pick:
        found = first(sides[shot.side], shot.role, shot.pick)
        if found is None:
            print(f"{shot.name}: the API has nothing at {', '.join(shot.pick)}")
            return False
        path = path.format(id=found)
    answer = page.goto(sides[shot.side]["url"] + path, wait_until="networkidle")
    if answer is None or not answer.ok:
        print(f"{shot.name}: {path} answers {answer.status if answer else 'nothing'}")
        return False
    file = FOLDER / f"{shot.name}-{screen.name}.png"
    file.write_bytes(png.shrink(page.screenshot(animations="disabled")))
    print(f"{file.relative_to(ROOT)}  {file.stat().st_size / 1024:.0f} KiB")
    return True


def first(side: dict[str, Any], role: str, queries: tuple[str, ...]) -> str | None:
    """The id of the first object in the first list of the API that is not empty."""
    token = next(user["token"] for user in side["users"] if user["role"] == role)
    headers = {"Authorization": f"Bearer {token}"}
    for query in queries:
        answer = httpx.get(side["api_url"] + query, headers=headers, timeout=30, trust_env=False)
        rows = answer.raise_for_status().json()["results"]
        if rows:
            return str(rows[0]["id"])
    return None


def _pages(browser: Browser, sides: dict[str, Any], only: list[str], screen: Screen) -> Iterator[tuple[Shot, Page]]:
    """Each shot with a page in which the right person is signed in; one sign-in per person."""
    signed_in: dict[tuple[str, str], Page] = {}
    for shot in SHOTS:
        if only and shot.name not in only:
            continue
        key = shot.side, shot.role
        if key not in signed_in:
            signed_in[key] = browser.new_context(locale="en-GB").new_page()
            screen.show(signed_in[key])
            if shot.role:
                sign_in(signed_in[key], sides[shot.side], shot.role)
        yield shot, signed_in[key]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
