"""What the hub may compare: registered customers as we know them."""

from collections.abc import Iterator

from crm.accounts.models import Account
from integration.liaison.comparing import Record, compares, plain

SHARED = ("name", "email", "phone", "tax_id", "street", "postal_code", "city", "region", "country")


@compares("customers")
def customers() -> Iterator[Record]:
    """Master data, and the party code as the ERP told it."""
    rows = Account.objects.filter(registered=True).values("id", *SHARED, "party_code")
    for row in rows.iterator(chunk_size=1000):
        values = {name: plain(row[name]) for name in SHARED} | {"party": row["party_code"]}
        yield Record(str(row["id"]), f"customer:{row['id']}", values)
