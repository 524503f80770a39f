"""Dangerous steps ask for a fresh proof, and nothing of them happens before it was given."""

import time
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Group
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
        f"/tax/returns/{ID}/reopen/",
        "/tax/returns/file/",
        f"/openings/{ID}/take-back/",
        f"/openings/balances/{ID}/take-back/",
        f"/revaluation/{ID}/take-back/",
        f"/fapiaos/{ID}/red/",
        f"/invoices/{ID}/refund/",
        f"/invoices/rest/{ID}/refund/",
        f"/banking/deposits/{ID}/refund/",
        f"/bills/{ID}/pay/",
        f"/lists/parties/rows/{ID}/credit_limit/",
        "/lists/parties/bulk/terms/",
        "/lists/orders/bulk/cancel/",
        "/lists/products/bulk/withdraw/",
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
    "crm": ["tokens/", "webhooks/", "sessions/end-others/"],
    "erp": [
        "tokens/",
        "webhooks/",
        "sessions/end-others/",
        f"ledger/entries/{ID}/reverse/",
        f"ledger/periods/{ID}/close/",
        f"ledger/periods/{ID}/end_year/",
        f"tax/returns/{ID}/reopen/",
        "tax/returns/file/",
        f"opening-items/{ID}/take-back/",
        f"opening-balances/{ID}/take-back/",
        f"revaluations/{ID}/take-back/",
        f"fapiaos/{ID}/red-letter/",
        f"invoices/{ID}/refund/",
        f"customer-credits/{ID}/refund/",
        f"deposits/{ID}/refund/",
        f"bills/{ID}/payments/",
    ],
    "integration": [
        "tokens/",
        "webhooks/",
        "sessions/end-others/",
        "steps/take/",
        "grants/",
        "erasures/",
        "routes/1/switch/",
        "pauses/1/resume/",
    ],
}
# The fields that a guarded page changes, by model: a cell or a bulk action that changes one of them is guarded too.
GUARDED = {
    "crm": {"access.user": ("groups", "is_active", "email")},
    "erp": {
        "access.user": ("groups", "is_active", "email"),
        "parties.party": (
            "payment_terms", "payment_terms_days", "commercial_tier", "credit_class", "credit_limit", "on_hold",
            "hold_reason", "einvoice", "buyer_reference", "endpoint", "endpoint_scheme",
        ),
        "ledger.period": ("status",),
        "ledger.journalentry": ("reversed_by",),
        "tax.vatreturn": ("status",),
        "openings.openingitem": ("open_amount", "reversal"),
        "invoices.invoice": ("open_amount",),
        "bills.bill": ("open_amount",),
        "banking.receipt": ("rest",),
        "banking.deposit": ("refund", "refunded_amount"),
    },
    "integration": {
        "access.user": ("groups", "is_active", "email"),
        "hub.route": ("phase",),
        "hub.grant": ("reason",),
        "hub.pause": ("ended_at",),
    },
}  # fmt: skip
# Every cell and action that asks: whoever makes another guarded one names it here, whoever opens one takes it off.
ASKING = {
    "crm": set(),
    "erp": {
        "parties: terms", "parties: credit_limit", "parties: commercial_tier", "parties: bulk terms",
        "parties: bulk hold", "orders: bulk cancel", "products: bulk withdraw",
    },
    "integration": set(),
}  # fmt: skip


def changes():
    """Every cell and bulk action of the side: its name, the model, the fields it changes, and whether it asks."""
    for listing in all_listings():
        model = listing.model._meta.label_lower
        for column in listing.columns:
            if column.edit:
                yield f"{listing.name}: {column.name}", model, {column.path, *column.fields}, column.edit.step_up
        for action in listing.actions:
            told = set(action.form(AnonymousUser())().fields) if action.form else set()
            seen = set(action.look(listing.model()))
            yield f"{listing.name}: bulk {action.name}", model, told | seen, action.asks_for_proof


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


def test_no_list_changes_without_proof_what_a_page_guards():
    """`look` and `told` say what an action changes; what they do not say is looked after by `ASKING`."""
    guarded = GUARDED[settings.SIDE]

    open_doors = [name for name, model, fields, asks in changes() if fields & {*guarded.get(model, ())} and not asks]

    assert open_doors == []
    assert {name for name, _model, _fields, asks in changes() if asks} == ASKING[settings.SIDE]
