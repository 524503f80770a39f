"""Forms of invoices."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.banking.forms import MoneyForm


class PaymentForm(MoneyForm):
    """Money for an invoice; more than it asks stays as credit only if somebody says so."""

    keep_rest = forms.BooleanField(
        label=_("Keep what is more as the customer's credit"),
        required=False,
        help_text=_("It settles other invoices later, or is paid back."),
    )


class AsOfForm(forms.Form):
    """The day that a report is of."""

    as_of = forms.DateField(label=_("As of"), initial=timezone.localdate, required=False)
