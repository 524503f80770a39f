"""What only the top of the house can show: every entry that an order's documents made."""

from django.db.models import Q
from django.http import HttpRequest
from django.template.loader import render_to_string

from base.roles import has_role
from erp.banking.models import Receipt
from erp.invoices.models import Invoice
from erp.ledger.models import JournalEntry
from erp.orders.models import Order
from erp.returns.models import Return
from erp.shipping.models import Shipment

LEDGER_READERS = ("accountant", "auditor", "admin")


def entries_of_order(request: HttpRequest, order: Order) -> str:
    """The entries of the order's shipments, invoices, credit notes, receipts, deposits and returns, in one query."""
    if not has_role(request.user, *LEDGER_READERS):
        return ""
    paid = Receipt.objects.visible_to(request.user).filter(
        Q(allocations__invoice__order=order) | Q(deposit__order=order) | Q(refunded_deposit__order=order)
    )
    found = JournalEntry.objects.visible_to(request.user).filter(
        Q(
            source_type="shipment",
            source_id__in=Shipment.objects.visible_to(request.user).filter(order=order).values("pk"),
        )
        | Q(
            source_type="invoice",
            source_id__in=Invoice.objects.visible_to(request.user).filter(order=order).values("pk"),
        )
        | Q(source_type="receipt", source_id__in=paid.values("pk"))
        | Q(
            source_type="return", source_id__in=Return.objects.visible_to(request.user).filter(order=order).values("pk")
        )
    )
    rows = list(found.select_related("journal").order_by("posted_at", "number"))
    return render_to_string("erp/desk/_entries_of_order.html", {"entries": rows}, request=request) if rows else ""
