"""Where the side's pages and API are."""

from django.urls import include, path

from base.jobs.api import router_entries as jobs_entries
from base.urls import api_urls, common_urls
from integration.hub.api import router_entries as hub_entries

ENTRIES = [
    *jobs_entries,
    *hub_entries,
]

urlpatterns = [
    *common_urls(),
    path("api/v1/", include(api_urls(ENTRIES))),
    path("events", include("integration.hub.intake_urls")),
    path("", include("integration.hub.urls")),
]
handler404 = "base.urls.not_found"
