"""The timeline for administrators: to look at; what happened is not edited."""

from django.contrib import admin

from base.admin import HistoryAdmin, ReadOnlyAdmin
from crm.activities.models import Entry


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin, HistoryAdmin):
    """Entries with their history."""

    list_display = ("occurred_at", "account", "kind", "outcome", "author", "as_of")
    list_filter = ("kind", "outcome")
    list_select_related = ("account", "author")
    search_fields = ("account__name", "text")
    date_hierarchy = "occurred_at"
