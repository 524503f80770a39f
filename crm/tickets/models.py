"""Tickets, their messages, and goods that customers want to send back."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from base import grams
from base.fields import StateField, TimeStamped, amount_field, quantity_field, uuid7_pk
from base.grams import holding, inside, narrowed
from base.links import record_url
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from crm.accounts.models import Account, Contact
from crm.pipeline.models import Deal

ROLES = ("rep", "agent", "manager", "admin")
# What people remember of a ticket itself, in the index of their pieces.
WORDS = ("number", "subject")


class TicketState(models.TextChoices):
    """Whose turn it is."""

    NEW = "new", _("new")
    OPEN = "open", _("open")
    WAITING = "waiting", _("waiting")
    SOLVED = "solved", _("solved")


class Priority(models.TextChoices):
    """How much it presses."""

    LOW = "low", _("low")
    NORMAL = "normal", _("normal")
    HIGH = "high", _("high")
    URGENT = "urgent", _("urgent")


UNSOLVED = (TicketState.NEW, TicketState.OPEN, TicketState.WAITING)


class TicketQuerySet(models.QuerySet[Any]):
    """Words about tickets."""

    def visible_to(self, user: Any) -> Self:
        """Who sees the account sees its tickets: the choke point of every list, page, search and API."""
        return self.filter(account__in=Account.objects.visible_to(user))

    def unsolved(self) -> Self:
        """Still asking something of somebody."""
        return self.filter(state__in=UNSOLVED)

    def matching(self, text: str) -> Self:
        """Each word somewhere in number, subject or the account's name."""
        return narrowed(self, text, _keys, lambda word: inside(word, (*WORDS, "account__name")))


def _keys(word: str) -> list[models.QuerySet[Any]]:
    return [
        Ticket.objects.filter(holding(word, WORDS)).values_list("pk", flat=True),
        Ticket.objects.filter(account__in=Account.objects.named(word).values("pk")).values_list("pk", flat=True),
    ]


