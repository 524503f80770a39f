"""Who they are, on which terms they buy, and how much trust the books last had in them."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from base.fields import TimeStamped, amount_field, uuid7_pk
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.parties.roles import EVERYBODY


class PartyKind(models.TextChoices):
    CUSTOMER = "customer", _("Customer")
    SUPPLIER = "supplier", _("Supplier")


class CreditBand(models.TextChoices):
    """How near a customer is to the limit; the band is for everyone, the limit is not."""

    OPEN = "open", pgettext_lazy("credit band", "Open")
    WATCH = "watch", _("Watch")
    TIGHT = "tight", _("Tight")
    STOPPED = "stopped", _("Stopped")


# By what files call a party, besides its code.
CALLED = ("tax_id", "external_ref", "name")


class PartyQuerySet(VisibleQuerySet):
    """Words about parties."""

    def customers(self) -> Self:
        return self.filter(kind=PartyKind.CUSTOMER)

    def suppliers(self) -> Self:
        return self.filter(kind=PartyKind.SUPPLIER)

    def one_with(self, party: "Party") -> Self:
        """All that the CRM takes for this one customer: the party that stands for them, and its parts."""
        whole = party.merged_into_id or party.pk
        return self.filter(models.Q(pk=whole) | models.Q(merged_into=whole))

    def matching(self, text: str) -> Self:
        """Code, name, tax id or the other side's reference contains the text."""
        for word in text.split():
            self = self.filter(
                models.Q(code__icontains=word)
                | models.Q(name__icontains=word)
                | models.Q(tax_id__icontains=word)
                | models.Q(external_ref__icontains=word)
                | models.Q(city__icontains=word)
            )
        return self

    def called(self, texts: Iterable[str]) -> Self:
        """Whose code, tax id, reference or name is one of these, in whatever case."""
        folded = {text.upper() for text in texts}
        names = {f"called_{name}": Upper(name) for name in CALLED}
        either = models.Q(code__in=folded)
        for name in names:
            either |= models.Q(**{f"{name}__in": folded})
        return self.alias(**names).filter(either).order_by("code")


