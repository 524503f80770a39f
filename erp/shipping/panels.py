"""What shipping shows and offers on an order's page."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from base.roles import has_role
from base.tiers import Tier, sees
from erp.inventory.models import StockMove
from erp.orders.models import Order, OrderStatus
from erp.orders.trail import Action
from erp.shipping.reports import shipments_of
from erp.shipping.roles import KEEPERS


def shipments(request: HttpRequest, order: Order) -> str:
    """The parcels of the order with carrier and tracking."""
    rows = list(shipments_of(order))
    return render_to_string("erp/shipping/_of_order.html", {"shipments": rows}, request=request) if rows else ""


def moves(request: HttpRequest, order: Order) -> str:
    """How the order's goods moved, each with its entry."""
    parcels = shipments_of(order).prefetch_related(None).values("pk")
    found = (
        StockMove.objects.visible_to(request.user)
        .filter(source_type="shipment", source_id__in=parcels)
        .order_by("position")
    )
    rows = list(found.select_related("product", "from_location", "to_location", "entry"))
    facts = {"moves": rows, "sees_cost": sees(request.user, Tier.COST)}
    return render_to_string("erp/shipping/_moves_of_order.html", facts, request=request) if rows else ""


def ship(request: HttpRequest, order: Order) -> Action | None:
    """Pack a parcel, as long as something is left to ship."""
    if order.status != OrderStatus.ACCEPTED or not has_role(request.user, *KEEPERS):
        return None
    lines = list(order.lines.all())
    if not any(line.quantity_open for line in lines):
        return None
    ready = any(line.quantity_reserved for line in lines)
    return Action(str(_("Ship")), reverse("shipping:new", args=[order.pk]), icon="truck", primary=ready)