class Ticket(ConcurrentTransitionMixin, TimeStamped):
    """Something a customer asks of us."""

    id = uuid7_pk()
    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="tickets", verbose_name=_("account"))
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    deal = models.ForeignKey(
        Deal, on_delete=models.PROTECT, null=True, blank=True, related_name="tickets", verbose_name=_("deal")
    )
    subject = models.CharField(_("subject"), max_length=250)
    state = StateField(_("state"), default=TicketState.NEW, choices=TicketState.choices)
    priority = models.CharField(_("priority"), max_length=8, choices=Priority.choices, default=Priority.NORMAL)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="tickets",
        verbose_name=_("assignee"),
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("opened by")
    )
    touched_at = models.DateTimeField(_("last word"), default=timezone.now, editable=False)
    solved_at = models.DateTimeField(_("solved"), null=True, editable=False)

    history = HistoricalRecords()
    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        ordering = ("-touched_at", "-id")
        indexes = [
            grams.index(WORDS, "ticket_by_grams"),
            models.Index(fields=["-touched_at", "-id"], name="ticket_by_touch"),
            models.Index(fields=["assignee", "state", "-touched_at"], name="ticket_by_assignee"),
            models.Index(fields=["account", "-touched_at"], name="ticket_by_account"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=TicketState.values), name="ticket_state_known"),
            models.CheckConstraint(condition=~Q(subject=""), name="ticket_has_subject"),
            models.CheckConstraint(
                condition=Q(state="solved", solved_at__isnull=False) | (~Q(state="solved") & Q(solved_at__isnull=True)),
                name="ticket_solved_at_some_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.subject}"

    def get_absolute_url(self) -> str:
        return record_url("tickets:detail", self.pk)

    @transition(state, source=[TicketState.NEW, TicketState.WAITING, TicketState.SOLVED], target=TicketState.OPEN)
    def open(self) -> None:
        self.solved_at = None

    @transition(state, source=[TicketState.NEW, TicketState.OPEN], target=TicketState.WAITING)
    def wait(self) -> None:
        pass

    @transition(state, source=list(UNSOLVED), target=TicketState.SOLVED)
    def solve(self) -> None:
        self.solved_at = timezone.now()

    @property
    def is_solved(self) -> bool:
        """Nothing is asked any more."""
        return bool(self.state == TicketState.SOLVED)


class Visibility(models.TextChoices):
    """Who may read a message."""

    PUBLIC = "public", _("public")
    INTERNAL = "internal", _("internal")


class TicketMessageQuerySet(VisibleQuerySet):
    """Seen by whoever sees the ticket."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(ticket__in=Ticket.objects.visible_to(user))


class TicketMessage(models.Model):
    """A word of the customer's, an answer, or a note among ourselves; never edited."""

    id = uuid7_pk()
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages", verbose_name=_("ticket"))
    visibility = models.CharField(
        _("who may read it"), max_length=8, choices=Visibility.choices, default=Visibility.PUBLIC
    )
    from_customer = models.BooleanField(_("from the customer"), default=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    body = models.TextField(_("message"))
    created_at = models.DateTimeField(_("written"), auto_now_add=True)

    objects = TicketMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("created_at", "id")
        constraints = [
            models.CheckConstraint(condition=Q(visibility__in=Visibility.values), name="message_visibility_known"),
            models.CheckConstraint(condition=~Q(body=""), name="message_says_something"),
            models.CheckConstraint(
                condition=Q(from_customer=False) | Q(visibility="public"), name="message_customer_is_public"
            ),
        ]

    def __str__(self) -> str:
        return self.body[:80]


class ReturnStatus(models.TextChoices):
    """How far the ERP is with taking the goods back."""

    REQUESTED = "requested", _("requested")
    AUTHORISED = "authorised", _("authorised")
    REFUSED = "refused", _("refused")
    RECEIVED = "received", _("received")
    SETTLED = "settled", _("settled")


class ReturnRequestQuerySet(VisibleQuerySet):
    """Seen by whoever sees the ticket."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(ticket__in=Ticket.objects.visible_to(user))


class ReturnRequest(ConcurrentTransitionMixin, TimeStamped):
    """A wish to send goods of one deal back; after the request only the ERP's word changes it."""

    id = uuid7_pk()
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="returns", verbose_name=_("ticket"))
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="returns", verbose_name=_("deal"))
    status = StateField(_("status"), default=ReturnStatus.REQUESTED, choices=ReturnStatus.choices)
    reason = models.TextField(_("reason"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    # The ERP's word.
    number = models.CharField(_("return number"), max_length=250, blank=True, default="", editable=False)
    instructions = models.TextField(_("instructions"), blank=True, default="", editable=False)
    refusal = models.TextField(_("why refused"), blank=True, default="", editable=False)
    credit_note_number = models.CharField(_("credit note"), max_length=250, blank=True, default="", editable=False)
    credit_gross = amount_field(_("credited"), null=True, editable=False)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="", editable=False)
    authorised_at = models.DateTimeField(_("authorised"), null=True, editable=False)
    refused_at = models.DateTimeField(_("refused"), null=True, editable=False)
    received_at = models.DateTimeField(_("received"), null=True, editable=False)
    settled_at = models.DateTimeField(_("settled"), null=True, editable=False)
    as_of = models.DateTimeField(_("as of"), null=True, editable=False)

    history = HistoricalRecords()

    objects = ReturnRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ReturnStatus.values), name="return_status_known"),
            models.CheckConstraint(
                condition=~Q(status="settled") | Q(settled_at__isnull=False, credit_gross__isnull=False),
                name="return_settled_with_credit",
            ),
        ]

    def __str__(self) -> str:
        return self.number or str(self.get_status_display())

    @transition(status, source=ReturnStatus.REQUESTED, target=ReturnStatus.AUTHORISED)
    def authorise(self, at: Any) -> None:
        self.authorised_at = self.as_of = at

    @transition(status, source=[ReturnStatus.REQUESTED, ReturnStatus.AUTHORISED], target=ReturnStatus.REFUSED)
    def refuse(self, at: Any) -> None:
        self.refused_at = self.as_of = at

    @transition(status, source=ReturnStatus.AUTHORISED, target=ReturnStatus.RECEIVED)
    def receive(self, at: Any) -> None:
        self.received_at = self.as_of = at

    @transition(status, source=ReturnStatus.RECEIVED, target=ReturnStatus.SETTLED)
    def settle(self, at: Any) -> None:
        self.settled_at = self.as_of = at


class ReturnLine(models.Model):
    """How many of a thing the customer wants to send back, and how many came."""

    id = uuid7_pk()
    request = models.ForeignKey(ReturnRequest, on_delete=models.CASCADE, related_name="lines")
    sku = models.CharField(_("SKU"), max_length=250)
    description = models.CharField(_("description"), max_length=250, blank=True, default="")
    quantity = quantity_field(_("quantity"))
    received = quantity_field(_("received"), default=0)

    history = HistoricalRecords(excluded_fields=["received"])  # what came is the ERP's word

    class Meta:
        verbose_name = _("return line")
        verbose_name_plural = _("return lines")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["request", "sku"], name="return_sku_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_quantity_positive"),
            models.CheckConstraint(condition=Q(received__gte=0), name="return_received_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"
