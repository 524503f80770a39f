"""Leads, what became of them, and who asked for whose."""

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce, Lower, NullIf
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import ConcurrentTransitionMixin, transition

from base import grams
from base.fields import StateField, TimeStamped, uuid7_pk
from base.grams import holding, inside, narrowed
from base.links import record_url
from base.recording import HistoricalRecords
from base.roles import has_role
from base.visible import VisibleQuerySet
from crm.access.models import Team, TeamMember
from crm.accounts.custom_values import keys_saying, saying
from crm.accounts.fields import place_keys_field
from crm.accounts.masks import masked
from crm.accounts.models import READERS, WRITERS_OF_ALL, Account, Contact
from crm.accounts.models_custom import custom_values, only_scalars
from crm.accounts.models_tags import tags_field
from crm.accounts.ways import SEE_ALL, people_of
from crm.leads.models_rules import AssignmentRule, Policy, RuleMember, ScoreRule, Shift, WebForm
from crm.pipeline.models import Deal

__all__ = [
    "CONVERTERS",
    "READERS",
    "AssignmentRule",
    "Conversion",
    "Handover",
    "HandoverState",
    "Lead",
    "LeadState",
    "LossReason",
    "Policy",
    "RuleMember",
    "ScoreRule",
    "Shift",
    "Source",
    "WebForm",
]

CONVERTERS = ("rep", "manager", "admin")
# What people remember of a lead, in the index of their pieces.
NAMES = ("person", "company", "email", "phone", "city", "campaign")
WORDS = (*NAMES, "external_ref", "industry")


class Source(models.TextChoices):
    """By which door a lead came in."""

    HAND = "hand", pgettext_lazy("source of a lead", "Typed in")
    WEB = "web", _("Web form")
    EVENT = "event", _("Event")
    CARD = "card", _("Card or QR code")
    CALL = "call", pgettext_lazy("source of a lead", "They called")
    REFERRAL = "referral", _("Recommendation")
    FILE = "file", pgettext_lazy("source of a lead", "File")
    API = "api", "API"


# Who came by one of these doors waits for a call; a file is no queue, and who types a lead in has just met them.
LIVE = (Source.WEB, Source.EVENT, Source.CARD, Source.CALL, Source.REFERRAL, Source.API)


class LeadState(models.TextChoices):
    """How far we are with them."""

    NEW = "new", _("new")
    CONTACTED = "contacted", _("contacted")
    QUALIFIED = "qualified", _("qualified")
    CONVERTED = "converted", _("converted")
    LOST = "lost", _("lost")


OPEN_STATES = (LeadState.NEW, LeadState.CONTACTED, LeadState.QUALIFIED)


class LossReason(models.TextChoices):
    """Why nothing comes of it."""

    NO_INTEREST = "no_interest", _("No interest")
    NOT_REACHED = "not_reached", _("Cannot be reached")
    NO_BUDGET = "no_budget", _("No budget")
    COMPETITOR = "competitor", _("Bought elsewhere")
    DUPLICATE = "duplicate", _("Known already")
    WRONG = "wrong", _("Wrong data or a joke")
    OTHER = "other", pgettext_lazy("reason", "Something else")


class LeadQuerySet(models.QuerySet[Any]):
    """Words about leads."""

    def visible_to(self, user: Any) -> Self:
        """What the user may see: the choke point of every list, page, search and API.

        Who serves every customer sees all. A rep sees their own, those of the people they lead, and the pool: what
        nobody owns, unless it was left to a team that neither they nor their people are in.
        """
        if has_role(user, *SEE_ALL):
            return self
        if not has_role(user, "rep"):
            return self.none()
        people = people_of(user)
        teams = TeamMember.objects.filter(user__in=people).values("team")
        return self.filter(Q(owner__in=people) | (Q(owner=None) & (Q(team=None) | Q(team__in=teams))))

    def writable_by(self, user: Any) -> Self:
        """Whom one sees one may work with: an own lead, one's people's, or one of the pool."""
        return self.visible_to(user)

    def open(self) -> Self:
        """Still to be worked on."""
        return self.filter(state__in=OPEN_STATES)

    def waiting(self) -> Self:
        """Came in live, and nobody has tried to reach them yet."""
        return self.filter(state=LeadState.NEW, touched_at=None, waits_since__isnull=False)

    def matching(self, text: str) -> Self:
        """Each word somewhere in what people remember of a lead: names, town, mail, phone, campaign."""
        return narrowed(self, text, _keys, _says)


