"""Forms of the bank desk."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.refusals import Refused
from erp.banking.models import Method
from erp.orders.models import Order
from erp.products.forms import refuse

Result = TypeVar("Result")


class MoneyForm(forms.Form):
    """What the bank shows: an amount, a day, how and with which words."""

    amount = forms.DecimalField(label=_("Amount"), max_digits=15, decimal_places=2, min_value=Decimal("0.01"))
    date = forms.DateField(label=_("Received on"), initial=timezone.localdate)
    method = forms.ChoiceField(label=_("How"), choices=Method.choices, initial=Method.BANK)
    reference = forms.CharField(label=_("Reference"), max_length=140, required=False)


class RecordDepositForm(MoneyForm):
    """Money the bank shows for an order although nobody reported it."""

    order = forms.CharField(label=_("Order"), help_text=_("its number, as in SO-000104"))
    field_order = ("order", "amount", "date", "method", "reference")

    def clean_order(self) -> Order:
        order = Order.objects.filter(number__iexact=self.cleaned_data["order"].strip()).first()
        if order is None:
            raise forms.ValidationError(_("There is no such order."))
        return order


class PayOutForm(forms.Form):
    """When money went back."""

    date = forms.DateField(label=_("Paid on"), initial=timezone.localdate)
    reference = forms.CharField(label=_("Reference"), max_length=140, required=False)


class DismissForm(forms.Form):
    """Why no money is expected."""

    reason = forms.CharField(label=_("Reason"), max_length=400)


def carried_out(form: forms.Form, act: Callable[[dict[str, Any]], Result]) -> Result | None:
    """Do it with what was typed; None when the form or the business says no, with the words at the field."""
    if not form.is_valid():
        return None
    try:
        return act(form.cleaned_data)
    except Refused as refusal:
        refuse(form, refusal)
    return None
