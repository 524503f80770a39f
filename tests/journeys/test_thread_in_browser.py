"""The main job as its people see it: a rep with a phone, the back office at its desks, nobody reloads."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.browser import sign_in
from tests.journeys.running import Running
from tests.journeys.test_thread import a_product, an_account, order_of

pytestmark = [pytest.mark.journey, pytest.mark.browser]

PHONE, DESK = (360, 640), (1440, 900)
WITHIN_MOMENTS_MS = 20_000
Signed = Callable[[str, str, tuple[int, int]], Page]


@pytest.fixture
def signed_in(browser: Browser, running: Running) -> Iterator[Signed]:
    """A page of somebody in a role, on a screen of a size; what the console says at warning or worse fails the test."""
    contexts, complaints = [], []

    def page_of(side: str, role: str, size: tuple[int, int]) -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="en-GB")
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        sign_in(page, running.sides[side], role)
        return page

    yield page_of
    for context in contexts:
        context.close()
    assert complaints == []


def test_a_rep_wins_on_the_phone_and_sees_tracking_invoice_and_payment_without_reloading(
    running: Running, signed_in: Signed
) -> None:
    account, sku = an_account(running), a_product(running)
    rep = signed_in("crm", "rep", PHONE)

    deal = a_deal_with_a_line(rep, running, account, sku)
    rep.get_by_role("link", name="Win this deal").click()
    rep.get_by_role("button", name="Promise it").click()
    expect(rep.locator("#life")).to_contain_text("Accepted as", timeout=WITHIN_MOMENTS_MS)
    rep.evaluate("window.notReloaded = true")

    order = order_of(running, deal)
    the_warehouse_ships(signed_in("erp", "warehouse", DESK), running, order["id"], "SE-4711")
    expect(rep.locator("#life")).to_contain_text("SE-4711", timeout=WITHIN_MOMENTS_MS)
    number = the_accountant_invoices_and_takes_the_money(signed_in("erp", "accountant", DESK), running, order["id"])
    expect(rep.locator("#life")).to_contain_text(number, timeout=WITHIN_MOMENTS_MS)
    expect(rep.locator("#life")).to_contain_text("Paid", timeout=WITHIN_MOMENTS_MS)
    expect(rep.locator("#life")).to_contain_text("Completed", timeout=WITHIN_MOMENTS_MS)
    assert rep.evaluate("window.notReloaded") is True
    assert rep.evaluate("document.documentElement.scrollWidth") == PHONE[0]


def a_deal_with_a_line(rep: Page, running: Running, account: str, sku: str) -> str:
    """From the account's page to a deal with one product; the deal's id."""
    rep.goto(f"{running.sides['crm']['url']}/accounts/{account}/")
    rep.get_by_role("link", name="New deal").first.click()
    rep.get_by_role("button", name="Create").click()
    rep.wait_for_url(lambda url: "/pipeline/" in url and "new" not in url)
    rep.get_by_role("searchbox", name="Add a product").fill(sku)
    rep.locator("#products").get_by_role("button", name=sku).click()
    expect(rep.locator("#lines .line")).to_have_count(1)
    return rep.url.rstrip("/").rsplit("/", 1)[1].partition("?")[0]


def the_warehouse_ships(page: Page, running: Running, order: str, tracking: str) -> None:
    """All of it in one parcel."""
    page.goto(f"{running.sides['erp']['url']}/orders/{order}/")
    page.get_by_role("link", name="Ship", exact=True).click()
    page.get_by_label("Tracking number").fill(tracking)
    page.get_by_role("button", name="Dispatch").click()
    expect(page.locator("body")).to_contain_text(tracking)


def the_accountant_invoices_and_takes_the_money(page: Page, running: Running, order: str) -> str:
    """The invoice's number."""
    page.goto(f"{running.sides['erp']['url']}/orders/{order}/")
    page.get_by_role("button", name="Issue invoice").click()
    page.wait_for_url(lambda url: "/invoices/" in url)
    number = page.locator("h1").inner_text().rsplit(" ", 1)[1]
    page.get_by_role("button", name="Book the payment").click()
    expect(page.locator("body")).to_contain_text("Settled by")
    return number
