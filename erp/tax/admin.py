from django.contrib import admin

from base.admin import HistoryAdmin
from erp.tax.models import DepositRule, TaxClass, TaxRate


@admin.register(TaxClass)
class TaxClassAdmin(HistoryAdmin):
    """Classes and their names."""

    list_display = ("code", "name", "name_zh")
    search_fields = ("code", "name")


@admin.register(TaxRate)
class TaxRateAdmin(HistoryAdmin):
    """A change of the law is a new rate from its day; what stands is not edited away."""

    list_display = ("tax_class", "jurisdiction", "valid_from", "rate", "source")
    list_filter = ("jurisdiction", "tax_class")
    list_select_related = ("tax_class",)
    date_hierarchy = "valid_from"

    def has_change_permission(self, request: object, obj: TaxRate | None = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: TaxRate | None = None) -> bool:
        return False


@admin.register(DepositRule)
class DepositRuleAdmin(HistoryAdmin):
    """When deposits are taxed."""

    list_display = ("jurisdiction", "supply_kind", "taxed_on", "valid_from", "source")
    list_filter = ("jurisdiction", "supply_kind")
