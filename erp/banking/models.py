"""Receipts and deposits."""

from datetime import date as Day
from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from base.fields import StateField, TimeStamped, amount_field, currency_field, rate_field, uuid7_pk
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.banking.roles import BANK_READERS


class ReceiptKind(models.TextChoices):
    PAYMENT = "payment", _("Payment")
    DEPOSIT = "deposit", _("Deposit")
    REFUND = "refund", _("Refund")
    PAID = "paid", _("Payment to a supplier")


MONEY_OUT = (ReceiptKind.REFUND, ReceiptKind.PAID)


class Method(models.TextChoices):
    BANK = "bank", _("Bank transfer")
    CARD = "card", _("Card")
    CASH = "cash", _("Cash")


class ReceiptQuerySet(VisibleQuerySet):
    """Words about receipts."""

    def matching(self, text: str) -> Self:
        """Number, reference or customer contains every word."""
        for word in text.split():
            self = self.filter(
                Q(number__icontains=word)
                | Q(reference__icontains=word)
                | Q(party__code__iexact=word)
                | Q(party__name__icontains=word)
            )
        return self

    def with_left(self) -> Self:
        """With what of a payment settles nothing yet and was not paid back, as `left`."""
        money: models.DecimalField[Any, Any] = models.DecimalField(max_digits=25, decimal_places=2)

        def taken(relation: str) -> Coalesce:
            field = self.model._meta.get_field(relation).field
            rows = field.model._default_manager.filter(**{field.name: models.OuterRef("pk")}).order_by()
            total = rows.values(field.name).annotate(of=models.Sum("amount")).values("of")
            return Coalesce(models.Subquery(total), models.Value(Decimal(0)), output_field=money)

        rest = F("amount") - taken("allocations") - taken("opening_allocations") - taken("refunded_by")
        few = models.When(excess__gt=0, then=rest)  # all others settle what came: nothing is added up for them
        return self.annotate(left=models.Case(few, default=models.Value(Decimal(0)), output_field=money))

    def with_a_rest(self) -> Self:
        """Payments of which a part settles nothing yet: the customer's credit."""
        return self.filter(kind=ReceiptKind.PAYMENT, excess__gt=0).with_left().filter(left__gt=0)


