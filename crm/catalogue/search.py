"""Products, found from everywhere."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.search import Provider, only_for, register
from crm.catalogue.models import Product
from crm.catalogue.views import READERS


def find(user: Any, text: str) -> QuerySet[Product]:
    """By SKU, name or category."""
    return only_for(user, READERS, Product.objects.shown().matching(text)).order_by("name", "pk")


register(
    Provider(
        "products",
        _("Products"),
        "package",
        find,
        rank=90,
        title=lambda row: row.name,
        note=lambda row: row.sku,
        list_url="catalogue:list",
        url=lambda row: reverse("catalogue:detail", args=[row.pk]),
    )
)
