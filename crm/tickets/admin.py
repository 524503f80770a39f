"""Tickets and returns for administrators: to look at, with their history; they move on their own pages."""

from django.contrib import admin

from base.admin import HistoryAdmin, ReadOnlyAdmin, TieredInline
from crm.tickets.models import ReturnLine, ReturnRequest, Ticket, TicketMessage


class MessageInline(TieredInline):
    """The conversation."""

    model = TicketMessage
    extra = 0
    can_delete = False
    fields = readonly_fields = ("created_at", "visibility", "from_customer", "author", "body")


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin, HistoryAdmin):
    """Tickets with their conversation."""

    list_display = ("number", "subject", "account", "state", "priority", "assignee", "touched_at")
    list_filter = ("state", "priority")
    list_select_related = ("account", "assignee")
    search_fields = ("number", "subject", "account__name")
    inlines = (MessageInline,)


class ReturnLineInline(TieredInline):
    """What shall come back."""

    model = ReturnLine
    extra = 0
    can_delete = False
    fields = readonly_fields = ("sku", "description", "quantity", "received")


@admin.register(ReturnRequest)
class ReturnRequestAdmin(ReadOnlyAdmin, HistoryAdmin):
    """Returns as the ERP tells them."""

    list_display = ("ticket", "deal", "status", "number", "credit_note_number", "as_of")
    list_filter = ("status",)
    list_select_related = ("ticket", "deal")
    search_fields = ("number", "ticket__number", "deal__number", "credit_note_number")
    inlines = (ReturnLineInline,)
