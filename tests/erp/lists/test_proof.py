"""A credit limit in its cell asks who one is, as on the page of terms."""

import time
from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client

from base.stepup import CONFIRMED_AT
from erp.parties.services import open_party
from tests.erp.makers import company, user
from tests.erp.orders.makers import customer

pytestmark = pytest.mark.django_db
PAGE = "http://testserver/parties/"


@pytest.fixture
def accountant():
    company()
    client = Client()
    client.force_login(user("accountant"))
    return client


def long_ago(client):
    stored = client.session
    stored[CONFIRMED_AT] = time.time() - settings.STEP_UP_SECONDS - 1
    stored.save()


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_cell_leads_to_the_proof_and_back_to_the_list(accountant, method):
    party = open_party(customer())
    limit = party.credit_limit
    long_ago(accountant)

    htmx = {"HX-Request": "true", "HX-Current-URL": PAGE}
    path = f"/lists/parties/rows/{party.pk}/credit_limit/"
    answer = getattr(accountant, method)(path, {"value": "999999", "version": party.version}, headers=htmx)

    assert answer.headers["HX-Redirect"] == "/account/confirm/?next=%2Fparties%2F"
    party.refresh_from_db()
    assert party.credit_limit == limit


def test_with_a_fresh_proof_it_is_changed(accountant):
    party = open_party(customer())

    path = f"/lists/parties/rows/{party.pk}/credit_limit/"
    answer = accountant.post(path, {"value": "5000", "version": party.version}, headers={"HX-Request": "true"})

    party.refresh_from_db()
    assert (answer.status_code, party.credit_limit) == (200, Decimal("5000.00"))