def _keys(word: str) -> list[models.QuerySet[Any]]:
    here = Lead.objects.filter(holding(word, WORDS, NAMES, ("external_ref",))).values_list("pk", flat=True)
    return [here, *keys_saying("lead", word, Lead)]


def _says(word: str) -> Q:
    return inside(word, NAMES, ("external_ref",)) | saying("lead", word)


class Lead(ConcurrentTransitionMixin, TimeStamped):
    """Somebody who may buy one day."""

    id = uuid7_pk()
    person = models.CharField(_("person"), max_length=250, blank=True, default="")
    company = models.CharField(_("company"), max_length=250, blank=True, default="")
    title = models.CharField(pgettext_lazy("in a company", "position"), max_length=250, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=250, blank=True, default="")
    other_phone = models.CharField(_("other phone"), max_length=250, blank=True, default="")
    email = models.EmailField(_("e-mail"), max_length=250, blank=True, default="")
    other_email = models.EmailField(_("other e-mail"), max_length=250, blank=True, default="")
    website = models.CharField(
        _("website"), max_length=250, blank=True, default="", validators=[URLValidator(schemes=["http", "https"])]
    )
    street = models.CharField(_("street"), max_length=250, blank=True, default="")
    postal_code = models.CharField(_("postal code"), max_length=250, blank=True, default="")
    city = models.CharField(_("town"), max_length=250, blank=True, default="")
    region = models.CharField(_("region"), max_length=250, blank=True, default="")
    country = models.CharField(_("country"), max_length=250, blank=True, default="")
    industry = models.CharField(_("industry"), max_length=100, blank=True, default="")
    interest = models.CharField(_("interested in"), max_length=250, blank=True, default="")
    source = models.CharField(_("came by"), max_length=10, choices=Source.choices, default=Source.HAND)
    source_detail = models.CharField(
        _("source"), max_length=250, blank=True, default="", help_text=_("The fair, the page, who recommended us.")
    )
    campaign = models.CharField(_("campaign"), max_length=250, blank=True, default="")
    external_ref = models.CharField(
        _("reference elsewhere"),
        max_length=250,
        unique=True,
        null=True,
        blank=True,
        help_text=_("Its code in the system it came from."),
    )
    visits = models.PositiveIntegerField(_("visits of our website"), default=0)
    seconds_on_site = models.PositiveIntegerField(_("seconds on our website"), default=0)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="leads",
        verbose_name=_("owner"),
    )
    team = models.ForeignKey(
        Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    tags = tags_field()
    custom = custom_values("lead")
    state = StateField(_("state"), default=LeadState.NEW, choices=LeadState.choices)
    lost_reason = models.CharField(
        _("why lost"), max_length=12, choices=LossReason.choices, blank=True, default="", editable=False
    )
    lost_note = models.CharField(_("note on the loss"), max_length=250, blank=True, default="", editable=False)
    # What they allowed: without it no advertising; with it, since when and by which door they said so.
    consent = models.BooleanField(_("agreed to be written to"), default=False)
    consent_at = models.DateTimeField(_("agreed on"), null=True, blank=True)
    consent_source = models.CharField(_("agreed by"), max_length=250, blank=True, default="")
    do_not_call = models.BooleanField(_("do not call"), default=False)
    do_not_email = models.BooleanField(_("do not mail"), default=False)
    score = models.SmallIntegerField(_("score"), default=0, editable=False)
    score_reasons = models.JSONField(default=list, editable=False)
    waits_since = models.DateTimeField(_("waits for a first call since"), null=True, editable=False)
    touched_at = models.DateTimeField(_("first tried"), null=True, editable=False)
    reminded_at = models.DateTimeField(_("reminded"), null=True, editable=False)
    escalated_at = models.DateTimeField(_("escalated"), null=True, editable=False)
    passed_on = models.PositiveSmallIntegerField(_("times passed on"), default=0, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    # What it is called, and what stays the same when people write names and phones differently.
    name = models.GeneratedField(
        expression=Coalesce(
            NullIf("person", Value("")),
            NullIf("company", Value("")),
            NullIf("email", Value("")),
            NullIf("phone", Value("")),
            "external_ref",
            Value(""),
        ),
        output_field=models.CharField(max_length=250),
        db_persist=True,
    )
    person_match = models.CharField(max_length=250, blank=True, default="", editable=False)
    company_match = models.CharField(max_length=250, blank=True, default="", editable=False)
    phone_match = models.CharField(max_length=9, blank=True, default="", editable=False)
    like_keys = place_keys_field()

    history = HistoricalRecords(
        excluded_fields=["name", "person_match", "company_match", "phone_match", "like_keys", "score_reasons"]
    )
    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["owner", "state", "-id"], name="lead_by_owner"),
            models.Index(fields=["state", "-id"], name="lead_by_state"),
            models.Index(fields=["-score", "-id"], name="lead_by_score"),
            models.Index(fields=["country", "-id"], name="lead_by_country"),
            models.Index(fields=["source", "-id"], name="lead_by_source"),
            models.Index(fields=["person_match"], name="lead_like_person", condition=~Q(person_match="")),
            models.Index(fields=["company_match"], name="lead_like_company", condition=~Q(company_match="")),
            models.Index(fields=["phone_match"], name="lead_like_phone", condition=~Q(phone_match="")),
            models.Index(Lower("email"), name="lead_by_email", condition=~Q(email="")),
            GinIndex(fields=["like_keys"], name="lead_like_place"),
            GinIndex(fields=["tags"], name="lead_by_tag"),
            grams.index(WORDS, "lead_by_grams"),
            GinIndex(fields=["custom"], name="lead_by_custom", opclasses=["jsonb_path_ops"]),
            models.Index(
                fields=["waits_since"],
                name="lead_waiting",
                condition=Q(state="new", touched_at__isnull=True, waits_since__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=LeadState.values), name="lead_state_known"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="lead_source_known"),
            models.CheckConstraint(
                condition=~Q(person="", company="", email="", phone="") | Q(external_ref__isnull=False),
                name="lead_has_a_name",
            ),
            models.CheckConstraint(
                condition=Q(state="lost", lost_reason__in=LossReason.values) | (~Q(state="lost") & Q(lost_reason="")),
                name="lead_lost_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("lost", "converted"), closed_at__isnull=False)
                | (~Q(state__in=("lost", "converted")) & Q(closed_at__isnull=True)),
                name="lead_closed_at_some_time",
            ),
            models.CheckConstraint(
                condition=Q(consent=False) | (Q(consent_at__isnull=False) & ~Q(consent_source="")),
                name="lead_consent_has_source",
            ),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=100), name="lead_score_in_hundred"),
            only_scalars("lead"),
        ]

    def __str__(self) -> str:
        return self.name or self.person or self.company or self.email or self.phone or self.external_ref or ""

    def get_absolute_url(self) -> str:
        return record_url("leads:detail", self.pk)

    def writable_by(self, user: Any) -> bool:
        """The same rule as the queryset's word, for a row that the user has been shown."""
        if has_role(user, *WRITERS_OF_ALL):
            return True
        return has_role(user, "rep") and (self.owner_id is None or self.owner_id in people_of(user))

    @transition(state, source=LeadState.NEW, target=LeadState.CONTACTED)
    def contact(self) -> None:
        """Somebody has spoken with them."""

    @transition(state, source=[LeadState.NEW, LeadState.CONTACTED], target=LeadState.QUALIFIED)
    def qualify(self) -> None:
        """They want something that we have."""

    @transition(state, source=list(OPEN_STATES), target=LeadState.LOST)
    def lose(self, reason: str, note: str) -> None:
        """Nothing comes of it."""
        self.lost_reason, self.lost_note, self.closed_at = reason, note, timezone.now()

    @transition(state, source=LeadState.LOST, target=LeadState.CONTACTED)
    def reopen(self) -> None:
        """There is something in it after all."""
        self.lost_reason = self.lost_note = ""
        self.closed_at = None

    @transition(state, source=list(OPEN_STATES), target=LeadState.CONVERTED)
    def convert(self) -> None:
        """They have become an account."""
        self.closed_at = timezone.now()

    @property
    def is_open(self) -> bool:
        """Still to be worked on."""
        return self.state in OPEN_STATES

    @property
    def place(self) -> str:
        """Town and country in one line."""
        return ", ".join(part for part in (self.city, self.country) if part)

    @property
    def subtitle(self) -> str:
        """What stands below the name: the company of a person, and the place."""
        company = self.company if self.person else ""
        return " · ".join(part for part in (company, self.place) if part)


