"""What the hub may compare: orders that came from deals."""

from collections.abc import Iterator

from erp.orders.models import Order
from integration.liaison.comparing import Record, compares


@compares("orders")
def orders() -> Iterator[Record]:
    """The order of each deal."""
    for row in Order.objects.exclude(deal=None).values("deal", "id", "number", "status").iterator():
        yield Record(str(row["deal"]), f"order:{row['id']}", {"number": row["number"], "state": row["status"]})
