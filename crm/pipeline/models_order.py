"""The order a won deal became, as the ERP tells it: its state, parcels, invoices and payments.

Only `crm.pipeline.following` writes these tables, for the handlers of the ERP's facts. The rows carry the ERP's ids as
their own, so that an event that comes twice finds itself done.
"""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.fields import amount_field, currency_field


class OrderState(models.TextChoices):
    """The order's life as the ERP tells it."""

    PROMISED = "promised", _("promised")
    ACCEPTED = "accepted", _("accepted")
    HELD = "held", _("held")
    REFUSED = "refused", _("refused")
    CANCELLED = "cancelled", _("cancelled")
    COMPLETED = "completed", _("completed")


class DealOrder(models.Model):
    """The one order a won deal became: only the handlers of the ERP's facts write here; the steps are its history."""

    deal = models.OneToOneField("pipeline.Deal", on_delete=models.CASCADE, primary_key=True, related_name="order")
    order = models.UUIDField(_("order"), unique=True, null=True, help_text=_("The ERP's id."))
    number = models.CharField(_("order number"), max_length=250, blank=True, default="", db_index=True)
    state = models.CharField(_("state"), max_length=12, choices=OrderState.choices, default=OrderState.PROMISED)
    reason_code = models.CharField(max_length=250, blank=True, default="")
    reason = models.TextField(_("reason"), blank=True, default="")
    promised_on = models.DateField(_("promised for"), null=True)
    short_lines = models.JSONField(default=list)
    shipped_all = models.BooleanField(_("all shipped"), default=False)
    as_of = models.DateTimeField(_("as of"), help_text=_("When the ERP last said something."))
    received_at = models.DateTimeField(_("heard"))
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("order of a deal")
        verbose_name_plural = _("orders of deals")
        indexes = [
            models.Index(fields=["state", "-deal"], name="dealorder_by_state"),
            models.Index(Upper("number"), name="dealorder_by_number"),
        ]
        constraints = [models.CheckConstraint(condition=Q(state__in=OrderState.values), name="dealorder_state_known")]

    def __str__(self) -> str:
        return self.number or str(self.get_state_display())


class StepKind(models.TextChoices):
    """What the ERP may say of an order as a whole."""

    ACCEPTED = "accepted", _("accepted")
    HELD = "held", _("held")
    REFUSED = "refused", _("refused")
    CANCELLED = "cancelled", _("cancelled")
    WITHDRAWAL_REFUSED = "withdrawal_refused", _("withdrawal refused")
    COMPLETED = "completed", _("completed")


class ErpFact(models.Model):
    """A fact from the ERP about a deal's order: `occurred_at` is when it said so, `received_at` when we learnt it."""

    occurred_at = models.DateTimeField(_("as of"))
    received_at = models.DateTimeField(_("heard"))

    class Meta:
        abstract = True


class DealOrderStep(ErpFact):
    """One change of the order's state; the event's id makes a doubled event harmless."""

    id = models.UUIDField(primary_key=True, help_text=_("The event's id."))
    deal = models.ForeignKey("pipeline.Deal", on_delete=models.CASCADE, related_name="order_steps")
    kind = models.CharField(_("what"), max_length=20, choices=StepKind.choices)
    reason = models.TextField(_("reason"), blank=True, default="")

    class Meta:
        verbose_name = _("step of an order")
        verbose_name_plural = _("steps of orders")
        ordering = ("occurred_at", "id")
        constraints = [models.CheckConstraint(condition=Q(kind__in=StepKind.values), name="orderstep_kind_known")]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class DealShipment(ErpFact):
    """A parcel on its way; the id is the ERP's."""

    id = models.UUIDField(primary_key=True, help_text=_("The ERP's id."))
    deal = models.ForeignKey("pipeline.Deal", on_delete=models.CASCADE, related_name="shipments")
    number = models.CharField(_("number"), max_length=250)
    carrier = models.CharField(_("carrier"), max_length=250, blank=True, default="")
    tracking = models.CharField(_("tracking number"), max_length=250, blank=True, default="")
    tracking_url = models.CharField(_("tracking page"), max_length=250, blank=True, default="")
    dispatched_at = models.DateTimeField(_("dispatched"))
    complete = models.BooleanField(_("the last one"), default=False)
    lines = models.JSONField(_("content"), default=list, help_text=_("SKU and quantity of each line."))

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        ordering = ("dispatched_at", "id")
        indexes = [models.Index(fields=["number"], name="dealshipment_number")]

    def __str__(self) -> str:
        return self.number


class InvoiceKind(models.TextChoices):
    """What the document does to the customer's balance."""

    INVOICE = "invoice", _("invoice")
    CREDIT_NOTE = "credit_note", _("credit note")


class DealInvoice(ErpFact):
    """An invoice or credit note; the id is the ERP's. `open_amount` follows the payments."""

    id = models.UUIDField(primary_key=True, help_text=_("The ERP's id."))
    deal = models.ForeignKey("pipeline.Deal", on_delete=models.CASCADE, related_name="invoices")
    kind = models.CharField(_("kind"), max_length=12, choices=InvoiceKind.choices)
    number = models.CharField(_("number"), max_length=250)
    issued_on = models.DateField(_("issued"))
    due_on = models.DateField(_("due"), null=True)
    currency = currency_field()
    net = amount_field(_("net"))
    tax = amount_field(_("tax"))
    gross = amount_field(_("gross"))
    deposits_used = amount_field(_("deposits used"), default=Decimal(0))
    open_amount = amount_field(_("open"), null=True)
    return_request = models.UUIDField(_("return"), null=True)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        ordering = ("occurred_at", "id")
        indexes = [models.Index(fields=["due_on"], name="dealinvoice_due", condition=Q(open_amount__gt=0))]
        constraints = [models.CheckConstraint(condition=Q(kind__in=InvoiceKind.values), name="dealinvoice_kind_known")]

    def __str__(self) -> str:
        return self.number

    @property
    def is_paid(self) -> bool:
        """Nothing of it is open any more."""
        return self.kind == InvoiceKind.INVOICE and self.open_amount is not None and self.open_amount <= 0

    @property
    def is_overdue(self) -> bool:
        """Open past its day, in the user's day."""
        return bool(self.due_on and self.open_amount and self.open_amount > 0 and self.due_on < timezone.localdate())


class PaymentKind(models.TextChoices):
    """Money for an invoice, or before one."""

    PAYMENT = "payment", _("payment")
    DEPOSIT = "deposit", _("deposit")


class DealPayment(ErpFact):
    """Money the books received; the id is that of the ERP's receipt."""

    id = models.UUIDField(primary_key=True, help_text=_("The ERP's id."))
    deal = models.ForeignKey("pipeline.Deal", on_delete=models.CASCADE, related_name="payments")
    kind = models.CharField(_("kind"), max_length=12, choices=PaymentKind.choices)
    number = models.CharField(_("number"), max_length=250)
    amount = amount_field(_("amount"))
    currency = currency_field()
    received_on = models.DateField(_("received"))
    invoice = models.UUIDField(_("invoice"), null=True)
    invoice_number = models.CharField(_("invoice number"), max_length=250, blank=True, default="")
    deposit = models.UUIDField(_("deposit"), null=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ("occurred_at", "id")
        constraints = [models.CheckConstraint(condition=Q(kind__in=PaymentKind.values), name="dealpayment_kind_known")]

    def __str__(self) -> str:
        return self.number
