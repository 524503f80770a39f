"""What reps type: per cent where they think in per cent, chips where a day is meant."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.roles import has_role
from crm.accounts.custom_forms import CustomForm
from crm.pipeline.models import APPROVERS, Deal, DealLine, Pipeline


def sellers() -> Any:
    """Who may own a deal."""
    return get_user_model().objects.filter(is_active=True, groups__name__in=["rep", "manager"]).distinct()


class PercentField(forms.DecimalField):
    """Typed as per cent, kept as a fraction: 12.5 is 0.125."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=100, max_digits=7, decimal_places=4, **options)

    def clean(self, value: Any) -> Decimal | None:
        percent: Decimal | None = super().clean(str(value).replace("%", "").strip() if value else value)
        return None if percent is None else percent / 100

    def prepare_value(self, value: Any) -> Any:
        return f"{(value * 100).normalize():f}" if isinstance(value, Decimal) else value


def plain(value: Decimal | None) -> str:
    """A number as one types it, without idle zeros.

    >>> plain(Decimal("18.000000")), plain(Decimal("120"))
    ('18', '120')
    """
    return "" if value is None else f"{value.normalize():f}"


def typed(line: DealLine) -> dict[str, str]:
    """The numbers of a line as one would type them into its fields."""
    return {
        "quantity": plain(line.quantity),
        "unit_price": plain(line.unit_price),
        "discount": plain(line.discount * 100) if line.discount else "",
    }


class DealForm(CustomForm, forms.Form):
    """The terms of a deal; everything may be left for later, but for fields that the company asks for."""

    custom_of = "deal"

    meter = "edit_deal"

    title = forms.CharField(label=_("What is it about?"), max_length=250, required=False)
    requested_on = forms.DateField(label=_("Wanted by"), required=False, widget=forms.DateInput)
    freight = forms.DecimalField(label=_("Freight"), min_value=0, max_digits=12, decimal_places=2, required=False)
    deposit_agreed = forms.DecimalField(
        label=_("Deposit agreed"), min_value=Decimal("0.01"), max_digits=12, decimal_places=2, required=False
    )
    ordered_on = forms.DateField(
        label=_("Ordered on"),
        required=False,
        widget=forms.DateInput,
        help_text=_("The day whose price list counts; empty means the day you win."),
    )
    owner: Any = forms.ModelChoiceField(label=_("Owner"), queryset=None, required=False)

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if has_role(user, *APPROVERS):
            self.fields["owner"].queryset = sellers()  # type: ignore[attr-defined]
        else:
            del self.fields["owner"]

    @classmethod
    def of(cls, deal: Deal, user: Any, data: Any = None) -> "DealForm":
        """The form filled with the deal."""
        told = {name: getattr(deal, name) for name in ("title", "requested_on", "ordered_on", "owner", "custom")}
        told |= {"freight": plain(deal.freight) or "0", "deposit_agreed": plain(deal.deposit_agreed)}
        return cls(data, user=user, initial=told)

    def clean_freight(self) -> Decimal:
        """No freight is zero."""
        return self.cleaned_data["freight"] or Decimal(0)


