"""Leads for administrators to look at; who gets them, how soon they are called and how they are scored, to decide."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from base.admin import HistoryAdmin, ReadOnlyAdmin, TieredInline
from crm.leads.models import AssignmentRule, Handover, Lead, Policy, RuleMember, ScoreRule, Shift, Source, WebForm


@admin.register(Lead)
class LeadAdmin(ReadOnlyAdmin, HistoryAdmin):
    """Leads with their history; they are worked on their own pages."""

    list_display = ("name", "company", "state", "source", "owner", "score", "created_at")
    list_filter = ("state", "source")
    list_select_related = ("owner",)
    search_fields = ("person", "company", "email", "phone", "external_ref")


@admin.register(Handover)
class HandoverAdmin(ReadOnlyAdmin, HistoryAdmin):
    """Who asked for what."""

    list_display = ("__str__", "asked_by", "state", "answered_by", "created_at")
    list_filter = ("state",)
    list_select_related = ("lead", "account", "asked_by", "answered_by")


class MemberInline(TieredInline):
    """Whom the rule may choose."""

    model = RuleMember
    extra = 1
    autocomplete_fields = ("user",)
    readonly_fields = ("given", "given_at")


@admin.register(AssignmentRule)
class AssignmentRuleAdmin(HistoryAdmin):
    """The first rule that fits decides."""

    list_display = ("name", "position", "active", "method", "source", "country", "region", "postal_prefix", "campaign")
    list_editable = ("position", "active")
    list_filter = ("active", "method")
    search_fields = ("name",)
    inlines = (MemberInline,)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "source":
            db_field.choices = [("", "---------"), *Source.choices]
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(ScoreRule)
class ScoreRuleAdmin(HistoryAdmin):
    """So many points for what is known of a lead; leads are rated anew every night and with their next change."""

    list_display = ("__str__", "points", "active")
    list_editable = ("points", "active")


@admin.register(Shift)
class ShiftAdmin(HistoryAdmin):
    """When somebody is there to call; without any, the clock never stands still."""

    list_display = ("weekday", "start", "end")


@admin.register(Policy)
class PolicyAdmin(HistoryAdmin):
    """There is one."""

    list_display = ("__str__", "remind_after", "escalate_after", "pass_on_after", "phone_country")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not Policy.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(WebForm)
class WebFormAdmin(HistoryAdmin):
    """Public forms with their address."""

    list_display = ("name", "slug", "active", "campaign")
    list_filter = ("active",)
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
