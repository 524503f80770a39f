"""Where the side's pages and API are."""

from django.urls import include, path

from base.exchange.api import router_entries as exchange_entries
from base.jobs.api import router_entries as jobs_entries
from base.urls import api_urls, common_entries, common_urls
from crm.access.api import router_entries as access_entries
from crm.accounts.api import router_entries as accounts_entries
from crm.activities.api import router_entries as activities_entries
from crm.catalogue.api import router_entries as catalogue_entries
from crm.leads.api import router_entries as leads_entries
from crm.meter.api import router_entries as meter_entries
from crm.offline.api import router_entries as offline_entries
from crm.pipeline.api import router_entries as pipeline_entries
from crm.promotions.api import router_entries as promotions_entries
from crm.tickets.api import router_entries as tickets_entries
from crm.today.api import router_entries as today_entries
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
    *access_entries,
    *catalogue_entries,
    *accounts_entries,
    *activities_entries,
    *promotions_entries,
    *pipeline_entries,
    *tickets_entries,
    *leads_entries,
    *today_entries,
    *offline_entries,
    *meter_entries,
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
    path("catalogue/", include("crm.catalogue.urls")),
    path("accounts/", include("crm.accounts.urls")),
    path("activities/", include("crm.activities.urls")),
    path("pipeline/", include("crm.pipeline.urls")),
    path("promotions/", include("crm.promotions.urls")),
    path("tickets/", include("crm.tickets.urls")),
    path("leads/", include("crm.leads.urls")),
    path("entry-times/", include("crm.meter.urls")),
    path("forms/", include("crm.leads.public_urls")),
    path("", include("crm.offline.urls")),
    path("", include("crm.today.urls")),
]
handler400 = "base.problems.bad_request"
handler403 = "base.problems.forbidden"
handler404 = "base.problems.not_found"
handler500 = "base.problems.server_error"
