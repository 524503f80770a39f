"""What a screen can do, the API can do; what the API can do, its document says."""

import inspect
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.drainage import GENERATOR_STATS
from rest_framework.serializers import ModelSerializer
from rest_framework.test import APIClient

from base.api import ApiMixin
from base.listing.listing import all_listings
from base.references import PersonField
from base.scopes import Scoped, areas
from base.tiers import TieredSerializerMixin, tiers_of
from tests.shape.document import body_of, operations

# Page → the API's route (its name, and the method where it is not POST).
TWINS = {
    "webhooks:new": "webhook-list", "webhooks:edit": "webhook-detail PATCH", "webhooks:rotate": "webhook-rotate",
    "webhooks:pause": "webhook-pause", "webhooks:resume": "webhook-resume", "webhooks:ping": "webhook-ping",
    "webhooks:remove": "webhook-detail DELETE", "webhooks:redeliver": "webhook-delivery-redeliver",
    "account:end": "session-detail DELETE", "account:end_others": "session-end-others",
    "tokens:list": "token-list", "tokens:revoke": "token-detail DELETE",
    "listing:bulk": "list-bulk", "listing:undo": "list-change-undo", "listing:save_view": "list-view-list",
    "listing:change_view": "list-view-detail PATCH", "notices:read": "notice-read",
    "notices:read_all": "notice-read-all", "jobs:cancel": "job-cancel",
    "crm": {
        "exchange:upload": "import-list", "exchange:map": "import-map-columns", "exchange:reread": "import-reread",
        "exchange:act": "import-start", "exchange:read_as": "import-map-columns",
        "liaison:amendment": "amendment-done", "wire:try": "incoming-event-rehearse",
        "wire:again": "incoming-event-again", "wire:again_like": "incoming-event-again-like",
        "wire:send_again": "outgoing-event-again",
        "accounts:new": "account-list", "accounts:edit": "account-detail PATCH", "accounts:claim": "account-claim",
        "accounts:give_back": "account-give-back", "accounts:share": "account-share-list",
        "accounts:share_end": "account-share-end", "accounts:tags": "account-detail PATCH",
        "accounts:field_new": "custom-field-list", "accounts:field_edit": "custom-field-detail PATCH",
        "accounts:field_remove": "custom-field-detail DELETE",
        "accounts:contact_new": "contact-list", "accounts:contact_edit": "contact-detail PATCH",
        "accounts:contact_remove": "contact-detail DELETE", "accounts:account_merge": "account-merge",
        "accounts:contact_merge": "contact-merge", "accounts:split": "merge-split",
        "activities:log": "entry-list", "activities:visit": "entry-list", "activities:call": "entry-list",
        "activities:note": "entry-list", "activities:finish_step": "entry-finish",
        "pipeline:new": "deal-list", "pipeline:new-with": "deal-list", "pipeline:edit": "deal-detail PATCH",
        "pipeline:step": "deal-detail PATCH", "pipeline:move": "deal-move", "pipeline:win": "deal-win",
        "pipeline:lose": "deal-lose", "pipeline:reopen": "deal-reopen", "pipeline:withdraw": "deal-withdraw",
        "pipeline:deposit": "deal-deposits", "pipeline:line-add": "deal-lines", "pipeline:line-free": "deal-lines",
        "pipeline:line-change": "deal-line-detail PATCH", "pipeline:line-remove": "deal-line-detail DELETE",
        "pipeline:line-approve": "deal-line-approve", "pipeline:line-anew": "deal-line-anew",
        "promotions:new": "promotion-list", "promotions:edit": "promotion-detail PATCH",
        "promotions:stop": "promotion-stop", "promotions:resume": "promotion-resume",
        "pipeline:approval-ask": "price-approval-list",
        "pipeline:approval-give": "price-approval-give", "pipeline:approval-refuse": "price-approval-refuse",
        "pipeline:quote-new": "quote-list", "pipeline:tags": "deal-detail PATCH",
        "leads:new": "lead-list", "leads:card": "lead-card", "leads:edit": "lead-detail PATCH", "leads:log": "lead-log",
        "leads:give": "lead-detail PATCH", "leads:claim": "lead-claim", "leads:consent": "lead-detail PATCH",
        "leads:contact": "lead-contact", "leads:qualify": "lead-qualify", "leads:lose": "lead-lose",
        "leads:reopen": "lead-reopen", "leads:convert": "lead-convert", "leads:ask_handover": "handover-list",
        "leads:grant": "handover-grant", "leads:decline": "handover-decline",
        "leads:tags": "lead-detail PATCH",
        "offline:decide": "clash-decide",
        "tickets:new": "ticket-list", "tickets:reply": "ticket-messages", "tickets:assign": "ticket-detail PATCH",
        "tickets:take": "ticket-take", "tickets:wait": "ticket-wait", "tickets:solve": "ticket-solve",
        "tickets:reopen": "ticket-reopen", "tickets:ask_return": "ticket-returns", "today:log": "entry-list",
    },
    "erp": {
        "exchange:upload": "import-list", "exchange:map": "import-map-columns", "exchange:reread": "import-reread",
        "exchange:act": "import-start", "exchange:read_as": "import-map-columns",
        "liaison:amendment": "amendment-done", "wire:try": "incoming-event-rehearse",
        "wire:again": "incoming-event-again", "wire:again_like": "incoming-event-again-like",
        "wire:send_again": "outgoing-event-again",
        "banking:new_deposit": "deposit-list", "banking:book": "deposit-book", "banking:dismiss": "deposit-dismiss",
        "banking:refund": "deposit-refund",
        "bills:new": "bill-list", "bills:edit": "bill-detail PUT", "bills:move": "bill-post",
        "bills:pay": "bill-payments",
        "rates:new": "exchange-rate-list", "rates:edit": "exchange-rate-detail PATCH",
        "rates:remove": "exchange-rate-detail DELETE",
        "terms:new": "payment-terms-list", "terms:edit": "payment-terms-detail PATCH",
        "terms:remove": "payment-terms-detail DELETE",
        "fapiao:new": "fapiao-list", "fapiao:enter": "fapiao-enter", "fapiao:record": "fapiao-record",
        "fapiao:red": "fapiao-red-letter", "fapiao:withdraw": "fapiao-withdraw",
        "revaluation:home": "revaluation-list", "revaluation:take_back": "revaluation-take-back",
        "openings:pay": "opening-item-payments", "openings:take_back": "opening-item-take-back",
        "openings:take_back_balances": "opening-balance-take-back",
        "invoices:use_rest": "customer-credit-use", "invoices:refund_rest": "customer-credit-refund",
        "einvoice:receive": "einvoice-list", "einvoice:letterhead": "letterhead-change PATCH",
        "inventory:receive": "stock-receipts", "inventory:count": "stock-adjustments",
        "invoices:issue": "order-invoice-list", "invoices:pay": "invoice-payments", "invoices:refund": "invoice-refund",
        "ledger:reverse": "ledger-entry-reverse", "ledger:new_voucher": "ledger-voucher-list",
        "ledger:voucher": "ledger-voucher-detail PUT", "ledger:move_voucher": "ledger-voucher-post",
        "recurring:new": "ledger-recurring-list", "recurring:edit": "ledger-recurring-detail PUT",
        "recurring:move": "ledger-recurring-end", "recurring:take": "ledger-recurring-take",
        "ledger:attach_to_voucher": "ledger-voucher-papers", "ledger:attach_to_entry": "ledger-entry-papers",
        "ledger:take_paper_away": "ledger-paper-detail DELETE",
        "ledger:new_dimension": "ledger-dimension-list", "ledger:dimension": "ledger-dimension-detail PATCH",
        "ledger:remove_dimension": "ledger-dimension-detail DELETE",
        "ledger:new_account": "ledger-account-list", "ledger:edit_account": "ledger-account-detail PATCH",
        "tax:file": "tax-return-file", "tax:reopen": "tax-return-reopen", "tax:profile": "tax-profile-change PATCH",
        "ledger:set_period": "ledger-period-close", "ledger:end_year": "ledger-period-end-year",
        "orders:new": "order-list", "orders:edit": "order-detail PUT", "orders:confirm": "order-confirm",
        "orders:release": "order-release", "orders:refuse": "order-refuse", "orders:cancel": "order-cancel",
        "orders:allocate": "order-allocate",
        "parties:new": "party-list", "parties:approve_limit": "party-approve-limit",
        "parties:decline_limit": "party-decline-limit",
        "parties:terms": "party-detail PATCH", "parties:edit": "party-master PATCH",
        "products:new": "product-list", "products:edit": "product-detail PATCH", "products:price": "product-prices",
        "products:publish": "product-publish", "products:withdraw": "product-withdraw",
        "returns:authorise": "return-authorise", "returns:refuse": "return-refuse", "returns:receive": "return-receive",
        "returns:settle": "return-settle",
        "shipping:new": "order-shipment-list",
        "shipping:top_up": "order-allocate",
        "shipping:correct": "shipment-correct",
        "returns:new": "return-list", "proof:start": "proof-start",
    },
    "integration": {
        "exchange:upload": "import-list", "exchange:map": "import-map-columns", "exchange:reread": "import-reread",
        "exchange:act": "import-start", "exchange:read_as": "import-map-columns",
        "hub:retry": "delivery-retry", "hub:decide": "case-decide", "hub:pause": "pause-list",
        "hub:resume": "pause-resume",
        "hub:silence": "silence-list", "hub:again": "parked-again", "hub:try": "event-try",
        "hub:compare": "comparison-run", "hub:take_step": "step-take", "hub:switch": "route-switch",
        "hub:grant": "grant-list", "hub:withdraw_grant": "grant-detail DELETE", "hub:erasures": "erasure-list",
    },
}  # fmt: skip

