from django.contrib import admin

from base.admin import ReadOnlyAdmin
from erp.openings.models import OpeningBalance, OpeningItem


@admin.register(OpeningItem)
class OpeningItemAdmin(ReadOnlyAdmin):
    """Items to look at; they come by import."""

    list_display = ("number", "party", "date", "due", "amount", "open_amount", "entry")
    list_filter = ("side",)
    list_select_related = ("party", "entry")
    search_fields = ("number", "party__name", "party__code")


@admin.register(OpeningBalance)
class OpeningBalanceAdmin(ReadOnlyAdmin):
    """Days to look at."""

    list_display = ("day", "difference", "entry", "reversal")
    list_select_related = ("entry", "reversal")