class OfLeadQuerySet(VisibleQuerySet):
    """Seen by whoever sees the lead."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(lead__in=Lead.objects.visible_to(user))


class Conversion(models.Model):
    """What became of a lead: written once. One lead has one, and one deal comes of one lead."""

    lead = models.OneToOneField(
        Lead, on_delete=models.PROTECT, primary_key=True, related_name="conversion", verbose_name=_("lead")
    )
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="conversions", verbose_name=_("account")
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    deal = models.OneToOneField(
        Deal, on_delete=models.PROTECT, null=True, blank=True, related_name="conversion", verbose_name=_("deal")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects = OfLeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("conversion")
        verbose_name_plural = _("conversions")

    def __str__(self) -> str:
        return str(self.account)


class HandoverState(models.TextChoices):
    """What came of the question."""

    ASKED = "asked", _("asked")
    GRANTED = "granted", _("granted")
    DECLINED = "declined", _("declined")


class HandoverQuerySet(models.QuerySet[Any]):
    """Words about questions for a handover."""

    def visible_to(self, user: Any) -> Self:
        """One's own questions, and those about what one may give away."""
        if not has_role(user, *READERS):
            return self.none()
        mine = Q(lead__in=Lead.objects.visible_to(user)) | Q(account__in=Account.objects.visible_to(user))
        return self.filter(Q(asked_by=user) | mine)

    def open(self) -> Self:
        """Waiting for an answer."""
        return self.filter(state=HandoverState.ASKED)


