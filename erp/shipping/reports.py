"""Reads that span orders and shipments."""

from typing import Any

from django.db.models import Count, F, Q, QuerySet

from erp.orders.models import Order
from erp.shipping.models import Shipment


def orders_to_ship(user: Any) -> QuerySet[Order]:
    """Accepted orders with reserved goods; with how many lines could leave and how many must wait."""
    return (
        Order.objects.visible_to(user)
        .to_ship()
        .for_list()
        .annotate(
            lines_ready=Count("lines", filter=Q(lines__quantity_reserved__gt=0)),
            lines_short=Count(
                "lines", filter=Q(lines__quantity__gt=F("lines__quantity_reserved") + F("lines__quantity_shipped"))
            ),
        )
    )


def shipments_of(order: Order) -> QuerySet[Shipment]:
    """An order's parcels, in the order they left."""
    return Shipment.objects.filter(order=order).select_related("carrier").prefetch_related("lines").order_by("pk")
