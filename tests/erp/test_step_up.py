"""What moves money or files something asks who one is, on pages, in lists and of a browser's session on the API."""

import time
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from rest_framework.test import APIClient

from base.stepup import CONFIRMED_AT
from base.tokens.services import create_token
from erp.access.models import BulkChange
from erp.banking.models import Receipt
from erp.bills.models import Bill
from erp.openings.models import OpeningItem
from erp.parties.models import Party
from erp.parties.services import open_customer
from tests.erp.bills.makers import posted
from tests.erp.makers import company, user
from tests.erp.openings.makers import items
from tests.importing import media, tried

__all__ = ["media"]
pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
LIST = "http://testserver/parties/?q=alfreds&ordering=-code"
D = Decimal


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    """What is tested here is not how long a hash takes."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def stale(*roles, name=""):
    """A browser whose last proof is too old."""
    company()
    somebody = user(*(roles or ("accountant",)), name=name)
    somebody.set_password(PASSWORD)
    somebody.save()
    page = Client()
    page.force_login(somebody)
    aged(page)
    return page


def aged(page):
    stored = page.session
    stored[CONFIRMED_AT] = time.time() - settings.STEP_UP_SECONDS - 1
    stored.save()


def sent_to(answer):
    """Where the browser is led, and from where it comes back."""
    address = urlsplit(answer.headers.get("HX-Redirect") or answer.url)
    return address.path, parse_qs(address.query)["next"][0]


def prove(page, asked):
    """The confirmation is given on the page that the answer leads to."""
    address = asked.headers.get("HX-Redirect") or asked.url
    return page.post(address, {"password": PASSWORD, "next": sent_to(asked)[1]})


def htmx(page, method, address, told=None):
    return getattr(page, method)(address, told or {}, headers={"HX-Request": "true", "HX-Current-URL": LIST})


def cell(party, column="credit_limit"):
    return f"/lists/parties/rows/{party.pk}/{column}/"


def test_a_cell_leads_to_the_proof_before_anything_is_typed_and_back_to_the_list_as_it_was():
    page, party = stale(), open_customer("Alfreds")

    asked = htmx(page, "get", cell(party))
    assert (asked.status_code, sent_to(asked)) == (200, ("/account/confirm/", "/parties/?q=alfreds&ordering=-code"))
    back = prove(page, asked)

    assert (back.status_code, back.url) == (302, "/parties/?q=alfreds&ordering=-code")
    assert 'name="value"' in htmx(page, "get", cell(party)).content.decode()
    saved = htmx(page, "post", cell(party), {"value": "500", "version": party.version})
    assert (saved.status_code, Party.objects.get().credit_limit) == (200, D(500))


@pytest.mark.parametrize("column", ["terms", "credit_limit", "commercial_tier"])
def test_a_cell_whose_proof_grew_old_meanwhile_changes_nothing(column):
    page, party = stale(), open_customer("Alfreds")
    before = Party.objects.values().get()

    asked = htmx(page, "post", cell(party, column), {"value": "7", "version": party.version})

    assert sent_to(asked) == ("/account/confirm/", "/parties/?q=alfreds&ordering=-code")
    assert Party.objects.values().get() == before


def test_what_a_page_without_scripts_posted_to_a_cell_goes_on_after_the_proof():
    page, party = stale(), open_customer("Alfreds")

    asked = page.post(cell(party), {"value": "500", "version": party.version})
    assert (asked.status_code, sent_to(asked)) == (302, ("/account/confirm/", cell(party)))
    assert Party.objects.get().credit_limit is None

    assert prove(page, asked).status_code == 200
    assert Party.objects.get().credit_limit == D(500)


def test_a_post_that_was_kept_before_does_not_go_on_with_the_proof_for_a_part_of_its_page():
    page, party = stale(), open_customer("Alfreds")
    terms = f"/parties/{party.pk}/terms/"
    page.post(terms, {"payment_terms_days": 9, "why": "x", "version": party.version})

    asked = page.get(cell(party), headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{terms}"})
    back = prove(page, asked)

    assert (back.status_code, back.url) == (302, terms)
    assert Party.objects.get().payment_terms_days != 9


def test_who_may_not_change_a_cell_is_told_so_and_not_asked():
    page, party = stale("order_desk"), open_customer("Alfreds")

    assert htmx(page, "get", cell(party, "terms")).status_code == 403


@pytest.mark.parametrize(("action", "told"), [("terms", {"payment_terms_days": 9}), ("hold", {"hold_reason": "late"})])
def test_many_rows_and_taking_them_back_ask_too(action, told):
    page, party = stale(), open_customer("Alfreds")
    before, address = Party.objects.values().get(), f"/lists/parties/bulk/{action}/"

    asked = htmx(page, "post", address, {"ids": [str(party.pk)], "state": ""})
    assert sent_to(asked) == ("/account/confirm/", "/parties/?q=alfreds&ordering=-code")
    assert Party.objects.values().get() == before
    assert prove(page, asked).url == "/parties/?q=alfreds&ordering=-code"

    assert htmx(page, "post", address, {"ids": [str(party.pk)], "told": "1", **told}).status_code == 200
    changed, change = Party.objects.values().get(), BulkChange.objects.get()
    assert changed != before
    aged(page)
    undo = htmx(page, "post", f"/lists/changes/{change.pk}/undo/")
    assert sent_to(undo)[0] == "/account/confirm/"
    assert Party.objects.values().get() == changed


def test_on_the_api_a_session_is_asked_and_a_token_is_not():
    page, party = stale(), open_customer("Alfreds")
    told = {"action": "terms", "ids": [str(party.pk)], "told": {"payment_terms_days": "9"}}
    _token, secret = create_token(user("accountant"), "shop", ["*:write"], 1)
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

    no = page.post("/api/v1/lists/parties/bulk/", told, content_type="application/json")
    assert (no.status_code, no.json()["code"], Party.objects.get().payment_terms_days == 9) == (
        403, "step-up-required", False,
    )  # fmt: skip
    done = program.post("/api/v1/lists/parties/bulk/", told, format="json").json()
    assert (done["done"], Party.objects.get().payment_terms_days) == (1, 9)

    undo = f"/api/v1/list-changes/{done['change']}/undo/"
    assert page.post(undo, {}, content_type="application/json").json()["code"] == "step-up-required"
    assert program.post(undo).json()["done"] == 1


def test_a_bill_is_paid_once_after_the_proof_and_the_page_is_the_bills_again():
    page, bill = stale(), posted()
    address, told = f"/bills/{bill.pk}/pay/", {"amount": "19.00", "date": date(2026, 11, 20), "method": "bank"}

    asked = page.post(address, told)
    assert sent_to(asked) == ("/account/confirm/", address)
    assert Receipt.objects.count() == 0
    back = prove(page, asked)

    assert (back.status_code, back.url) == (302, bill.get_absolute_url())
    assert (Receipt.objects.count(), Bill.objects.get().open_amount) == (1, bill.payable - 19)


def test_a_token_pays_a_bill_without_it():
    bill = posted()
    _token, secret = create_token(user("accountant"), "shop", ["bills:write"], 1)
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")

    assert program.post(f"/api/v1/bills/{bill.pk}/payments/", {"amount": "19.00"}).status_code == 201


@pytest.mark.usefixtures("media")
def test_of_items_from_before_a_suppliers_asks_and_a_customers_does_not():
    items()
    page, told = stale(), {"amount": "10.00", "date": date(2026, 2, 1), "method": "bank"}
    paid, got = (OpeningItem.objects.filter(side=side).first() for side in ("payable", "receivable"))

    assert sent_to(page.post(f"/openings/{paid.pk}/pay/", told))[0] == "/account/confirm/"
    over_the_api = page.post(f"/api/v1/opening-items/{paid.pk}/payments/", {}, content_type="application/json")
    assert over_the_api.json()["code"] == "step-up-required"
    assert page.post(f"/openings/{got.pk}/pay/", told).url == got.get_absolute_url()


@pytest.mark.usefixtures("media")
@pytest.mark.parametrize(
    ("text", "asks"), [("name,credit limit\nAlfreds,9\n", True), ("name,city\nAlfreds,Bonn\n", False)]
)
def test_an_import_of_terms_asks_before_it_starts(text, asks):
    page = stale()
    imp = tried("customers", text, user("accountant"))

    answer = page.post(f"/import/{imp.pk}/start/")
    told = page.post(f"/api/v1/imports/{imp.pk}/start/", {}, content_type="application/json").json()

    assert answer.url.startswith("/account/confirm/") == asks
    assert (told.get("code") == "step-up-required") == asks
