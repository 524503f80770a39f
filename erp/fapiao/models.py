"""Fapiaos, blue and red, and what each says rate by rate; the database keeps what is issued (sql/fapiao.sql)."""

from typing import Any, Self

from django.core.validators import URLValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import ConcurrentTransitionMixin, transition

from base.fields import StateField, TimeStamped, amount_field, rate_field, uuid7_pk
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.fapiao.roles import READERS

CURRENCY = "CNY"
JURISDICTION = "CN"


class Colour(models.TextChoices):
    BLUE = "blue", _("Blue")
    RED = "red", _("Red letter")


class FapiaoKind(models.TextChoices):
    SPECIAL = "special", _("Special VAT fapiao")
    ORDINARY = "ordinary", _("Ordinary fapiao")


class FapiaoStatus(models.TextChoices):
    """The life of a fapiao; a blue one goes on after it is issued."""

    REQUESTED = "requested", _("requested")
    ISSUED = "issued", pgettext_lazy("state of a fapiao", "issued")
    REFUSED = "refused", _("refused")
    WITHDRAWN = "withdrawn", _("withdrawn")
    RED_REQUESTED = "red_requested", _("red letter requested")
    REVERSED = "reversed", _("reversed")


class RedReason(models.TextChoices):
    """Why a fapiao is taken back, as the bureau asks it."""

    INVOICING_ERROR = "invoicing_error", _("Invoicing error")
    SALES_RETURN = "sales_return", _("Sales return")
    SERVICE_TERMINATED = "service_terminated", _("Service terminated")
    SALES_ALLOWANCE = "sales_allowance", _("Sales allowance")


# Nothing came of it.
DEAD = (FapiaoStatus.REFUSED, FapiaoStatus.WITHDRAWN)
# An invoice with a blue one in another state is spoken for.
SPENT = (*DEAD, FapiaoStatus.REVERSED)
NUMBERED = (FapiaoStatus.ISSUED, FapiaoStatus.RED_REQUESTED, FapiaoStatus.REVERSED)


_UNNUMBERED = Q(number="", code="", issued_on=None, link="", status__in=[FapiaoStatus.REQUESTED, *DEAD])
_DIGITAL = Q(number__regex=r"^[0-9]{20}$", code="")
_OLDER = Q(number__regex=r"^[0-9]{8}$", code__regex=r"^([0-9]{10}|[0-9]{12})$")
_NUMBERED = Q(issued_on__isnull=False, status__in=NUMBERED) & (_DIGITAL | _OLDER)
_BLUE = Q(colour="blue", reverses=None, credit_note=None, reason="", gross__gt=0, net__gte=0, tax__gte=0)
_RED = Q(colour="red", reverses__isnull=False, gross__lt=0, net__lte=0, tax__lte=0, reason__in=[*RedReason.values])


class FapiaoQuerySet(VisibleQuerySet):
    """Words about fapiaos."""

    def for_list(self) -> Self:
        """With what a row shows."""
        return self.select_related("invoice__party", "invoice__order", "reverses", "credit_note")

    def matching(self, text: str) -> Self:
        """Number, invoice or buyer contains every word."""
        for word in text.split():
            self = self.filter(
                Q(number__icontains=word)
                | Q(invoice__number__icontains=word)
                | Q(buyer_name__icontains=word)
                | Q(buyer_tax_number__iexact=word)
            )
        return self

    def effective(self) -> Self:
        """Blue ones that count: asked for or issued, and not taken back."""
        return self.filter(colour=Colour.BLUE).exclude(status__in=SPENT)

    def living(self) -> Self:
        """Asked for or issued, whatever came after."""
        return self.exclude(status__in=DEAD)

    def unsent(self) -> Self:
        """What the provider has yet to hear of."""
        return self.filter(status=FapiaoStatus.REQUESTED, sent_at=None)

    def to_mend(self) -> Self:
        """Refused, and nothing was asked in their place since."""
        later = self.model.objects.living().filter(
            colour=OuterRef("colour"), invoice=OuterRef("invoice"), requested_at__gt=OuterRef("requested_at")
        )
        return self.filter(~Exists(later), status=FapiaoStatus.REFUSED)