# Pages that post and have no twin, each with its reason.
ONESELF = "proves who one is, in a browser; a program has its token"
PEOPLE = "who may come in is decided by a person who has just proved who they are, never by a program"
KEYS = (
    "read at signing-key-list; a step is taken by a person who has just proved who they are, or at the machine itself"
)
ONLY_PAGES = {
    "signing_keys:move": KEYS,
    "ui:preferences": "how the pages look to this person",
    "account:preferences": "how the pages look to this person",
    "listing:arrange": "which columns this person's pages show",
    "web_forms:form": "what a company's website links to or embeds; a program captures leads by lead-list",
    "listing:cell": "CELLS has the twin of each",
    "events": "the wire's own door, for sides and not for people",
    "asks": "the hub's own door, signed; for sides and not for people",
    "ledger:trial_balance": "a form of the page only; the figures are at ledger-trial-balance",
    **dict.fromkeys(("login", "logout", "account_login", "account_logout", "account_reauthenticate"), ONESELF),
    **dict.fromkeys(("account:password", "account:forgotten", "account:new_password"), ONESELF),
    **dict.fromkeys(("account:invite", "account:person", "account:switch", "account:unlock"), PEOPLE),
}
ONLY_PAGES_OF = {"mfa_": ONESELF, "admin:": "Django's own pages for admins, over records that have an API of their own"}

