"""Tables of the books. Entries, lines and counters are written by the database's own functions only (sql/*.sql)."""

from datetime import date
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from base.fields import StateField, TimeStamped, amount_field, currency_field, uuid7_pk
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.ledger import sources
from erp.ledger.chart import (
    Account,
    AccountType,
    Company,
    FiscalYear,
    Journal,
    Period,
    PeriodChange,
    PeriodStatus,
    Series,
)
from erp.ledger.dimensions import LINE_PARTS, Dimension, DimensionKind, dimension_of_line
from erp.ledger.keeping import DaySum, FoldMark, MonthSum, Seal
from erp.ledger.papers import Attachment
from erp.ledger.roles import READERS

__all__ = [
    "Account",
    "AccountType",
    "Attachment",
    "Company",
    "DaySum",
    "Dimension",
    "DimensionKind",
    "FiscalYear",
    "FoldMark",
    "Journal",
    "JournalEntry",
    "JournalLine",
    "MonthSum",
    "Period",
    "PeriodChange",
    "PeriodStatus",
    "Seal",
    "Series",
    "Voucher",
    "VoucherLine",
    "VoucherStatus",
]


LIMIT = Decimal("99999999999999999.99")


class JournalEntryQuerySet(VisibleQuerySet):
    """Words about entries."""

    def of_source(self, source_type: str, source_id: UUID) -> Self:
        """Entries that a document caused."""
        return self.filter(source_type=source_type, source_id=source_id)


