"""The catalogue for administrators: to look at, for the ERP keeps it."""

from django.contrib import admin

from base.admin import HistoryAdmin, ReadOnlyAdmin
from crm.catalogue.models import PriceVersion, Product


@admin.register(Product)
class ProductAdmin(ReadOnlyAdmin, HistoryAdmin):
    """Products as published, with their history."""

    list_display = ("sku", "name", "category", "status", "as_of")
    list_filter = ("status", "category")
    search_fields = ("sku", "name")


@admin.register(PriceVersion)
class PriceVersionAdmin(ReadOnlyAdmin, HistoryAdmin):
    """Dated prices."""

    list_display = ("product", "currency", "amount", "valid_from", "as_of")
    list_filter = ("currency",)
    list_select_related = ("product",)
    search_fields = ("product__sku", "product__name")
