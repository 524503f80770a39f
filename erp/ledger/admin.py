"""The books for admins: masters with their history; what was posted can be looked at only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from base.admin import HistoryAdmin, ReadOnlyAdmin, TieredInline
from erp.ledger import services
from erp.ledger.models import (
    Account,
    Company,
    Dimension,
    FiscalYear,
    Journal,
    JournalEntry,
    JournalLine,
    Period,
    PeriodChange,
    Series,
    Voucher,
    VoucherLine,
)
from erp.ledger.refusals import books_rules


class MasterAdmin(HistoryAdmin):
    """Masters change, and their history stays; nothing is deleted, and what entries rest on is shown only."""

    rests = "entries"
    fixed: tuple[str, ...] = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = self.fixed if obj is not None and getattr(obj, self.rests).exists() else ()
        return (*super().get_readonly_fields(request, obj), *fixed)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with books_rules():  # somebody may post while the form is open
            super().save_model(request, obj, form, change)
        services.forget()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Company)
class CompanyAdmin(MasterAdmin):
    """Whose books these are."""

    fixed = ("base_currency", "currency_digits")
    list_display = ("code", "name", "base_currency", "jurisdiction", "approval_from", "red_letter")


@admin.register(Account)
class AccountAdmin(MasterAdmin):
    """The chart of accounts."""

    rests = "lines"
    fixed = ("company", "type", "is_group")
    list_display = ("code", "name", "name_zh", "type", "role", "control", "active")
    list_filter = ("type", "control", "is_group", "active")
    search_fields = ("code", "name", "name_zh", "role")
    autocomplete_fields = ("parent",)


@admin.register(Dimension)
class DimensionAdmin(HistoryAdmin, ReadOnlyAdmin):
    """Cost centres and projects with their history; they are kept on their own page."""

    list_display = ("code", "name", "name_zh", "kind", "parent", "active")
    list_filter = ("kind", "active")
    list_select_related = ("parent",)
    search_fields = ("code", "name", "name_zh")


@admin.register(Journal)
class JournalAdmin(MasterAdmin):
    """Journals and the prefix of their numbers."""

    fixed = ("company", "code", "prefix")
    list_display = ("code", "name", "name_zh", "prefix")


class LineInline(TieredInline):
    """The lines of an entry."""

    model = JournalLine
    extra = 0
    fields = readonly_fields = (
        "position",
        "account",
        "debit",
        "credit",
        "party",
        "due",
        "tax_code",
        "text",
        "cost_centre",
        "project",
    )
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("account", "cost_centre", "project")


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnlyAdmin):
    """What was posted."""

    list_display = ("number", "date", "journal", "text", "total", "source_type", "posted_by", "posted_at")
    list_filter = ("journal", "year", "source_type")
    list_select_related = ("journal",)
    search_fields = ("number", "text", "key")
    date_hierarchy = "date"
    inlines = [LineInline]


@admin.register(FiscalYear)
class FiscalYearAdmin(ReadOnlyAdmin):
    """Years."""

    list_display = ("year", "company", "starts_on", "ends_on")


class ChangeInline(TieredInline):
    """Who closed and opened the period."""

    model = PeriodChange
    extra = 0
    fields = readonly_fields = ("was", "became", "reason", "changed_by", "changed_at")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Period)
class PeriodAdmin(ReadOnlyAdmin):
    """Periods; they are closed on their page in the books."""

    list_display = ("starts_on", "ends_on", "status", "fiscal_year")
    list_filter = ("status", "fiscal_year")
    inlines = [ChangeInline]


@admin.register(Series)
class SeriesAdmin(ReadOnlyAdmin):
    """The counters of the numbers."""

    list_display = ("code", "year", "last", "company")


class VoucherLineInline(TieredInline):
    """The lines as typed."""

    model = VoucherLine
    extra = 0
    fields = readonly_fields = (
        "position",
        "account",
        "debit",
        "credit",
        "party",
        "due",
        "tax_code",
        "text",
        "cost_centre",
        "project",
    )
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("account", "cost_centre", "project")


@admin.register(Voucher)
class VoucherAdmin(HistoryAdmin, ReadOnlyAdmin):
    """Vouchers with their history; they are written in the books' own pages."""

    list_display = ("text", "date", "journal", "status", "created_by", "posted_by", "entry")
    list_filter = ("status", "journal")
    list_select_related = ("journal", "created_by", "posted_by", "entry")
    search_fields = ("text",)
    inlines = [VoucherLineInline]
