"""What the hub may compare: the catalogue as the ERP published it to us."""

from collections.abc import Iterator

from crm.catalogue.models import PriceVersion, Product
from integration.liaison.comparing import Record, compares, plain


@compares("products")
def products() -> Iterator[Record]:
    """Every product that was published once."""
    for row in Product.objects.shown().values("sku", "name", "unit", "tax_class", "category", "status").iterator():
        values = {name: plain(row[name]) for name in ("name", "unit", "tax_class", "category", "status")}
        yield Record(row["sku"], f"product:{row['sku']}", values)


@compares("prices")
def prices() -> Iterator[Record]:
    """Every dated price of a product that may be offered."""
    rows = PriceVersion.objects.filter(product__status="published").select_related("product")
    for row in rows.iterator(chunk_size=1000):
        key = f"{row.product.sku}|{row.currency}|{row.valid_from}"
        yield Record(key, f"product:{row.product.sku}", {"amount": plain(row.amount)})
