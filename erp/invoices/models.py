"""Invoices and credit notes with their lines, open items and allocations; all but allocations come by SQL function."""

from datetime import date as Day
from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Round
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.fields import amount_field, currency_field, price_field, quantity_field, rate_field, uuid7_pk
from base.ids import uuid7
from base.links import record_url
from base.visible import VisibleQuerySet
from erp.banking.roles import DOCUMENT_READERS
from erp.rates.models import exchange_field
from erp.terms import instalments
from erp.terms.instalments import AsksInParts, late, plan_due


class InvoiceKind(models.TextChoices):
    INVOICE = "invoice", _("Invoice")
    CREDIT_NOTE = "credit_note", _("Credit note")


class LineKind(models.TextChoices):
    GOODS = "goods", _("Goods")
    FREIGHT = "freight", _("Freight")
    DEPOSIT = "deposit", _("Deposit")


class InvoiceStatus(models.TextChoices):
    OPEN = "open", _("Open")
    PARTLY_PAID = "partly_paid", _("Partly paid")
    PAID = "paid", _("Paid")


HOUSE_NET: Any = Case(
    When(rate=None, then=F("net")),
    default=Round(F("net") * F("rate"), precision=2),
    output_field=models.DecimalField(max_digits=25, decimal_places=2),
)
"""The net of a document in the currency of the books, for sums over documents of several."""


class InvoiceQuerySet(VisibleQuerySet):
    """Words about invoices."""

    def invoices(self) -> Self:
        return self.filter(kind=InvoiceKind.INVOICE)

    def credit_notes(self) -> Self:
        return self.filter(kind=InvoiceKind.CREDIT_NOTE)

    def for_list(self) -> Self:
        """With what a row shows."""
        return self.select_related("party", "order", "item").with_plan_due()

    def with_plan_due(self) -> Self:
        """Each with `plan_due`: of one with instalments the day of the first that is not paid; else nothing."""
        paid = models.OuterRef("payable") - models.OuterRef("item__open_amount")
        return self.annotate(plan_due=plan_due(Instalment.objects.filter(invoice=models.OuterRef("pk")), paid))

    def overdue(self, on: Day | None = None) -> Self:
        """Invoices of which something is to be paid, and was to be by the day before."""
        return self.invoices().unsettled().with_plan_due().filter(late(on or timezone.localdate()))

    def matching(self, text: str) -> Self:
        """Number, order or customer contains every word."""
        for word in text.split():
            self = self.filter(
                Q(number__icontains=word)
                | Q(order__number__icontains=word)
                | Q(party__code__iexact=word)
                | Q(party__name__icontains=word)
            )
        return self

    def unsettled(self) -> Self:
        """Something is still to be paid, or to be paid back."""
        return self.filter(item__open_amount__gt=0)

    def with_status(self, status: str) -> Self:
        """Open, partly paid or paid, as the open item says."""
        conditions = {
            InvoiceStatus.OPEN: Q(item__open_amount__gt=0, item__open_amount=F("payable")),
            InvoiceStatus.PARTLY_PAID: Q(item__open_amount__gt=0, item__open_amount__lt=F("payable")),
            InvoiceStatus.PAID: Q(item__open_amount=0),
        }
        return self.filter(conditions[InvoiceStatus(status)])


