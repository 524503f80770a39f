"""Forms of the warehouse: short, and good to fill with a scanner."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.products.models import Product

SKUS_OFFERED_MAX = 1000


class SkuField(forms.CharField):
    """A product by its SKU, typed, picked or scanned."""

    def __init__(self, **options: Any) -> None:
        attributes = {"list": "skus", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        super().__init__(max_length=40, widget=forms.TextInput(attrs=attributes), **options)

    def clean(self, value: Any) -> Any:
        """The product itself."""
        sku = super().clean(value).strip()
        product = Product.objects.filter(sku__iexact=sku).first()
        if product is None:
            raise forms.ValidationError(_("There is no product “%(sku)s”."), params={"sku": sku})
        return product


def skus() -> list[tuple[str, str]]:
    """SKUs and names to choose from while typing."""
    return list(Product.objects.order_by("sku").values_list("sku", "name")[:SKUS_OFFERED_MAX])


class ReceiveForm(forms.Form):
    """Goods that came in."""

    product = SkuField(label=_("Product (SKU)"))
    quantity = forms.DecimalField(label=_("Quantity"), max_digits=18, decimal_places=4)
    unit_cost = forms.DecimalField(
        label=_("Cost of one unit"),
        min_value=0,
        max_digits=19,
        decimal_places=6,
        required=False,
        help_text=_("As on the delivery note; empty: as last time."),
    )
    reference = forms.CharField(label=_("Delivery note"), max_length=120, required=False)
    date = forms.DateField(label=_("Date"), initial=timezone.localdate)


class CountForm(forms.Form):
    """What somebody counted."""

    counted = forms.DecimalField(label=_("Counted"), min_value=0, max_digits=18, decimal_places=4)
    reason = forms.CharField(label=_("Reason"), max_length=120)
