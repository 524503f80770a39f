"""What people type about the books, and how it is understood."""

import re
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from base.money import parse_decimal
from base.refusals import BadInput, NotFound
from erp.ledger.dimensions import KINDS, WITHOUT, codes_by_word
from erp.ledger.models import Account, AccountType, Dimension, Journal
from erp.ledger.refusals import UNKNOWN
from erp.ledger.services import Line, account, company

CELLS = ("account", "text", "debit", "credit", "party", "due", "tax_code", *KINDS)
BLANK_ROWS = 6


def end_of_day(day: date | None) -> datetime | None:
    """The last moment of a day of knowledge, in the reader's time."""
    return timezone.make_aware(datetime.combine(day, time.max)) if day else None


class NarrowedForm(forms.Form):
    """A report of one cost centre or project; nobody is asked where there is none."""

    cost_centre = forms.ChoiceField(label=_("Cost centre"), required=False)
    project = forms.ChoiceField(label=_("Project"), required=False)
    field_order = ("start", "as_of", "end", "compare", "known")

    def __init__(self, *args: Any, whole: bool = False, **kwargs: Any) -> None:
        """A report that is `whole` knows no parts."""
        super().__init__(*args, **kwargs)
        known = [] if whole else list(Dimension.objects.filter(company=company()).order_by("code"))
        for kind, all_of_them in (("cost_centre", _("All cost centres")), ("project", _("All projects"))):
            asked: Any = self.fields[kind]
            named = [(one.code, str(one)) for one in known if one.kind == kind]
            asked.choices = [("", all_of_them), (WITHOUT, _("None named")), *named]
            if whole:
                del self.fields[kind]
            elif not named:
                asked.widget = forms.HiddenInput()

    @property
    def only(self) -> dict[str, str]:
        """What is asked for of each kind."""
        return {kind: code for kind in KINDS if (code := self.cleaned_data.get(kind))}


class TrialBalanceForm(NarrowedForm):
    """From when to when, and of what."""

    start = forms.DateField(label=_("From"), required=False, widget=forms.DateInput)
    as_of = forms.DateField(label=_("As of"), required=False, widget=forms.DateInput)
    known = forms.DateField(label=_("As known on"), required=False, widget=forms.DateInput)

    def asked(self) -> dict[str, Any]:
        """The report's arguments; today when nothing is said."""
        if not self.is_valid():
            name, errors = next(iter(self.errors.items()))
            raise BadInput(why=errors[0], field=name)
        as_of = self.cleaned_data["as_of"] or timezone.localdate()
        return {
            "as_of": as_of,
            "start": self.cleaned_data["start"],
            "known": end_of_day(self.cleaned_data["known"]),
            "only": self.only,
        }


class ReverseForm(forms.Form):
    """When, and why."""

    date = forms.DateField(label=_("Date of the reversal"), widget=forms.DateInput)
    reason = forms.CharField(label=_("Reason"), max_length=250)


class NoteForm(forms.Form):
    """What should change."""

    note = forms.CharField(label=_("What should change"), max_length=250)


class ReopenForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=250)