class Party(TimeStamped):
    """A customer or a supplier with a code for good."""

    READERS = EVERYBODY

    TIERS = {
        "credit_limit": "credit",
        "limit_waits": "credit",
        "limit_asked": "credit",
        "limit_asked_by": "credit",
        "limit_approved_by": "credit",
        "on_hold": "credit",
        "hold_reason": "credit",
        "held_by": "credit",
        "released_by": "credit",
        "credit_class": "credit",
    }

    id = uuid7_pk()
    company = models.ForeignKey("ledger.Company", on_delete=models.PROTECT, related_name="+", verbose_name=_("company"))
    code = models.CharField(_("code"), max_length=20, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=PartyKind)
    customer = models.UUIDField(_("customer in the CRM"), null=True, blank=True, unique=True)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="parts",
        verbose_name=_("merged into"),
        help_text=_("The customer it is one with in the CRM; its documents stay its own."),
    )
    external_ref = models.CharField(_("reference"), max_length=250, blank=True, default="")
    name = models.CharField(_("name"), max_length=250)
    email = models.CharField(_("e-mail"), max_length=250, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=250, blank=True, default="")
    tax_id = models.CharField(_("tax id"), max_length=250, blank=True, default="")
    street = models.CharField(_("street"), max_length=250, blank=True, default="")
    postal_code = models.CharField(_("postal code"), max_length=250, blank=True, default="")
    city = models.CharField(_("city"), max_length=250, blank=True, default="")
    region = models.CharField(_("region"), max_length=250, blank=True, default="")
    country = models.CharField(_("country"), max_length=250, blank=True, default="")
    people = models.JSONField(_("people"), blank=True, default=list)
    service_tier = models.CharField(_("service tier"), max_length=250, blank=True, default="")

    payment_terms = models.ForeignKey(
        "terms.PaymentTerms",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="parties",
        db_index=False,
        verbose_name=_("payment terms"),
        help_text=_("The end of a month, or several instalments; empty: so many days."),
    )
    # Of terms the days at most: what the sales side is told, and what counts where no terms are named.
    payment_terms_days = models.PositiveSmallIntegerField(_("payment terms (days)"), default=30)
    commercial_tier = models.CharField(_("commercial tier"), max_length=40, blank=True, default="")
    credit_class = models.CharField(_("credit class"), max_length=20, blank=True, default="")
    credit_limit = amount_field(_("credit limit"), null=True, blank=True, default=None)
    limit_waits = models.BooleanField(_("another limit is asked"), default=False, db_default=False, editable=False)
    limit_asked = amount_field(_("limit asked for"), null=True, blank=True, default=None, editable=False)
    limit_asked_by = models.CharField(
        _("limit asked by"), max_length=150, blank=True, default="", db_default="", editable=False
    )
    limit_approved_by = models.CharField(
        _("limit approved by"), max_length=150, blank=True, default="", db_default="", editable=False
    )
    on_hold = models.BooleanField(_("on hold"), default=False)
    hold_reason = models.CharField(_("why on hold"), max_length=250, blank=True, default="")
    held_by = models.CharField(
        _("put on hold by"), max_length=150, blank=True, default="", db_default="", editable=False
    )
    released_by = models.CharField(
        _("released by"), max_length=150, blank=True, default="", db_default="", editable=False
    )
    credit_band = models.CharField(
        _("credit band"), max_length=10, choices=CreditBand, default=CreditBand.OPEN, editable=False
    )

    einvoice = models.CharField(
        _("e-invoice"),
        max_length=3,
        choices=[("", _("not asked for")), ("ubl", "UBL 2.1"), ("cii", "CII / Factur-X")],
        blank=True,
        default="",
        db_default="",
        help_text=_("They want electronic invoices: each is checked against EN 16931 before it gets its number."),
    )
    buyer_reference = models.CharField(
        _("buyer reference"),
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text=_("What they ask to read on each invoice, as the German Leitweg-ID."),
    )
    endpoint = models.CharField(_("electronic address"), max_length=250, blank=True, default="", db_default="")
    endpoint_scheme = models.CharField(
        _("kind of address"),
        max_length=4,
        blank=True,
        default="",
        db_default="",
        help_text=_("EAS code; EM is an e-mail address."),
    )

    history = HistoricalRecords()
    objects = PartyQuerySet.as_manager()

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(credit_limit=None) | models.Q(credit_limit__gte=Decimal(0)),
                name="party_limit_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(limit_asked=None) | models.Q(limit_asked__gte=Decimal(0), limit_waits=True),
                name="party_limit_asked_waits",
            ),
            models.CheckConstraint(
                condition=models.Q(limit_approved_by="") | ~models.Q(limit_approved_by=models.F("limit_asked_by")),
                name="party_limit_approved_by_another",
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="party_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(on_hold=True)
                | models.Q(held_by="")
                | (~models.Q(released_by="") & ~models.Q(released_by=models.F("held_by"))),
                name="party_released_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=PartyKind.CUSTOMER, code__startswith="C")
                | models.Q(kind=PartyKind.SUPPLIER, code__startswith="S", customer=None),
                name="party_code_tells_its_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into=None)
                | models.Q(kind=PartyKind.CUSTOMER) & ~models.Q(merged_into=models.F("id")),
                name="party_merged_into_another",
            ),
            models.CheckConstraint(condition=models.Q(payment_terms_days__lte=365), name="party_terms_within_a_year"),
        ]
        indexes = [models.Index(Upper("name"), name="party_by_name")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def get_absolute_url(self) -> str:
        return record_url("parties:detail", self.pk)

    @property
    def whole(self) -> "Party":
        """The party that stands for the customer; itself, but for one that was merged into another."""
        return self.merged_into or self

    @property
    def version(self) -> str:
        """What a form remembers, so that it does not overwrite what somebody else changed meanwhile."""
        return self.updated_at.isoformat()

    @property
    def address_lines(self) -> list[str]:
        """The address as it stands on an envelope."""
        town = " ".join(part for part in (self.postal_code, self.city) if part)
        return [line for line in (self.street, town, self.region, self.country) if line]