class Invoice(AsksInParts, models.Model):
    """An issued document; `net`, `tax` and `gross` are of goods and freight, `payable` is after deposits.

    A credit note's amounts are positive too; its kind turns the sides.
    """

    READERS = DOCUMENT_READERS

    TIERS = {
        "net": "price",
        "tax": "price",
        "gross": "price",
        "deposits_used": "price",
        "payable": "price",
        "house_payable": "price",
        "house_open": "price",
        "open_amount": "price",
    }

    id = uuid7_pk()
    company = models.ForeignKey("ledger.Company", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=InvoiceKind.choices)
    number = models.CharField(_("number"), max_length=20, unique=True)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="invoices")
    party = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="invoices")
    part = models.PositiveIntegerField(_("part of the order"))
    digest = models.CharField(max_length=64)
    key = models.CharField(max_length=120, unique=True, null=True)
    date = models.DateField(_("date"))
    due = models.DateField(_("due"))  # of one with instalments, the first of them, as EN 16931 has it
    currency = currency_field()
    net = amount_field(_("net"))
    tax = amount_field(_("tax"))
    gross = amount_field(_("gross"))
    deposits_used = amount_field(_("deposits used"), default=Decimal(0))
    payable = amount_field(_("payable"))
    # In the books' own currency a document has no rate, and is worth what it says.
    rate = exchange_field(_("exchange rate"), null=True)
    house_payable = amount_field(_("payable in the currency of the books"), null=True)
    entry = models.ForeignKey("ledger.JournalEntry", on_delete=models.PROTECT, null=True, related_name="+")
    addressee = models.JSONField(_("addressee"), default=dict)
    reason = models.CharField(_("reason"), max_length=400, blank=True, default="")
    return_request = models.UUIDField(_("return"), null=True)
    issued_by = models.CharField(_("issued by"), max_length=150, blank=True, default="")
    issued_at = models.DateTimeField(_("issued"), default=timezone.now)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["-date", "-id"], name="invoice_by_date"),
            models.Index(fields=["party", "-date"], name="invoice_of_party"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["order", "kind", "part"], name="invoice_part_once"),
            models.UniqueConstraint(fields=["order", "kind", "digest"], name="invoice_quantities_once"),
            models.CheckConstraint(condition=Q(gross=F("net") + F("tax")), name="invoice_gross_is_net_and_tax"),
            models.CheckConstraint(
                condition=Q(payable=F("gross") - F("deposits_used"), payable__gte=0, deposits_used__gte=0),
                name="invoice_payable_not_negative",
            ),
            models.CheckConstraint(condition=Q(due__gte=F("date")), name="invoice_due_after_date"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_credit_note(self) -> bool:
        return self.kind == InvoiceKind.CREDIT_NOTE

    @property
    def open_amount(self) -> Decimal:
        """What is still to be paid (of a credit note: to be set off or paid back)."""
        return self.item.open_amount

    @property
    def signed(self) -> dict[str, Decimal]:
        """The amounts as the receivables see them: a credit note's are negative."""
        sign = -1 if self.is_credit_note else 1
        names = ("net", "tax", "gross", "deposits_used", "payable", "open_amount", "settled_amount")
        return {**{name: sign * getattr(self, name) for name in names}, "deposits_taken_off": -self.deposits_used}

    @property
    def house_open(self) -> Decimal | None:
        """What of a foreign document is open, as the books value it; none where it is what it says."""
        return self.item.house_open

    @property
    def open_worth(self) -> Decimal:
        """What is open, in the currency of the books."""
        worth = self.house_open
        return self.open_amount if worth is None else worth

    @property
    def settled_amount(self) -> Decimal:
        return self.payable - self.open_amount

    @property
    def status(self) -> str:
        """Open, partly paid or paid, read from the open item."""
        if self.open_amount == 0:
            return InvoiceStatus.PAID
        return InvoiceStatus.OPEN if self.open_amount == self.payable else InvoiceStatus.PARTLY_PAID

    def get_absolute_url(self) -> str:
        return record_url("invoices:detail", self.pk)

    @property
    def is_overdue(self) -> bool:
        return not self.is_credit_note and self.is_late

    def get_status_display(self) -> str:
        """The status in the reader's language."""
        return str(InvoiceStatus(self.status).label)


class InvoiceLine(models.Model):
    """A line of an issued document; a deposit's amounts are negative."""

    READERS = DOCUMENT_READERS

    TIERS = {"unit_price": "price", "discount": "price", "net": "price", "tax": "price"}

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=8, choices=LineKind.choices)
    order_line = models.ForeignKey(
        "orders.OrderLine", on_delete=models.PROTECT, null=True, related_name="invoice_lines"
    )
    deposit = models.ForeignKey("banking.Deposit", on_delete=models.PROTECT, null=True, related_name="invoice_lines")
    credits = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="credited_by")
    sku = models.CharField(_("SKU"), max_length=250, blank=True, default="")
    description = models.CharField(_("description"), max_length=250, blank=True, default="")
    quantity = quantity_field(_("quantity"))
    unit_price = price_field(_("unit price"))
    discount = rate_field(_("discount"), default=Decimal(0))
    net = amount_field(_("net"))
    tax_class = models.CharField(_("tax class"), max_length=20)
    rate = rate_field(_("tax rate"))
    tax = amount_field(_("tax"))

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        ordering = ("invoice", "position")
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="invoice_line_position_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="invoice_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(kind="deposit", net__lte=0, tax__lte=0, deposit__isnull=False)
                | Q(kind__in=["goods", "freight"], net__gte=0, tax__gte=0, deposit=None),
                name="invoice_line_signs",
            ),
            models.CheckConstraint(
                condition=~Q(kind="goods") | Q(order_line__isnull=False), name="invoice_line_goods_of_order"
            ),
        ]

    def __str__(self) -> str:
        return self.description or self.sku

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


