"""The list of products."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Edit, Empty, Kind, Listing
from base.listing.bulk import BulkAction
from erp.ledger.services import base_currency
from erp.products import services
from erp.products.filters import ProductFilter
from erp.products.forms import WithdrawForm
from erp.products.models import Product
from erp.products.roles import EVERYBODY, KEEPERS


def _rows(user: Any) -> QuerySet[Product]:
    return Product.objects.visible_to(user).select_related("supplier").with_price(timezone.localdate(), base_currency())


def _set(name: str) -> Any:
    return lambda product, value, _user: services.change_product(product, **{name: value})


class CategoryForm(forms.Form):
    """Where they belong."""

    category = forms.CharField(label=_("Category"), max_length=80, required=False)


ACTIONS = (
    BulkAction(
        name="publish",
        label=_("Publish"),
        icon="send",
        roles=KEEPERS,
        run=lambda product, _user, _told: services.publish(product),
    ),
    BulkAction(
        name="category",
        label=_("Category…"),
        icon="category",
        roles=KEEPERS,
        form=lambda _user: CategoryForm,
        run=lambda product, _user, told: services.change_product(product, **told),
        snapshot=lambda product: {"category": product.category},
        undo=lambda product, _user, before: services.change_product(product, **before),
    ),
    BulkAction(
        name="withdraw",
        label=_("Withdraw"),
        icon="ban",
        tone="bad",
        roles=KEEPERS,
        form=lambda _user: WithdrawForm,
        confirm=_("Nobody shall offer them any more; what was promised is still delivered."),
        run=lambda product, _user, told: services.withdraw(product, **told),
    ),
)

PRODUCTS = Listing(
    name="products",
    model=Product,
    title=_("Products"),
    url_name="products:list",
    rows=_rows,
    filterset=ProductFilter,
    order=("sku",),
    roles=EVERYBODY,
    count=lambda count: ngettext("%(count)s product", "%(count)s products", count) % {"count": f"{count:,}"},
    placeholder=_("SKU, name or category"),
    bar=("status", "category"),
    buttons=(Button(_("New product"), "products:new", roles=KEEPERS),),
    actions=ACTIONS,
    version=lambda product: product.updated_at.isoformat(),
    columns=(
        Column(name="sku", label=_("SKU")),
        Column(
            name="name",
            label=_("name"),
            edit=Edit(field=lambda: forms.CharField(max_length=200), roles=KEEPERS, save=_set("name")),
        ),
        Column(
            name="category",
            label=_("category"),
            group=True,
            edit=Edit(
                field=lambda: forms.CharField(max_length=80, required=False), roles=KEEPERS, save=_set("category")
            ),
        ),
        Column(name="unit", label=_("unit"), group=True),
        Column(name="supplier", label=_("supplier"), source="supplier__name", group=True),
        Column(name="tax_class", label=_("tax class"), group=True),
        Column(
            name="price",
            label=_("price today"),
            source="list_price",
            kind=Kind.MONEY,
            currency=base_currency,
            fields=("list_price",),
        ),
        Column(name="status", label=_("status"), kind=Kind.STATUS, group=True),
        Column(
            name="floor_percent",
            label=_("floor, % of list price"),
            kind=Kind.NUMBER,
            shown=False,
            edit=Edit(
                field=lambda: forms.DecimalField(
                    min_value=0, max_value=100, max_digits=5, decimal_places=2, required=False
                ),
                roles=KEEPERS,
                save=_set("floor_percent"),
            ),
        ),
        Column(name="created_at", label=_("entered"), kind=Kind.MOMENT, shown=False),
        Column(name="updated_at", label=_("changed"), kind=Kind.MOMENT, shown=False),
    ),
    empty=Empty(
        icon="package",
        title=_("No products yet"),
        text=_("A product with a price is published to the CRM, where it can be offered."),
        none_title=_("No product fits"),
        none_text=_("Try fewer words or another status."),
        button=Button(_("New product"), "products:new", roles=KEEPERS),
    ),
)