class JournalEntry(models.Model):
    """One posted fact: balanced, numbered, for good."""

    READERS = READERS

    id = uuid7_pk()
    # What an entry and its lines point to is asked by the belt, once per statement (sql/belt.sql, docs/adr/0014).
    company = models.ForeignKey(
        Company, models.PROTECT, related_name="entries", verbose_name=_("company"), db_index=False, db_constraint=False
    )
    journal = models.ForeignKey(
        Journal, models.PROTECT, related_name="entries", verbose_name=_("journal"), db_constraint=False
    )
    period = models.ForeignKey(
        Period, models.PROTECT, related_name="entries", verbose_name=_("period"), db_constraint=False
    )
    number = models.CharField(_("number"), max_length=30)
    series = models.CharField(_("series"), max_length=8)
    year = models.PositiveSmallIntegerField(_("year"))
    sequence = models.PositiveIntegerField(_("number in the series"))
    date = models.DateField(_("date"))
    text = models.CharField(_("text"), max_length=250, blank=True, default="")
    total = amount_field(_("total"), help_text=_("sum of the debits"))
    key = models.CharField(_("key"), max_length=200, help_text=_("the same key is posted once"))
    digest = models.CharField(max_length=64, editable=False)
    source_type = models.CharField(_("source"), max_length=40, blank=True, default="")
    source_id = models.UUIDField(_("source document"), null=True, blank=True)
    reverses = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reversed_by",
        verbose_name=_("reverses"),
    )
    posted_by = models.CharField(_("posted by"), max_length=150, blank=True, default="")
    posted_at = models.DateTimeField(_("posted"))
    transaction = models.BigIntegerField(editable=False, help_text=_("the database transaction that wrote it"))

    objects = JournalEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        # The company comes last: it tells nothing apart, and an index that begins with it may be taken for all of them.
        constraints = [
            models.UniqueConstraint(fields=["key", "company"], name="entry_key_once"),
            models.UniqueConstraint(fields=["series", "year", "sequence", "company"], name="entry_number_once"),
        ]
        indexes = [
            models.Index(fields=["company", "-date", "-id"], name="entry_by_date"),
            models.Index(fields=["source_type", "source_id"], name="entry_by_source"),
            BrinIndex(fields=["posted_at"], name="entry_by_posted"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The entry's page."""
        return record_url("ledger:entry", self.pk)

    @property
    def source_label(self) -> str:
        """What kind of document caused it."""
        return sources.label_of(self.source_type) if self.source_type else ""

    @property
    def source_url(self) -> str:
        """The page of the document that caused it, if it has one."""
        return sources.url_of(self.source_type, self.source_id)

    @property
    def reversal(self) -> "JournalEntry | None":
        """The entry that undid this one, if any."""
        return getattr(self, "reversed_by", None)


class JournalLineQuerySet(VisibleQuerySet):
    """Words about lines."""

    def balance(self) -> Decimal:
        """Debits less credits, in base currency."""
        sums = self.aggregate(debit=Sum("debit"), credit=Sum("credit"))
        return (sums["debit"] or Decimal("0.00")) - (sums["credit"] or Decimal("0.00"))


class JournalLine(models.Model):
    """A debit or a credit of an entry, in the company's base currency."""

    READERS = READERS

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(
        JournalEntry, models.PROTECT, related_name="lines", verbose_name=_("entry"), db_index=False, db_constraint=False
    )
    position = models.PositiveSmallIntegerField(_("line"))
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="lines", verbose_name=_("account"), db_index=False, db_constraint=False
    )
    date = models.DateField(_("date"))
    debit = amount_field(_("debit"), default=Decimal(0))
    credit = amount_field(_("credit"), default=Decimal(0))
    currency = currency_field()
    foreign_amount = amount_field(
        _("amount in its currency"),
        null=True,
        blank=True,
        help_text=_("signed like debit less credit; empty in base currency, zero in a revaluation"),
    )
    party = models.CharField(_("party"), max_length=20, blank=True, default="")
    due = models.DateField(_("due"), null=True, blank=True)
    tax_code = models.CharField(_("tax"), max_length=20, blank=True, default="")
    text = models.CharField(_("text"), max_length=250, blank=True, default="")
    cost_centre = dimension_of_line(_("cost centre"), db_constraint=False)
    project = dimension_of_line(_("project"), db_constraint=False)

    objects = JournalLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("journal line")
        verbose_name_plural = _("journal lines")
        ordering = ["entry", "position"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "position"], name="line_position_once"),
            models.CheckConstraint(
                condition=(Q(debit=0) & ~Q(credit=0)) | (~Q(debit=0) & Q(credit=0)), name="line_debit_or_credit"
            ),
            models.CheckConstraint(  # NaN is greater than any number, and would balance itself
                condition=Q(debit__range=(-LIMIT, LIMIT), credit__range=(-LIMIT, LIMIT)), name="line_is_a_number"
            ),
            models.CheckConstraint(
                condition=Q(foreign_amount=None)
                | Q(foreign_amount=0)
                | (Q(foreign_amount__gt=0) & Q(debit__gt=F("credit")))
                | (Q(foreign_amount__lt=0) & Q(debit__lt=F("credit"))),
                name="line_foreign_sign",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "date", "id"], include=["debit", "credit"], name="line_by_account"),
            models.Index(
                fields=["party", "account"], include=["debit", "credit"], condition=~Q(party=""), name="line_by_party"
            ),
            *(
                models.Index(
                    fields=[kind, "date"],
                    include=["account", "debit", "credit"],
                    condition=Q(**{f"{kind}__isnull": False}),
                    name=f"line_by_{kind}",
                )
                for kind in DimensionKind.values
            ),
        ]

    @property
    def amount(self) -> Decimal:
        """Debit less credit."""
        return self.debit - self.credit


