"""Forms of exchange rates."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.ledger.services import base_currency
from erp.rates.filters import currency_choices
from erp.rates.models import DECIMALS, ISO_CODE
from erp.rates.refusals import BadRate


class CurrencyMixin(forms.Form):
    """A document's currency: that of the books, or one that has a rate; nobody is asked where there is none other."""

    currency = forms.ChoiceField(label=_("Currency"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ours = base_currency()
        choices = [(ours, ours), *currency_choices()]
        if len(choices) > 1:
            self.fields["currency"].choices = choices  # type: ignore[attr-defined]
            self.fields["currency"].initial = ours
        else:
            del self.fields["currency"]


class BookedMixin(forms.Form):
    """What the bank booked for an amount in another currency."""

    booked = forms.DecimalField(
        max_digits=15,
        decimal_places=2,
        min_value=Decimal("0.01"),
        required=False,
        help_text=_("By the rate of the day, when left empty."),
    )

    def ask_booked(self, currency: str, house: str) -> None:
        """For documents in the currency of the books there is nothing to ask."""
        if currency == house:
            del self.fields["booked"]
        else:
            self.fields["booked"].label = _("Booked by the bank, {currency}").format(currency=house)
            if amount := self.fields.get("amount"):
                amount.label = _("Amount, {currency}").format(currency=currency)


class RateForm(forms.Form):
    """What one unit of a currency is worth from a day on."""

    currency = forms.CharField(label=_("Currency"), max_length=3, help_text=_("Its ISO code, such as USD."))
    day = forms.DateField(label=_("Day"), initial=timezone.localdate)
    rate = forms.DecimalField(
        label=_("One unit is worth"),
        max_digits=19,
        decimal_places=DECIMALS,
        min_value=Decimal(1).scaleb(-DECIMALS),
        error_messages={"min_value": BadRate.message},
        help_text=_("In the currency of the books."),
    )
    source = forms.CharField(label=_("Source"), max_length=80, required=False, help_text=_("Who says so."))

    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"]).strip().upper()
        ISO_CODE(code)
        return code


class ChangeRateForm(RateForm):
    """The rate or its source put right; another day is another rate."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("currency", "day"):
            del self.fields[name]
