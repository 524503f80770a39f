"""Prices on their way to a promise: approvals that reps ask for, and quotes as they were given to the customer."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from base.fields import TimeStamped, amount_field, currency_field, rate_field, uuid7_pk
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet


class OfDealQuerySet(VisibleQuerySet):
    """Seen by whoever sees the deal."""

    def visible_to(self, user: Any) -> Self:
        deals: Any = self.model._meta.get_field("deal").related_model
        return self.filter(deal__in=deals.objects.visible_to(user))


class ApprovalState(models.TextChoices):
    """What came of the question."""

    ASKED = "asked", _("asked")
    GIVEN = "given", _("given")
    REFUSED = "refused", _("refused")
    LAPSED = "lapsed", _("not needed any more")


class PriceApprovalQuerySet(OfDealQuerySet):
    """Words about approvals."""

    def open(self) -> Self:
        """Nobody has answered yet."""
        return self.filter(state=ApprovalState.ASKED)


class PriceApproval(TimeStamped):
    """A rep asks for prices beyond the limit, a sales manager gives or refuses them; one open question per deal."""

    TIERS = {"net_total": "price", "discount": "price"}

    id = uuid7_pk()
    deal = models.ForeignKey(
        "pipeline.Deal", on_delete=models.CASCADE, related_name="approvals", verbose_name=_("deal")
    )
    why = models.CharField(_("why"), max_length=250)
    net_total = amount_field(_("net total when asked"))
    discount = rate_field(_("deepest discount when asked"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    state = models.CharField(_("state"), max_length=8, choices=ApprovalState.choices, default=ApprovalState.ASKED)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered"), null=True)
    answer = models.CharField(_("in a few words"), max_length=250, blank=True, default="")

    objects = PriceApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("price approval")
        verbose_name_plural = _("price approvals")
        ordering = ("-id",)
        indexes = [models.Index(fields=["-id"], name="approval_waits", condition=Q(state="asked"))]
        constraints = [
            models.UniqueConstraint(fields=["deal"], name="one_open_approval", condition=Q(state="asked")),
            models.CheckConstraint(condition=Q(state__in=ApprovalState.values), name="approval_state_known"),
            models.CheckConstraint(condition=~Q(why=""), name="approval_says_why"),
            models.CheckConstraint(
                condition=Q(state="asked", answered_by__isnull=True, answered_at__isnull=True)
                | Q(state="lapsed", answered_by__isnull=True, answered_at__isnull=False)
                | Q(state__in=["given", "refused"], answered_by__isnull=False, answered_at__isnull=False),
                name="approval_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("asked_by")), name="approval_has_four_eyes"
            ),
        ]

    def __str__(self) -> str:
        return self.why

    def get_absolute_url(self) -> str:
        return record_url("pipeline:approval", self.pk)

    @property
    def is_open(self) -> bool:
        """May it still be answered?"""
        return self.state == ApprovalState.ASKED


class Quote(models.Model):
    """What was offered, as it was offered: a version of the deal's lines and terms that nobody changes any more."""

    TIERS = {"net_total": "price", "freight": "price", "deposit": "price", "lines": "price"}

    id = uuid7_pk()
    deal = models.ForeignKey("pipeline.Deal", on_delete=models.PROTECT, related_name="quotes", verbose_name=_("deal"))
    version = models.PositiveSmallIntegerField(_("version"))
    currency = currency_field()
    lines = models.JSONField(_("lines"))
    freight = amount_field(_("freight"))
    net_total = amount_field(_("net total"), help_text=_("Lines without tax."))
    deposit = amount_field(_("deposit"), null=True)
    requested_on = models.DateField(_("wanted by"), null=True)
    payment_days = models.PositiveIntegerField(_("payment terms, days"), null=True)
    valid_until = models.DateField(_("valid until"))
    note = models.TextField(_("a word to the customer"), blank=True, default="")
    buyer = models.JSONField(_("for"))
    seller = models.JSONField(_("from"))
    made_on = models.DateField(_("date"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = OfDealQuerySet.as_manager()

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        ordering = ("deal", "-version")
        constraints = [
            models.UniqueConstraint(fields=["deal", "version"], name="one_quote_per_version"),
            models.CheckConstraint(condition=Q(version__gt=0), name="quote_versions_from_one"),
            models.CheckConstraint(condition=Q(valid_until__gte=F("made_on")), name="quote_valid_for_a_while"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return record_url("pipeline:quote", self.pk)

    @property
    def number(self) -> str:
        """As it stands on the paper: the deal's number and the version."""
        return f"{self.deal.number}-{self.version}"


class Letterhead(TimeStamped):
    """Who we are on our quotes; admins write it, and each quote keeps what stood there on its day."""

    READERS = ("rep", "agent", "manager", "admin")

    id = uuid7_pk()
    name = models.CharField(_("company"), max_length=200)
    address = models.TextField(_("address"), blank=True, default="", help_text=_("One line below the other."))
    phone = models.CharField(_("phone"), max_length=100, blank=True, default="")
    email = models.EmailField(_("e-mail"), max_length=200, blank=True, default="")
    small_print = models.CharField(
        _("small print"), max_length=200, blank=True, default="", help_text=_("Register, tax numbers and the like.")
    )
    only = models.BooleanField(default=True, editable=False, unique=True)

    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("letterhead")
        verbose_name_plural = _("letterhead")
        constraints = [models.CheckConstraint(condition=Q(only=True), name="one_letterhead")]

    def __str__(self) -> str:
        return self.name
