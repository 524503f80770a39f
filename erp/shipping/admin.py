"""Carriers are kept here; shipments are looked at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from base.admin import HistoryAdmin, ReadOnlyAdmin, TieredInline
from erp.shipping.models import Carrier, Shipment, ShipmentLine


@admin.register(Carrier)
class CarrierAdmin(HistoryAdmin):
    """Who brings parcels; one that is not used any more is switched off, not deleted."""

    list_display = ("name", "tracking_url", "active")
    list_filter = ("active",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ShipmentLineInline(TieredInline):
    """What was in the parcel."""

    model = ShipmentLine
    extra = 0
    can_delete = False
    fields = readonly_fields = ("order_line", "quantity", "move")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Shipment)
class ShipmentAdmin(ReadOnlyAdmin):
    """Parcels that left."""

    list_display = ("number", "order", "carrier", "tracking", "dispatched_on", "dispatched_by", "complete")
    list_filter = ("carrier", "complete")
    list_select_related = ("order", "carrier", "dispatched_by")
    search_fields = ("number", "tracking", "order__number")
    date_hierarchy = "dispatched_on"
    inlines = (ShipmentLineInline,)
