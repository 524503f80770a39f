"""What the hub may compare: customers as our books know them."""

from collections.abc import Iterator

from erp.parties.models import Party
from integration.liaison.comparing import Record, compares, plain

SHARED = ("name", "email", "phone", "tax_id", "street", "postal_code", "city", "region", "country")


@compares("customers")
def customers() -> Iterator[Record]:
    """Parties that are customers of the CRM."""
    for row in Party.objects.exclude(customer=None).values("customer", "code", *SHARED).iterator(chunk_size=1000):
        values = {name: plain(row[name]) for name in SHARED} | {"party": row["code"]}
        yield Record(str(row["customer"]), f"customer:{row['customer']}", values)
