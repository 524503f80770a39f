"""Dangerous steps ask for a fresh proof, and nothing of them happens before it was given."""

import time
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client

from base.listing.listing import all_listings
from base.stepup import CONFIRMED_AT

pytestmark = pytest.mark.django_db
ID = str(uuid4())

EVERYWHERE = [
    "/account/people/invite/",
    "/account/people/1/",
    "/account/people/1/switch/",
    "/account/people/1/unlock/",
    "/account/sessions/end-others/",
    f"/account/sessions/{ID}/end/",
    "/tokens/",
    "/webhooks/new/",
    "/signing-keys/next/origin/",
    f"/webhooks/{ID}/rotate/",
    "/admin/access/user/",
    "/admin/access/user/add/",
    "/admin/access/user/1/change/",
    "/admin/access/user/1/delete/",
    "/admin/access/user/1/password/",
]
OF_A_SIDE = {
    "crm": ["/admin/accounts/account/", f"/admin/accounts/account/{ID}/delete/"],
    "erp": [
        f"/parties/{ID}/terms/",
        f"/ledger/periods/{ID}/move/",
        f"/ledger/periods/{ID}/end-year/",
        f"/ledger/entries/{ID}/reverse/",
        "/lists/orders/bulk/cancel/",
        "/lists/products/bulk/withdraw/",
        "/lists/parties/bulk/terms/",
        "/lists/parties/bulk/hold/",
        f"/invoices/{ID}/refund/",
        f"/invoices/rest/{ID}/refund/",
        f"/banking/deposits/{ID}/refund/",
        f"/openings/{ID}/take-back/",
        f"/openings/balances/{ID}/take-back/",
        "/tax/returns/file/",
        f"/tax/returns/{ID}/reopen/",
    ],
    "integration": [
        "/steps/deep/take/",
        "/routes/1/switch/",
        "/grants/",
        "/grants/1/withdraw/",
        "/erasures/",
        "/pauses/1/",
    ],
}
OVER_THE_API = {
    "crm": ["tokens/", "webhooks/"],
    "erp": [
        "tokens/",
        "webhooks/",
        f"ledger/entries/{ID}/reverse/",
        f"ledger/periods/{ID}/close/",
        f"ledger/periods/{ID}/end_year/",
        f"invoices/{ID}/refund/",
        f"customer-credits/{ID}/refund/",
        f"deposits/{ID}/refund/",
        "tax/returns/file/",
        f"tax/returns/{ID}/reopen/",
    ],
    "integration": [
        "tokens/",
        "webhooks/",
        "steps/take/",
        "grants/",
        "erasures/",
        "routes/1/switch/",
        "pauses/1/resume/",
    ],
}


@pytest.fixture
def boss():
    """Somebody who may do everything, and signed in long ago."""
    user = get_user_model().objects.create_superuser("boss")
    user.groups.set(Group.objects.all())
    client = Client()
    client.force_login(user)
    stored = client.session
    stored[CONFIRMED_AT] = time.time() - settings.STEP_UP_SECONDS - 1
    stored.save()
    return client


@pytest.mark.parametrize("address", [*EVERYWHERE, *OF_A_SIDE[settings.SIDE]])
def test_a_page_asks_for_the_proof_first(boss, address):
    answer = boss.post(address, {"why": "because"})

    assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/account/confirm/")


@pytest.mark.parametrize("address", OVER_THE_API[settings.SIDE])
def test_a_browsers_session_is_asked_on_the_api_too(boss, address):
    answer = boss.post(f"/api/v1/{address}", {}, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (403, "step-up-required")


def test_what_a_page_guards_is_guarded_in_its_list(boss):
    """A cell that is changed in place, and what is done with many rows, ask as the page of the same deed does."""
    guarded = {
        "parties": ({"terms", "credit_limit", "commercial_tier"}, {"terms", "hold"}),
    }
    for listing in all_listings():
        cells, deeds = guarded.get(listing.name, (set(), set())) if settings.SIDE == "erp" else (set(), set())
        assert {column.name for column in listing.columns if column.edit and column.edit.step_up} == cells
        assert {deed.name for deed in listing.actions if deed.step_up} == deeds
