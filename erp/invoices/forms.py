"""Forms of invoices."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.banking.forms import PeriodForm
from erp.invoices.models import InvoiceKind, InvoiceStatus


class InvoiceFilterForm(PeriodForm):
    """Which documents a list shows."""

    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("Any status")),
            ("unsettled", _("Not settled")),
            ("overdue", _("Overdue")),
            *InvoiceStatus.choices,
        ],
    )
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("Invoices and credit notes")), *InvoiceKind.choices]
    )
    field_order = ("status", "kind", "start", "end")


class AsOfForm(forms.Form):
    """The day that a report is of."""

    as_of = forms.DateField(label=_("As of"), initial=timezone.localdate, required=False)
