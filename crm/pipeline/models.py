"""Deals with their lines: what we hope to sell, and, once won, what we promised."""

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from base import grams
from base.fields import (
    StateField,
    TimeStamped,
    amount_field,
    currency_field,
    uuid7_pk,
)
from base.grams import holding, inside, narrowed
from base.links import record_url
from base.recording import HistoricalRecords
from base.roles import has_role
from crm.accounts.custom_values import keys_saying, saying
from crm.accounts.models import Account
from crm.accounts.models_custom import custom_values, only_scalars
from crm.accounts.models_tags import tags_field
from crm.accounts.ways import SEE_ALL, people_of
from crm.pipeline.models_lines import DealLine, DepositReport
from crm.pipeline.models_order import (
    DealInvoice,
    DealOrder,
    DealOrderStep,
    DealPayment,
    DealShipment,
    InvoiceKind,
    OrderState,
    PaymentKind,
    StepKind,
)
from crm.pipeline.models_prices import ApprovalState, Letterhead, PriceApproval, Quote
from crm.pipeline.models_stages import Pipeline, Stage

__all__ = [
    "APPROVERS",
    "READERS",
    "WRITERS",
    "ApprovalState",
    "Deal",
    "DealInvoice",
    "DealLine",
    "DealOrder",
    "DealOrderStep",
    "DealPayment",
    "DealShipment",
    "DealStatus",
    "DepositReport",
    "InvoiceKind",
    "Letterhead",
    "OrderState",
    "PaymentKind",
    "Pipeline",
    "PriceApproval",
    "Quote",
    "Stage",
    "StepKind",
    "Urgency",
]

READERS = ("rep", "agent", "manager", "admin")
WRITERS = ("rep", "manager", "admin")
APPROVERS = ("manager", "admin")
# What people remember of a deal itself, in the index of their pieces.
WORDS = ("number", "title")


class DealStatus(models.TextChoices):
    """Where a deal stands."""

    OPEN = "open", _("open")
    WON = "won", _("won")
    LOST = "lost", _("lost")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Urgency(models.TextChoices):
    """What a deal's next step asks of us today."""

    OVERDUE = "overdue", _("Overdue")
    TODAY = "today", _("Today")
    LATER = "later", _("Later")
    NONE = "none", _("No next step")


class DealQuerySet(models.QuerySet[Any]):
    """Words about deals."""

    def visible_to(self, user: Any) -> Self:
        """What the user may see: the choke point of every list, page, search and API.

        Who works on an account knows all that is sold there; one's own deal is a way to its account.
        """
        if has_role(user, *SEE_ALL):
            return self
        return self.filter(account__in=Account.objects.visible_to(user))

    def own_of(self, user: Any) -> Self:
        """The user's own, as far as they may see them.

        One's own deal is a way to its account, so nothing but the role is left to ask; asked of `visible_to` all the
        same, the database would look at every account for it.
        """
        return self.filter(owner=user.pk) if has_role(user, "rep", *SEE_ALL) else self.none()

    def seen_by(self, user: Any, whose: str) -> Self:
        """What a board or a chart is drawn of: `mine`, or all that the user may see."""
        return self.own_of(user) if whose == "mine" else self.visible_to(user)

    def writable_by(self, user: Any) -> Self:
        """What the user may change: reps their own, their people's and nobody's, managers all; agents only read."""
        if has_role(user, *APPROVERS):
            return self
        if has_role(user, "rep"):
            return self.filter(Q(owner__in=people_of(user)) | Q(owner=None))
        return self.none()

    def open(self) -> Self:
        """Still to be won."""
        return self.filter(status=DealStatus.OPEN)

    def on_their_way(self) -> Self:
        """Won, and the order is neither done nor off."""
        return self.filter(order__state__in=[OrderState.PROMISED, OrderState.ACCEPTED, OrderState.HELD])

    def step_due(self, day: date) -> Self:
        """Open, with a next step that day or before."""
        return self.open().filter(next_step_on__lte=day)

    def matching(self, text: str) -> Self:
        """Each word somewhere in number, title, account or the order's number."""
        return narrowed(self, text, _keys, _says)


def _keys(word: str) -> list[models.QuerySet[Any]]:
    return [
        Deal.objects.filter(holding(word, WORDS)).values_list("pk", flat=True),
        Deal.objects.filter(account__in=Account.objects.named(word).values("pk")).values_list("pk", flat=True),
        DealOrder.objects.filter(number__iexact=word).values_list("pk", flat=True),
        *keys_saying("deal", word, Deal),
    ]


def _says(word: str) -> Q:
    return inside(word, (*WORDS, "account__name"), ("order__number",)) | saying("deal", word)


def _was_taken_over(deal: Any) -> bool:
    """Was it closed in another system, so that nothing was promised here?"""
    return bool(deal.taken_over)


