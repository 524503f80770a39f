"""Stock for administrators: to look at; it moves through its functions only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from base.admin import HistoryAdmin, ReadOnlyAdmin
from erp.inventory.models import Location, StockBalance, StockMove, StockReservation


@admin.register(Location)
class LocationAdmin(HistoryAdmin):
    """Places; what a place is (ours or the world outside) stays, for balances rest on it."""

    list_display = ("code", "name", "internal", "company")
    list_select_related = ("company",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code", "internal", "company") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(StockBalance)
class StockBalanceAdmin(ReadOnlyAdmin):
    """What lies where."""

    list_display = ("product", "location", "on_hand", "reserved", "value")
    list_filter = ("location",)
    list_select_related = ("product", "location")
    search_fields = ("product__sku", "product__name")


@admin.register(StockMove)
class StockMoveAdmin(ReadOnlyAdmin):
    """How it came there."""

    list_display = (
        "position", "effective_on", "product", "reason", "from_location", "to_location", "quantity", "value",
        "reference", "entry", "recorded_by",
    )  # fmt: skip
    list_filter = ("reason",)
    list_select_related = ("product", "from_location", "to_location", "entry")
    search_fields = ("product__sku", "reference")
    date_hierarchy = "effective_on"
    ordering = ("-position",)


@admin.register(StockReservation)
class StockReservationAdmin(ReadOnlyAdmin):
    """What is kept for whom."""

    list_display = ("ref", "product", "location", "quantity", "updated_at")
    list_select_related = ("product", "location")
    search_fields = ("=ref", "product__sku")
