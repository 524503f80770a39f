"""Forms of orders: a draft of our own with its grid of lines, and a reason."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.inventory.models import plain
from erp.orders.drafting import NewLine
from erp.orders.models import Order
from erp.parties.models import Party
from erp.rates.forms import CurrencyMixin

ROWS = 5
ROWS_MAX = 300
HEAD = ("ordered_on", "requested_on", "freight", "note")


class DraftForm(CurrencyMixin):
    """Who orders, when, and the freight."""

    party = forms.CharField(label=_("Customer"), max_length=250, help_text=_("Code or name"))
    ordered_on = forms.DateField(label=_("Ordered on"), initial=timezone.localdate)
    requested_on = forms.DateField(label=_("Wanted by"), required=False)
    freight = forms.DecimalField(
        label=_("Freight, without tax"), min_value=0, max_digits=19, decimal_places=2, required=False
    )
    note = forms.CharField(label=_("Note"), widget=forms.Textarea(attrs={"rows": 2}), max_length=4000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["party"].widget.attrs |= {"list": "parties", "autocomplete": "off"}

    def clean_party(self) -> Party:
        """The customer with this code or name; a name may stop where it is clear."""
        text = self.cleaned_data["party"].strip()
        customers = Party.objects.customers()
        code = text.split(" ")[0]
        found = list(customers.filter(code__iexact=code)[:1]) or list(customers.filter(name__icontains=text)[:2])
        if len(found) == 1:
            return found[0]
        if found:
            raise ValidationError(_("Several customers are called so; use the code."))
        raise ValidationError(_("No customer has this code or name."))

    @property
    def told(self) -> dict[str, Any]:
        """What the service takes, but the lines."""
        told = {**self.cleaned_data, "freight": self.cleaned_data["freight"] or Decimal(0)}
        return {name: told[name] for name in (*HEAD, "currency") if name in told}


class LineForm(forms.Form):
    """One row of the grid; an empty row is no line."""

    sku = forms.CharField(label=_("SKU"), max_length=40, required=False)
    quantity = forms.DecimalField(label=_("Quantity"), max_digits=18, decimal_places=4, required=False)
    unit_price = forms.DecimalField(label=_("Unit price"), min_value=0, max_digits=19, decimal_places=6, required=False)
    discount = forms.DecimalField(
        label=_("Discount %"), min_value=0, max_value=100, max_digits=7, decimal_places=4, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = field.label  # the grid has the words in its head only
            if name != "sku":
                field.widget.attrs["class"] = "num"
        self.fields["sku"].widget.attrs |= {"list": "skus", "autocomplete": "off"}

    def clean(self) -> dict[str, Any]:
        """A row that says anything says product and quantity."""
        told: dict[str, Any] = super().clean() or {}
        if any(value not in (None, "") for value in told.values()):
            if not told.get("sku") and "sku" not in self.errors:
                self.add_error("sku", _("Which product?"))
            if "quantity" not in self.errors and not (told.get("quantity") or 0) > 0:
                self.add_error("quantity", _("How many? More than zero."))
        return told

    @property
    def line(self) -> NewLine | None:
        """The line the row says, or None."""
        told = self.cleaned_data
        if not told.get("sku"):
            return None
        return NewLine(
            told["sku"].strip(), told["quantity"], told["unit_price"], (told["discount"] or Decimal(0)) / 100
        )


class LinesFormSet(forms.BaseFormSet):
    """The grid; at least one line."""

    def clean(self) -> None:
        if not any(self.errors) and not self.lines:
            raise ValidationError(_("An order needs at least one line."))

    @property
    def lines(self) -> list[NewLine]:
        """What was typed, without the empty rows."""
        return [form.line for form in self.forms if form.line]


def line_grid(data: Mapping[str, Any] | None = None, order: Order | None = None) -> LinesFormSet:
    """The grid for a new order, or for a draft with its lines."""
    rows = [
        {
            "sku": line.sku,
            "quantity": plain(line.quantity),
            "unit_price": plain(line.unit_price),
            "discount": plain(line.discount * 100) if line.discount else "",
        }
        for line in (order.lines.order_by("position") if order else ())
    ]
    grid = forms.formset_factory(
        LineForm, formset=LinesFormSet, extra=2 if rows else ROWS, max_num=ROWS_MAX, absolute_max=ROWS_MAX
    )
    return grid(data, initial=rows, prefix="line")  # type: ignore[return-value]


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)


class ReleaseForm(forms.Form):
    """Why it may pass, for whoever asks later."""

    reason = forms.CharField(
        label=_("Why it may pass"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000, required=False
    )
