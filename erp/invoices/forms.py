"""Forms of invoices."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput
from erp.banking.forms import MoneyForm, PayOutForm
from erp.invoices.models import Invoice
from erp.rates.forms import BookedMixin


class PaymentForm(BookedMixin, MoneyForm):
    """Money for an invoice; more than it asks stays as credit only if somebody says so."""

    keep_rest = forms.BooleanField(
        label=_("Keep what is more as the customer's credit"),
        required=False,
        help_text=_("It settles other invoices later, or is paid back."),
    )
    field_order = ("amount", "booked")

    @classmethod
    def of(cls, invoice: Invoice, data: Any = None) -> "PaymentForm":
        """For an invoice, in its currency; money in another one than the books' is no credit."""
        form = cls(data, initial={"amount": invoice.open_amount, "reference": invoice.number})
        form.ask_booked(invoice.currency, invoice.company.base_currency)
        if invoice.rate is not None:
            del form.fields["keep_rest"]
        return form


class RefundForm(BookedMixin, PayOutForm):
    """What of a credit note goes back."""

    field_order = ("date", "booked")

    @classmethod
    def of(cls, note: Invoice, data: Any = None) -> "RefundForm":
        """For a credit note, in its currency."""
        form = cls(data, initial={"reference": note.number})
        form.ask_booked(note.currency, note.company.base_currency)
        return form


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
