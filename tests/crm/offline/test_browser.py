"""A phone without a connection, in a real browser at 360×640: loaded once, then every form, unseen before."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from base.account import sessions
from crm.accounts.models import Contact
from crm.activities.models import Entry, Photo
from crm.leads.models import Lead
from crm.offline.models import Operation
from crm.pipeline.models import Deal, Stage
from crm.tickets.models import TicketMessage
from tests.browsing import phone_of
from tests.crm.makers import account, deal, user
from tests.crm.offline.test_operations import PIXEL
from tests.crm.tickets.makers import ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTH, HEIGHT = 360, 640


@pytest.fixture
def anna() -> Any:
    """A rep with an account, a deal that is due, and a ticket."""
    anna = user("rep", name="anna")
    alfreds = account("Alfreds Futterkiste", owner=anna, phone="1")
    deal(of=alfreds, by=anna, next_step="Show the samples", next_step_on=timezone.localdate())
    ticket(alfreds)
    return anna


@pytest.fixture
def page(live_server: Any, browser: Browser, anna: Any, settings: Any, tmp_path: Any) -> Iterator[Page]:
    """Her phone; Today was looked at once, with a connection."""
    settings.MEDIA_ROOT = tmp_path
    with phone_of(browser, live_server, anna) as page:
        yield page


def fill(page: Page, kind: str, pick: str = "", file: bool = False, **typed: str) -> None:
    page.locator(f"[data-form={kind}]").tap()
    form = page.locator(f"#sheet form[data-kind={kind}]")
    if pick:
        form.locator("[data-pick]").fill(pick)
        form.locator(".pick__one").first.tap()
    if file:
        form.locator("[type=file]").set_input_files([{"name": "shelf.png", "mimeType": "image/png", "buffer": PIXEL}])
    for name, value in typed.items():
        field = form.locator(f"[name={name}]").first
        if field.get_attribute("type") == "radio":
            form.locator(f"label:has([name={name}][value='{value}'])").tap()
        else:
            field.fill(value)
    form.locator(".button--primary").tap()
    expect(page.locator("#sheet")).to_be_hidden()


def test_each_form_works_in_airplane_mode_without_having_been_opened(page: Page, live_server: Any, anna: Any) -> None:
    context = page.context
    context.set_offline(True)
    page.goto(f"{live_server.url}/new/")
    second = Stage.objects.order_by("pipeline__position", "position")[1]

    fill(page, "visit", "alf", outcome="interested", text="Liked it")
    fill(page, "call", "alf", outcome="not_reached")
    fill(page, "meeting", "alf", outcome="order")
    fill(page, "note", "alf", text="Loading bay is at the back")
    fill(page, "task", "alf", next_step="Send prices")
    fill(page, "photo", "alf", file=True, text="The shelf")
    fill(page, "lead", person="Maria Anders")
    fill(page, "contact", "alf", name="Hanna Moos")
    fill(page, "stage", "alf", stage=str(second.pk))
    fill(page, "ticket_note", "jars", body="Ask the warehouse")
    page.locator("#captures summary").tap()
    fill(page, "edit_account", "alf", phone="030-0074321")
    expect(page.locator("#counts")).to_have_text("11 made · 0 on the server · 11 waiting")
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    assert not Operation.objects.exists()

    page.close()  # as when the phone kills it
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/")
    expect(page.locator("#counts")).to_have_text("11 made · 0 on the server · 11 waiting")
    context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#counts")).to_have_text("11 made · 11 on the server · 0 waiting", timeout=20_000)

    alfreds = anna.accounts.get()
    kinds = Entry.objects.filter(author=anna).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["visit", "call", "meeting", "note", "task", "note"]
    assert (Photo.objects.count(), Lead.objects.get().name, Contact.objects.get().name) == (
        1, "Maria Anders", "Hanna Moos",
    )  # fmt: skip
    assert (Deal.objects.get().stage, alfreds.phone) == (second, "030-0074321")
    assert TicketMessage.objects.get().body == "Ask the warehouse"
    assert set(Operation.objects.values_list("fate", flat=True)) == {"applied"}


def test_what_is_refused_is_told_corrected_and_sent_again(page: Page, live_server: Any, anna: Any) -> None:
    page.context.set_offline(True)
    page.goto(f"{live_server.url}/log/?kind=visit")
    expect(page.locator("#sheet form[data-kind=visit]")).to_be_visible()
    page.locator("#sheet [data-close]").tap()
    fill(page, "lead", email="maria@example.com", person="Maria")
    page.evaluate("""async () => {
      const { user, accounts } = await offline.queue.pack();
      await offline.queue.add({ kind: "visit", user, fields: { account: accounts[0].id } });
      document.dispatchEvent(new Event("offline-counts"));
    }""")
    page.context.set_offline(False)
    page.evaluate("offline.sync()")
    expect(page.locator("#counts")).to_have_text("2 made · 1 on the server · 0 waiting · 1 refused")
    page.locator("#ledger button", has_text="Correct").tap()
    page.locator("#sheet label:has([value=order])").tap()
    page.locator("#sheet .form__actions .button--primary").tap()

    expect(page.locator("#counts")).to_have_text(
        "3 made · 2 on the server · 0 waiting · 1 given up or corrected", timeout=20_000
    )
    assert Entry.objects.get(kind="visit").outcome == "order"


def test_what_was_typed_is_there_after_a_kill_and_gone_after_saving_and_signing_out(
    page: Page, live_server: Any, anna: Any
) -> None:
    alfreds = anna.accounts.get()
    address = f"{live_server.url}/accounts/{alfreds.pk}/edit/"
    page.goto(address)
    page.locator("[name=city]").fill("")
    page.locator("[name=city]").press_sequentially("Berlin-Mitte", delay=20)
    page.wait_for_timeout(300)
    context = page.context
    page.close()
    page = context.new_page()
    page.goto(address)
    expect(page.locator("[name=city]")).to_have_value("Berlin-Mitte")
    expect(page.locator("form [data-restored]")).to_be_visible()
    page.locator("main .form__actions .button--primary").first.tap()
    page.wait_for_url(lambda url: "/edit/" not in url)
    page.goto(address)
    expect(page.locator("form [data-restored]")).to_have_count(0)
    alfreds.refresh_from_db()
    assert alfreds.city == "Berlin-Mitte"

    page.goto(f"{live_server.url}/")
    page.evaluate("document.querySelector('form[action=\"/logout/\"]').requestSubmit()")
    page.wait_for_url("**/login/**")
    assert page.evaluate("offline.ready.then(() => offline.queue.pack())") is None


def test_a_session_ended_elsewhere_takes_the_records_off_the_phone_and_leaves_what_waits(
    page: Page, live_server: Any, anna: Any
) -> None:
    page.context.set_offline(True)
    page.goto(f"{live_server.url}/new/")
    fill(page, "lead", person="Maria Anders")
    sessions.end_of(anna)
    anna.sign_ins.model.objects.all().delete()
    page.context.clear_cookies()
    page.context.set_offline(False)

    page.evaluate("offline.sync(true)")

    expect(page.locator("#expired")).to_be_visible()
    expect(page.locator("#counts")).to_have_text("1 made · 0 on the server · 1 waiting")
    assert page.evaluate("offline.queue.pack()") is None


def test_it_can_be_installed(page: Page, live_server: Any) -> None:
    told = page.context.new_cdp_session(page)
    errors = told.send("Page.getInstallabilityErrors")["installabilityErrors"]
    manifest = page.evaluate("fetch(document.querySelector('link[rel=manifest]').href).then((answer) => answer.json())")

    # A private window cannot install anything; it is the one thing amiss here.
    assert [one["errorId"] for one in errors if one["errorId"] != "in-incognito"] == []
    assert (manifest["display"], manifest["scope"]) == ("standalone", "/")
    assert base64.b64encode(page.request.get(live_server.url + manifest["icons"][0]["src"]).body()[1:4]) == b"UE5H"


def test_the_pack_ends_with_its_time_and_when_the_clock_is_turned_back(page: Page) -> None:
    kept = """async (hours) => {
      let clock = Date.now();
      const queue = new offline.Queue({ name: "clock", now: () => clock });
      await queue.keepPack(await offline.queue.pack());
      clock += hours * 36e5;
      return Boolean(await queue.pack());
    }"""

    assert [page.evaluate(kept, hours) for hours in (0, 71.9, 72.1, -1)] == [True, True, False, False]
