"""The list of products."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.fields import house_currency
from base.links import record_url
from base.listing import Column, Empty, Kind, Listing
from base.templatetags.ui import money, status_badge
from crm.catalogue.filters import ProductFilter
from crm.catalogue.models import Product, ProductStatus
from crm.catalogue.reports import with_price

READERS = ("rep", "agent", "manager", "admin")


def _rows(user: Any) -> QuerySet[Product]:
    return with_price(Product.objects.visible_to(user).shown(), timezone.localdate(), house_currency())


def _price(product: Any) -> str:
    if product.price is None:
        return format_html('<span class="muted">{}</span>', _now("no price"))
    return money(product.price, house_currency())


def _name(product: Product) -> str:
    """The name; what is offered no more says so."""
    if product.status != ProductStatus.WITHDRAWN:
        return product.name
    return format_html("{} {}", product.name, status_badge(product.status, product.get_status_display(), "warn"))


def _unit(product: Product) -> str:
    return f"{product.sku} · {product.unit}" if product.unit else product.sku


PRODUCTS = Listing(
    name="products",
    model=Product,
    title=_("Catalogue"),
    url_name="catalogue:list",
    lead=_("What may be sold, at today's price without tax. The ERP keeps it."),
    rows=_rows,
    filterset=ProductFilter,
    order=("name", "pk"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s product", "%(count)s products", count) % {"count": f"{count:,}"},
    placeholder=_("SKU, name, category…"),
    bar=("status",),
    defaults=lambda _user: {"status": ProductStatus.PUBLISHED.value},
    row_url=lambda product: record_url("catalogue:detail", product.pk),
    columns=(
        Column(name="name", label=_("product"), cell=_name),
        Column(name="price", label=_("price"), kind=Kind.MONEY, currency=house_currency, cell=_price),
        Column(name="sku", label=_("SKU and unit"), source="sku", value=_unit),
        Column(name="category", label=_("category"), group=True),
        Column(name="unit", label=_("unit"), group=True, shown=False),
        Column(name="tax_class", label=_("tax class"), group=True, shown=False),
        Column(name="status", label=_("status"), kind=Kind.STATUS, group=True, shown=False),
    ),
    empty=Empty(
        icon="package",
        title=_("Nothing published yet"),
        text=_("Products and prices come from the ERP as soon as they are published there."),
        none_title=_("No product fits"),
        none_text=_("Try fewer letters or another filter."),
    ),
)