class AccountForm(forms.ModelForm):
    """An account that people add to the chart, or rename."""

    class Meta:
        model = Account
        fields = ["code", "name", "name_zh", "initials", "type", "parent", "cost_centre_from", "project_from", "active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.control or self.instance.role:  # its lines come from documents, which know no cost centre
            del self.fields["cost_centre_from"], self.fields["project_from"]
        headings: Any = self.fields["parent"]
        headings.queryset = Account.objects.filter(company=company(), is_group=True)
        headings.required = True
        self.fields["type"].choices = AccountType.choices  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        """A code names one account."""
        code: str = self.cleaned_data["code"].strip()
        if Account.objects.filter(company=company(), code=code).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is an account “%(code)s” already."), params={"code": code})
        return code


class DimensionForm(forms.ModelForm):
    """A cost centre or project; its kind is chosen once."""

    class Meta:
        model = Dimension
        fields = ["kind", "code", "name", "name_zh", "initials", "parent", "active"]

    def __init__(self, data: Any = None, *, known: Dimension | None = None, **kwargs: Any) -> None:
        super().__init__(data, instance=copy(known), **kwargs)
        above: Any = self.fields["parent"]
        above.queryset = Dimension.objects.filter(company=company())
        if known:
            del self.fields["kind"]
            above.queryset = above.queryset.filter(kind=known.kind).exclude(pk=known.pk)

    def validate_constraints(self) -> None:
        """The service says it better."""


class VoucherForm(forms.Form):
    """The head of a voucher."""

    journal = forms.ChoiceField(label=_("Journal"))
    date = forms.DateField(label=_("Date"), widget=forms.DateInput)
    text = forms.CharField(label=_("Text"), max_length=250)
    reverse_on = forms.DateField(
        label=_("Reverse on"), required=False, widget=forms.DateInput, help_text=_("For accruals.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        journals: Any = self.fields["journal"]
        journals.choices = [(one.code, one.label) for one in Journal.objects.filter(company=company())]
        self.fields["text"].widget.attrs["placeholder"] = _("What is it about?")


@dataclass
class GridRow:
    """A row of the grid as typed, what is wrong in which cell, and the line it makes."""

    number: int
    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    line: Line | None = None

    @property
    def account_label(self) -> str:
        """The account's name, as far as the code says it."""
        return self.values.get("_label", "")


class Grid:
    """The rows of a voucher: nothing typed is lost, errors stand in the cell."""

    def __init__(self, rows: list[GridRow]) -> None:
        self.rows = rows

    @classmethod
    def typed(cls, data: QueryDict) -> "Grid":
        """The rows that came back from the browser; empty ones are passed over."""
        columns = {name: data.getlist(f"line_{name}") for name in CELLS}
        height = max((len(column) for column in columns.values()), default=0)
        rows: list[GridRow] = []
        for index in range(height):
            values = {name: column[index].strip() if index < len(column) else "" for name, column in columns.items()}
            if any(values.values()):
                rows.append(_understood(GridRow(len(rows) + 1, values)))
        _name_dimensions(rows)
        return cls(rows)

    @classmethod
    def of_lines(cls, lines: Any) -> "Grid":
        """The rows of a voucher that is there."""
        return cls(
            [
                GridRow(
                    line.position,
                    {
                        "account": line.account.code,
                        "_label": line.account.label,
                        "text": line.text,
                        "debit": str(line.debit or ""),
                        "credit": str(line.credit or ""),
                        "party": line.party,
                        "due": line.due.isoformat() if line.due else "",
                        "tax_code": line.tax_code,
                        "cost_centre": line.cost_centre.code if line.cost_centre else "",
                        "project": line.project.code if line.project else "",
                    },
                )
                for line in lines
            ]
        )

    @property
    def lines(self) -> list[Line]:
        """The lines, when no cell is wrong."""
        return [row.line for row in self.rows if row.line]

    @property
    def valid(self) -> bool:
        """Could every row be understood?"""
        return all(not row.errors for row in self.rows)

    def padded(self) -> list[GridRow]:
        """The rows and some empty ones to type on."""
        missing = max(1, BLANK_ROWS - len(self.rows))
        return self.rows + [GridRow(len(self.rows) + 1 + index, {}) for index in range(missing)]

    def blame(self, line: int, column: str, message: str) -> bool:
        """Put a refusal into its cell; False when there is no such cell."""
        if not (0 < line <= len(self.rows)):
            return False
        row = self.rows[line - 1]
        if column == "debit" and not row.values.get("debit"):
            column = "credit" if row.values.get("credit") else "debit"
        row.errors[column] = message
        return True


def _understood(row: GridRow) -> GridRow:
    """Read the cells into a line, or say at the cell why not."""
    told: dict[str, Any] = {"text": row.values["text"][:250]}
    readers = {"debit": _amount, "credit": _amount, "due": _day}
    for name, read in readers.items():
        try:
            told[name] = read(row.values[name])
        except BadInput as refusal:
            row.errors[name] = str(refusal)
    try:
        told["account"] = _account(row)
    except BadInput as refusal:
        row.errors["account"] = str(refusal)
    told["party"], told["tax_code"] = row.values["party"][:20] or None, row.values["tax_code"][:20] or None
    if not row.errors and bool(told["debit"]) == bool(told["credit"]):
        row.errors["debit"] = str(_("Either a debit or a credit."))
    if not row.errors:
        row.line = Line(**told)
    return row


def _name_dimensions(rows: list[GridRow]) -> None:
    """Codes for what was typed as cost centre and project; they are looked up once for the whole grid."""
    for kind, unknown in UNKNOWN.items():
        told = [row for row in rows if row.values[kind]]
        words = codes_by_word(company(), kind) if told else {}
        for row in told:
            typed = row.values[kind].split(" ")[0]
            if code := words.get(typed.lower()):
                row.values[kind] = code
                named: dict[str, Any] = {kind: code}
                row.line = replace(row.line, **named) if row.line else None
            else:
                row.errors[kind], row.line = str(unknown(code=typed)), None


def _account(row: GridRow) -> str:
    code = row.values["account"].split(" ")[0]
    if not code:
        raise BadInput(why=_("Which account?"))
    try:
        found = account(code)
    except NotFound as error:
        raise BadInput(why=_("There is no account “{account}”.").format(account=code)) from error
    row.values["account"], row.values["_label"] = found.code, found.label
    return found.code


def _amount(text: str) -> Decimal:
    return read_amount(text) if text else Decimal(0)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise BadInput(why=_("“{text}” is not a day.").format(text=text))
    return found


def read_amount(text: str) -> Decimal:
    """An amount as people write it: grouped in either manner, with a point or a comma before the cents.

    >>> [str(read_amount(text)) for text in ("1,234.50", "1.234,50", "12,5", "1,234", "7 000")]
    ['1234.50', '1234.50', '12.5', '1234', '7000']
    """
    plain = re.sub(r"[\s'’]", "", text)
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d*)?", plain):
        plain = plain.replace(",", "")
    elif re.fullmatch(r"-?\d{1,3}(\.\d{3})+,\d*", plain) or re.fullmatch(r"-?\d+,\d*", plain):
        plain = plain.replace(".", "").replace(",", ".")
    number = parse_decimal(plain)
    if number < 0:
        raise BadInput(why=_("An amount is above zero; use the other column."))
    if number != number.quantize(Decimal("0.01")):
        raise BadInput(why=_("An amount has two digits after the point at most."))
    return number
