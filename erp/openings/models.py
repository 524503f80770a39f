"""Opening balances of a day, and the open items that come with them."""

from datetime import date as Day
from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.fields import amount_field, currency_field, uuid7_pk
from base.links import record_url
from base.visible import VisibleQuerySet
from erp.openings.roles import READERS


def _of(model: str, name: Any, **more: Any) -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(model, models.PROTECT, verbose_name=name, **{"related_name": "+", **more})


def _entry(name: Any, **more: Any) -> "models.OneToOneField[Any, Any]":
    return models.OneToOneField(
        "ledger.JournalEntry", models.PROTECT, verbose_name=name, **{"related_name": "+", **more}
    )


class OpeningBalance(models.Model):
    """The balances of a day, with the one entry they became; taken back by the mirror of that entry."""

    READERS = READERS

    id = uuid7_pk()
    company = _of("ledger.Company", _("company"))
    day = models.DateField(_("day"))
    difference = amount_field(
        _("difference"), default=Decimal(0), help_text=_("what the file lacked, on the account of opening balances")
    )
    entry = _entry(_("entry"))
    reversal = _entry(_("taken back by"), null=True)
    recorded_by = models.CharField(_("recorded by"), max_length=150, blank=True, default="")
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("opening balances")
        verbose_name_plural = _("opening balances")
        ordering = ("-day", "-id")
        constraints = [
            models.UniqueConstraint(fields=["company", "day"], condition=Q(reversal=None), name="opening_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.day}"

    def get_absolute_url(self) -> str:
        return record_url("openings:balances", self.pk)


class OpeningLine(models.Model):
    """A balance as the other system told it, whichever account it was posted on."""

    READERS = READERS

    id = models.BigAutoField(primary_key=True)
    opening = _of("openings.OpeningBalance", _("opening balances"), related_name="lines")
    position = models.PositiveSmallIntegerField(_("line"))
    account = _of("ledger.Account", _("account"))
    debit = amount_field(_("debit"), default=Decimal(0))
    credit = amount_field(_("credit"), default=Decimal(0))
    text = models.CharField(_("text"), max_length=250, blank=True, default="")

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("opening balance")
        verbose_name_plural = _("opening balances")
        ordering = ("opening", "position")
        constraints = [
            models.UniqueConstraint(fields=["opening", "position"], name="opening_line_position_once"),
            models.CheckConstraint(
                condition=Q(debit__gt=0, credit=0) | Q(debit=0, credit__gt=0), name="opening_line_debit_or_credit"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}"


class Side(models.TextChoices):
    """Who owes whom; also the role of the account that holds it."""

    RECEIVABLE = "receivable", _("Customer's invoice")
    PAYABLE = "payable", _("Supplier's bill")


class ItemStatus(models.TextChoices):
    OPEN = "open", _("Open")
    PARTLY_PAID = "partly_paid", _("Partly paid")
    PAID = "paid", _("Paid")
    TAKEN_BACK = "taken_back", _("Taken back")


class OpeningItemQuerySet(VisibleQuerySet):
    """Words about opening items."""

    def for_list(self) -> Self:
        """With what a row shows."""
        return self.select_related("party", "entry")

    def matching(self, text: str) -> Self:
        """Number or party contains every word."""
        for word in text.split():
            self = self.filter(Q(number__icontains=word) | Q(party__code__iexact=word) | Q(party__name__icontains=word))
        return self

    def standing(self) -> Self:
        """Not taken back."""
        return self.filter(reversal=None)

    def receivables(self) -> Self:
        return self.filter(side=Side.RECEIVABLE)

    def unsettled(self) -> Self:
        """Something is still to be paid."""
        return self.filter(open_amount__gt=0)

    def overdue(self) -> Self:
        return self.unsettled().filter(due__lt=timezone.localdate())

    def with_status(self, status: str) -> Self:
        """Open, partly paid, paid or taken back, as what is open says."""
        conditions = {
            ItemStatus.OPEN: Q(open_amount=F("amount")),
            ItemStatus.PARTLY_PAID: Q(open_amount__gt=0, open_amount__lt=F("amount")),
            ItemStatus.PAID: Q(open_amount=0, reversal=None),
            ItemStatus.TAKEN_BACK: Q(reversal__isnull=False),
        }
        return self.filter(conditions[ItemStatus(status)])

    def open_on(self, as_of: Day) -> Self:
        """What was open on a day, as `open_then`; what was settled since then counts as open."""
        money: models.DecimalField[Any, Any] = models.DecimalField(max_digits=25, decimal_places=2)
        later = OpeningAllocation.objects.filter(item=models.OuterRef("pk"), date__gt=as_of).order_by().values("item")
        since = models.functions.Coalesce(
            models.Subquery(later.annotate(of=models.Sum("amount")).values("of")), Decimal(0), output_field=money
        )
        there = self.standing().filter(opened_on__lte=as_of)
        return there.annotate(open_then=models.ExpressionWrapper(F("open_amount") + since, output_field=money)).exclude(
            open_then=0
        )


class OpeningItem(models.Model):
    """An invoice or a bill from before, as far as it was not paid; only what is open of it moves, by allocations."""

    READERS = READERS

    TIERS = {"amount": "cost", "open_amount": "cost"}

    id = uuid7_pk()
    company = _of("ledger.Company", _("company"))
    side = models.CharField(_("kind"), max_length=10, choices=Side)
    party = _of("parties.Party", _("party"), related_name="opening_items")
    number = models.CharField(_("its number"), max_length=60)
    date = models.DateField(_("date"))
    due = models.DateField(_("due"))
    opened_on = models.DateField(_("in the books from"))
    currency = currency_field()
    amount = amount_field(_("unpaid at the opening"))
    open_amount = amount_field(_("open"))
    text = models.CharField(_("text"), max_length=250, blank=True, default="")
    entry = _entry(_("entry"))
    reversal = _entry(_("taken back by"), null=True)
    recorded_by = models.CharField(_("recorded by"), max_length=150, blank=True, default="")
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    objects = OpeningItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("opening item")
        verbose_name_plural = _("opening items")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["due", "id"], condition=Q(open_amount__gt=0), name="opening_item_unsettled"),
            models.Index(fields=["party", "due"], name="opening_item_of_party"),
        ]
        constraints = [
            models.UniqueConstraint("party", Upper("number"), condition=Q(reversal=None), name="opening_number_once"),
            models.CheckConstraint(condition=~Q(number=""), name="opening_item_has_a_number"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="opening_item_side_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="opening_item_amount_positive"),
            models.CheckConstraint(
                condition=Q(open_amount__gte=0, open_amount__lte=F("amount")), name="opening_item_open_within"
            ),
            models.CheckConstraint(
                condition=Q(due__gte=F("date"), opened_on__gte=F("date")), name="opening_item_days_in_order"
            ),
            models.CheckConstraint(
                condition=Q(reversal=None) | Q(open_amount=0), name="opening_item_taken_back_is_not_open"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return record_url("openings:detail", self.pk)

    @property
    def is_receivable(self) -> bool:
        return self.side == Side.RECEIVABLE

    @property
    def is_overdue(self) -> bool:
        """Open past its day."""
        return self.open_amount > 0 and self.due < timezone.localdate()

    @property
    def status(self) -> str:
        """Open, partly paid, paid or taken back, read from what is open."""
        if self.reversal_id:
            return ItemStatus.TAKEN_BACK
        if self.open_amount == 0:
            return ItemStatus.PAID
        return ItemStatus.OPEN if self.open_amount == self.amount else ItemStatus.PARTLY_PAID

    def get_status_display(self) -> str:
        """The status in the reader's language."""
        return str(ItemStatus(self.status).label)


class OpeningAllocation(models.Model):
    """A payment settles (a part of) an opening item; written once."""

    READERS = READERS

    TIERS = {"amount": "cost"}

    id = uuid7_pk()
    item = _of("openings.OpeningItem", _("opening item"), related_name="allocations")
    receipt = _of("banking.Receipt", _("payment"), related_name="opening_allocations")
    amount = amount_field(_("amount"))
    date = models.DateField(_("date"))
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("settlement of an opening item")
        verbose_name_plural = _("settlements of opening items")
        ordering = ("id",)
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="opening_allocation_positive")]
