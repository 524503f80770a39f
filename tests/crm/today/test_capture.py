"""What a rep writes down on the phone, in a real browser at 360×640: taps and keys are counted as they reach the page.

Seconds by the keystroke-level model: a tap 0.57, a decision 1.35 (one before every tap), 3.0 characters a second.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from crm.activities.models import Entry
from tests.browsing import PHONE, signed_in
from tests.crm.makers import account, deal, user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TAP_S, DECISION_S, CHARACTERS_PER_S = 0.57, 1.35, 3.0
WIDTH, HEIGHT, TARGET = 360, 640, 44
NOTE = "Wants the new price list and two boxes of chai next week"
COUNTING = """
const count = (name) => sessionStorage.setItem(name, Number(sessionStorage.getItem(name) || 0) + 1);
document.addEventListener("pointerup", (event) => event.isTrusted && count("taps"), true);
document.addEventListener("keydown", (event) => event.isTrusted && count("keys"), true);
"""


@pytest.fixture
def anna() -> Any:
    """A rep with three accounts, one of them due today."""
    anna = user("rep", name="anna")
    first = account("Alfreds Futterkiste", owner=anna, phone="+49300074321")
    deal(of=first, by=anna, next_step="Show the samples", next_step_on=timezone.localdate())
    for name in ("Blauer See", "Vins et alcools Chevalier"):
        account(name, owner=anna)
    return anna


@pytest.fixture
def page(live_server: Any, browser: Browser, anna: Any) -> Iterator[Page]:
    """Her phone, at Today."""
    context = signed_in(browser, live_server, anna, **PHONE)
    context.add_init_script(COUNTING)
    page = context.new_page()
    page.goto(live_server.url)
    yield page
    context.close()


def seconds(page: Page) -> tuple[int, float]:
    """How many taps it took, and how long."""
    taps, keys = (int(page.evaluate(f"sessionStorage.getItem('{name}') || 0")) for name in ("taps", "keys"))
    return taps, taps * (TAP_S + DECISION_S) + keys / CHARACTERS_PER_S


def tap(target: Locator, *, low: bool = False) -> None:
    """A thumb: what it meets is big enough, and what counts lies in the lower half."""
    expect(target).to_be_visible()
    target.evaluate("async () => await Promise.all(document.getAnimations().map((one) => one.finished))")
    box = target.bounding_box()
    assert box is not None
    assert (box["height"] >= TARGET, box["width"] >= TARGET) == (True, True), (box, target)
    assert not low or box["y"] + box["height"] / 2 >= HEIGHT / 2, (box, target)
    target.tap()


def chip(page: Page, text: str) -> Locator:
    return page.locator("#sheet label", has_text=text)


def save(page: Page) -> None:
    tap(page.locator("#sheet .form__actions .button--primary"), low=True)
    expect(page.locator("#sheet")).to_be_hidden()


def test_a_visit_without_a_note_takes_four_taps_from_the_thumb_bar(page: Page) -> None:
    tap(page.locator(".nav__item--primary"), low=True)
    tap(page.locator(".tile", has_text="Visit"), low=True)
    assert page.locator("#sheet [required]:not([type=hidden])").evaluate_all(
        "all => [...new Set(all.map((one) => one.name))].filter((name) => name !== 'account')"
    ) in (["outcome"], [])
    tap(chip(page, "Interested"), low=True)
    save(page)

    taps, took = seconds(page)
    made = Entry.objects.get()
    assert (taps, made.kind, made.outcome, made.account.name) == (4, "visit", "interested", "Alfreds Futterkiste")
    assert took <= 10, took


def test_a_visit_at_a_stop_takes_three_taps_and_its_step_is_done(page: Page, anna: Any) -> None:
    tap(page.locator("#steps .button", has_text="Log"))
    tap(chip(page, "Interested"), low=True)
    save(page)

    taps, took = seconds(page)
    made = Entry.objects.get()
    assert (taps, made.kind, made.account.name) == (3, "visit", "Alfreds Futterkiste")
    assert took <= 10, took
    assert anna.deals.get().next_step_on is None


def test_with_a_note_of_twelve_words_it_takes_less_than_half_a_minute(page: Page) -> None:
    tap(page.locator(".nav__item--primary"))
    tap(page.locator(".tile", has_text="Visit"))
    tap(chip(page, "Order"))
    tap(page.locator("#sheet textarea"))
    page.keyboard.type(NOTE)
    save(page)

    taps, took = seconds(page)
    assert len(NOTE.split()) == 12
    assert (taps, Entry.objects.get().text) == (5, NOTE)
    assert took <= 30, took


def test_after_a_call_its_log_lies_ready_and_takes_two_taps(page: Page) -> None:
    no_telephone = "(event) => event.target.closest('[href^=\"tel:\"]') && event.preventDefault()"
    page.evaluate(f"window.addEventListener('click', {no_telephone})")
    tap(page.get_by_role("link", name="Call Alfreds Futterkiste"))
    expect(page.locator("#sheet h2")).to_have_text("Call: Alfreds Futterkiste")
    page.evaluate("sessionStorage.clear()")
    tap(chip(page, "Not there"), low=True)
    save(page)

    taps, took = seconds(page)
    made = Entry.objects.get()
    assert (taps, made.kind, made.outcome) == (2, "call", "not_reached")
    assert took <= 10, took


@pytest.mark.parametrize(("tile", "kind", "field"), [("Note", "note", "text"), ("Task", "task", "next_step")])
def test_a_note_and_a_task_are_four_taps_and_the_words(page: Page, tile: str, kind: str, field: str) -> None:
    tap(page.locator(".nav__item--primary"))
    tap(page.locator(".tile", has_text=tile), low=True)
    tap(page.locator(f"#sheet [name={field}]"))
    page.keyboard.type("Send price list")
    save(page)

    made = Entry.objects.get()
    assert (seconds(page)[0], made.kind, getattr(made, field)) == (4, kind, "Send price list")
    assert (made.next_step_on is None) == (kind == "note")


def test_somebody_else_is_found_and_a_meeting_is_logged(page: Page) -> None:
    tap(page.locator(".nav__item--primary"))
    tap(page.locator(".tile", has_text="Meeting"))
    tap(page.locator("#sheet .button", has_text="Somebody else"))
    tap(page.locator(".rows > li", has_text="Vins et alcools"))
    tap(page.locator("label", has_text="Follow up"))
    tap(page.locator(".form__actions .button--primary"))

    expect(page.locator(".toast")).to_contain_text("Logged.")
    made = Entry.objects.get()
    assert (made.kind, made.account.name) == ("meeting", "Vins et alcools Chevalier")


def test_nothing_is_wider_than_the_phone(page: Page) -> None:
    for path in ("/", "/new/", "/log/?kind=visit", "/log/?kind=task", "/pipeline/"):
        page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH, path


def test_what_was_saved_does_not_come_back_as_a_draft(page: Page) -> None:
    page.locator("nav a[href='/new/']").last.tap()
    page.locator(".tile").first.tap()
    page.locator("textarea[name=text]").fill(NOTE)
    page.wait_for_timeout(400)  # kept on this phone by now
    page.locator("label:has([name=outcome][value=interested])").tap()
    page.locator("#sheet-form .button--primary").tap()
    expect(page.locator("#sheet")).to_be_hidden()

    page.locator("nav a[href='/new/']").last.tap()
    page.locator(".tile").first.tap()
    page.wait_for_timeout(400)
    expect(page.locator("textarea[name=text]")).to_have_value("")
    assert Entry.objects.get().text == NOTE
