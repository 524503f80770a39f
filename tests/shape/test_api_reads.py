"""What a screen shows, the API tells: every page that only reads has its twin, or says here why it needs none."""

from django.conf import settings
from django.urls import get_resolver

from tests.shape.test_api import ONLY_PAGES_OF, _pages_that_post, _patterns, _routes
from tests.shape.test_api import TWINS as POSTING

# Page → the API's routes that tell the same.
COMMON = {
    "account:people": "person-list", "account:sessions": "session-list", "exchange:bad_rows": "import-bad-rows",
    "exchange:detail": "import-detail", "exchange:home": "import-list", "exchange:template": "import-template",
    "jobs:detail": "job-detail", "jobs:file": "job-file", "jobs:list": "job-list", "jobs:progress": "job-detail",
    "listing:base": "list-detail", "listing:export": "list-exports", "notices:bell": "notice-list",
    "notices:list": "notice-list", "notices:open": "notice-read", "search:hits": "search-list",
    "search:page": "search-list", "signing_keys:list": "signing-key-list", "webhooks:list": "webhook-list",
    "webhooks:detail": "webhook-detail", "webhooks:deliveries": "webhook-delivery-list",
}  # fmt: skip
WIRE = {
    "liaison:amendments": "amendment-list", "wire:incoming": "incoming-event-list",
    "wire:one_in": "incoming-event-detail", "wire:outgoing": "outgoing-event-list",
    "wire:one_out": "outgoing-event-detail", "wire:refusals": "refusal-list",
}  # fmt: skip
TWINS = {
    "crm": WIRE | {
        "accounts:all_contacts": "contact-list", "accounts:contacts": "contact-list",
        "accounts:detail": "account-detail", "accounts:facts": "account-detail", "accounts:list": "account-list",
        "accounts:pool": "pool-list", "accounts:pool_account": "pool-detail", "accounts:tag_list": "tag-list",
        "accounts:shares": "account-share-list", "accounts:access": "account-access",
        "activities:photo": "photo-file", "activities:photo_small": "photo-small",
        "activities:recording": "recording-file", "activities:steps": "entry-list", "activities:timeline": "entry-list",
        "accounts:field_list": "custom-field-list",
        "catalogue:detail": "product-detail", "catalogue:list": "product-list", "leads:alike": "lead-alike",
        "leads:detail": "lead-detail", "leads:list": "lead-list", "meter:entry": "entry-times-list",
        "meter:table": "entry-times-list", "offline:ledger": "offline-operation-list",
        "pipeline:approval": "price-approval-detail", "pipeline:approvals": "price-approval-list",
        "pipeline:board": "deal-list deal-figures-list", "pipeline:detail": "deal-detail",
        "pipeline:figures": "deal-figures-list", "pipeline:life": "deal-detail", "pipeline:list": "deal-list",
        "pipeline:outcomes": "deal-outcomes", "pipeline:prices": "deal-prices", "pipeline:products": "product-list",
        "pipeline:quote": "quote-detail", "pipeline:quote-pdf": "quote-document",
        "pipeline:totals": "deal-figures-list",
        "promotions:detail": "promotion-detail", "promotions:list": "promotion-list",
        "tickets:choose_account": "account-list",
        "tickets:detail": "ticket-detail", "tickets:list": "ticket-list", "tickets:live": "ticket-detail",
        "today:home": "today-list", "today:news": "today-list",
    },
    "erp": WIRE | {
        "banking:deposit": "deposit-detail", "banking:deposits": "deposit-list", "banking:receipt": "receipt-detail",
        "banking:receipts": "receipt-list", "bills:detail": "bill-detail", "bills:list": "bill-list",
        "desk:home": "desk-list", "desk:live": "desk-list", "desk:queue": "desk-list",
        "einvoice:list": "einvoice-list", "einvoice:original": "einvoice-original",
        "einvoice:received": "einvoice-detail", "fapiao:detail": "fapiao-detail", "fapiao:list": "fapiao-list",
        "inventory:all_moves": "stock-move-list",
        "inventory:moves": "stock-move-list", "inventory:stock": "stock-list", "invoices:aging": "receivables-aging",
        "invoices:detail": "invoice-detail", "invoices:document": "invoice-document", "invoices:list": "invoice-list",
        "invoices:sales": "sales-list", "invoices:statement": "receivables-statement",
        "invoices:statement_file": "receivables-statement", "invoices:waiting": "order-list list-exports",
        "ledger:account": "ledger-account-detail ledger-line-list", "ledger:chart": "ledger-account-list",
        "ledger:dimensions": "ledger-dimension-list",
        "ledger:entry": "ledger-entry-detail", "ledger:journal": "ledger-entry-list",
        "ledger:lines": "ledger-line-list", "ledger:paper": "ledger-paper-file",
        "ledger:period": "ledger-period-detail",
        "ledger:periods": "ledger-period-list", "ledger:plain_text": "ledger-books-detail",
        "ledger:trial_balance": "ledger-trial-balance-list", "ledger:vouchers": "ledger-voucher-list",
        "openings:balances": "opening-balance-detail", "openings:days": "opening-balance-list",
        "openings:detail": "opening-item-detail", "openings:list": "opening-item-list",
        "orders:detail": "order-detail", "orders:list": "order-list", "orders:party_choices": "party-list",
        "orders:product_choices": "product-list", "parties:detail": "party-detail", "parties:list": "party-list",
        "products:detail": "product-detail", "products:list": "product-list", "proof:home": "proof-list",
        "proof:run": "proof-detail", "proof:runs": "proof-list", "recurring:detail": "ledger-recurring-detail",
        "terms:edit": "payment-terms-detail", "terms:list": "payment-terms-list",
        "rates:edit": "exchange-rate-detail", "rates:list": "exchange-rate-list",
        "revaluation:detail": "revaluation-detail", "revaluation:home": "revaluation-list revaluation-due",
        "recurring:list": "ledger-recurring-list", "returns:detail": "return-detail", "returns:list": "return-list",
        "shipping:detail": "shipment-detail", "shipping:list": "shipment-list", "shipping:note": "shipment-note",
        "shipping:waiting": "order-list list-exports", "statements:home": "statement-list",
        "statements:row": "statement-figures", "statements:statement": "statement-figures",
        "tax:draw": "tax-return-draft", "tax:rates": "tax-rate-list", "tax:return": "tax-return-figures",
        "tax:returns": "tax-return-list",
    },
    "integration": {
        "hub:alerts": "alert-list", "hub:case": "case-detail", "hub:cases": "case-list",
        "hub:comparisons": "comparison-list", "hub:deliveries": "delivery-list", "hub:event": "event-detail",
        "hub:events": "event-list", "hub:keys": "trusted-key-list", "hub:mapping": "mapping-list",
        "hub:monitor": "monitor-list", "hub:monitor_live": "monitor-list",
        "hub:observation": "observation-detail", "hub:observed": "observation-list", "hub:parked": "parked-list",
        "hub:pauses": "pause-list", "hub:steps": "step-list",
    },
}  # fmt: skip