class VoucherStatus(models.TextChoices):
    """The life of a voucher."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("to approve")
    POSTED = "posted", _("posted")
    DISCARDED = "discarded", _("discarded")


class VoucherQuerySet(VisibleQuerySet):
    """Words about vouchers."""

    def with_sums(self) -> Self:
        """With the sums of both sides as `debits` and `credits`; a draft need not balance."""
        lines = VoucherLine.objects.filter(voucher=models.OuterRef("pk")).order_by().values("voucher")
        money: models.DecimalField[Any, Any] = models.DecimalField(max_digits=25, decimal_places=2)

        def side(name: str) -> Coalesce:
            of = models.Subquery(lines.annotate(of=models.Sum(name)).values("of"))
            return Coalesce(of, models.Value(Decimal(0)), output_field=money)

        return self.annotate(debits=side("debit"), credits=side("credit"))

    def with_all(self) -> Self:
        """With what a page or an answer shows of them, in two queries more."""
        names = ("journal", "entry", "created_by", "posted_by", "company")
        return self.select_related(*names).prefetch_related(*LINE_PARTS)

    def to_approve(self) -> Self:
        """Submitted, waiting for a second person."""
        return self.filter(status=VoucherStatus.SUBMITTED)

    def to_take_back(self, today: date) -> Self:
        """Accruals in the books whose day of reversal has come, and that stand there still."""
        return self.filter(status=VoucherStatus.POSTED, reverse_on__lte=today, entry__reversed_by=None)


class Voucher(ConcurrentTransitionMixin, TimeStamped):
    """What an accountant writes before it is posted; has no number until then."""

    READERS = READERS

    id = uuid7_pk()
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="vouchers", verbose_name=_("company"))
    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="vouchers", verbose_name=_("journal"))
    date = models.DateField(_("date"))
    text = models.CharField(_("text"), max_length=250)
    status = StateField(_("status"), default=VoucherStatus.DRAFT, choices=VoucherStatus)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("posted by")
    )
    note = models.CharField(_("why it came back"), max_length=250, blank=True, default="")
    reverse_on = models.DateField(
        _("reverse on"), null=True, blank=True, help_text=_("For accruals: from this day on the entry is undone.")
    )
    entry = models.OneToOneField(
        JournalEntry, on_delete=models.PROTECT, null=True, related_name="voucher", verbose_name=_("entry")
    )

    history = HistoricalRecords()
    objects = VoucherQuerySet.as_manager()

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        constraints = [
            models.CheckConstraint(
                condition=Q(status=VoucherStatus.POSTED, entry__isnull=False)
                | (~Q(status=VoucherStatus.POSTED) & Q(entry=None)),
                name="voucher_posted_has_entry",
            ),
            models.CheckConstraint(
                condition=Q(reverse_on=None) | Q(reverse_on__gt=F("date")), name="voucher_reversed_later"
            ),
        ]
        indexes = [models.Index(fields=["status", "-id"], name="voucher_by_status")]

    def __str__(self) -> str:
        return self.entry.number if self.entry else self.text

    def get_absolute_url(self) -> str:
        """The voucher's page."""
        return record_url("ledger:voucher", self.pk)

    @property
    def total(self) -> Decimal:
        """Sum of the debits."""
        return sum((line.debit for line in self.lines.all()), Decimal("0.00"))

    @property
    def difference(self) -> Decimal:
        """Debits less credits; zero when it balances."""
        return sum((line.debit - line.credit for line in self.lines.all()), Decimal("0.00"))

    @transition(status, source=VoucherStatus.DRAFT, target=VoucherStatus.SUBMITTED)
    def submit(self) -> None:
        """Ready for the second person."""

    @transition(status, source=VoucherStatus.SUBMITTED, target=VoucherStatus.DRAFT)
    def send_back(self, note: str) -> None:
        """The second person wants it changed."""
        self.note = note

    @transition(status, source=[VoucherStatus.DRAFT, VoucherStatus.SUBMITTED], target=VoucherStatus.POSTED)
    def post(self, entry: JournalEntry, by: Any) -> None:
        """It stands in the books."""
        self.entry, self.posted_by, self.note = entry, by, ""

    @transition(status, source=VoucherStatus.DRAFT, target=VoucherStatus.DISCARDED)
    def discard(self) -> None:
        """Not wanted; kept for the record."""


class VoucherLine(models.Model):
    """A line as typed; may be unbalanced while the voucher is a draft."""

    READERS = READERS

    id = models.BigAutoField(primary_key=True)
    voucher = models.ForeignKey(Voucher, on_delete=models.CASCADE, related_name="lines", verbose_name=_("voucher"))
    position = models.PositiveSmallIntegerField(_("line"))
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name=_("account"))
    debit = amount_field(_("debit"), default=Decimal(0))
    credit = amount_field(_("credit"), default=Decimal(0))
    party = models.CharField(_("party"), max_length=20, blank=True, default="")
    due = models.DateField(_("due"), null=True, blank=True)
    tax_code = models.CharField(_("tax"), max_length=20, blank=True, default="")
    text = models.CharField(_("text"), max_length=250, blank=True, default="")
    cost_centre = dimension_of_line(_("cost centre"))
    project = dimension_of_line(_("project"))

    history = HistoricalRecords(no_db_index=DimensionKind.values)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("voucher line")
        verbose_name_plural = _("voucher lines")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["voucher", "position"], name="voucher_line_position_once"),
            models.CheckConstraint(
                condition=Q(debit__gte=0, credit__gte=0) & (Q(debit=0) | Q(credit=0)),
                name="voucher_line_debit_or_credit",
            ),
        ]
