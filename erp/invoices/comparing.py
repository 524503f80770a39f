"""What the hub may compare: what customers of deals owe, and what they paid."""

from collections.abc import Iterator

from django.db.models import Q

from erp.banking.models import Receipt
from erp.invoices.models import Invoice
from integration.liaison.comparing import Record, compares, plain


@compares("invoices")
def invoices() -> Iterator[Record]:
    """Invoices and credit notes of orders that came from deals."""
    rows = Invoice.objects.exclude(order__deal=None).values("number", "order_id", "currency", "net", "tax", "gross")
    for row in rows.iterator(chunk_size=1000):
        values = {name: plain(row[name]) for name in ("currency", "net", "tax", "gross")}
        yield Record(row["number"], f"order:{row['order_id']}", values)


@compares("payments")
def payments() -> Iterator[Record]:
    """Money that came in for those orders: for an invoice, or as a deposit."""
    of_deals = Q(allocations__invoice__order__deal__isnull=False) | Q(deposit__order__deal__isnull=False)
    rows = Receipt.objects.filter(of_deals, kind__in=["payment", "deposit"]).distinct()
    told = rows.values("number", "currency", "amount", "allocations__invoice__order_id", "deposit__order_id")
    seen = set()
    for row in told.iterator(chunk_size=1000):
        if row["number"] in seen:
            continue
        seen.add(row["number"])
        order = row["allocations__invoice__order_id"] or row["deposit__order_id"]
        yield Record(row["number"], f"order:{order}", {"currency": row["currency"], "amount": plain(row["amount"])})
