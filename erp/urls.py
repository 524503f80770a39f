"""Where the side's pages and API are."""

from django.urls import include, path

from base.exchange.api import router_entries as exchange_entries
from base.jobs.api import router_entries as jobs_entries
from base.urls import api_urls, common_entries, common_urls
from erp.banking.api import router_entries as banking_entries
from erp.bills.api import router_entries as bills_entries
from erp.desk.api import router_entries as desk_entries
from erp.einvoice.api import router_entries as einvoice_entries
from erp.fapiao.api import router_entries as fapiao_entries
from erp.inventory.api import router_entries as inventory_entries
from erp.invoices.api import router_entries as invoices_entries
from erp.ledger.api import router_entries as ledger_entries
from erp.openings.api import router_entries as openings_entries
from erp.orders.api import router_entries as orders_entries
from erp.parties.api import router_entries as parties_entries
from erp.products.api import router_entries as products_entries
from erp.proof.api import router_entries as proof_entries
from erp.rates.api import router_entries as rates_entries
from erp.recurring.api import router_entries as recurring_entries
from erp.returns.api import router_entries as returns_entries
from erp.revaluation.api import router_entries as revaluation_entries
from erp.shipping.api import router_entries as shipping_entries
from erp.statements.api import router_entries as statements_entries
from erp.tax.api import router_entries as tax_entries
from erp.terms.api import router_entries as terms_entries
from integration.liaison.api import router_entries as liaison_entries
from integration.liaison.asking import asks
from integration.outbox.key_api import router_entries as key_entries
from integration.webhooks.api import router_entries as webhooks_entries
from integration.wire.api import router_entries as wire_entries

ENTRIES = [
    *webhooks_entries,
    *key_entries,
    *liaison_entries,
    *wire_entries,
    *exchange_entries,
    *jobs_entries,
    *common_entries,
    *ledger_entries,
    *rates_entries,
    *statements_entries,
    *tax_entries,
    *terms_entries,
    *parties_entries,
    *einvoice_entries,
    *products_entries,
    *inventory_entries,
    *orders_entries,
    *shipping_entries,
    *banking_entries,
    *openings_entries,
    *bills_entries,
    *recurring_entries,
    *invoices_entries,
    *fapiao_entries,
    *revaluation_entries,
    *returns_entries,
    *desk_entries,
    *proof_entries,
]

urlpatterns = [
    *common_urls(),
    path("webhooks/", include("integration.webhooks.urls")),
    path("signing-keys/", include("integration.outbox.key_urls")),
    path("api/v1/", include(api_urls(ENTRIES))),
    path("import/", include("base.exchange.urls")),
    path("events", include("integration.inbox.urls")),
    path("asks", asks, name="asks"),
    path("mend/", include("integration.liaison.urls")),
    path("wire/", include("integration.wire.urls")),
    path("ledger/", include("erp.ledger.urls")),
    path("rates/", include("erp.rates.urls")),
    path("payment-terms/", include("erp.terms.urls")),
    path("statements/", include("erp.statements.urls")),
    path("proof/", include("erp.proof.urls")),
    path("tax/", include("erp.tax.urls")),
    path("parties/", include("erp.parties.urls")),
    path("einvoices/", include("erp.einvoice.urls")),
    path("products/", include("erp.products.urls")),
    path("inventory/", include("erp.inventory.urls")),
    path("orders/", include("erp.orders.urls")),
    path("shipping/", include("erp.shipping.urls")),
    path("banking/", include("erp.banking.urls")),
    path("openings/", include("erp.openings.urls")),
    path("bills/", include("erp.bills.urls")),
    path("ledger/vouchers/recurring/", include("erp.recurring.urls")),
    path("invoices/", include("erp.invoices.urls")),
    path("fapiaos/", include("erp.fapiao.urls")),
    path("revaluation/", include("erp.revaluation.urls")),
    path("returns/", include("erp.returns.urls")),
    path("", include("erp.desk.urls")),
]
handler400 = "base.problems.bad_request"
handler403 = "base.problems.forbidden"
handler404 = "base.problems.not_found"
handler500 = "base.problems.server_error"