# List → the operations that change what its cells change.
CELLS = {
    "accounts": [("PATCH", "/api/v1/accounts/{id}/")],
    "contacts": [("PATCH", "/api/v1/contacts/{id}/")],
    "tags": [("PATCH", "/api/v1/tags/{id}/")],
    "custom-fields": [("PATCH", "/api/v1/custom-fields/{id}/")],
    "deals": [("PATCH", "/api/v1/deals/{id}/")],
    "leads": [("PATCH", "/api/v1/leads/{id}/")],
    "parties": [("PATCH", "/api/v1/parties/{id}/")],
    "orders": [("PATCH", "/api/v1/orders/{id}/")],
    "exchange_rates": [("PATCH", "/api/v1/exchange-rates/{id}/")],
    "products": [("PATCH", "/api/v1/products/{id}/")],
}
CALLED = {"terms": "payment_terms_days", "word": "name"}


def _patterns(patterns, spaces=()):
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from _patterns(one.url_patterns, (*spaces, one.namespace) if one.namespace else spaces)
        elif isinstance(one, URLPattern) and one.name:
            yield ":".join((*spaces, one.name)), one


def _pages_that_post():
    for name, one in _patterns(get_resolver().url_patterns):
        if hasattr(one.callback, "cls") or name.startswith(tuple(ONLY_PAGES_OF)):
            continue
        view = inspect.unwrap(one.callback)
        posts = hasattr(getattr(one.callback, "view_class", None), "post")
        if posts or (hasattr(view, "__code__") and "POST" in inspect.getsource(view)):
            yield name


def _routes():
    return {name: one.callback for name, one in _patterns(get_resolver().url_patterns) if hasattr(one.callback, "cls")}


def test_whatever_a_page_can_do_the_api_can_do():
    twins = {name: twin for name, twin in TWINS.items() if isinstance(twin, str)} | TWINS[settings.SIDE]

    assert sorted(name for name in _pages_that_post() if name not in twins and name not in ONLY_PAGES) == []


def test_whatever_a_list_does_with_many_rows_the_api_does_too(db):
    """By the list's own actions, so that there is nothing to forget."""
    boss = get_user_model().objects.create(username="boss", is_staff=True, is_superuser=True)
    api = APIClient()
    api.force_login(boss)

    told = {one["name"]: {action["name"] for action in one["actions"]} for one in api.get("/api/v1/lists/").json()}

    assert told == {one.name: {action.name for action in one.actions} for one in all_listings()}
    assert settings.SIDE == "integration" or any(told.values())


def test_whatever_a_cell_changes_the_api_changes_too():
    lost = []
    for listing in all_listings():
        columns = {column.name for column in listing.columns if column.edit}
        if columns:
            known = set().union(*(body_of(operations()[where]) for where in CELLS[listing.name]))
            lost += [f"{listing.name}.{name}" for name in columns if CALLED.get(name, name) not in known]

    assert lost == []


