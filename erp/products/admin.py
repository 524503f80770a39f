"""Products for administrators; saved through the services, so that the CRM hears of it."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from base.admin import HistoryAdmin, ReadOnlyAdmin, TieredInline
from erp.products import services
from erp.products.models import Price, Product


class PriceInline(TieredInline):
    """Prices are looked at here; they are set on the product's page."""

    model = Price
    extra = 0
    can_delete = False
    readonly_fields = ("valid_from", "amount", "currency", "set_by", "recorded_at")
    ordering = ("currency", "-valid_from")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Product)
class ProductAdmin(HistoryAdmin):
    """Master data with its history; the state moves on the product's page only."""

    list_display = ("sku", "name", "category", "tax_class", "supplier", "status", "updated_at")
    list_filter = ("status", "category", "tax_class")
    list_select_related = ("supplier",)
    search_fields = ("sku", "name")
    fields = ("sku", *services.EDITABLE, "status", "created_at", "updated_at")
    readonly_fields = ("status", "created_at", "updated_at")
    inlines = (PriceInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.readonly_fields, "sku") if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        told = {name: form.cleaned_data[name] for name in services.EDITABLE}
        if change:
            services.change_product(obj, **told)
        else:
            services.create_product(sku=obj.sku, id=obj.pk, **told)
            messages.info(request, _("Set a price on the product’s page, then publish it."))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Price)
class PriceAdmin(ReadOnlyAdmin):
    """All prices ever set."""

    list_display = ("product", "amount", "currency", "valid_from", "set_by", "recorded_at")
    list_filter = ("currency",)
    list_select_related = ("product",)
    search_fields = ("product__sku", "product__name")
    date_hierarchy = "valid_from"
