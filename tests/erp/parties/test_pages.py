"""The pages of parties: terms are the accountant's, who they are is the CRM's."""

from decimal import Decimal

import pytest
from django.test import Client
from rest_framework.test import APIClient

from base.ids import uuid7
from erp.parties import services as parties
from erp.parties.models import Party
from integration.contracts.credit import CreditBanded
from integration.contracts.customers import Address, CustomerUpdated
from integration.contracts.parties import PartyClassed
from tests.erp.makers import company, user
from tests.erp.orders.makers import customer, make_order, offer
from tests.helpers import deliver, emitted, page_queries

pytestmark = pytest.mark.django_db
D = Decimal


def browser(*roles):
    company()
    client = Client()
    client.force_login(user(*roles))
    return client


def terms(party, **changes):
    told = {"payment_terms_days": 30, "commercial_tier": "", "credit_class": "", "credit_limit": "", "hold_reason": ""}
    return {"why": "a good year", **told, "version": party.version, **changes}


def test_the_accountant_sets_terms_and_the_crm_hears_the_band_only():
    offer()
    order = make_order(("CHAI", "5", "18.00"))
    page = browser("accountant")

    page.post(f"/parties/{order.party_id}/terms/", terms(order.party, payment_terms_days=14, credit_limit="100"))

    party = Party.objects.get()
    assert (party.payment_terms_days, party.credit_limit, party.credit_band) == (14, 100, "tight")
    assert [fact.payment_terms_days for fact in emitted(PartyClassed)] == [14]
    assert [fact.band for fact in emitted(CreditBanded)] == ["tight"]
    shown = page.get(f"/parties/{party.pk}/").content.decode()
    assert "96.30" in shown
    assert "96 %" in shown
    assert order.number in shown


def test_a_form_that_is_out_of_date_overwrites_nothing():
    company()
    party = parties.open_party(customer())
    stale = terms(party, credit_limit="50")
    parties.class_party(party, credit_limit=D(900))

    answer = browser("accountant").post(f"/parties/{party.pk}/terms/", stale)

    assert "Somebody changed this in the meantime" in answer.content.decode()
    assert Party.objects.get().credit_limit == 900


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"credit_limit": "-1"}, "cannot be negative"),
        ({"payment_terms_days": "400"}, "0 to 365 days"),
        ({"on_hold": "on"}, "Say why they are on hold."),
        ({"credit_limit": "abc"}, "Enter a number"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(changes, said):
    company()
    party = parties.open_party(customer())

    assert said in browser("accountant").post(f"/parties/{party.pk}/terms/", terms(party, **changes)).content.decode()
    assert Party.objects.get().version == party.version


def test_the_desk_looks_and_does_not_set_and_the_warehouse_sees_no_credit():
    company()
    party = parties.class_party(parties.open_party(customer()), credit_limit=D("777"))

    assert "777.00" in browser("order_desk").get(f"/parties/{party.pk}/").content.decode()
    assert "777.00" not in browser("warehouse").get(f"/parties/{party.pk}/").content.decode()
    assert "777.00" not in browser("warehouse").get("/parties/").content.decode()
    for url in (f"/parties/{party.pk}/terms/", "/parties/suppliers/new/"):
        assert browser("order_desk").get(url).status_code == 403


def test_a_supplier_is_opened_once_and_changed_here():
    page = browser("accountant")
    form = {"name": "Exotic Liquids", "city": "London", "idempotency_key": str(uuid7())}

    for _again in range(2):
        page.post("/parties/suppliers/new/", form)
    supplier = Party.objects.get()
    page.post(f"/parties/{supplier.pk}/edit/", {**form, "city": "Leeds"})

    supplier.refresh_from_db()
    assert (supplier.code[0], supplier.city, Party.objects.count()) == ("S", "Leeds", 1)


def test_the_api_changes_who_a_supplier_is_and_leaves_customers_to_the_crm():
    company()
    supplier, buyer = parties.open_supplier("Exotic Liquids", city="London"), parties.open_party(customer())
    api = APIClient()
    api.force_authenticate(user("accountant"))

    moved = api.patch(f"/api/v1/parties/{supplier.pk}/master/", {"city": "Leeds"})
    refused = api.patch(f"/api/v1/parties/{buyer.pk}/master/", {"city": "Leeds"})

    supplier.refresh_from_db()
    assert (moved.status_code, moved.data["city"], supplier.city, supplier.name) == (
        200, "Leeds", "Leeds", "Exotic Liquids",
    )  # fmt: skip
    assert (refused.status_code, refused.data["code"]) == (409, "customers-belong-to-the-crm")
    assert Party.objects.get(pk=buyer.pk).city == buyer.city


def test_a_customer_changed_in_the_crm_changes_here_and_keeps_its_terms():
    company()
    who = customer()
    party = parties.class_party(parties.open_party(who), payment_terms_days=7, credit_limit=D(5))
    moved = who.model_copy(update={"name": "Alfreds GmbH", "address": Address(city="Ulm", country="Germany")})

    deliver(CustomerUpdated(customer=who.customer, snapshot=moved, changed=("name", "address")))

    party.refresh_from_db()
    assert (party.name, party.city, party.payment_terms_days, party.credit_limit) == ("Alfreds GmbH", "Ulm", 7, 5)
    with pytest.raises(parties.CustomersBelongToTheCrm):
        parties.update_own(party, name="Somebody else")


@pytest.mark.parametrize(
    "query", ["", "?kind=customer&q=alf", "?credit_band=open&on_hold=0", "?kind=nonsense", "?q=zz"]
)
def test_every_filter_answers(query):
    company()
    parties.open_party(customer())

    assert browser("auditor").get(f"/parties/{query}").status_code == 200


def test_the_list_takes_as_many_queries_for_three_rows_as_for_one(django_assert_num_queries):
    page = browser("auditor")
    parties.open_party(customer())
    page.get("/parties/")
    with django_assert_num_queries(page_queries(1)):  # parties
        page.get("/parties/")
    for _more in range(2):
        parties.open_party(customer())
    with django_assert_num_queries(page_queries(1)):
        page.get("/parties/")


def test_over_the_api_terms_are_changed_for_a_reason():
    company()
    party, api = parties.open_party(customer()), APIClient()
    api.force_authenticate(user("accountant"))

    api.patch(f"/api/v1/parties/{party.pk}/", {"payment_terms_days": 9}, headers={"X-Reason": "a%20good year"})

    assert party.history.first().history_change_reason == "a good year"