class Fapiao(ConcurrentTransitionMixin, TimeStamped):
    """A fapiao as it is asked for and issued; a red letter's amounts are negative."""

    READERS = READERS

    TIERS = {"net": "price", "tax": "price", "gross": "price"}

    id = uuid7_pk()
    company = models.ForeignKey("ledger.Company", on_delete=models.PROTECT, related_name="+")
    invoice = models.ForeignKey(
        "invoices.Invoice", on_delete=models.PROTECT, related_name="fapiaos", verbose_name=_("invoice")
    )
    colour = models.CharField(_("colour"), max_length=4, choices=Colour)
    kind = models.CharField(_("kind"), max_length=8, choices=FapiaoKind)
    status = StateField(_("state"), default=FapiaoStatus.REQUESTED, choices=FapiaoStatus.choices)
    reverses = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="reds", verbose_name=_("takes back")
    )
    credit_note = models.ForeignKey(
        "invoices.Invoice",
        on_delete=models.PROTECT,
        null=True,
        related_name="red_letters",
        verbose_name=_("credit note"),
    )
    reason = models.CharField(_("reason"), max_length=20, choices=RedReason, blank=True, default="")
    seller_name = models.CharField(_("seller"), max_length=250)
    seller_tax_number = models.CharField(_("seller's tax number"), max_length=40, blank=True, default="")
    buyer_name = models.CharField(_("buyer"), max_length=250)
    buyer_tax_number = models.CharField(_("buyer's tax number"), max_length=20, blank=True, default="")
    remark = models.CharField(_("remark"), max_length=200, blank=True, default="")
    net = amount_field(_("net"))
    tax = amount_field(_("tax"))
    gross = amount_field(_("gross"))
    code = models.CharField(_("fapiao code"), max_length=12, blank=True, default="")
    number = models.CharField(_("fapiao number"), max_length=20, blank=True, default="")
    issued_on = models.DateField(_("issued on"), null=True)
    link = models.CharField(
        _("document"), max_length=500, blank=True, default="", validators=[URLValidator(["http", "https"])]
    )
    by_hand = models.BooleanField(_("issued by hand"), default=False)
    refusal = models.CharField(_("why not"), max_length=400, blank=True, default="")
    requested_by = models.CharField(_("requested by"), max_length=150, blank=True, default="")
    requested_at = models.DateTimeField(_("requested"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)
    answered_at = models.DateTimeField(_("answered"), null=True)

    history = HistoricalRecords()
    objects = FapiaoQuerySet.as_manager()

    class Meta:
        verbose_name = _("fapiao")
        verbose_name_plural = _("fapiaos")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["requested_at"], condition=Q(status="requested", sent_at=None), name="fapiao_to_send")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(colour="blue", status__in=["requested", "issued", "red_requested"]),
                name="fapiao_one_effective",
            ),
            models.UniqueConstraint(
                fields=["reverses"], condition=Q(status="requested"), name="fapiao_one_red_letter_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["reverses", "credit_note"],
                condition=~Q(status__in=["refused", "withdrawn"]),
                name="fapiao_credit_note_once",
            ),
            models.UniqueConstraint(fields=["number", "code"], condition=~Q(number=""), name="fapiao_number_once"),
            models.CheckConstraint(condition=_UNNUMBERED | _NUMBERED, name="fapiao_number_with_its_issue"),
            models.CheckConstraint(condition=_BLUE | _RED, name="fapiao_colour_and_signs"),
            models.CheckConstraint(
                condition=Q(colour="blue") | ~Q(status__in=["red_requested", "reversed"]), name="fapiao_red_is_final"
            ),
            models.CheckConstraint(condition=Q(gross=F("net") + F("tax")), name="fapiao_gross_is_net_and_tax"),
            models.CheckConstraint(
                condition=Q(kind="ordinary") | Q(kind="special", buyer_tax_number__regex=r"^[0-9A-Z]{18}$"),
                name="fapiao_special_names_its_buyer",
            ),
            models.CheckConstraint(
                condition=~Q(status="refused") | ~Q(refusal=""), name="fapiao_no_comes_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.told_number or str(self.invoice)

    def get_absolute_url(self) -> str:
        return record_url("fapiao:detail", self.pk)

    @property
    def is_red(self) -> bool:
        return self.colour == Colour.RED

    @property
    def is_effective(self) -> bool:
        """Does it keep the invoice from getting another one?"""
        return not self.is_red and self.status not in SPENT

    @property
    def told_number(self) -> str:
        """The number as people write it: an older one with its code."""
        return f"{self.code} {self.number}".strip()

    @property
    def what(self) -> str:
        """How a refusal names it."""
        if self.number:
            return str(_("Fapiao {number}").format(number=self.told_number))
        return str(_("The fapiao of {invoice}").format(invoice=self.invoice.number))

    @property
    def can_be_withdrawn(self) -> bool:
        """Nobody outside works on it."""
        return self.status == FapiaoStatus.REFUSED or (self.status == FapiaoStatus.REQUESTED and self.sent_at is None)

    @transition(field=status, source=FapiaoStatus.REQUESTED, target=FapiaoStatus.ISSUED)
    def issue(self, **told: Any) -> None:
        for name, value in told.items():
            setattr(self, name, value)
        self.answered_at = timezone.now()

    @transition(field=status, source=FapiaoStatus.REQUESTED, target=FapiaoStatus.REFUSED)
    def refuse(self, why: str) -> None:
        self.refusal, self.answered_at = why[:400], timezone.now()

    @transition(field=status, source=[FapiaoStatus.REQUESTED, FapiaoStatus.REFUSED], target=FapiaoStatus.WITHDRAWN)
    def withdraw(self) -> None:
        """Nothing is asked any more."""

    @transition(field=status, source=FapiaoStatus.ISSUED, target=FapiaoStatus.RED_REQUESTED)
    def wait_for_red(self) -> None:
        """A red letter is asked for."""

    @transition(field=status, source=FapiaoStatus.RED_REQUESTED, target=FapiaoStatus.ISSUED)
    def stand(self) -> None:
        """The red letter came to nothing, or leaves something."""

    @transition(field=status, source=FapiaoStatus.RED_REQUESTED, target=FapiaoStatus.REVERSED)
    def be_reversed(self) -> None:
        """Nothing is left of it."""


class FapiaoAmount(models.Model):
    """What a fapiao says of one rate. Written once, with it."""

    READERS = READERS

    TIERS = {"net": "price", "tax": "price"}

    id = models.BigAutoField(primary_key=True)
    fapiao = models.ForeignKey(Fapiao, on_delete=models.PROTECT, related_name="amounts", verbose_name=_("fapiao"))
    tax_class = models.CharField(_("tax class"), max_length=20)
    rate = rate_field(_("tax rate"))
    net = amount_field(_("net"))
    tax = amount_field(_("tax"))

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("amount of a fapiao")
        verbose_name_plural = _("amounts of a fapiao")
        ordering = ("fapiao", "-rate", "tax_class")
        constraints = [
            models.UniqueConstraint(fields=["fapiao", "tax_class", "rate"], name="fapiao_rate_once"),
        ]

    def __str__(self) -> str:
        return f"{self.tax_class} {self.rate}"
