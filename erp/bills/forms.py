"""Forms of bills: the head, the grid of lines, a payment."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.refusals import Refused
from erp.banking.models import Method
from erp.bills.models import Bill
from erp.bills.services import NewLine
from erp.ledger.dimensions import KINDS, codes_by_word
from erp.ledger.refusals import UNKNOWN
from erp.ledger.services import account, company
from erp.parties.models import Party
from erp.rates.forms import BookedMixin, CurrencyMixin
from erp.tax.models import TaxClass

ROWS = 3
ROWS_MAX = 100


class BillForm(CurrencyMixin):
    """Who asks, with which number, and until when."""

    party = forms.CharField(label=_("Supplier"), max_length=250, help_text=_("Code or name"))
    number = forms.CharField(label=_("Supplier's number"), max_length=60)
    date = forms.DateField(label=_("Date"), initial=timezone.localdate)
    due = forms.DateField(
        label=_("Due"), required=False, help_text=_("By the supplier's payment terms, when left empty.")
    )
    inclusive = forms.BooleanField(label=_("Amounts include the tax"), required=False)
    note = forms.CharField(label=_("Note"), max_length=250, required=False)

    def clean_party(self) -> Party:
        """The supplier with this code or name; a name may stop where it is clear."""
        text = self.cleaned_data["party"].strip()
        suppliers = Party.objects.suppliers()
        code = text.split(" ")[0]
        found = list(suppliers.filter(code__iexact=code)[:1]) or list(suppliers.filter(name__icontains=text)[:2])
        if len(found) == 1:
            return found[0]
        if found:
            raise ValidationError(_("Several suppliers are called so; use the code."))
        raise ValidationError(_("No supplier has this code or name."))


class LineForm(forms.Form):
    """One row of the grid; an empty row is no line."""

    account = forms.CharField(label=_("Account"), max_length=60, required=False)
    text = forms.CharField(label=_("Text"), max_length=250, required=False)
    amount = forms.DecimalField(
        label=_("Amount"), min_value=Decimal("0.01"), max_digits=15, decimal_places=2, required=False
    )
    tax_class = forms.ModelChoiceField(
        label=_("Tax"), queryset=TaxClass.objects.all(), to_field_name="code", required=False, empty_label=None
    )

    cost_centre = forms.CharField(label=_("Cost centre"), max_length=20, required=False)
    project = forms.CharField(label=_("Project"), max_length=20, required=False)

    def __init__(self, *args: Any, words: Mapping[str, Mapping[str, str]], **kwargs: Any) -> None:
        """`words` of cost centres and projects, and their codes; a kind that has none is not asked for."""
        super().__init__(*args, **kwargs)
        self.words = words
        for kind in KINDS:
            if not words[kind] and not self.initial.get(kind):
                del self.fields[kind]
            else:
                self.fields[kind].widget.attrs |= {"list": f"{kind}s", "autocomplete": "off", "size": "8"}
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label  # the grid has the words in its head only
        self.fields["account"].widget.attrs |= {"list": "accounts", "autocomplete": "off"}
        self.fields["amount"].widget.attrs["class"] = "num"
        self.fields["tax_class"].initial = "standard"

    def clean(self) -> dict[str, Any]:
        """A row that says anything says account and amount."""
        told: dict[str, Any] = super().clean() or {}
        if told.get("account") or told.get("amount") or told.get("text"):
            if not told.get("amount") and "amount" not in self.errors:
                self.add_error("amount", _("How much?"))
            try:
                told["account"] = account(str(told.get("account", "")).split(" ")[0])
            except Refused as refusal:
                self.add_error("account", str(refusal))
        for kind in set(KINDS).intersection(self.fields):
            if typed := str(told.get(kind) or "").split(" ")[0]:
                told[kind] = self.words[kind].get(typed.lower())
                if told[kind] is None:
                    self.add_error(kind, str(UNKNOWN[kind](code=typed)))
        return told

    @property
    def line(self) -> NewLine | None:
        """The line the row says, or None."""
        told = self.cleaned_data
        if not told.get("amount"):
            return None
        tax_class = told["tax_class"].code if told.get("tax_class") else "standard"
        named = {kind: told.get(kind) or None for kind in KINDS}
        return NewLine(told["account"], told["amount"], tax_class, told.get("text", ""), **named)


class LinesFormSet(forms.BaseFormSet):
    """The grid; at least one line."""

    def clean(self) -> None:
        if not any(self.errors) and not self.lines:
            raise ValidationError(_("A bill needs at least one line with an amount."))

    @property
    def lines(self) -> list[NewLine]:
        """What was typed, without the empty rows."""
        return [form.line for form in self.forms if form.line]


def line_grid(data: Mapping[str, Any] | None = None, bill: Bill | None = None) -> LinesFormSet:
    """The grid for a new bill, or for a draft with its lines."""
    rows = [
        {
            "account": line.account.code, "text": line.text, "amount": line.amount, "tax_class": line.tax_class,
            **{kind: one.code for kind in KINDS if (one := getattr(line, kind))},
        }
        for line in (bill.lines.select_related("account", *KINDS) if bill else ())
    ]  # fmt: skip
    words = {kind: codes_by_word(company(), kind) for kind in KINDS}
    grid = forms.formset_factory(
        LineForm, formset=LinesFormSet, extra=1 if rows else ROWS, max_num=ROWS_MAX, absolute_max=ROWS_MAX
    )
    return grid(data, initial=rows, prefix="line", form_kwargs={"words": words})  # type: ignore[return-value]


class PayForm(BookedMixin):
    """What left the bank."""

    amount = forms.DecimalField(label=_("Amount"), max_digits=15, decimal_places=2, min_value=Decimal("0.01"))
    date = forms.DateField(label=_("Paid on"), initial=timezone.localdate)
    method = forms.ChoiceField(label=_("How"), choices=Method.choices, initial=Method.BANK)
    reference = forms.CharField(label=_("Reference"), max_length=140, required=False)
    field_order = ("amount", "booked")

    @classmethod
    def of(cls, bill: Bill, data: Any = None) -> "PayForm":
        """For a bill, in its currency."""
        form = cls(data, initial={"amount": bill.open_amount, "reference": bill.number})
        form.ask_booked(bill.currency, bill.company.base_currency)
        return form