class Receipt(models.Model):
    """Money that came in, or, as a refund, went out; written once, never changed."""

    READERS = BANK_READERS

    TIERS = {"amount": "price", "excess": "price", "house_amount": "price"}

    id = uuid7_pk()
    company = models.ForeignKey("ledger.Company", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("number"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=ReceiptKind.choices)
    party = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="receipts")
    amount = amount_field(_("amount"))
    excess = amount_field(
        _("more than was asked"),
        default=Decimal(0),
        db_default=Decimal(0),
        help_text=_("What of a payment settled nothing when it came; it is the customer's credit."),
    )
    refunds = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="refunded_by", verbose_name=_("pays back")
    )
    currency = currency_field()
    house_amount = amount_field(
        _("booked by the bank"),
        null=True,
        help_text=_("In the currency of the books, where the amount is in another one."),
    )
    date = models.DateField(_("date"))
    method = models.CharField(_("method"), max_length=10, choices=Method.choices, default=Method.BANK)
    reference = models.CharField(_("reference"), max_length=140, blank=True, default="")
    key = models.CharField(max_length=120, unique=True, null=True, editable=False)
    entry = models.OneToOneField("ledger.JournalEntry", on_delete=models.PROTECT, related_name="+")
    recorded_by = models.CharField(_("recorded by"), max_length=150, blank=True, default="")
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["party", "date"], name="receipt_of_party"),
            models.Index(fields=["party"], condition=Q(excess__gt=0), name="receipt_with_excess"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="receipt_amount_positive"),
            models.CheckConstraint(
                condition=Q(excess=0) | Q(kind="payment", excess__gt=0, excess__lte=F("amount")),
                name="receipt_excess_of_payment",
            ),
            models.CheckConstraint(condition=Q(refunds=None) | Q(kind="refund"), name="receipt_refunds_by_refund"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return record_url("banking:receipt", self.pk)

    @property
    def signed_amount(self) -> Decimal:
        """As the bank account sees it: a refund is negative."""
        return -self.amount if self.kind in MONEY_OUT else self.amount

    @property
    def rest(self) -> Decimal:
        """What of it settles nothing yet and was not paid back: the customer's credit."""
        if not self.excess:
            return Decimal("0.00")
        if (read := self.__dict__.get("left")) is not None:
            return Decimal(read)
        uses = (*self.allocations.all(), *self.opening_allocations.all(), *self.refunded_by.all())
        taken = sum((one.amount for one in uses), Decimal(0))
        return self.amount - taken


class DepositStatus(models.TextChoices):
    REPORTED = "reported", _("Reported")
    BOOKED = "booked", _("Booked")
    CONSUMED = "consumed", _("Used up")
    REFUNDED = "refunded", _("Refunded")
    DISMISSED = "dismissed", _("Dismissed")


class DepositQuerySet(VisibleQuerySet):
    """Words about deposits."""

    def waiting(self) -> Self:
        """Heard of, and nobody has booked or dismissed them yet."""
        return self.filter(status=DepositStatus.REPORTED)

    def matching(self, text: str) -> Self:
        """Reference, order, deal or customer contains every word."""
        for word in text.split():
            self = self.filter(
                Q(reference__icontains=word)
                | Q(order__number__icontains=word)
                | Q(order__deal_number__icontains=word)
                | Q(receipt__number__icontains=word)
                | Q(party__code__iexact=word)
                | Q(party__name__icontains=word)
            )
        return self

    def waiting_for(self, order: Any) -> Self:
        """What an invoice of this order may have to look at: its booked money, and what came before the order."""
        booked = Q(order=order, status=DepositStatus.BOOKED)
        return self.filter(booked | Q(order=None, deal=order.deal) if order.deal else booked)

    def usable_for(self, order: Any) -> Self:
        """Booked money of this order that no invoice has used, oldest first."""
        return self.filter(order=order, status=DepositStatus.BOOKED).order_by("booked_on", "id")


class Deposit(ConcurrentTransitionMixin, TimeStamped, models.Model):
    """Money paid before the goods; its id is the one the CRM gave it, or our own when it was born here."""

    READERS = BANK_READERS

    TIERS = {
        "reported_amount": "price",
        "net": "price",
        "tax": "price",
        "consumed_amount": "price",
        "consumed_tax": "price",
        "refunded_amount": "price",
        "refunded_tax": "price",
        "remaining": "price",
    }

    id = uuid7_pk()
    company = models.ForeignKey("ledger.Company", on_delete=models.PROTECT, related_name="+")
    deal = models.UUIDField(_("deal"), null=True, db_index=True)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, null=True, related_name="deposits")
    party = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="deposits")
    currency = currency_field()
    reported_amount = amount_field(_("reported amount"))
    reported_on = models.DateField(_("reported on"))
    reported_by = models.CharField(_("reported by"), max_length=250, blank=True, default="")
    reference = models.CharField(_("reference"), max_length=250, blank=True, default="")
    due_at = models.DateTimeField(_("due"))
    status = StateField(_("status"), default=DepositStatus.REPORTED, choices=DepositStatus.choices, db_index=True)
    receipt = models.OneToOneField(Receipt, on_delete=models.PROTECT, null=True, related_name="deposit")
    booked_on = models.DateField(_("received on"), null=True)
    booked_at = models.DateTimeField(_("booked"), null=True)
    booked_by = models.CharField(_("booked by"), max_length=150, blank=True, default="")
    tax_class = models.CharField(_("tax class"), max_length=20, blank=True, default="")
    rate = rate_field(_("tax rate"), default=Decimal(0))
    net = amount_field(_("net"), default=Decimal(0))
    tax = amount_field(_("tax"), default=Decimal(0))
    consumed_amount = amount_field(_("used by invoices"), default=Decimal(0))
    consumed_tax = amount_field(_("of which tax"), default=Decimal(0))
    refunded_amount = amount_field(_("refunded"), default=Decimal(0))
    refunded_tax = amount_field(_("of which tax"), default=Decimal(0))
    refund = models.OneToOneField(Receipt, on_delete=models.PROTECT, null=True, related_name="refunded_deposit")
    dismissal = models.CharField(_("why dismissed"), max_length=400, blank=True, default="")
    announced_at = models.DateTimeField(_("told to the sales side"), null=True)
    history = HistoricalRecords()

    objects = DepositQuerySet.as_manager()

    class Meta:
        verbose_name = _("deposit")
        verbose_name_plural = _("deposits")
        ordering = ("due_at", "id")
        indexes = [models.Index(fields=["status", "due_at"], name="deposit_due")]
        constraints = [
            models.CheckConstraint(condition=Q(reported_amount__gt=0), name="deposit_reported_amount_positive"),
            models.CheckConstraint(condition=Q(net__gte=0, tax__gte=0), name="deposit_parts_not_negative"),
            models.CheckConstraint(
                condition=Q(
                    consumed_amount__gte=0,
                    refunded_amount__gte=0,
                    consumed_amount__lte=F("net") + F("tax") - F("refunded_amount"),
                ),
                name="deposit_used_once",
            ),
            models.CheckConstraint(
                condition=Q(consumed_tax__gte=0, refunded_tax__gte=0, consumed_tax__lte=F("tax") - F("refunded_tax")),
                name="deposit_tax_used_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["reported", "dismissed"], receipt=None)
                | Q(status__in=["booked", "consumed", "refunded"], receipt__isnull=False),
                name="deposit_booked_with_receipt",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reported_amount} {self.currency} · {self.party}"

    def get_absolute_url(self) -> str:
        return record_url("banking:deposit", self.pk)

    @property
    def gross(self) -> Decimal:
        """What came in."""
        return self.net + self.tax

    @property
    def remaining(self) -> Decimal:
        """What invoices have not used and nobody has paid back, tax included."""
        return self.gross - self.consumed_amount - self.refunded_amount

    @property
    def remaining_tax(self) -> Decimal:
        """The tax in what remains."""
        return self.tax - self.consumed_tax - self.refunded_tax

    @property
    def is_overdue(self) -> bool:
        """Still only reported, and its hour has passed."""
        return self.status == DepositStatus.REPORTED and timezone.now() > self.due_at

    @property
    def is_waiting(self) -> bool:
        """Somebody must still look at the bank."""
        return bool(self.status == DepositStatus.REPORTED)

    @transition(status, source=DepositStatus.REPORTED, target=DepositStatus.BOOKED)
    def book(self, receipt: Receipt, on: Day, by: str) -> None:
        self.receipt, self.booked_on, self.booked_at, self.booked_by = receipt, on, timezone.now(), by

    @transition(status, source=DepositStatus.REPORTED, target=DepositStatus.DISMISSED)
    def dismiss(self, reason: str) -> None:
        self.dismissal = reason

    @transition(status, source=DepositStatus.BOOKED, target=DepositStatus.CONSUMED)
    def use_up(self) -> None:
        """Invoices took all of it."""

    @transition(status, source=DepositStatus.BOOKED, target=DepositStatus.REFUNDED)
    def pay_back(self, refund: Receipt) -> None:
        self.refunded_amount, self.refunded_tax, self.refund = self.remaining, self.remaining_tax, refund
