"""On the phone: a rep asks for a discount, the manager gives it in two taps, the rep wins and prints."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from crm.access.models import Notice
from crm.pipeline.models import Deal, PriceApproval
from tests.browsing import PHONE, signed_in
from tests.crm.makers import account, deal, offered, user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = """() => [...document.querySelectorAll("#sheet-body a, #sheet-body button, #lines a, #lines button")]
  .filter(one => one.offsetParent && !one.closest("p, .visually-hidden") && !one.classList.contains("visually-hidden"))
  .filter(one => one.getBoundingClientRect().height < 44).map(one => one.outerHTML.slice(0, 90))"""
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def phone(browser: Browser, live_server: Any) -> Iterator[Callable[[Any], Page]]:
    """The phone of somebody who is signed in."""
    contexts = []

    def of(person: Any) -> Page:
        context = signed_in(browser, live_server, person, **PHONE)
        contexts.append(context)
        return context.new_page()

    yield of
    for context in contexts:
        context.close()


def fits(page: Page) -> None:
    """Nothing is wider than the phone and nothing too small for a thumb."""
    assert page.evaluate(WIDER) == 0
    assert page.evaluate(SMALL) == []


def test_ask_give_win(phone: Callable[[Any], Page], live_server: Any) -> None:
    anna, boss = user("rep", name="anna"), user("manager", name="boss")
    offered()
    some = deal(("CHAI", "5", "0.3"), of=account("Ernst Handel", owner=anna), by=anna, title="Autumn")

    rep = phone(anna)
    rep.goto(live_server.url + some.get_absolute_url())
    rep.locator("#lines").get_by_text("Ask for approval").tap()
    rep.locator("#sheet-body textarea").fill("A rival offers 32 %")
    fits(rep)
    rep.locator("#sheet-body").get_by_role("button", name="Ask", exact=True).tap()
    expect(rep.locator("#lines")).to_contain_text("has asked a sales manager")
    fits(rep)

    manager = phone(boss)
    manager.goto(live_server.url + reverse("today:home"))
    manager.locator("#approvals .rows__main").tap()
    approve = manager.locator("#sheet-body").get_by_role("button", name="Approve")
    expect(approve).to_be_visible()
    fits(manager)
    place = approve.bounding_box()
    assert place is not None
    assert 320 <= place["y"] <= 640 - place["height"]  # in the lower half, under the thumb
    approve.tap()
    expect(manager.locator("body")).to_contain_text("approved by boss")
    assert (PriceApproval.objects.get().state, Notice.objects.filter(user=anna).count()) == ("given", 1)

    rep.reload()
    expect(rep.locator("#lines")).to_contain_text("approved by boss")
    rep.locator("#quotes").get_by_text("Make a quote").tap()
    rep.locator("#sheet-body").get_by_role("button", name="Make the quote").tap()
    expect(rep.locator("h1")).to_contain_text(f"Quote {some.number}-1")
    fits(rep)
    rep.goto(live_server.url + some.get_absolute_url())
    rep.locator(".deal-bar .button--primary").tap()
    rep.get_by_role("button", name="Promise it").tap()
    expect(rep.locator("#life")).to_be_visible()
    assert Deal.objects.get().status == "won"
