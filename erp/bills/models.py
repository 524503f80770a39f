"""Bills with their lines, and what was paid of them."""

from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from base.fields import StateField, TimeStamped, amount_field, currency_field, rate_field, uuid7_pk
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.bills.roles import READERS
from erp.ledger.dimensions import dimension_of_line
from erp.rates.models import exchange_field
from erp.terms import instalments
from erp.terms.instalments import AsksInParts, late, plan_due


class BillStatus(models.TextChoices):
    """The life of a bill."""

    DRAFT = "draft", _("draft")
    POSTED = "posted", _("posted")
    DISCARDED = "discarded", _("discarded")


class BillQuerySet(VisibleQuerySet):
    """Words about bills."""

    def for_list(self) -> Self:
        """With what a row shows."""
        return self.select_related("party", "entry", "created_by").with_plan_due()

    def with_plan_due(self) -> Self:
        """Each with `plan_due`: of one with instalments the day of the first that is not paid; else nothing."""
        paid = models.OuterRef("payable") - models.OuterRef("open_amount")
        return self.annotate(plan_due=plan_due(BillInstalment.objects.filter(bill=models.OuterRef("pk")), paid))

    def matching(self, text: str) -> Self:
        """Number or supplier contains every word."""
        for word in text.split():
            self = self.filter(Q(number__icontains=word) | Q(party__code__iexact=word) | Q(party__name__icontains=word))
        return self

    def unpaid(self) -> Self:
        """Posted, and something is still to be paid."""
        return self.filter(status=BillStatus.POSTED, open_amount__gt=0)

    def overdue(self) -> Self:
        """Of which something was to be paid by the day before."""
        return self.unpaid().with_plan_due().filter(late(timezone.localdate()))


