"""Checking in at 360×640: one tap more, the place asked for only then, a no is an answer, also without a line."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from crm.activities.models import CheckIn, Entry
from tests.browsing import phone_of
from tests.crm.makers import account, user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ASKED = """
window.asked = 0;
const ask = Geolocation.prototype.getCurrentPosition;
Geolocation.prototype.getCurrentPosition = function (...given) { window.asked += 1; return ask.apply(this, given); };
"""


@pytest.fixture
def page(live_server: Any, browser: Browser) -> Iterator[Page]:
    """A rep's phone at Today, in Berlin."""
    anna = user("rep", name="anna")
    account("Alfreds Futterkiste", owner=anna)
    berlin = {"latitude": 52.52034, "longitude": 13.40512, "accuracy": 65}
    with phone_of(browser, live_server, anna, ASKED, geolocation=berlin) as page:
        yield page


def open_visit(page: Page) -> Any:
    page.locator("nav a[href='/new/']").last.tap()
    page.locator(".tile").first.tap()
    return page.locator("#sheet [data-fills$=check_in]")


def save(page: Page) -> None:
    page.locator("label:has([name=outcome][value=interested])").tap()
    page.locator("#sheet-form .button--primary").tap()
    expect(page.locator(".toast", has_text="Logged.").or_(page.locator("#sheet:not([open])")).first).to_be_attached()


def test_one_tap_keeps_moment_and_coarse_place(page: Page) -> None:
    page.context.grant_permissions(["geolocation"])
    button = open_visit(page)
    assert page.evaluate("window.asked") == 0
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44

    button.tap()
    expect(button).to_contain_text("with the place")
    with page.expect_navigation():
        save(page)

    kept = CheckIn.objects.get()
    assert (str(kept.latitude), str(kept.longitude), kept.accuracy_m) == ("52.520", "13.405", 65)


def test_a_refused_place_leaves_the_moment_and_a_second_tap_takes_it_back(page: Page) -> None:
    button = open_visit(page)
    button.tap()
    expect(button).to_contain_text("without a place")
    button.tap()
    expect(button).to_have_text("Check in")
    button.tap()
    with page.expect_navigation():
        save(page)

    assert CheckIn.objects.get().latitude is None


def test_it_works_without_a_connection(page: Page, live_server: Any) -> None:
    page.context.grant_permissions(["geolocation"])
    page.context.set_offline(True)
    page.goto(f"{live_server.url}/log/?kind=visit")
    form = page.locator("#sheet form[data-kind=visit]")
    form.locator("[data-pick]").fill("alf")
    form.locator(".pick__one").first.tap()
    form.locator("[data-fills$=check_in]").tap()
    expect(form.locator("[data-fills$=check_in]")).to_contain_text("with the place")
    form.locator("label:has([name=outcome][value=interested])").tap()
    form.locator(".button--primary").tap()
    expect(page.locator("#counts")).to_have_text("1 made · 0 on the server · 1 waiting")

    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#counts")).to_have_text("1 made · 1 on the server · 0 waiting", timeout=20_000)

    assert str(CheckIn.objects.get().latitude) == "52.520"
    assert Entry.objects.count() == 1
