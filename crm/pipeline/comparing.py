"""What the hub may compare: what became of won deals, as the ERP told it."""

from collections.abc import Iterator

from crm.pipeline.models import DealInvoice, DealOrder, DealPayment
from integration.liaison.comparing import Record, compares, plain


@compares("orders")
def orders() -> Iterator[Record]:
    """The order of each deal that has one."""
    for row in DealOrder.objects.exclude(order=None).values("deal_id", "order", "number", "state").iterator():
        values = {"number": row["number"], "state": row["state"]}
        yield Record(str(row["deal_id"]), f"order:{row['order']}", values)


@compares("invoices")
def invoices() -> Iterator[Record]:
    """Invoices and credit notes of deals."""
    rows = DealInvoice.objects.select_related("deal__order")
    for row in rows.iterator(chunk_size=1000):
        values = {"currency": row.currency, "net": plain(row.net), "tax": plain(row.tax), "gross": plain(row.gross)}
        yield Record(row.number, f"order:{row.deal.order.order}", values)


@compares("payments")
def payments() -> Iterator[Record]:
    """Money that came in for deals."""
    for row in DealPayment.objects.select_related("deal__order").iterator(chunk_size=1000):
        values = {"currency": row.currency, "amount": plain(row.amount)}
        yield Record(row.number, f"order:{row.deal.order.order}", values)
