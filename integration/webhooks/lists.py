"""The list of webhook deliveries: of all endpoints, and on the page of each."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Column, Empty, Kind, Listing
from base.listing.bulk import BulkAction
from integration.webhooks import services
from integration.webhooks.filters import DeliveryFilter
from integration.webhooks.models import Delivery, may_manage


def _rows(user: Any) -> QuerySet[Delivery]:
    return Delivery.objects.visible_to(user).filter(endpoint__removed_at=None).select_related("endpoint").defer("body")


DELIVERIES = Listing(
    name="webhook_deliveries",
    model=Delivery,
    title=_("Deliveries"),
    url_name="webhooks:deliveries",
    trail=(_("Webhooks"), "webhooks:list"),
    rows=_rows,
    filterset=DeliveryFilter,
    order=("-created_at", "-pk"),
    roles=("admin",),
    allows=may_manage,
    count=lambda count: ngettext("%(count)s delivery", "%(count)s deliveries", count) % {"count": f"{count:,}"},
    placeholder=_("Fact, or what went wrong"),
    bar=("state", "start", "end"),
    row_url=lambda one: one.endpoint.get_absolute_url(),
    actions=(
        BulkAction(
            name="redeliver",
            label=_("Tell again"),
            icon="refresh",
            run=lambda one, user, _told: services.redeliver(one, user),
        ),
    ),
    columns=(
        Column(name="type", label=_("fact"), group=True),
        Column(name="state", label=_("state"), kind=Kind.STATUS, group=True),
        Column(name="attempts", label=_("attempts"), kind=Kind.NUMBER),
        Column(name="answered", label=_("answer"), kind=Kind.NUMBER),
        Column(name="error", label=_("what went wrong"), wide=True),
        Column(name="created_at", label=_("told"), kind=Kind.MOMENT),
        Column(name="endpoint", label=_("address"), source="endpoint__url", group=True, wide=True),
        Column(name="finished_at", label=_("finished"), kind=Kind.MOMENT, shown=False),
        Column(name="not_before", label=_("next attempt"), kind=Kind.MOMENT, shown=False),
        Column(name="event", label=_("event"), source="event_id", sort=False, shown=False),
    ),
    empty=Empty(
        icon="send",
        title=_("Nothing told yet"),
        text=_("Ping it to try the address."),
        none_title=_("No delivery fits"),
        none_text=_("Try another state or other days."),
    ),
)  # fmt: skip