class Bill(AsksInParts, ConcurrentTransitionMixin, TimeStamped):
    """What a supplier asks; has no entry until it is posted, and stays as it is from then on."""

    READERS = READERS
    PARTS = ("lines",)

    TIERS = {
        "net": "cost",
        "tax": "cost",
        "payable": "cost",
        "open_amount": "cost",
        "house_payable": "cost",
        "house_open": "cost",
    }

    id = uuid7_pk()
    company = models.ForeignKey("ledger.Company", on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey(
        "parties.Party", on_delete=models.PROTECT, related_name="bills", verbose_name=_("supplier")
    )
    number = models.CharField(_("supplier's number"), max_length=60)
    date = models.DateField(_("date"))
    due = models.DateField(_("due"))  # of one with instalments, the first of them
    by_terms = models.BooleanField(
        _("due by the supplier's terms"), default=False, db_default=False, help_text=_("Nobody said another day.")
    )
    currency = currency_field()
    inclusive = models.BooleanField(
        _("amounts include the tax"), default=False, help_text=_("As tills print it; the net is computed.")
    )
    net = amount_field(_("net"), default=Decimal(0))
    tax = amount_field(_("tax"), default=Decimal(0))
    payable = amount_field(_("to pay"), default=Decimal(0))
    open_amount = amount_field(_("open"), default=Decimal(0))
    # Of a bill in another currency than the books', from its posting on: what a unit was worth, and the bill.
    rate = exchange_field(_("exchange rate"), null=True)
    house_payable = amount_field(_("to pay, in the currency of the books"), null=True)
    house_open = amount_field(_("open, in the currency of the books"), null=True)
    note = models.CharField(_("note"), max_length=250, blank=True, default="")
    received = models.ForeignKey(
        "einvoice.Received", on_delete=models.PROTECT, null=True, blank=True, related_name="bills",
        verbose_name=_("received e-invoice"),
    )  # fmt: skip
    status = StateField(_("state"), default=BillStatus.DRAFT, choices=BillStatus)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("posted by")
    )
    entry = models.OneToOneField(
        "ledger.JournalEntry", on_delete=models.PROTECT, null=True, related_name="bill", verbose_name=_("entry")
    )

    history = HistoricalRecords()
    objects = BillQuerySet.as_manager()

    class Meta:
        verbose_name = _("bill")
        verbose_name_plural = _("bills")
        ordering = ["-id"]
        indexes = [models.Index(fields=["due"], condition=Q(status="posted", open_amount__gt=0), name="bill_unpaid")]
        constraints = [
            models.UniqueConstraint(
                "party", models.functions.Upper("number"), condition=~Q(status="discarded"), name="bill_number_once"
            ),
            models.CheckConstraint(condition=~Q(number=""), name="bill_has_a_number"),
            models.CheckConstraint(condition=Q(due__gte=F("date")), name="bill_due_after_date"),
            models.CheckConstraint(
                condition=Q(status="posted", entry__isnull=False, posted_by__isnull=False)
                | ~Q(status="posted") & Q(entry=None, open_amount=0),
                name="bill_posted_has_entry",
            ),
            models.CheckConstraint(
                condition=Q(open_amount__gte=0, open_amount__lte=F("payable")), name="bill_open_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The bill's page."""
        return record_url("bills:detail", self.pk)

    @property
    def is_overdue(self) -> bool:
        """Open past its day, or that of an instalment."""
        return self.is_late

    @property
    def settled_amount(self) -> Decimal:
        """What of it is paid."""
        return self.payable - self.open_amount

    @property
    def open_worth(self) -> Decimal:
        """What is open, in the currency of the books."""
        return self.open_amount if self.house_open is None else self.house_open

    @property
    def version(self) -> str:
        """What a form remembers, so that it does not overwrite what somebody else changed meanwhile."""
        return self.updated_at.isoformat()

    @transition(status, source=BillStatus.DRAFT, target=BillStatus.POSTED)
    def post(self, entry: Any, by: Any) -> None:
        """It stands in the books."""
        self.entry, self.posted_by = entry, by
        self.open_amount, self.house_open = self.payable, self.house_payable

    @transition(status, source=BillStatus.DRAFT, target=BillStatus.DISCARDED)
    def discard(self) -> None:
        """Not ours, or written twice; kept for the record."""


class BillLine(models.Model):
    """What is bought: the account, and the amount with its tax."""

    READERS = READERS

    TIERS = {"amount": "cost", "net": "cost", "tax": "cost"}

    id = models.BigAutoField(primary_key=True)
    bill = models.ForeignKey(Bill, on_delete=models.CASCADE, related_name="lines", verbose_name=_("bill"))
    position = models.PositiveSmallIntegerField(_("line"))
    account = models.ForeignKey("ledger.Account", on_delete=models.PROTECT, related_name="+", verbose_name=_("account"))
    text = models.CharField(_("text"), max_length=250, blank=True, default="")
    amount = amount_field(_("amount as on the bill"))
    tax_class = models.CharField(_("tax class"), max_length=20)
    rate = rate_field(_("tax rate"))
    net = amount_field(_("net"))
    tax = amount_field(_("tax"))
    cost_centre = dimension_of_line(_("cost centre"))
    project = dimension_of_line(_("project"))

    history = HistoricalRecords(no_db_index=["cost_centre", "project"])
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a bill")
        verbose_name_plural = _("lines of a bill")
        ordering = ["bill", "position"]
        constraints = [
            models.UniqueConstraint(fields=["bill", "position"], name="bill_line_position_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="bill_line_amount_positive"),
        ]

    def __str__(self) -> str:
        return self.text or str(self.account)


class BillInstalment(instalments.Instalment):
    """A part of what a posted bill asks and its day: made as the bill is posted, and together all of it."""

    OF = "bill"
    READERS = READERS

    TIERS = {"amount": "cost", "until": "cost", "open_amount": "cost"}

    id = models.BigAutoField(primary_key=True)
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="instalments", verbose_name=_("bill"))

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("instalment of a bill")
        verbose_name_plural = _("instalments of bills")
        ordering = ["bill_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["bill", "position"], name="bill_instalment_position_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="bill_instalment_positive"),
        ]


class BillPayment(models.Model):
    """A payment settles (a part of) a bill; written once."""

    READERS = READERS

    TIERS = {"amount": "cost", "house_amount": "cost"}

    id = uuid7_pk()
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="payments", verbose_name=_("bill"))
    receipt = models.OneToOneField(
        "banking.Receipt", on_delete=models.PROTECT, related_name="bill_payment", verbose_name=_("payment")
    )
    amount = amount_field(_("amount"))
    house_amount = amount_field(
        _("amount in the currency of the books"), null=True, help_text=_("What a foreign bill was worth there.")
    )

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment of a bill")
        verbose_name_plural = _("payments of bills")
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="bill_payment_positive")]
