"""Forms of parties: the terms of a customer, the master data of a supplier, the list's filter."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from erp.parties.models import CreditBand, Party, PartyKind
from erp.parties.services import TERM_FIELDS


class TermsForm(forms.ModelForm):
    """On which terms they buy; saved by the service, and only over what the person saw."""

    version = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Party
        fields = list(TERM_FIELDS)
        help_texts = {
            "credit_limit": _("Open invoices and unbilled orders together, with tax. Empty: no limit."),
            "on_hold": _("New orders wait for a person."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version

    @property
    def told(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: self.cleaned_data[name] for name in (*TERM_FIELDS, "version")}


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


class PartyFilterForm(forms.Form):
    """Which parties a list shows."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("All parties")), *PartyKind.choices], required=False)
    credit_band = forms.ChoiceField(
        label=_("Credit band"), choices=[("", _("Any credit band")), *CreditBand.choices], required=False
    )
    on_hold = forms.ChoiceField(
        label=_("Hold"),
        choices=[("", _("On hold or not")), ("1", _("On hold")), ("0", _("Not on hold"))],
        required=False,
    )

    def narrow(self, parties: QuerySet[Party]) -> QuerySet[Party]:
        """Only what was asked for; nonsense asks for nothing."""
        self.is_valid()
        asked: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if value}
        if "on_hold" in asked:
            asked["on_hold"] = asked["on_hold"] == "1"
        return parties.filter(**asked)
