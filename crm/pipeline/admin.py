"""Deals for admins, with history; what was promised or told by the ERP is read-only here too."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from base.admin import HistoryAdmin, ReadOnlyAdmin, TieredInline
from crm.pipeline.models import (
    Deal,
    DealInvoice,
    DealLine,
    DealOrder,
    DealPayment,
    DealShipment,
    DepositReport,
    Letterhead,
    Pipeline,
    PriceApproval,
    Quote,
    Stage,
)


class StageInline(TieredInline):
    model = Stage
    extra = 0


@admin.register(Pipeline)
class PipelineAdmin(HistoryAdmin):
    """The stages, and how far a rep may go down alone."""

    list_display = ("name", "position", "discount_limit", "promotion_limit")
    inlines = (StageInline,)


@admin.register(Stage)
class StageAdmin(HistoryAdmin):
    """A column of the board."""

    list_display = ("name", "pipeline", "position", "probability", "stale_after_days")
    list_select_related = ("pipeline",)


@admin.register(Letterhead)
class LetterheadAdmin(HistoryAdmin):
    """Who we are on our quotes; there is one."""

    list_display = ("name", "phone", "email")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Letterhead.objects.exists()


class LineInline(TieredInline):
    """To look at: lines are changed on the deal's page, where prices and totals follow."""

    model = DealLine
    extra = 0
    fields = readonly_fields = ("position", "sku", "description", "quantity", "unit_price", "discount", "net_amount",
                                "approved_by")  # fmt: skip
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Deal)
class DealAdmin(HistoryAdmin):
    """Find a deal, hand it to somebody else; its promise and its state belong to the deal's page."""

    list_display = ("number", "title", "account", "owner", "status", "net_total", "currency", "won_at")
    list_filter = ("status", "stage")
    list_select_related = ("account", "owner")
    search_fields = ("number", "title", "account__name")
    autocomplete_fields = ("owner",)
    fields = (
        *("number", "account", "title", "owner", "stage", "status", "net_total", "freight", "ordered_on"),
        *("requested_on", "deposit_agreed", "next_step", "next_step_on", "won_at", "won_by", "close_reason"),
    )
    readonly_fields = tuple(sorted({*fields} - {"title", "owner", "next_step", "next_step_on"}))
    inlines = (LineInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(PriceApproval)
class PriceApprovalAdmin(ReadOnlyAdmin):
    """What reps asked for, and what came of it."""

    list_display = ("deal", "why", "discount", "state", "asked_by", "answered_by", "answered_at")
    list_filter = ("state",)
    list_select_related = ("deal", "asked_by", "answered_by")


@admin.register(Quote)
class QuoteAdmin(ReadOnlyAdmin):
    """What was offered."""

    list_display = ("number", "net_total", "currency", "made_on", "valid_until", "made_by")
    list_select_related = ("deal", "made_by")


@admin.register(DepositReport)
class DepositReportAdmin(ReadOnlyAdmin):
    """Money reps heard of."""

    list_display = ("deal", "amount", "currency", "reference", "reported_on", "reported_by", "booked_at")
    list_select_related = ("deal", "reported_by")


@admin.register(DealOrder)
class DealOrderAdmin(ReadOnlyAdmin):
    """The order as the ERP tells it."""

    list_display = ("number", "deal", "state", "as_of", "received_at")
    list_filter = ("state",)
    list_select_related = ("deal",)
    search_fields = ("number", "deal__number")


class FactAdmin(ReadOnlyAdmin):
    """What the ERP told us of parcels, invoices and payments."""

    list_display = ("number", "deal", "occurred_at", "received_at")
    list_select_related = ("deal",)
    search_fields = ("number", "deal__number")


for fact in (DealShipment, DealInvoice, DealPayment):
    admin.site.register(fact, FactAdmin)