# Pages that only read and have no twin, each with its reason.
WITHOUT = {
    "account:forgotten_sent": "says that a letter is on its way",
    "api-docs": "the API's own pages",
    "feed": "the hub's own door, signed; for sides and not for people",
    "history": "every record that keeps one tells it: tests/shape/test_api.py",
    "today:new": "asks what one wants to make",
    **dict.fromkeys(
        ("offline:manifest", "offline:shell", "offline:worker"), "what a browser needs to run without a connection"
    ),
}


def _reads():
    """Pages that do not post, but for those whose posting is found by hand: they have their twin beside the others."""
    posts = {*_pages_that_post(), *POSTING[settings.SIDE]}
    for name, one in _patterns(get_resolver().url_patterns):
        if not hasattr(one.callback, "cls") and not name.startswith(tuple(ONLY_PAGES_OF)) and name not in posts:
            yield name


def test_whatever_a_page_tells_the_api_tells():
    known = COMMON | TWINS[settings.SIDE]

    assert sorted(name for name in _reads() if name not in known and name not in WITHOUT) == []


def test_every_twin_of_a_page_that_reads_is_there():
    routes = _routes()
    asked = {name: twins.split() for name, twins in (COMMON | TWINS[settings.SIDE]).items()}

    assert {name: one for name, twins in asked.items() for one in twins if one not in routes} == {}
