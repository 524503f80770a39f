"""The list of shipments."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Empty, Kind, Listing
from base.templatetags.ui import status_badge
from base.ui import url_of
from erp.orders.filters import WorkFilter
from erp.orders.lists import ORDERS
from erp.orders.models import Order
from erp.shipping.filters import ShipmentFilter
from erp.shipping.models import Shipment
from erp.shipping.reports import orders_to_ship
from erp.shipping.roles import KEEPERS, READERS


def with_line_count(rows: Any) -> QuerySet[Shipment]:
    """With what a row shows."""
    found: QuerySet[Shipment] = rows.with_line_count().select_related("order__party", "carrier")
    return found


def _tracking(shipment: Shipment) -> str:
    if not shipment.tracking_page:
        return shipment.tracking or "–"
    return format_html('<a href="{}" rel="noreferrer">{}</a>', shipment.tracking_page, shipment.tracking)


def _complete(shipment: Shipment) -> str:
    if shipment.complete:
        return status_badge("completed", _now("complete"))
    return status_badge("partly_paid", _now("in part"))


SHIPMENTS = Listing(
    name="shipments",
    model=Shipment,
    title=_("Shipments"),
    url_name="shipping:list",
    rows=lambda user: with_line_count(Shipment.objects.visible_to(user)),
    filterset=ShipmentFilter,
    order=("-pk",),
    roles=(*KEEPERS, *READERS),
    count=lambda count: ngettext("%(count)s shipment", "%(count)s shipments", count) % {"count": f"{count:,}"},
    placeholder=_("Number, tracking, order or customer"),
    bar=("carrier", "start", "end"),
    buttons=(Button(_("To ship"), "shipping:waiting", icon="truck"),),
    columns=(
        Column(name="number", label=_("number")),
        Column(name="date", label=_("date"), source="dispatched_on", kind=Kind.DATE, group=True),
        Column(
            name="order", label=_("order"), source="order__number",
            url=lambda shipment: url_of("orders:detail", shipment.order_id),
        ),
        Column(name="party", label=_("customer"), source="order__party__name", group=True),
        Column(name="carrier", label=_("carrier"), source="carrier__name", group=True),
        Column(name="tracking", label=_("tracking"), cell=_tracking),
        Column(name="lines", label=_("lines"), source="line_count", kind=Kind.NUMBER, total=True),
        Column(name="complete", label=_("order is"), kind=Kind.BOOL, cell=_complete, group=True),
        Column(name="country", label=_("country"), source="order__party__country", group=True, shown=False),
        Column(name="dispatched_at", label=_("dispatched"), kind=Kind.MOMENT, shown=False),
        Column(
            name="by", label=_("by"), source="dispatched_by__username", group=True, shown=False,
            needs=("dispatched_by",),
        ),
    ),
    empty=Empty(
        icon="truck",
        title=_("Nothing has left yet"),
        text=_("A parcel is packed from an accepted order; the customer's rep sees its tracking at once."),
        none_title=_("No shipment fits"),
        none_text=_("Try fewer words or another carrier."),
        button=Button(_("Orders to ship"), "shipping:waiting"),
    ),
)  # fmt: skip


def _pack(order: Order) -> str:
    """The step that is due, one press away."""
    button = '<a class="button button--small button--primary" href="{}">{}</a>'
    return format_html(button, reverse("shipping:new", args=[order.pk]), _now("Pack"))


TO_SHIP = Listing(
    name="to_ship",
    model=Order,
    title=_("Orders to ship"),
    url_name="shipping:waiting",
    trail=(_("Shipments"), "shipping:list"),
    cut_of=ORDERS,
    cut_by="status=to_ship",
    rows=orders_to_ship,
    filterset=WorkFilter,
    order=("ordered_on", "pk"),
    roles=(*KEEPERS, *READERS),
    count=lambda count: ngettext("%(count)s order", "%(count)s orders", count) % {"count": f"{count:,}"},
    placeholder=_("Number, deal or customer"),
    bar=("wanted_until",),
    row_url=lambda order: url_of("orders:detail", order.pk),
    columns=(
        Column(name="number", label=_("order"), fields=("number",)),
        Column(name="party", label=_("customer"), source="party__name", group=True),
        Column(name="ordered_on", label=_("ordered"), kind=Kind.DATE, group=True),
        Column(name="requested_on", label=_("wanted by"), kind=Kind.DATE, group=True),
        Column(name="lines_ready", label=_("lines ready"), kind=Kind.NUMBER),
        Column(name="lines_short", label=_("lines short"), kind=Kind.NUMBER),
        Column(name="country", label=_("country"), source="party__country", group=True),
        Column(name="step", label=_("step"), value=lambda _order: "", cell=_pack, sort=False, roles=KEEPERS),
        Column(name="deal_number", label=_("deal"), shown=False),
        Column(name="sold_by", label=_("sold by"), group=True, shown=False),
        Column(name="note", label=_("note"), wide=True, shown=False),
    ),
    empty=Empty(
        icon="truck",
        title=_("Nothing waits"),
        text=_("Accepted orders with goods reserved for them appear here."),
        none_title=_("No order fits"),
        none_text=_("Try fewer words or another country."),
    ),
)  # fmt: skip