class NewDealForm(forms.Form):
    """A deal begins with a few words; the account is chosen already."""

    meter = "deal"

    title = forms.CharField(
        label=_("What is it about?"),
        max_length=250,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Autumn order"), "autofocus": True}),
    )
    requested_on = forms.DateField(label=_("Wanted by"), required=False, widget=forms.DateInput)
    next_step = forms.CharField(label=_("Next step"), max_length=250, required=False)
    next_step_on = forms.DateField(label=_("On"), required=False, widget=forms.DateInput)
    pipeline = forms.ChoiceField(label=_("Pipeline"), widget=forms.RadioSelect, required=False)

    def __init__(self, *args: Any, pipelines: Sequence[Pipeline] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.known = {str(one.pk): one for one in pipelines}
        if len(self.known) < 2:
            del self.fields["pipeline"]
            return
        self.fields["pipeline"].choices = [(pk, one.name) for pk, one in self.known.items()]  # type: ignore[attr-defined]
        if self.initial.get("pipeline") not in self.known:
            self.initial["pipeline"] = next(iter(self.known))

    def clean_pipeline(self) -> Pipeline | None:
        """None is the first."""
        return self.known.get(self.cleaned_data["pipeline"])

    def clean(self) -> dict[str, Any]:
        """A step without a day is for tomorrow."""
        told = super().clean() or {}
        if told.get("next_step") and not told.get("next_step_on"):
            told["next_step_on"] = timezone.localdate() + timedelta(days=1)
        return told


IN_DAYS = [("0", _("Today")), ("1", _("Tomorrow")), ("7", _("In a week")), ("14", _("In two weeks"))]


class StepForm(forms.Form):
    """What to do next and when: two taps, or a day of one's own."""

    meter = "deal_step"

    next_step = forms.CharField(
        label=_("Next step"),
        max_length=250,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Call about the offer")}),
        help_text=_("Leave it empty when nothing is to be done."),
    )
    in_days = forms.ChoiceField(label=_("When"), choices=IN_DAYS, required=False, widget=forms.RadioSelect)
    next_step_on = forms.DateField(label=_("Or on"), required=False, widget=forms.DateInput)

    def clean(self) -> dict[str, Any]:
        """A day typed wins over a chip; tomorrow where neither is given."""
        told = super().clean() or {}
        if told.get("next_step") and not told.get("next_step_on"):
            told["next_step_on"] = day_in(told.get("in_days") or "1")
        if not told.get("next_step"):
            told["next_step"], told["next_step_on"] = "", None
        return told


def day_in(days: str) -> date:
    """The user's day so many days from today."""
    return timezone.localdate() + timedelta(days=int(days))


class NumbersForm(forms.Form):
    """The numbers of a line."""

    quantity = forms.DecimalField(label=_("Quantity"), max_digits=13, decimal_places=4)
    unit_price = forms.DecimalField(label=_("Price"), min_value=0, max_digits=15, decimal_places=6)
    discount = PercentField(label=_("Discount %"), required=False)

    def clean_discount(self) -> Decimal:
        """No discount is zero."""
        return self.cleaned_data["discount"] or Decimal(0)


class LineForm(NumbersForm):
    """A line as its row shows it."""

    meter = "deal_line"

    price_reason = forms.CharField(label=_("Why this price"), max_length=250, required=False)

    def changes(self, line: DealLine) -> dict[str, Any]:
        """What was told; a reason that stood there already is of the price before."""
        told = self.cleaned_data
        if "price_reason" not in self.data or told["price_reason"] == line.price_reason:
            told.pop("price_reason")
        return told


class FreeLineForm(NumbersForm):
    """Something the catalogue does not know."""

    meter = "deal_line_free"

    sku = forms.CharField(label=_("SKU"), max_length=100, help_text=_("Not in the catalogue: the ERP may refuse it."))
    description = forms.CharField(label=_("Description"), max_length=250, required=False)
    field_order = ("sku", "description", "quantity", "unit_price", "discount")


class ApprovalForm(forms.Form):
    """Why the customer should have it for less."""

    meter = "approval"

    why = forms.CharField(
        label=_("Why?"),
        max_length=250,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": _("A rival offers the same"), "autofocus": True}),
    )


class QuoteForm(forms.Form):
    """A quote needs nothing but a tap; how long it binds us and a word to the customer may be said."""

    meter = "quote"

    valid_until = forms.DateField(
        label=_("Valid until"), required=False, widget=forms.DateInput, help_text=_("Thirty days when empty.")
    )
    note = forms.CharField(
        label=_("A word to the customer"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReasonForm(forms.Form):
    """Why a deal ends."""

    meter = "withdraw"

    reason = forms.CharField(label=_("Why?"), max_length=250, widget=forms.Textarea(attrs={"rows": 2}))


LOSS_REASONS = [
    ("price", _("Too expensive")),
    ("rival", _("Somebody else won")),
    ("time", _("Not now")),
    ("need", _("No need")),
    ("other", _("Other")),
]


class LossForm(forms.Form):
    """Why it was lost: one chip is enough."""

    meter = "deal_lose"

    why = forms.ChoiceField(label=_("Why?"), choices=LOSS_REASONS, widget=forms.RadioSelect)
    words = forms.CharField(label=_("In a few words"), max_length=200, required=False)

    @property
    def reason(self) -> str:
        """Chip and words in one sentence."""
        label = str(dict(LOSS_REASONS)[self.cleaned_data["why"]])
        words = self.cleaned_data["words"].strip()
        if self.cleaned_data["why"] == "other" and words:
            return words
        return f"{label}: {words}" if words else label


class DepositForm(forms.Form):
    """Money the rep heard of."""

    meter = "deposit"

    amount = forms.DecimalField(label=_("Amount"), min_value=Decimal("0.01"), max_digits=12, decimal_places=2)
    reference = forms.CharField(
        label=_("Reference"),
        max_length=250,
        required=False,
        help_text=_("What accounting will find on the bank statement."),
    )
