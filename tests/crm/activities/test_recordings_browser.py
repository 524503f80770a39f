"""Saying it at 360×640: a tap begins, a tap ends, saving ends it too, and without a line it waits with its visit."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Page, expect

from crm.activities.models import Entry, Recording
from tests.browsing import phone_of
from tests.crm.makers import account, user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PLAYED = """(one) => new Promise((done) => {
  one.onplaying = () => done(true);
  one.onerror = () => done(false);
  one.play();
})"""
# A microphone that hums.
HUM = """
MediaDevices.prototype.getUserMedia = async () => {
  if (sessionStorage.getItem("deaf")) throw new DOMException("no", "NotAllowedError");
  const sound = new AudioContext();
  const [hum, out] = [sound.createOscillator(), sound.createMediaStreamDestination()];
  hum.connect(out);
  hum.start();
  return out.stream;
};
"""


@pytest.fixture
def page(live_server: Any, browser: Browser, settings: Any, tmp_path: Any) -> Iterator[Page]:
    """A rep's phone at Today."""
    settings.MEDIA_ROOT = tmp_path
    anna = user("rep", name="anna")
    account("Alfreds Futterkiste", owner=anna)
    with phone_of(browser, live_server, anna, HUM) as page:
        yield page


def open_visit(page: Page) -> Any:
    page.locator("nav a[href='/new/']").last.tap()
    page.locator(".tile").first.tap()
    return page.locator("#sheet [data-fills$=recording]")


def test_what_was_said_is_sent_with_the_visit_also_when_saving_ends_it(page: Page) -> None:
    button = open_visit(page)
    button.tap()
    expect(button).to_contain_text("0:01")
    page.locator("label:has([name=outcome][value=interested])").tap()
    with page.expect_navigation():
        page.locator("#sheet-form .button--primary").tap()

    kept = Recording.objects.get()
    assert kept.seconds >= 1
    assert kept.media_type == "audio/webm"
    page.goto(urljoin(page.url, Entry.objects.get().account.get_absolute_url()))
    sound = page.locator("audio")
    expect(sound).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    played = sound.evaluate(PLAYED)
    assert played is True


def test_a_mistake_keeps_it_and_a_tap_discards_it(page: Page) -> None:
    button = open_visit(page)
    button.tap()
    expect(button).to_contain_text("0:01")
    button.tap()
    expect(button).to_contain_text("recorded")
    page.locator("#sheet-form .button--primary").tap()
    expect(page.locator("#sheet-form .field__error")).to_be_visible()
    again = page.locator("#sheet [data-fills$=recording]")
    expect(again).to_contain_text("recorded")
    again.tap()
    expect(again).to_have_text("Voice note")
    page.locator("label:has([name=outcome][value=order])").tap()
    with page.expect_navigation():
        page.locator("#sheet-form .button--primary").tap()

    assert (Entry.objects.count(), Recording.objects.count()) == (1, 0)


def test_without_a_microphone_one_types(page: Page) -> None:
    page.evaluate("sessionStorage.setItem('deaf', '1')")
    open_visit(page).tap()

    expect(page.locator(".toast")).to_contain_text("type instead")


def test_without_a_connection_it_waits_with_its_visit(page: Page, live_server: Any) -> None:
    page.context.set_offline(True)
    page.goto(f"{live_server.url}/log/?kind=visit")
    form = page.locator("#sheet form[data-kind=visit]")
    form.locator("[data-pick]").fill("alf")
    form.locator(".pick__one").first.tap()
    button = form.locator("[data-fills$=recording]")
    button.tap()
    expect(button).to_contain_text("0:01")
    button.tap()
    expect(button).to_contain_text("recorded")
    form.locator("label:has([name=outcome][value=interested])").tap()
    form.locator(".button--primary").tap()
    expect(page.locator("#counts")).to_have_text("1 made · 0 on the server · 1 waiting")

    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#counts")).to_have_text("1 made · 1 on the server · 0 waiting", timeout=20_000)

    assert Recording.objects.get().entry.kind == "visit"


def test_a_heic_photo_that_the_browser_cannot_read_is_told_at_once(page: Page) -> None:
    open_visit(page)
    page.locator("#sheet summary").tap()
    heic = b"\x00\x00\x00\x18ftypheic" + bytes(100)
    page.locator("#sheet [name=photo]").set_input_files([{"name": "a.heic", "mimeType": "image/heic", "buffer": heic}])

    expect(page.locator(".toast")).to_contain_text("HEIC")
    assert page.locator("#sheet [name=photo]").evaluate("(one) => one.files.length") == 0