class InvoiceDocument(models.Model):
    """The document in the words of EN 16931, as it was issued; XML and PDF are made of it. Written once."""

    READERS = DOCUMENT_READERS

    TIERS = {"body": "price"}

    invoice = models.OneToOneField(Invoice, on_delete=models.PROTECT, primary_key=True, related_name="document")
    body = models.JSONField()

    objects = VisibleQuerySet.as_manager()


class Instalment(instalments.Instalment):
    """A part of what an invoice asks and its day: made with the invoice, and together all of it."""

    OF = "invoice"
    READERS = DOCUMENT_READERS

    TIERS = {"amount": "price", "until": "price", "open_amount": "price"}

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="instalments")

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        ordering = ("invoice_id", "position")
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="instalment_position_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="instalment_amount_positive"),
        ]


class OpenItem(models.Model):
    """What of a document is not settled; moved only by the allocation trigger, never below zero."""

    READERS = DOCUMENT_READERS

    TIERS = {"open_amount": "price", "house_open": "price"}

    invoice = models.OneToOneField(Invoice, on_delete=models.PROTECT, primary_key=True, related_name="item")
    open_amount = amount_field(_("open"))
    # What that is worth in the books, as last revalued; nothing is kept where it is what it says.
    house_open = amount_field(_("open, in the currency of the books"), null=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["invoice"], condition=Q(open_amount__gt=0), name="open_items")]
        constraints = [models.CheckConstraint(condition=Q(open_amount__gte=0), name="open_item_not_negative")]


class Allocation(models.Model):
    """A receipt or a credit note settles (a part of) a document; written once."""

    READERS = DOCUMENT_READERS

    TIERS = {"amount": "price", "house_amount": "price", "credit_house": "price"}

    id = uuid7_pk()
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="allocations")
    receipt = models.ForeignKey("banking.Receipt", on_delete=models.PROTECT, null=True, related_name="allocations")
    credit = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, related_name="uses")
    amount = amount_field(_("amount"))
    # Of foreign documents: what it took off their worth in the books, and the entry of what these differ.
    house_amount = amount_field(_("amount in the currency of the books"), null=True)
    credit_house = amount_field(_("of the credit, in the currency of the books"), null=True)
    entry = models.ForeignKey("ledger.JournalEntry", models.PROTECT, null=True, related_name="+", db_index=False)
    date = models.DateField(_("date"))
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="allocation_amount_positive"),
            models.CheckConstraint(
                condition=Q(receipt__isnull=False, credit=None) | Q(receipt=None, credit__isnull=False),
                name="allocation_one_source",
            ),
        ]


class NumberSeries(models.Model):
    """The last number and date of a kind of document in a year; moved only by the issuing function."""

    company = models.ForeignKey("ledger.Company", on_delete=models.PROTECT, related_name="+")
    series = models.CharField(max_length=8)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()
    last_date = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "series", "year"], name="number_series_once")]
