from django.contrib import admin

from base.admin import HistoryAdmin, ReadOnlyAdmin
from erp.terms.models import PaymentTerms


@admin.register(PaymentTerms)
class PaymentTermsAdmin(ReadOnlyAdmin, HistoryAdmin):
    """Terms to look at with their history; they are kept on their pages."""

    list_display = ("code", "name", "name_zh", "updated_at")
    search_fields = ("code", "name", "name_zh")
