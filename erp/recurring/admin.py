from django.contrib import admin

from base.admin import HistoryAdmin, ReadOnlyAdmin
from erp.recurring.models import RecurringVoucher


@admin.register(RecurringVoucher)
class RecurringVoucherAdmin(ReadOnlyAdmin, HistoryAdmin):
    """Patterns to look at with their history; they are written on their pages."""

    list_display = ("name", "every", "next_on", "written", "times", "status")
    list_filter = ("status", "every")
    search_fields = ("name", "text")
