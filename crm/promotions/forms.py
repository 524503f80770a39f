"""What a sales manager types: a name, how much, until when; all else may be left as it is."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from base.days import house_day
from base.widgets import SuggestingInput
from crm.accounts.tag_words import words
from crm.catalogue.models import Product
from crm.promotions.models import Audience, Promotion

OFFERED = 300


def on_offer() -> Iterable[tuple[str, str]]:
    """SKUs that one may sell, with their names."""
    return Product.objects.offered().order_by("name").values_list("sku", "name")[:OFFERED]


class CommaField(forms.CharField):
    """Words with commas between, as a list."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return words(super().to_python(value) or "")

    def validate(self, value: Any) -> None:
        """None of them is all of them; each is short."""
        if any(len(one) > 100 for one in value):
            raise forms.ValidationError(_("One of these is too long."))

    def run_validators(self, value: Any) -> None:
        """They were looked at one by one."""


class PromotionForm(forms.Form):
    """A promotion on one sheet; a week from today unless said otherwise."""

    meter = "promotion"

    name = forms.CharField(
        label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"placeholder": _("Spring"), "autofocus": True})
    )
    discount = forms.DecimalField(label=_("Discount %"), decimal_places=4)
    first_day = forms.DateField(label=_("From"), widget=forms.DateInput)
    last_day = forms.DateField(label=_("Until"), widget=forms.DateInput, help_text=_("This day included."))
    skus = CommaField(
        label=_("Products"),
        required=False,
        widget=SuggestingInput(on_offer),
        help_text=_("SKUs with commas between; empty means all."),
    )
    audience = forms.ChoiceField(
        label=_("For"), choices=Audience.choices, widget=forms.RadioSelect, initial=Audience.ALL
    )
    countries = CommaField(
        label=_("Countries"),
        required=False,
        help_text=_("As they stand on the accounts, with commas between; empty means all."),
    )
    note = forms.CharField(label=_("Note"), max_length=250, required=False)

    def __init__(self, data: Any, promotion: Promotion | None = None) -> None:
        today = house_day()
        told: dict[str, Any] = {"first_day": today, "last_day": today + timedelta(days=6)}
        if promotion is not None:
            told = {name: getattr(promotion, name) for name in self.base_fields if name != "discount"}
            told["discount"] = f"{(promotion.discount * 100).normalize():f}"
            told["countries"] = [one.title() for one in promotion.countries]
        super().__init__(data, initial=told)

    def clean_discount(self) -> Decimal:
        """Typed as per cent, kept as a fraction."""
        percent: Decimal = self.cleaned_data["discount"]
        return percent / 100
