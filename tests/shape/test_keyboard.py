"""Without a mouse, on each side: the search, the palette, a jump and the map of keys."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Where a list with a search is; a page that is found by its name; a jump.
WAYS = {
    "crm": ("/accounts/", ("Catalogue", "/catalogue/"), "k"),
    "erp": ("/orders/", ("Parties", "/parties/"), "p"),
    "integration": ("/events/", ("Pauses", "/pauses/"), "c"),
}


@pytest.fixture
def page(live_server: Any, browser: Browser) -> Iterator[Page]:
    """Somebody who may do everything, before a list."""
    signed_in = Client()
    signed_in.force_login(get_user_model().objects.create(username="root", is_superuser=True, is_staff=True))
    name = settings.SESSION_COOKIE_NAME
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": name, "value": signed_in.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}{WAYS[settings.SIDE][0]}")
    yield page
    context.close()


def test_the_search_the_palette_a_jump_and_the_map_of_keys(page):
    _list, (words, address), jump = WAYS[settings.SIDE]

    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.press("?")  # a letter like others, where somebody types
    expect(page.locator("[data-search]")).to_have_value("?")
    page.locator("[data-search]").clear()
    page.keyboard.press("Escape")
    expect(page.locator("[data-search]")).not_to_be_focused()

    page.keyboard.press("?")
    keys = page.locator("#keys")
    expect(keys).to_be_visible()
    told = [" ".join(one.split()) for one in keys.locator("dt").all_inner_texts()]
    jumps = [one.get_attribute("data-jump") for one in page.locator("[data-jump]").all()]
    assert {"/", "Ctrl K", "j k", "?"}.issubset(told)
    assert {f"g {one}" for one in jumps}.issubset(told)
    page.keyboard.press("Escape")
    expect(keys).not_to_be_visible()

    page.keyboard.press("Control+k")
    box = page.locator("#palette input[role=combobox]")
    expect(box).to_be_focused()
    box.press_sequentially(words.lower())
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text(words)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{address}$"))

    there = page.locator(f"[data-jump={jump}]").get_attribute("href")
    page.keyboard.press("g")
    page.keyboard.press(jump)
    expect(page).to_have_url(re.compile(rf"{there}(\?.*)?$"))
