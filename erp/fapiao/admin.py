from django.contrib import admin

from base.admin import HistoryAdmin, ReadOnlyAdmin
from erp.fapiao.models import Fapiao


@admin.register(Fapiao)
class FapiaoAdmin(ReadOnlyAdmin, HistoryAdmin):
    """The register to look at with its history; its steps are taken on its pages."""

    list_display = ("number", "colour", "kind", "issued_on", "invoice", "gross", "status")
    list_filter = ("status", "colour", "kind")
    list_select_related = ("invoice",)
    search_fields = ("number", "invoice__number", "buyer_name")
