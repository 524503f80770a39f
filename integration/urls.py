"""Where the side's pages and API are."""

from django.urls import include, path

from base.exchange.api import router_entries as exchange_entries
from base.jobs.api import router_entries as jobs_entries
from base.urls import api_urls, common_entries, common_urls
from integration.hub.api import router_entries as hub_entries
from integration.hub.feed import feed
from integration.hub.keys_api import router_entries as trusted_key_entries
from integration.hub.operating_api import router_entries as operating_entries
from integration.outbox.key_api import router_entries as key_entries
from integration.webhooks.api import router_entries as webhooks_entries

ENTRIES = [
    *webhooks_entries,
    *key_entries,
    *jobs_entries,
    *exchange_entries,
    *common_entries,
    *hub_entries,
    *operating_entries,
    *trusted_key_entries,
]

urlpatterns = [
    *common_urls(),
    path("import/", include("base.exchange.urls")),
    path("webhooks/", include("integration.webhooks.urls")),
    path("signing-keys/", include("integration.outbox.key_urls")),
    path("api/v1/", include(api_urls(ENTRIES))),
    path("events", include("integration.hub.intake_urls")),
    path("events/feed", feed, name="feed"),
    path("", include("integration.hub.urls")),
]
handler400 = "base.problems.bad_request"
handler403 = "base.problems.forbidden"
handler404 = "base.problems.not_found"
handler500 = "base.problems.server_error"
