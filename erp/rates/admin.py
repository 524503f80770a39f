from django.contrib import admin

from base.admin import HistoryAdmin, ReadOnlyAdmin
from erp.rates.models import ExchangeRate


@admin.register(ExchangeRate)
class ExchangeRateAdmin(ReadOnlyAdmin, HistoryAdmin):
    """Rates to look at with their history; they are kept on their page."""

    list_display = ("currency", "day", "rate", "source", "updated_at")
    list_filter = ("currency",)
    search_fields = ("currency", "source")
    date_hierarchy = "day"
