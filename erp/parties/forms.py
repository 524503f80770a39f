"""Forms of parties: the terms of a customer, the master data of a supplier, the list's filter."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.parties.models import Party
from erp.parties.services import TERM_FIELDS

_TERMS = _("Payment terms are 0 to 365 days.")


class TermsForm(forms.ModelForm):
    """On which terms they buy; saved by the service, and only over what the person saw."""

    payment_terms_days = forms.IntegerField(
        label=_("Payment terms (days)"),
        help_text=_("Where no terms are chosen."),
        min_value=0,
        max_value=365,
        error_messages={"max_value": _TERMS, "min_value": _TERMS},
    )
    credit_limit = forms.DecimalField(
        label=_("Credit limit"),
        min_value=0,
        max_digits=19,
        decimal_places=2,
        required=False,
        error_messages={"min_value": _("A credit limit cannot be negative; leave it empty for none.")},
        help_text=_("Open invoices and unbilled orders together, with tax. Empty: no limit."),
    )
    why = forms.CharField(label=_("Why"), max_length=90, help_text=_("Kept in the history of the party."))
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Party
        fields = list(TERM_FIELDS)
        help_texts = {"on_hold": _("New orders wait for a person.")}
        labels = {"payment_terms": _("Payment terms")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version

    @property
    def told(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: self.cleaned_data[name] for name in (*TERM_FIELDS, "version")}


class DeclineForm(forms.Form):
    """Why the customer does not get the limit that was asked."""

    reason = forms.CharField(label=_("Why"), max_length=90)


class SupplierForm(forms.ModelForm):
    """Who a supplier is."""

    class Meta:
        model = Party
        fields = [
            "name",
            "external_ref",
            "email",
            "phone",
            "tax_id",
            "street",
            "postal_code",
            "city",
            "region",
            "country",
        ]

    @property
    def told(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}
