"""What the journal and vouchers are narrowed by, on the page and on the API."""

from functools import partial
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet, YesNoFilter
from erp.ledger.dimensions import WITHOUT, narrowed
from erp.ledger.models import Dimension, DimensionKind, Journal, JournalEntry, JournalLine, Voucher, VoucherStatus
from erp.ledger.services import company
from erp.ledger.taxes import PARTS, of_part


def dimension_choices(kind: str) -> list[tuple[str, Any]]:
    """The company's cost centres or projects, out of use or not, and the lines without any."""
    rows = Dimension.objects.filter(company=company(), kind=kind).order_by("code")
    return [(WITHOUT, _("None named")), *((one.code, str(one)) for one in rows)]


def journal_choices() -> list[tuple[str, str]]:
    """The company's journals by code."""
    return [(one.code, one.label) for one in Journal.objects.filter(company=company())]


def _named(kind: str, method: str, label: Any, empty_label: Any) -> django_filters.ChoiceFilter:
    choices = partial(dimension_choices, kind)
    return django_filters.ChoiceFilter(method=method, label=label, choices=choices, empty_label=empty_label)


class EntryFilter(ListFilterSet):
    """Which entries: by what caused them, by what they touch, by day."""

    journal = django_filters.ChoiceFilter(
        field_name="journal__code", label=_("Journal"), choices=journal_choices, empty_label=_("All journals")
    )
    account = django_filters.CharFilter(method="touching_account", label=_("Account (code or role)"))
    party = django_filters.CharFilter(method="touching_party", label=_("Party's code"))
    cost_centre = _named(DimensionKind.COST_CENTRE, "touching", _("Cost centre"), _("All cost centres"))
    project = _named(DimensionKind.PROJECT, "touching", _("Project"), _("All projects"))
    start = django_filters.DateFilter(field_name="date", lookup_expr="gte", label=_("From"))
    end = django_filters.DateFilter(field_name="date", lookup_expr="lte", label=_("To"))
    total_min = django_filters.NumberFilter(field_name="total", lookup_expr="gte", label=_("Total from"))
    total_max = django_filters.NumberFilter(field_name="total", lookup_expr="lte", label=_("Total up to"))
    reversal = YesNoFilter(method="being_reversal", label=_("Reversed or a reversal"))
    posted_by = django_filters.CharFilter(label=_("Posted by"))
    number = django_filters.CharFilter(lookup_expr="iexact", label=_("Number"))
    date = django_filters.DateFilter(label=_("On the day"))
    year = django_filters.NumberFilter(label=_("Year"))
    date_from = django_filters.DateFilter(
        field_name="date", lookup_expr="gte", label=_("From, the same as start"), widget=forms.HiddenInput
    )
    date_to = django_filters.DateFilter(
        field_name="date", lookup_expr="lte", label=_("To, the same as end"), widget=forms.HiddenInput
    )
    source_type = django_filters.CharFilter(label=_("Source"), widget=forms.HiddenInput)
    source_id = django_filters.UUIDFilter(label=_("Source document"), widget=forms.HiddenInput)
    key = django_filters.CharFilter(label=_("Key"), widget=forms.HiddenInput)
    reverses = django_filters.UUIDFilter(field_name="reverses_id", label=_("Reverses"), widget=forms.HiddenInput)

    class Meta:
        model = JournalEntry
        fields: list[str] = []

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """With these words in number or text."""
        words = text.strip()
        return rows.filter(Q(number__icontains=words) | Q(text__icontains=words)) if words else rows

    def touching_account(self, entries: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Entries with a line on the account; `1200 Receivables` means 1200."""
        code = value.split(" ")[0]
        lines = JournalLine.objects.filter(Q(account__code=code) | Q(account__role=code))
        return entries.filter(pk__in=lines.values("entry"))

    def touching_party(self, entries: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Entries with a line of the party."""
        return entries.filter(pk__in=JournalLine.objects.filter(party=value.strip().upper()).values("entry"))

    def touching(self, entries: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Entries with a line of the cost centre or project, or with one that names none."""
        lines = narrowed(JournalLine.objects.all(), company().pk, {name: value})
        return entries.filter(pk__in=lines.values("entry"))

    def being_reversal(self, entries: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:
        """One half of an undone pair, or none."""
        half = Q(reverses__isnull=False) | Q(reversed_by__isnull=False)
        return entries.filter(half) if value else entries.exclude(half)


class LineFilter(ListFilterSet):
    """Which lines: of which account and party, on which days, how large."""

    account = django_filters.CharFilter(method="of_account", label=_("Account (code or role)"))
    party = django_filters.CharFilter(method="of_party", label=_("Party's code"))
    start = django_filters.DateFilter(field_name="date", lookup_expr="gte", label=_("From"))
    end = django_filters.DateFilter(field_name="date", lookup_expr="lte", label=_("To"))
    journal = django_filters.ChoiceFilter(
        field_name="entry__journal__code", label=_("Journal"), choices=journal_choices, empty_label=_("All journals")
    )
    debit_min = django_filters.NumberFilter(field_name="debit", lookup_expr="gte", label=_("Debit from"))
    credit_min = django_filters.NumberFilter(field_name="credit", lookup_expr="gte", label=_("Credit from"))
    cost_centre = _named(DimensionKind.COST_CENTRE, "of_dimension", _("Cost centre"), _("All cost centres"))
    project = _named(DimensionKind.PROJECT, "of_dimension", _("Project"), _("All projects"))
    due_until = django_filters.DateFilter(field_name="due", lookup_expr="lte", label=_("Due until"))
    tax_code = django_filters.CharFilter(lookup_expr="iexact", label=_("Tax"))
    tax_codes = django_filters.CharFilter(method="of_taxes", label=_("Taxes, with commas between"))
    tax_part = django_filters.ChoiceFilter(
        method="of_tax_part", label=_("Part of the tax"), choices=PARTS, empty_label=_("Any part")
    )
    known = django_filters.IsoDateTimeFilter(
        field_name="entry__posted_at", lookup_expr="lte", label=_("As known at"), widget=forms.HiddenInput
    )
    entry = django_filters.UUIDFilter(field_name="entry_id", label=_("Entry"), widget=forms.HiddenInput)

    class Meta:
        model = JournalLine
        fields: list[str] = []

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """With these words in its text, its entry's text or number."""
        words = text.strip()
        if not words:
            return rows
        told = Q(entry__number__icontains=words) | Q(entry__text__icontains=words)
        return rows.filter(told | Q(text__icontains=words))

    def of_account(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """On the account; `1200 Receivables` means 1200."""
        code = value.split(" ")[0]
        return rows.filter(Q(account__code=code) | Q(account__role=code))

    def of_dimension(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Of the cost centre or project and those below it; the balance after each line is theirs then."""
        return narrowed(rows, company().pk, {name: value}).annotate(**{f"balance_of_{name}": Value(value)})

    def of_taxes(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """With one of these taxes; `standard:19` is the class with its rate."""
        return rows.filter(tax_code__in=[one.strip() for one in value.split(",")])

    def of_tax_part(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Output tax, input tax, or what they are taken of."""
        return of_part(rows, value)

    def of_party(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Of the party; the balance after each line is the party's then."""
        code = value.strip().upper()
        return rows.filter(party=code).annotate(balance_of=Value(code))


class VoucherFilter(ListFilterSet):
    """By state, journal, day and who wrote it."""

    status = django_filters.ChoiceFilter(label=_("State"), choices=VoucherStatus.choices, empty_label=_("Any state"))
    journal = django_filters.ChoiceFilter(
        field_name="journal__code", label=_("Journal"), choices=journal_choices, empty_label=_("All journals")
    )
    start = django_filters.DateFilter(field_name="date", lookup_expr="gte", label=_("From"))
    end = django_filters.DateFilter(field_name="date", lookup_expr="lte", label=_("To"))
    created_by = django_filters.CharFilter(field_name="created_by__username", label=_("Written by"))
    to_approve = YesNoFilter(method="waiting_for_me", label=_("Waits for my approval"))

    class Meta:
        model = Voucher
        fields: list[str] = []

    def waiting_for_me(self, rows: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:
        """Submitted by somebody else: who wrote a voucher does not approve it."""
        mine = Q(status=VoucherStatus.SUBMITTED) & ~Q(created_by=self.user)
        return rows.filter(mine) if value else rows.exclude(mine)

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """With these words in its text, or its entry's number."""
        words = text.strip()
        return rows.filter(Q(text__icontains=words) | Q(entry__number__icontains=words)) if words else rows
