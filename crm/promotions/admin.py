"""Promotions for administrators: to look at with their history; they are decided on their own page."""

from django.contrib import admin

from base.admin import HistoryAdmin, ReadOnlyAdmin
from crm.promotions.models import Promotion


@admin.register(Promotion)
class PromotionAdmin(ReadOnlyAdmin, HistoryAdmin):
    """What was decided, by whom, and when it was stopped."""

    list_display = ("name", "discount", "first_day", "last_day", "audience", "decided_by", "stopped_at")
    list_filter = ("audience",)
    list_select_related = ("decided_by",)
    search_fields = ("name", "note")