class Handover(TimeStamped):
    """Somebody has found what another owns and asks to have it."""

    id = uuid7_pk()
    lead = models.ForeignKey(
        Lead, on_delete=models.CASCADE, null=True, blank=True, related_name="handovers", verbose_name=_("lead")
    )
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, null=True, blank=True, related_name="handovers", verbose_name=_("account")
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("asked by")
    )
    why = models.CharField(_("why"), max_length=250, blank=True, default="")
    state = models.CharField(_("state"), max_length=8, choices=HandoverState.choices, default=HandoverState.ASKED)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )

    history = HistoricalRecords()
    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = _("question for a handover")
        verbose_name_plural = _("questions for a handover")
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(lead__isnull=False, account__isnull=True) | Q(lead__isnull=True, account__isnull=False),
                name="handover_of_one_thing",
            ),
            models.CheckConstraint(condition=Q(state__in=HandoverState.values), name="handover_state_known"),
            models.UniqueConstraint(
                fields=["lead", "asked_by"], condition=Q(state="asked", lead__isnull=False), name="handover_lead_once"
            ),
            models.UniqueConstraint(
                fields=["account", "asked_by"],
                condition=Q(state="asked", account__isnull=False),
                name="handover_account_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.lead or self.account)

    def name_for(self, user: Any) -> str:
        """Who asks for it knows no more of its name than they were shown."""
        thing: Any = self.lead or self.account
        seen = type(thing).objects.visible_to(user).filter(pk=thing.pk).exists()
        return str(self) if seen else masked(str(self))
