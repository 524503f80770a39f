"""Forms of returns; the one for goods that came in is made for a handheld."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.inventory.models import plain
from erp.orders.models import OrderLine
from erp.returns.models import ReturnLine
from integration.contracts.returns import WantedBack


class CameField(forms.DecimalField):
    """How many came; an empty field is none."""

    def clean(self, value: Any) -> Any:
        return super().clean(value if str(value or "").strip() else "0")


class StepForm(forms.Form):
    """A step of a return's life; `field_of` says which field a refusal about a product belongs to."""

    def field_of(self, sku: str | None) -> str | None:
        """None: the refusal knows its field itself."""
        return None


class AuthoriseForm(StepForm):
    """What the customer is told about sending the goods."""

    instructions = forms.CharField(
        label=_("Instructions for the customer"),
        help_text=_("Where to send the goods and how; the agent reads it on the ticket."),
        max_length=2000,
        required=False,
        widget=forms.Textarea,
    )


class RefuseForm(StepForm):
    """Why the goods are not taken back."""

    reason = forms.CharField(
        label=_("Reason"), help_text=_("The agent tells it to the customer."), max_length=2000, widget=forms.Textarea
    )


class SettleForm(StepForm):
    """When the credit note is dated."""

    date = forms.DateField(label=_("Date of the credit note"), initial=timezone.localdate)


class ReceiveForm(StepForm):
    """How many of each line came in."""

    def __init__(self, *args: Any, lines: list[ReturnLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = [line for line in lines if line.quantity_expected > 0]
        for line in self.expected:
            self.fields[_name(line)] = CameField(
                label=f"{line.order_line.sku} {line.order_line.description}".strip(),
                help_text=_("{expected} of {asked} still expected").format(
                    expected=plain(line.quantity_expected), asked=plain(line.quantity)
                ),
                initial=plain(line.quantity_expected),
                min_value=0,
                max_digits=18,
                decimal_places=4,
            )

    @property
    def goods(self) -> list[BoundField]:
        """The fields of the lines."""
        return [self[_name(line)] for line in self.expected]

    @property
    def quantities(self) -> dict[UUID, Decimal]:
        """What was typed, by return line."""
        return {line.pk: self.cleaned_data[_name(line)] for line in self.expected}

    def field_of(self, sku: str | None) -> str | None:
        names = [_name(line) for line in self.expected if line.order_line.sku == sku]
        return names[0] if len(names) == 1 else None


class OpenReturnForm(StepForm):
    """How many of each delivered line the customer wants to send back, and why."""

    reason = forms.CharField(label=_("What the customer says"), max_length=2000, widget=forms.Textarea)

    def __init__(self, *args: Any, lines: list[tuple[OrderLine, Decimal]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.delivered = [(line, free) for line, free in lines if free > 0]
        for line, free in self.delivered:
            self.fields[_name(line)] = CameField(
                label=f"{line.sku} {line.description}".strip(),
                help_text=_("{free} of {shipped} delivered can come back").format(
                    free=plain(free), shipped=plain(line.quantity_shipped)
                ),
                required=False,
                min_value=0,
                max_digits=18,
                decimal_places=4,
            )

    @property
    def goods(self) -> list[BoundField]:
        """The fields of the lines."""
        return [self[_name(line)] for line, _free in self.delivered]

    @property
    def wanted(self) -> list[WantedBack]:
        """What was typed, by SKU."""
        typed = ((line.sku, self.cleaned_data[_name(line)]) for line, _free in self.delivered)
        return [WantedBack(sku=sku, quantity=quantity) for sku, quantity in typed if quantity]

    def field_of(self, sku: str | None) -> str | None:
        names = [_name(line) for line, _free in self.delivered if line.sku == sku]
        return names[0] if len(names) == 1 else None


def _name(line: ReturnLine | OrderLine) -> str:
    return f"line_{line.pk}"
