"""The list of orders in a browser: held orders are released together, a day is set in its cell, groups open."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from erp.orders.models import Order
from erp.parties import services as parties
from tests.browsing import DESK, signed_in
from tests.erp.makers import company, user
from tests.erp.orders.makers import customer, make_order, offer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(live_server: Any, browser: Browser) -> Iterator[Page]:
    """The order desk before two held orders and an accepted one."""
    company()
    offer()
    who = customer()
    parties.class_party(parties.open_party(who), on_hold=True, hold_reason="bounced")
    for _held in range(2):
        make_order(("CHAI", "5", "18.00"), customer=who)
    make_order(("CHAI", "2", "18.00"))
    context = signed_in(browser, live_server, user("order_desk", name="desk"), **DESK)
    page = context.new_page()
    page.goto(f"{live_server.url}/orders/")
    yield page
    context.close()


def test_all_are_ticked_released_and_the_refused_one_is_named(page):
    accepted = Order.objects.get(status="accepted")
    page.locator("#listing tbody th a").first.focus()
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press(" ")
    expect(page.locator(".selection__count")).to_have_text("3 selected")

    page.click("#listing-bulk >> text=Release")
    page.fill("#bulk_reason", "They paid by phone.")
    page.click("#bulk-form .button--primary")

    expect(page.locator("#listing-outcome")).to_contain_text("2 rows done")
    expect(page.locator("#listing-outcome")).to_contain_text(accepted.number)
    assert Order.objects.filter(status="accepted").count() == 3


def test_a_day_is_set_in_its_cell(page):
    cell = page.locator("#listing tbody tr").first.locator("[data-edit=requested_on]")
    cell.click()
    page.locator(".cell-form input[name=value]").fill("2026-12-24")
    page.keyboard.press("Enter")

    expect(page.locator("#listing tbody tr").first).to_contain_text("2026-12-24")
    assert str(Order.objects.order_by("-id").first().requested_on) == "2026-12-24"


def test_groups_show_their_sums_and_open(page):
    page.goto(page.url + "?group=status")
    held = page.locator("#listing tbody.group", has_text="Held")
    expect(held).to_contain_text("180.00")
    expect(page.locator("#listing tbody tr[data-pk]")).to_have_count(0)

    held.locator(".group-open").click()

    expect(held.locator("tr[data-pk]")).to_have_count(2)
    expect(page.locator("#listing tfoot")).to_contain_text("216.00")


def test_a_list_on_paper_is_white_whole_and_without_what_is_for_the_screen(page):
    page.set_viewport_size({"width": 688, "height": 970})  # what is left of A4 within its margins
    page.emulate_media(media="print", color_scheme="dark")

    for words in (".shell__rail", ".listing-tools", ".page-head__actions", ".tick"):
        assert [one.is_visible() for one in page.locator(words).all()].count(True) == 0, words
    wrap = page.locator("#listing .table-wrap")
    assert wrap.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


# How many rows can be seen from edge to edge, between what stands over them and what stands below.
SEEN = """() => {
  const rows = [...document.querySelectorAll("#listing tbody tr[data-pk]")];
  const at = (x, y) => document.elementFromPoint(x, y)?.closest("tr");
  return rows.filter(row => {
    const {left, top, bottom} = row.getBoundingClientRect();
    return bottom <= innerHeight && at(left + 60, top + 1) === row && at(left + 60, bottom - 1) === row;
  }).length;
}"""


@pytest.fixture
def long(page: Page) -> Page:
    """More orders than fit on a screen."""
    for _order in range(45):
        make_order(("CHAI", "1", "18.00"))
    return page


def test_forty_rows_stand_whole_on_a_screen_of_1440_by_900(long: Page) -> None:
    long.reload()

    assert long.evaluate(SEEN) >= 40


def test_whoever_wants_larger_rows_has_targets_24_pixels_apart(long: Page) -> None:
    long.locator(".user-menu summary").click()
    long.locator("button[name=rows][value=large]").click()
    expect(long.locator("html")).to_have_attribute("data-rows", "large")

    middles = long.evaluate(
        """[...document.querySelectorAll("#listing tbody tr[data-pk] [data-edit]")]
        .map(one => one.getBoundingClientRect()).map(box => (box.top + box.bottom) / 2)"""
    )
    assert len(middles) == 48
    assert min(below - above for above, below in pairwise(middles)) >= 24
