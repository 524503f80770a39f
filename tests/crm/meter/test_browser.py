"""The meter in a real browser at 360×640: what it counts, that it sends no word, and that a form never waits for it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from crm.accounts.models import Account
from crm.activities.models import Entry
from crm.meter.models import Measure
from crm.offline.models import Operation
from tests.browsing import PHONE, phone_of, signed_in
from tests.crm.makers import account, user
from tests.crm.meter.test_meter import send
from tests.crm.meter.test_meter import told as a_save

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SECRET = "Zyzzyva"


@pytest.fixture
def page(live_server: Any, browser: Browser) -> Iterator[Page]:
    """A rep's phone at Today, with one account."""
    anna = user("rep", name="anna")
    account("Alfreds Futterkiste", owner=anna)
    with phone_of(browser, live_server, anna) as page:
        yield page


def told(page: Page, deed: Any) -> dict[str, Any]:
    """What the browser sends of the save that `deed` makes."""
    with page.expect_response(lambda answer: answer.url.endswith("/api/v1/measures/")) as found:
        deed()
    assert found.value.status == 200
    sent: dict[str, Any] = json.loads(found.value.request.post_data or "")
    return sent


def fields(measure: dict[str, Any]) -> dict[str, tuple[int, int, bool]]:
    return {one["name"]: (one["taps"], one["keys"], one["filled"]) for one in measure["fields"]}


def open_visit(page: Page) -> None:
    page.locator("nav a[href='/new/']").last.tap()
    page.locator(".tile").first.tap()


def test_a_visit_in_two_taps_of_its_sheet_tells_seconds_and_fields_and_no_word(page: Page) -> None:
    open_visit(page)
    page.locator("textarea[name=text]").tap()
    page.keyboard.type(SECRET)
    page.locator("label:has([name=outcome][value=interested])").tap()
    measure = told(page, lambda: page.locator("#sheet-form .button--primary").tap())

    assert (measure["form"], measure["screen"], measure["way"], measure["taps"], measure["keys"]) == (
        "visit", "phone", "page", 3, len(SECRET),
    )  # fmt: skip
    assert fields(measure) == {
        "account": (0, 0, True), "kind": (0, 0, True), "text": (1, len(SECRET), True), "outcome": (1, 0, True),
    }  # fmt: skip
    assert 0 < float(measure["seconds"]) < 60
    entry = Entry.objects.get()
    assert entry.text == SECRET
    assert SECRET not in json.dumps(measure)
    assert str(entry.pk) not in json.dumps(measure)
    assert Measure.objects.get().fields["text"][2] == len(SECRET)


def test_what_comes_back_with_a_mistake_is_one_save_and_counts_its_mistake(page: Page) -> None:
    open_visit(page)
    page.locator("textarea[name=text]").tap()
    page.locator("#sheet-form .button--primary").tap()
    expect(page.locator("#sheet-form .field__error")).to_be_visible()
    page.locator("label:has([name=outcome][value=order])").tap()
    measure = told(page, lambda: page.locator("#sheet-form .button--primary").tap())

    assert (measure["taps"], measure["mistakes"], Measure.objects.count()) == (4, 1, 1)


def test_a_form_that_is_a_page_is_measured_when_its_answer_is_another_page(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/accounts/new/")
    page.locator("[name=city]").tap()
    page.keyboard.type("Bonn")
    page.locator(".form__actions .button--primary").tap()
    expect(page.locator(".field__error")).to_be_visible()
    page.locator("[name=name]").tap()
    page.keyboard.type(SECRET)
    measure = told(page, lambda: page.locator(".form__actions .button--primary").tap())

    assert (measure["form"], measure["mistakes"], measure["keys"]) == ("account", 1, len(SECRET) + 4)
    assert fields(measure)["name"] == (1, len(SECRET), True)
    assert Account.objects.filter(name=SECRET).exists()


def test_without_a_connection_the_measure_waits_beside_the_capture(page: Page, live_server: Any) -> None:
    page.context.set_offline(True)
    page.goto(f"{live_server.url}/log/?kind=visit")
    form = page.locator("#sheet form[data-kind=visit]")
    form.locator("[data-pick]").tap()
    form.locator(".pick__one").first.tap()
    form.locator("label:has([name=outcome][value=interested])").tap()
    form.locator(".button--primary").tap()
    expect(page.locator("#counts")).to_have_text("1 made · 0 on the server · 1 waiting")
    assert not Measure.objects.exists()

    page.context.set_offline(False)
    measure = told(page, lambda: page.evaluate("window.dispatchEvent(new Event('focus'))"))

    expect(page.locator("#counts")).to_have_text("1 made · 1 on the server · 0 waiting", timeout=20_000)
    assert (measure["form"], measure["way"], measure["taps"], Operation.objects.count()) == ("visit", "offline", 4, 1)
    assert fields(measure) == {"account": (2, 0, True), "outcome": (1, 0, True)}
    assert page.evaluate("localStorage.getItem('heming-measures')") == "[]"


def test_a_meter_that_cannot_be_told_or_kept_stops_no_save(page: Page) -> None:
    page.route("**/api/v1/measures/", lambda route: route.abort())
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full'); }; }")
    open_visit(page)
    page.locator("label:has([name=outcome][value=interested])").tap()
    page.locator("#sheet-form .button--primary").tap()
    expect(page.locator("#sheet")).to_be_hidden()

    assert Entry.objects.count() == 1
    assert not Measure.objects.exists()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_on_a_phone_no_figure_lies_over_another(live_server: Any, browser: Browser, language: str) -> None:
    anna = user("rep", name="anna")
    for _save in range(7):
        send(anna, a_save())
    boss = user("manager", name="andrew")
    boss.language = language
    boss.save()
    context = signed_in(browser, live_server, boss, **PHONE)
    page = context.new_page()
    page.goto(f"{live_server.url}/entry-times/")

    cells = page.locator("main table td[data-label]:visible")
    assert cells.count() > 20
    assert cells.evaluate_all("cells => cells.filter(one => one.scrollWidth > one.clientWidth).length") == 0
    context.close()
