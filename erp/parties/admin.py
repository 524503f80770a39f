"""Parties for administrators: to look at with their history; changes go through the pages, so that the CRM hears."""

from django.contrib import admin
from django.http import HttpRequest

from base.admin import HistoryAdmin, ReadOnlyAdmin
from erp.parties.models import Party


@admin.register(Party)
class PartyAdmin(ReadOnlyAdmin, HistoryAdmin):
    list_display = ("code", "name", "kind", "country", "payment_terms_days", "credit_limit", "on_hold", "credit_band")
    list_filter = ("kind", "credit_band", "on_hold")
    search_fields = ("code", "name", "tax_id", "external_ref")
    ordering = ("code",)

    def get_queryset(self, request: HttpRequest):  # type: ignore[no-untyped-def]
        return super().get_queryset(request).defer("people")
