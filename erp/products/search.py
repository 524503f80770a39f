"""Products, found from everywhere."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.search import Provider, only_for, register
from erp.products.models import Product
from erp.products.roles import EVERYBODY


def find(user: Any, text: str) -> QuerySet[Product]:
    """By SKU, name or category."""
    return only_for(user, EVERYBODY, Product.objects.matching(text)).order_by("sku")


register(
    Provider(
        "products",
        _("Products"),
        "package",
        find,
        note=lambda row: row.get_status_display(),
        list_url="products:list",
    )
)
