"""Forms of opening items."""

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.banking.forms import MoneyForm
from erp.openings.models import OpeningItem


class SettleForm(MoneyForm):
    """Money for an opening item; what a customer pays beyond it stays as credit only if somebody says so."""

    keep_rest = forms.BooleanField(
        label=_("Keep what is more as the customer's credit"),
        required=False,
        help_text=_("It settles other invoices later, or is paid back."),
    )

    @classmethod
    def of(cls, item: OpeningItem, data: object = None) -> "SettleForm":
        """A supplier is paid, and has no credit with us."""
        form = cls(data, initial={"amount": item.open_amount, "reference": item.number})  # type: ignore[arg-type]
        if not item.is_receivable:
            form.fields["date"].label = _("Paid on")
            del form.fields["keep_rest"]
        return form
