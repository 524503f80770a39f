"""Our own letterhead, and the electronic invoices that came to us."""

from typing import Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.fields import TimeStamped, amount_field, uuid7_pk
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.einvoice.document import Invoice, from_data
from erp.einvoice.roles import READERS


class Letterhead(TimeStamped):
    """Who we are on an invoice: what the law and the buyer's software want to read of the seller."""

    READERS = READERS

    id = uuid7_pk()
    company = models.OneToOneField(
        "ledger.Company", on_delete=models.PROTECT, related_name="letterhead", verbose_name=_("company")
    )
    legal_name = models.CharField(_("legal name"), max_length=250)
    street = models.CharField(_("street"), max_length=250, blank=True, default="")
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True, default="")
    city = models.CharField(_("city"), max_length=120, blank=True, default="")
    region = models.CharField(_("region"), max_length=120, blank=True, default="")
    country = models.CharField(_("country"), max_length=2, help_text=_("ISO 3166, two letters"))
    vat_id = models.CharField(
        _("VAT id"), max_length=20, blank=True, default="", help_text=_("With the letters of its country: DE…")
    )
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True, default="")
    registration = models.CharField(
        _("register number"), max_length=80, blank=True, default="", help_text=_("Commercial register or credit code.")
    )
    contact_name = models.CharField(_("contact"), max_length=120, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=60, blank=True, default="")
    email = models.CharField(_("e-mail"), max_length=250, blank=True, default="")
    iban = models.CharField(_("IBAN or account"), max_length=40, blank=True, default="")
    bic = models.CharField(_("BIC"), max_length=11, blank=True, default="")
    bank = models.CharField(_("bank"), max_length=120, blank=True, default="")
    endpoint = models.CharField(
        _("electronic address"), max_length=250, blank=True, default="", help_text=_("Where e-invoices reach you.")
    )
    endpoint_scheme = models.CharField(
        _("kind of address"), max_length=4, blank=True, default="", help_text=_("EAS code; EM is an e-mail address.")
    )

    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("letterhead")
        verbose_name_plural = _("letterheads")
        constraints = [
            models.CheckConstraint(condition=~models.Q(legal_name=""), name="letterhead_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(endpoint="", endpoint_scheme="")
                | (~models.Q(endpoint="") & ~models.Q(endpoint_scheme="")),
                name="letterhead_address_with_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name

    def get_absolute_url(self) -> str:
        return reverse("einvoice:letterhead")


class Syntax(models.TextChoices):
    UBL = "ubl", "UBL 2.1"
    CII = "cii", "CII / Factur-X"


class ReceivedQuerySet(VisibleQuerySet):
    """Words about what came."""

    def matching(self, text: str) -> Self:
        """Number or seller contains every word."""
        for word in text.split():
            self = self.filter(
                models.Q(number__icontains=word)
                | models.Q(seller_name__icontains=word)
                | models.Q(seller_tax_id__icontains=word)
            )
        return self


class Received(models.Model):
    """An electronic invoice as it came: its very bytes, what it says and which rules it breaks. Written once."""

    READERS = READERS

    TIERS = {"payable": "cost"}

    id = uuid7_pk()
    company = models.ForeignKey("ledger.Company", on_delete=models.PROTECT, related_name="+", verbose_name=_("company"))
    digest = models.CharField(max_length=64, unique=True)
    key = models.CharField(max_length=64, help_text=_("of supplier and number: the same document again"))
    body = models.BinaryField()
    size = models.PositiveIntegerField(_("bytes"))
    filename = models.CharField(_("file"), max_length=200, blank=True, default="")
    container = models.CharField(_("container"), max_length=3, choices=[("xml", "XML"), ("pdf", "PDF")])
    syntax = models.CharField(_("syntax"), max_length=3, choices=Syntax.choices)
    specification = models.CharField(_("specification"), max_length=250, blank=True, default="")
    number = models.CharField(_("number"), max_length=250)
    type_code = models.CharField(_("type"), max_length=10)
    seller_name = models.CharField(_("supplier"), max_length=250, blank=True, default="")
    seller_tax_id = models.CharField(_("supplier's tax id"), max_length=250, blank=True, default="")
    party = models.ForeignKey(
        "parties.Party",
        on_delete=models.PROTECT,
        null=True,
        related_name="received_invoices",
        verbose_name=_("supplier here"),
    )
    issued_on = models.DateField(_("date"), null=True)
    due = models.DateField(_("due"), null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    payable = amount_field(_("to pay"), null=True)
    content = models.JSONField(_("content"), encoder=DjangoJSONEncoder)
    findings = models.JSONField(_("findings"), default=list)
    valid = models.BooleanField(_("valid"))
    received_by = models.CharField(_("received by"), max_length=150, blank=True, default="")
    received_at = models.DateTimeField(_("received"), default=timezone.now)

    objects = ReceivedQuerySet.as_manager()

    class Meta:
        verbose_name = _("received e-invoice")
        verbose_name_plural = _("received e-invoices")
        ordering = ("-id",)
        constraints = [models.UniqueConstraint(fields=["key", "company"], name="received_number_once")]

    def __str__(self) -> str:
        return f"{self.seller_name} {self.number}".strip()

    def get_absolute_url(self) -> str:
        return record_url("einvoice:received", self.pk)

    @property
    def invoice(self) -> Invoice:
        """What it says."""
        return from_data(Invoice, self.content)

    @property
    def download_name(self) -> str:
        return self.filename or f"{self.pk}.{self.container}"