def test_operations_stand_in_groups_that_people_know(db, client):
    document = client.get("/api/schema/").json()
    used = [operation["tags"] for path in document["paths"].values() for operation in path.values()]
    named = [tag["name"] for tag in document["tags"]]

    assert all(len(tags) == 1 for tags in used)
    assert {tag for tags in used for tag in tags} == set(named)
    assert {"Imports", "Lists", "Webhooks"} <= set(named)
    assert len(named) >= 10
    assert [name for name in named if name in ("V1", "v1") or "_" in name or not name[0].isupper()] == []


def test_every_twin_is_there():
    twins = [twin for twin in (*TWINS[settings.SIDE].values(), *TWINS.values()) if isinstance(twin, str)]
    routes, lost = _routes(), []
    for twin in twins:
        name, _space, method = twin.partition(" ")
        if name not in routes or (method or "POST").lower() not in routes[name].actions:
            lost.append(twin)

    assert lost == []


def test_every_record_that_keeps_its_history_tells_it():
    routes, silent = _routes(), []
    for prefix, viewset, name in import_module(settings.ROOT_URLCONF).ENTRIES:
        model = getattr(viewset.__dict__.get("queryset"), "model", None)
        model = model or getattr(getattr(getattr(viewset, "serializer_class", None), "Meta", None), "model", None)
        if hasattr(model, "history") and hasattr(viewset, "retrieve") and f"{name}-history" not in routes:
            silent.append(prefix)

    assert silent == []


def test_every_viewset_has_our_manners_and_asks_for_a_scope():
    rude = []
    for prefix, viewset, _name in import_module(settings.ROOT_URLCONF).ENTRIES:
        actions = [getattr(viewset, name) for name in dir(viewset) if hasattr(getattr(viewset, name), "mapping")]
        asked = [*viewset.permission_classes]
        for action in actions:
            asked += action.kwargs.get("permission_classes", [])
        if not issubclass(viewset, ApiMixin) or not asked or not all(issubclass(one, Scoped) for one in asked):
            rude.append(prefix)

    assert rude == []
    assert "tokens" in areas()


def test_every_serializer_that_has_a_sensitive_field_keeps_it_from_whom_it_is_not_for():
    leaky = []
    for _prefix, viewset, _name in import_module(settings.ROOT_URLCONF).ENTRIES:
        serializer = getattr(viewset, "serializer_class", None)
        model = getattr(getattr(serializer, "Meta", None), "model", None)
        if model is None or issubclass(serializer, TieredSerializerMixin):
            continue
        leaky += [serializer.__name__] * bool(set(serializer().fields) & set(tiers_of(model)))

    assert leaky == []


@pytest.mark.django_db
def test_the_openapi_document_has_no_gap(tmp_path):
    GENERATOR_STATS.reset()

    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yaml"))


def test_a_person_who_may_be_nobody_is_said_so():
    """A reader of the document would take null for a mistake."""
    assert get_resolver().url_patterns  # loads whatever has a serializer
    silent = [
        f"{kind.__name__}.{name}"
        for kind in _below(ModelSerializer)
        for name, field in kind._declared_fields.items()
        if isinstance(field, PersonField) and not field.allow_null and _may_be_null(kind, field.source or name)
    ]

    assert silent == []


def _below(kind):
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def _may_be_null(kind, name):
    model = getattr(getattr(kind, "Meta", None), "model", None)
    return model is not None and any(field.name == name and field.null for field in model._meta.concrete_fields)


@pytest.mark.django_db
def test_whoever_states_a_version_waits_for_a_lock_that_the_process_may_take():
    """Rows that no one may update can be locked by no one: `If-Match` on them would break down."""
    shut = []
    for prefix, viewset, _name in import_module(settings.ROOT_URLCONF).ENTRIES:
        model = getattr(getattr(viewset, "queryset", None), "model", None)
        lock = getattr(viewset, "version_lock", None)
        if model is None or lock is None or not _changes(viewset):
            continue
        locked = model._meta.get_field(lock).related_model if lock else model
        with connection.cursor() as cursor:
            cursor.execute("SELECT has_any_column_privilege(%s, 'UPDATE')", [locked._meta.db_table])
            if not cursor.fetchone()[0]:
                shut.append(prefix)

    assert shut == []


def _changes(viewset):
    """Does it change single records, by a verb of its own or of REST?"""
    verbs = [getattr(viewset, name) for name in dir(viewset) if hasattr(getattr(viewset, name), "mapping")]
    own = any(verb.detail and set(verb.mapping) - {"get"} for verb in verbs)
    return own or any(hasattr(viewset, name) for name in ("update", "destroy"))
