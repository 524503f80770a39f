"""The list of accounts in a real browser: ticks, a range, undo, and a cell that changes in place."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from crm.accounts.models import Account
from tests.browsing import DESK, signed_in
from tests.crm.makers import account, user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(live_server: Any, browser: Browser) -> Iterator[Page]:
    """A manager before five accounts."""
    user("rep", name="janet")
    for name in "ABCDE":
        account(name, phone=f"030 {name}")
    context = signed_in(browser, live_server, user("manager", name="boss"), **DESK)
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/?columns=name,owner,phone")
    yield page
    context.close()


def owned() -> list[str]:
    return [row.name for row in Account.objects.filter(owner__username="janet").order_by("name")]


def test_a_range_is_given_away_and_taken_back(page):
    ticks = page.locator("input[data-tick]")
    ticks.nth(1).click()
    ticks.nth(3).click(modifiers=["Shift"])
    expect(page.locator(".selection__count")).to_have_text("3 selected")

    page.click("text=Give to…")
    page.select_option("#bulk_owner", label="janet")
    page.click("#bulk-form .button--primary")

    expect(page.locator("#listing-outcome")).to_contain_text("3 rows done")
    expect(page.locator("#listing tbody tr", has_text="janet")).to_have_count(3)
    assert owned() == ["B", "C", "D"]
    page.click("#listing-outcome >> text=Undo")
    expect(page.locator("#listing tbody tr", has_text="janet")).to_have_count(0)
    assert owned() == []


def test_a_cell_is_changed_by_keyboard_and_left_by_escape(page):
    page.locator("#listing tbody th a").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("F2")
    expect(page.locator(".cell-form input[name=value]")).to_be_focused()
    page.keyboard.type("040 7")
    page.keyboard.press("Enter")

    expect(page.locator("#listing tbody tr").nth(1)).to_contain_text("040 7")
    assert Account.objects.get(name="B").phone == "040 7"
    page.locator("#listing tbody tr").nth(2).locator("[data-edit=phone]").click()
    page.locator(".cell-form input[name=value]").fill("999")
    told = []
    page.on("request", lambda request: told.append(request.method))
    page.keyboard.press("Escape")
    expect(page.locator("#listing tbody tr").nth(2)).to_contain_text("030 C")
    expect(page.locator("#listing tbody tr").nth(2).locator("[data-edit=phone]")).to_be_focused()
    page.wait_for_load_state("networkidle")
    assert told == []
    assert Account.objects.get(name="C").phone == "030 C"


def test_filters_search_and_sort_change_the_address_without_a_reload(page):
    page.evaluate("window.stayed = true")
    page.fill("#listing-search", "B")
    expect(page.locator("#listing tbody tr")).to_have_count(1)
    page.fill("#listing-search", "")
    expect(page.locator("#listing tbody tr")).to_have_count(5)
    page.click("#listing thead >> text=Name")
    page.click("#listing thead >> text=Name")
    expect(page.locator("#listing tbody th a").first).to_have_text("E")

    assert "ordering=-name" in page.url
    assert page.evaluate("window.stayed")


def test_two_quick_clicks_on_a_head_are_two_clicks_however_long_the_first_answer_takes(page):
    """The second falls on the old head while the first is being answered, or on the new one before it has settled."""
    page.evaluate("window.stayed = true")
    page.route("**/accounts/?*ordering=name*", lambda route: (page.wait_for_timeout(150), route.continue_()))
    page.evaluate("for (const _ of [1, 2]) document.querySelector('#listing th[data-col=name] a.sort').click()")
    expect(page.locator("#listing tbody th a").first).to_have_text("E")
    assert "ordering=-name" in page.url

    page.unroute("**/accounts/?*ordering=name*")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(
        """document.body.addEventListener("htmx:afterSwap", () =>
             document.querySelector("#listing th[data-col=name] a.sort").click(), { once: true });
           document.querySelector("#listing th[data-col=name] a.sort").click()"""
    )
    page.wait_for_timeout(1500)
    expect(page.locator("#listing tbody th a").first).to_have_text("E")
    assert [url.partition("ordering=")[2].partition("&")[0] for url in asked if "ordering=" in url] == ["name", "-name"]
    assert page.evaluate("window.stayed")
