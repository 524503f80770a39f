"""Forms of invoices."""

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput
from erp.banking.forms import MoneyForm


class PaymentForm(MoneyForm):
    """Money for an invoice; more than it asks stays as credit only if somebody says so."""

    keep_rest = forms.BooleanField(
        label=_("Keep what is more as the customer's credit"),
        required=False,
        help_text=_("It settles other invoices later, or is paid back."),
    )


class StatementForm(forms.Form):
    """Of which days a customer's statement is: of this year, where nothing is said."""

    start = forms.DateField(label=_("From"), required=False)
    end = forms.DateField(label=_("To"), required=False)

    def span(self) -> tuple[date, date]:
        """The first and the last day."""
        if not self.is_valid():
            field, errors = next(iter(self.errors.items()))
            raise BadInput(why=str(errors[0]), field=field)
        end = self.cleaned_data.get("end") or timezone.localdate()
        return self.cleaned_data.get("start") or end.replace(month=1, day=1), end


class AsOfForm(forms.Form):
    """The day that a report is of."""

    as_of = forms.DateField(label=_("As of"), initial=timezone.localdate, required=False)