class Deal(ConcurrentTransitionMixin, TimeStamped):
    """Something we hope to sell to somebody."""

    TIERS = {"net_total": "price", "freight": "price", "deposit_agreed": "price"}

    id = uuid7_pk()
    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=250, blank=True, default="")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="deals", verbose_name=_("account"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("owner"),
    )
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="deals", verbose_name=_("stage"))
    stage_since = models.DateTimeField(_("in this stage since"), default=timezone.now, editable=False)
    status = StateField(_("status"), default=DealStatus.OPEN, choices=DealStatus.choices)
    currency = currency_field()
    ordered_on = models.DateField(
        _("ordered on"), null=True, blank=True, help_text=_("The day whose price list counts; today when empty.")
    )
    requested_on = models.DateField(_("wanted by"), null=True, blank=True)
    freight = amount_field(_("freight"), default=Decimal(0))
    deposit_agreed = amount_field(_("deposit agreed"), null=True, blank=True)
    net_total = amount_field(_("net total"), default=Decimal(0), editable=False, help_text=_("Lines without tax."))
    next_step = models.CharField(_("next step"), max_length=250, blank=True, default="")
    next_step_on = models.DateField(_("next step on"), null=True, blank=True)
    started_on = models.DateField(
        _("first talk on"),
        default=timezone.localdate,
        db_default=Now(),
        help_text=_("Since when somebody has worked on it."),
    )
    taken_over = models.BooleanField(
        _("closed elsewhere"),
        default=False,
        db_default=False,
        editable=False,
        help_text=_("Won or lost in another system before it came here; the ERP was never told of it."),
    )
    tags = tags_field()
    custom = custom_values("deal")
    won_at = models.DateTimeField(_("won"), null=True, editable=False)
    won_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    close_reason = models.CharField(_("why lost or withdrawn"), max_length=250, blank=True, default="", editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    history = HistoricalRecords()
    objects = DealQuerySet.as_manager()

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["stage", "next_step_on", "id"], name="deal_on_board", condition=Q(status="open")),
            models.Index(fields=["owner", "next_step_on"], name="deal_steps", condition=Q(status="open")),
            models.Index(fields=["account", "-id"], name="deal_by_account"),
            models.Index(fields=["owner", "-id"], name="deal_by_owner"),
            models.Index(fields=["status", "-id"], name="deal_by_status"),
            GinIndex(fields=["tags"], name="deal_by_tag"),
            grams.index(WORDS, "deal_by_grams"),
            GinIndex(fields=["custom"], name="deal_by_custom", opclasses=["jsonb_path_ops"]),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=DealStatus.values), name="deal_status_known"),
            models.CheckConstraint(condition=Q(freight__gte=0), name="deal_freight_not_negative"),
            models.CheckConstraint(
                condition=Q(deposit_agreed__isnull=True) | Q(deposit_agreed__gt=0), name="deal_deposit_positive"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "lost"], won_at__isnull=True)
                | Q(status__in=["won", "withdrawn"], won_at__isnull=False, ordered_on__isnull=False),
                name="deal_won_at_some_time",
            ),
            models.CheckConstraint(
                condition=Q(taken_over=False) | Q(status__in=["won", "lost"]), name="deal_taken_over_is_closed"
            ),
            models.CheckConstraint(condition=Q(next_step="") | Q(next_step_on__isnull=False), name="deal_step_has_day"),
            only_scalars("deal"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()

    def get_absolute_url(self) -> str:
        return record_url("pipeline:detail", self.pk)

    @transition(status, source=DealStatus.OPEN, target=DealStatus.WON)
    def win(self, at: Any) -> None:
        self.won_at = self.closed_at = at

    @transition(status, source=DealStatus.OPEN, target=DealStatus.LOST)
    def lose(self, at: Any) -> None:
        self.closed_at = at

    @transition(status, source=DealStatus.LOST, target=DealStatus.OPEN)
    def reopen(self) -> None:
        self.closed_at, self.close_reason, self.taken_over = None, "", False

    @transition(status, source=DealStatus.WON, target=DealStatus.OPEN, conditions=[_was_taken_over])
    def unwin(self) -> None:
        """A win that was taken over by mistake: nothing was promised here."""
        self.won_at = self.closed_at = None
        self.taken_over = False

    @transition(status, source=DealStatus.WON, target=DealStatus.WITHDRAWN)
    def withdraw(self) -> None:
        pass

    @transition(status, source=DealStatus.WITHDRAWN, target=DealStatus.WON)
    def stand(self) -> None:
        """The ERP could not take the order back: the promise stands."""
        self.close_reason = ""

    def writable_by(self, user: Any) -> bool:
        """The same rule as the queryset's word, for one row already read."""
        return has_role(user, *APPROVERS) or (
            has_role(user, "rep") and (self.owner_id is None or self.owner_id in people_of(user))
        )

    @property
    def is_open(self) -> bool:
        """May it still be changed?"""
        return bool(self.status == DealStatus.OPEN)

    @property
    def price_day(self) -> date:
        """The day whose price list counts."""
        return self.ordered_on or timezone.localdate()

    @property
    def urgency(self) -> str:
        """What the next step asks of us, in the user's day."""
        if self.next_step_on is None:
            return Urgency.NONE
        today = timezone.localdate()
        if self.next_step_on < today:
            return Urgency.OVERDUE
        return Urgency.TODAY if self.next_step_on == today else Urgency.LATER

    @property
    def days_in_stage(self) -> int:
        """Whole days since the deal came to its stage."""
        return (timezone.now() - self.stage_since).days

    @property
    def is_stale(self) -> bool:
        """Has it stood in its stage for longer than deals do there?"""
        most = self.stage.stale_after_days
        return self.is_open and most is not None and self.days_in_stage > most
