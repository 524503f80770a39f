"""Orders for administrators: to look at with their history; every step goes through the pages and services."""

from django.contrib import admin
from django.http import HttpRequest

from base.admin import HistoryAdmin, ReadOnlyAdmin, TieredInline
from erp.orders.models import Order, OrderLine


class LineInline(TieredInline):
    model = OrderLine
    extra = 0
    can_delete = False
    fields = readonly_fields = (
        "position", "sku", "quantity", "unit_price", "discount", "net_amount", "quantity_reserved", "quantity_shipped",
        "quantity_invoiced", "quantity_returned",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin, HistoryAdmin):
    list_display = ("number", "party", "status", "ordered_on", "net_total", "currency", "deal_number", "created_at")
    list_filter = ("status", "currency")
    list_select_related = ("party",)
    search_fields = ("number", "deal_number", "party__name", "party__code")
    inlines = (LineInline,)
    show_full_result_count = False
