"""Reads of the catalogue's pages."""

from datetime import date

from django.db.models import OuterRef, QuerySet, Subquery

from crm.catalogue.models import PriceVersion, Product


def with_price(rows: QuerySet[Product], on: date, currency: str) -> QuerySet[Product]:
    """Each product with its list price of that day as `price`, null when it has none."""
    versions = PriceVersion.objects.filter(product=OuterRef("pk"), currency=currency, valid_from__lte=on)
    return rows.annotate(price=Subquery(versions.order_by("-valid_from").values("amount")[:1]))
