"""The voucher grid in a real browser: hands stay on the keyboard."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from erp.ledger.dimensioning import open_dimension
from erp.ledger.models import JournalEntry, Voucher
from tests.browsing import DESK, signed_in
from tests.erp.makers import company, user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(live_server: Any, browser: Browser) -> Iterator[Page]:
    """A signed-in accountant before an empty voucher."""
    company()
    context = signed_in(browser, live_server, user("accountant", name="alice"), **DESK)
    page = context.new_page()
    page.goto(f"{live_server.url}/ledger/vouchers/new/")
    yield page
    context.close()


def value(page: Page, name: str, row: int) -> str:
    return page.locator(f"[data-rows] [name=line_{name}]").nth(row).input_value()


def start(page: Page, text: str = "Rent") -> None:
    page.fill("#voucher [name=text]", text)
    page.locator("[data-rows] [name=line_account]").first.focus()


def test_a_voucher_is_typed_and_posted_without_the_mouse(page):
    start(page)
    page.keyboard.type("rent")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("=1,000*0.9")
    page.keyboard.press("Enter")
    page.keyboard.type("bk")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("=")
    page.keyboard.press("Tab")

    assert (value(page, "account", 0), value(page, "debit", 0)) == ("6100", "900.00")
    assert (value(page, "account", 1), value(page, "credit", 1)) == ("1010", "900.00")
    assert page.locator("[data-difference]").inner_text() == "balanced"
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=GEN-2026-000001")
    assert JournalEntry.objects.get().total == 900


def test_the_difference_is_always_in_view(page):
    start(page)
    page.locator("[data-rows] [name=line_debit]").first.fill("119")

    assert page.locator("[data-difference]").inner_text() == "119.00 credit missing"
    page.locator("[data-rows] [name=line_credit]").nth(1).fill("120")
    assert page.locator("[data-difference]").inner_text() == "1.00 debit missing"


def test_the_cell_above_is_copied_and_lines_are_added(page):
    start(page)
    page.locator("[data-rows] [name=line_text]").first.fill("November")
    page.locator("[data-rows] [name=line_text]").nth(1).focus()
    page.keyboard.press("Control+d")

    assert value(page, "text", 1) == "November"
    rows = page.locator("[data-rows] tr").count()
    page.locator("[data-rows] [name=line_debit]").nth(rows - 1).focus()
    page.keyboard.press("Enter")
    assert page.locator("[data-rows] tr").count() == rows + 1


def test_a_block_from_a_spreadsheet_is_pasted(page):
    start(page, "Office")
    block = "6200\\tPaper\\t12.50\\t\\n6400\\tLeaflets\\t1,000.00\\t\\nbk\\tby bank\\t\\t1.012,50\\n"
    page.evaluate(
        f"""() => {{
          const data = new DataTransfer();
          data.setData("text/plain", "{block}");
          document.activeElement.dispatchEvent(
            new ClipboardEvent("paste", {{clipboardData: data, bubbles: true, cancelable: true}}));
        }}"""
    )

    assert [value(page, "account", row) for row in range(3)] == ["6200", "6400", "1010"]
    assert [value(page, "debit", row) for row in range(2)] == ["12.50", "1000.00"]
    assert value(page, "credit", 2) == "1012.50"
    assert page.locator("[data-difference]").inner_text() == "balanced"


def test_a_refused_voucher_stays_on_the_screen_with_the_error_in_its_cell(page):
    start(page)
    page.locator("[data-rows] [name=line_account]").first.fill("1200")
    page.locator("[data-rows] [name=line_debit]").first.fill("5")
    page.locator("[data-rows] [name=line_account]").nth(1).fill("4000")
    page.locator("[data-rows] [name=line_credit]").nth(1).fill("5")
    page.keyboard.press("Control+Enter")

    page.wait_for_selector(".grid__error")
    assert "kept by documents" in page.locator(".grid__error").inner_text()
    assert (value(page, "account", 0), value(page, "debit", 0)) == ("1200", "5.00")
    assert Voucher.objects.count() == 0


def test_sums_are_exact_and_rounded_half_up(page):
    sums = {"=100/3": "33.33", "=2*(3+4.5)": "15.00", "=200/3": "66.67", "=0.1+0.2": "0.30", "=119*19%": "22.61"}

    for row, typed in enumerate(sums):
        page.locator("[data-rows] [name=line_debit]").nth(row).fill(typed)
        page.keyboard.press("Tab")

    assert [value(page, "debit", row) for row in range(len(sums))] == list(sums.values())


def test_a_cost_centre_is_typed_by_its_initials_and_pasted_behind_the_tax(page):
    alice = user("accountant", name="alice")
    for code, initials in (("S10", "sal"), ("S100", "")):
        open_dimension(by=alice, kind="cost_centre", code=code, name=f"Name of {code}", initials=initials)
    page.reload()
    start(page)
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.setData("text/plain", "6100\\t\\t900\\t\\t\\t\\t\\ts10\\n1010\\t\\t\\t900\\t\\t\\t\\tS1");
          document.activeElement.dispatchEvent(
            new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    assert (value(page, "cost_centre", 0), value(page, "cost_centre", 1)) == ("S10", "S1")
    page.locator("[data-rows] [name=line_cost_centre]").nth(1).fill("")
    page.locator("[data-rows] [name=line_cost_centre]").first.fill("")
    page.keyboard.type("sal")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=GEN-2026-000001")

    assert list(JournalEntry.objects.get().lines.values_list("cost_centre__code", flat=True)) == ["S10", None]
