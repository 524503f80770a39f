"""The form with which a parcel is packed."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.inventory.models import plain
from erp.orders.models import Order, OrderLine
from erp.shipping.models import Carrier


class PackedField(forms.DecimalField):
    """How many go into the parcel; an empty field is none."""

    def clean(self, value: Any) -> Any:
        return super().clean(value if str(value or "").strip() else "0")


class CorrectForm(forms.Form):
    """Who brings the parcel, and under which number."""

    carrier = forms.ModelChoiceField(label=_("Carrier"), queryset=Carrier.objects.filter(active=True), empty_label=None)
    tracking = forms.CharField(label=_("Tracking number"), max_length=80, required=False)


class DispatchForm(CorrectForm):
    """How much of each line goes into the parcel, and who brings it."""

    date = forms.DateField(label=_("Date"), initial=timezone.localdate)

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_lines = [line for line in order.lines.order_by("position") if line.quantity_open > 0]
        for line in self.order_lines:
            self.fields[_name(line)] = PackedField(
                label=f"{line.sku} {line.description}".strip(),
                help_text=_("{reserved} reserved, {open} of {ordered} still to ship").format(
                    reserved=plain(line.quantity_reserved),
                    open=plain(line.quantity_open),
                    ordered=plain(line.quantity),
                ),
                initial=plain(line.quantity_reserved),
                min_value=0,
                max_digits=18,
                decimal_places=4,
            )

    @property
    def goods(self) -> list[BoundField]:
        """The fields of the order's lines."""
        return [self[_name(line)] for line in self.order_lines]

    @property
    def parcel(self) -> list[BoundField]:
        """The other fields."""
        return [self[name] for name in ("carrier", "tracking", "date")]

    @property
    def quantities(self) -> dict[UUID, Decimal]:
        """What was typed, by order line."""
        return {line.pk: self.cleaned_data[_name(line)] for line in self.order_lines}

    def field_of(self, sku: str | None) -> str | None:
        """The field a refusal about the product belongs to, when it is clear."""
        names = [_name(line) for line in self.order_lines if line.sku == sku]
        return names[0] if len(names) == 1 else None


def _name(line: OrderLine) -> str:
    return f"line_{line.pk}"
