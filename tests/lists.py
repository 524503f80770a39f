"""What stands in the lists that every side has."""

from typing import Any

from django.apps import apps
from django.urls import get_resolver
from django.utils import timezone

from base.exchange.models import table
from base.exchange.resources import all_resources
from base.ids import uuid7
from base.listing.listing import all_listings
from base.notices import notify
from integration.webhooks.models import Delivery, Endpoint


def names() -> list[str]:
    """Every list of this side, whichever module declares it."""
    assert get_resolver().url_patterns
    return sorted(listing.name for listing in all_listings())


def fill_common_lists(by: Any) -> None:
    """A job, a notice, a delivery of a webhook; an import and something to mend, on the sides that have such."""
    apps.get_model("access", "Job").objects.create(kind="export", title="Export of all", owner=by)
    notify([by], "Shipped")
    endpoint = Endpoint.objects.create(url="https://shop.example/in", events=["*"], secret="x", created_by=by)
    Delivery.objects.create(endpoint=endpoint, event_id=uuid7(), type="crm.customer.updated.v1", body=b"{}")
    if resources := all_resources():
        table("Import").objects.create(resource=resources[0].key, owner=by, file_name="shops.csv")
    if apps.is_installed("integration.liaison"):
        apps.get_model("liaison", "Amendment").objects.create(
            id=uuid7(), number=7, about="customer:1", contract="crm.customer.updated.v1", event=uuid7(),
            cause="Odd name", asked_by="olga", asked_at=timezone.now(),
        )  # fmt: skip
