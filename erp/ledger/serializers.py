"""How the books look in the API: amounts are strings, documents are named by their UUID."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from base.references import NamedField
from erp.ledger.models import Account, JournalEntry, JournalLine, Period, Voucher, VoucherLine
from erp.ledger.services import Line
from erp.ledger.vouchers import revision


class AccountSerializer(serializers.ModelSerializer[Account]):
    """An account of the chart."""

    group = serializers.CharField(source="parent.code", default=None, read_only=True, allow_null=True)

    class Meta:
        model = Account
        fields = [
            "id", "code", "name", "name_zh", "type", "role", "group", "is_group", "control", "cost_centre_from",
            "project_from", "active",
        ]  # fmt: skip


class NewAccountSerializer(serializers.ModelSerializer[Account]):
    """An account to be added or renamed; it stands under a heading of the chart."""

    parent = NamedField(  # type: ignore[assignment]  # the stubs: DRF takes fields out of the class
        slug_field="code", queryset=Account.objects.filter(is_group=True)
    )

    class Meta:
        model = Account
        fields = ["code", "name", "name_zh", "initials", "type", "parent", "cost_centre_from", "project_from", "active"]

    def validate_code(self, code: str) -> str:
        """A code names one account."""
        account: Any = self.instance
        if Account.objects.filter(company=account.company_id, code=code).exclude(pk=account.pk).exists():
            raise serializers.ValidationError(_("There is an account “%(code)s” already.") % {"code": code})
        return code


class JournalLineSerializer(serializers.ModelSerializer[JournalLine]):
    """A line as posted."""

    account = serializers.CharField(source="account.code")
    account_role = serializers.CharField(source="account.role", allow_null=True)
    cost_centre = serializers.CharField(source="cost_centre.code", allow_null=True)
    project = serializers.CharField(source="project.code", allow_null=True)

    class Meta:
        model = JournalLine
        fields = [
            "position", "account", "account_role", "debit", "credit", "currency", "foreign_amount", "party", "due",
            "tax_code", "text", "cost_centre", "project",
        ]  # fmt: skip


class LedgerLineSerializer(serializers.ModelSerializer[JournalLine]):
    """A line by itself: with its entry, its account and its day."""

    entry_number = serializers.CharField(source="entry.number")
    journal = serializers.CharField(source="entry.journal.code")
    account = serializers.CharField(source="account.code")
    cost_centre = serializers.CharField(source="cost_centre.code", allow_null=True)
    project = serializers.CharField(source="project.code", allow_null=True)

    class Meta:
        model = JournalLine
        fields = [
            "id", "entry", "entry_number", "journal", "date", "account", "debit", "credit", "currency",
            "foreign_amount", "party", "due", "tax_code", "text", "cost_centre", "project",
        ]  # fmt: skip


class EntrySerializer(serializers.ModelSerializer[JournalEntry]):
    """An entry with its lines, and what it reverses or was reversed by."""

    journal = serializers.CharField(source="journal.code")
    reversed_by = serializers.SerializerMethodField()
    lines = JournalLineSerializer(many=True)

    class Meta:
        model = JournalEntry
        fields = [
            "id", "number", "journal", "date", "text", "total", "key", "source_type", "source_id", "reverses",
            "reversed_by", "posted_by", "posted_at", "lines",
        ]  # fmt: skip

    def get_reversed_by(self, entry: JournalEntry) -> str | None:
        """The entry that undid this one."""
        return str(entry.reversal.pk) if entry.reversal else None


def line_of(told: dict[str, Any]) -> Line:
    """A line as the services take it: what it names, by codes."""
    return Line(**{name: value["code"] if isinstance(value, dict) else value for name, value in told.items()})


class VoucherLineSerializer(serializers.ModelSerializer[VoucherLine]):
    """A line as typed; either a debit or a credit."""

    account = serializers.CharField(source="account.code")
    cost_centre = serializers.CharField(source="cost_centre.code", max_length=20, allow_null=True, required=False)
    project = serializers.CharField(source="project.code", max_length=20, allow_null=True, required=False)

    class Meta:
        model = VoucherLine
        fields = ["account", "debit", "credit", "party", "due", "tax_code", "text", "cost_centre", "project"]
        extra_kwargs = {"debit": {"min_value": 0}, "credit": {"min_value": 0}}


class VoucherSerializer(serializers.ModelSerializer[Voucher]):
    """A voucher; `revision`, sent with a change, refuses it when somebody was quicker."""

    journal = serializers.CharField(source="journal.code", default="general")
    status = serializers.CharField(read_only=True)
    entry_number = serializers.CharField(source="entry.number", default=None, read_only=True, allow_null=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True)
    posted_by = serializers.CharField(source="posted_by.username", default=None, read_only=True, allow_null=True)
    revision = serializers.SerializerMethodField()
    total = serializers.DecimalField(max_digits=19, decimal_places=2, read_only=True)
    difference = serializers.DecimalField(max_digits=19, decimal_places=2, read_only=True)
    lines = VoucherLineSerializer(many=True)

    class Meta:
        model = Voucher
        fields = [
            "id", "journal", "date", "text", "reverse_on", "status", "total", "difference", "note", "entry",
            "entry_number", "created_by", "posted_by", "revision", "lines",
        ]  # fmt: skip
        read_only_fields = ["note", "entry"]

    def get_revision(self, voucher: Voucher) -> str:
        """Changes with every change."""
        return revision(voucher)

    @property
    def content(self) -> dict[str, Any]:
        """What the services need, after validation."""
        told = self.validated_data
        journal = told.get("journal", "general")
        return {
            "journal": journal["code"] if isinstance(journal, dict) else journal,
            "date": told["date"],
            "text": told["text"],
            "reverse_on": told.get("reverse_on"),
            "lines": [line_of(dict(one)) for one in told["lines"]],
        }


class PeriodSerializer(serializers.ModelSerializer[Period]):
    """A month of the books."""

    year = serializers.IntegerField(source="fiscal_year.year")

    class Meta:
        model = Period
        fields = ["id", "year", "number", "starts_on", "ends_on", "status"]


class ReverseSerializer(serializers.Serializer[Any]):
    """When, and why."""

    date = serializers.DateField()
    reason = serializers.CharField(max_length=250)


class NoteSerializer(serializers.Serializer[Any]):
    """What should change."""

    note = serializers.CharField(max_length=250)


class CloseSerializer(serializers.Serializer[Any]):
    """How far: `closing` still takes the general journal, `closed` nothing, `hard` never opens again.

    A reason is wanted where the checklist has something that should have been done first.
    """

    status = serializers.ChoiceField(choices=["closing", "closed", "hard"], default="closed")
    reason = serializers.CharField(max_length=250, default="", allow_blank=True)


class ToDoSerializer(serializers.Serializer[Any]):
    """Something to do before the period is closed, and how much of it is left."""

    code = serializers.CharField(source="check.code")
    words = serializers.CharField(source="check.words")
    must = serializers.BooleanField(source="check.must")
    count = serializers.IntegerField(source="found.count")


class ReopenSerializer(serializers.Serializer[Any]):
    """Why a period goes back: from closing to open, from closed to closing."""

    reason = serializers.CharField(max_length=250)


class TrialBalanceRowSerializer(serializers.Serializer[Any]):
    """An account in the trial balance."""

    account = serializers.CharField(source="account.code")
    name = serializers.CharField(source="account.label")
    role = serializers.CharField(source="account.role", allow_null=True)
    opening = serializers.DecimalField(max_digits=25, decimal_places=2)
    debit = serializers.DecimalField(max_digits=25, decimal_places=2)
    credit = serializers.DecimalField(max_digits=25, decimal_places=2)
    closing = serializers.DecimalField(max_digits=25, decimal_places=2)


@extend_schema_serializer(many=False)
class TrialBalanceSerializer(serializers.Serializer[Any]):
    """The trial balance: movements from `start` to `as_of`; `difference` is over all time, and zero.

    `only` names the cost centre or project that it is narrowed to; the difference need not be zero then.
    """

    start = serializers.DateField(allow_null=True)
    as_of = serializers.DateField()
    known = serializers.DateTimeField(allow_null=True)
    only = serializers.DictField(child=serializers.CharField())
    debit = serializers.DecimalField(max_digits=25, decimal_places=2)
    credit = serializers.DecimalField(max_digits=25, decimal_places=2)
    closing_debit = serializers.DecimalField(max_digits=25, decimal_places=2)
    closing_credit = serializers.DecimalField(max_digits=25, decimal_places=2)
    difference = serializers.DecimalField(max_digits=25, decimal_places=2)
    rows = TrialBalanceRowSerializer(many=True)
