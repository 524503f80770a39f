"""Returns for administrators: to look at with their history; every step is taken on the pages, by the services."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from base.admin import HistoryAdmin, ReadOnlyAdmin, TieredInline
from erp.returns.models import GoodsBack, Return, ReturnLine


class ReturnLineInline(TieredInline):
    """What was to come back."""

    model = ReturnLine
    extra = 0
    can_delete = False
    fields = readonly_fields = ("order_line", "quantity", "quantity_received")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Return)
class ReturnAdmin(ReadOnlyAdmin, HistoryAdmin):
    """Returns and how they went."""

    list_display = ("number", "order", "status", "ticket_number", "credit_note_number", "created_at")
    list_filter = ("status",)
    list_select_related = ("order",)
    search_fields = ("number", "ticket_number", "credit_note_number", "order__number", "order__party__name")
    date_hierarchy = "created_at"
    inlines = (ReturnLineInline,)
    show_full_result_count = False


@admin.register(GoodsBack)
class GoodsBackAdmin(ReadOnlyAdmin):
    """Which goods came back of which delivery; written once."""

    list_display = ("return_number", "order_line", "quantity", "received_at")
    list_select_related = ("line__goods_return", "line__order_line")
    search_fields = ("line__goods_return__number", "line__order_line__sku")
    raw_id_fields = ("sale_move", "move")
    show_full_result_count = False

    @admin.display(description=Return._meta.verbose_name, ordering="line__goods_return")
    def return_number(self, goods: GoodsBack) -> str:
        return goods.line.goods_return.number

    @admin.display(description=ReturnLine._meta.get_field("order_line").verbose_name)
    def order_line(self, goods: GoodsBack) -> str:
        return str(goods.line.order_line)
