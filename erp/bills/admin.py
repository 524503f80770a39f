from django.contrib import admin

from base.admin import HistoryAdmin, ReadOnlyAdmin
from erp.bills.models import Bill


@admin.register(Bill)
class BillAdmin(ReadOnlyAdmin, HistoryAdmin):
    """Bills to look at with their history; they are written on their pages."""

    list_display = ("number", "party", "date", "due", "payable", "open_amount", "status")
    list_filter = ("status",)
    list_select_related = ("party",)
    search_fields = ("number", "party__name", "party__code")
