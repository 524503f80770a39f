"""What the hub may compare: customers as our books know them."""

from collections.abc import Iterator

from erp.parties.models import Party
from integration.liaison.comparing import Record, compares, plain

SHARED = ("name", "email", "phone", "tax_id", "street", "postal_code", "city", "region", "country")


@compares("customers")
def customers() -> Iterator[Record]:
    """Parties that are customers of the CRM; what is a part of another there has no record of its own."""
    rows = Party.objects.filter(merged_into=None).exclude(customer=None)
    for row in rows.values("customer", "code", *SHARED).iterator(chunk_size=1000):
        values = {name: plain(row[name]) for name in SHARED} | {"party": row["code"]}
        yield Record(str(row["customer"]), f"customer:{row['customer']}", values)
