"""Forms of products; what services refuse comes back to the field it is about."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.forms import once as once
from base.forms import refuse as refuse
from erp.parties.models import Party
from erp.products.models import Product
from erp.products.services import EDITABLE
from erp.tax.models import TaxClass


class ProductForm(forms.ModelForm):
    """What may be edited of a product; saved by the service."""

    tax_class = forms.ChoiceField(label=_("Tax class"))

    class Meta:
        model = Product
        fields = list(EDITABLE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tax_class"].choices = [  # type: ignore[attr-defined]
            (known.code, str(known)) for known in TaxClass.objects.all()
        ]
        supplier = self.fields["supplier"]
        supplier.queryset = Party.objects.suppliers()  # type: ignore[attr-defined]

    @property
    def told(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


class NewProductForm(ProductForm):
    """A new product with its first price."""

    price = forms.DecimalField(
        label=_("Price of one unit, without tax"), min_value=0, max_digits=19, decimal_places=6, required=False
    )
    valid_from = forms.DateField(label=_("Price valid from"), required=False)

    class Meta(ProductForm.Meta):
        fields = ["sku", *EDITABLE]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_from"].initial = timezone.localdate

    def validate_unique(self) -> None:
        """The service says it better."""


class PriceForm(forms.Form):
    """A new dated price."""

    amount = forms.DecimalField(label=_("Price of one unit, without tax"), min_value=0, max_digits=19, decimal_places=6)
    valid_from = forms.DateField(label=_("Valid from"), initial=timezone.localdate)


class WithdrawForm(forms.Form):
    """Why it is not offered any more."""

    reason = forms.CharField(label=_("Reason"), max_length=250, required=False)
