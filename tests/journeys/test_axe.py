"""The short form of `make proof ONLY=axe`: the pages most used, on a desk and on a phone."""

import pytest
from playwright.sync_api import Browser

from deploy.browser import DESK, PHONE_DARK, sign_in
from proofs._axe import findings
from tests.journeys.running import Running

pytestmark = [pytest.mark.journey, pytest.mark.browser]

PAGES = {
    "crm": ("rep", ("/", "/accounts/", "/pipeline/", "/tickets/", "/new/", "/catalogue/", "/leads/", "/leads/new/")),
    "erp": (
        "accountant",
        ("/", "/orders/", "/inventory/", "/ledger/", "/ledger/vouchers/new/", "/ledger/trial-balance/"),
    ),
    "integration": ("operator", ("/", "/events/", "/cases/", "/keys/", "/account/security/")),
}


@pytest.mark.parametrize("side", PAGES)
def test_axe_finds_nothing(running: Running, browser: Browser, side: str) -> None:
    role, addresses = PAGES[side]
    page = browser.new_context(locale="en").new_page()
    page.set_default_timeout(90_000)
    sign_in(page, running.sides[side], role)
    found = []

    for address in ("/login/", *addresses):
        page.goto(running.sides[side]["url"] + address)
        for screen in (DESK, PHONE_DARK):
            screen.show(page)
            found += [f"{address} ({screen}): {one}" for one in findings(page)]

    assert found == []
    page.context.close()
