"""What a company decides about its leads: who gets them, how soon they are called, what makes one promising."""

import re
from datetime import time

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from base.fields import TimeStamped, uuid7_pk
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from crm.access.models import Team
from crm.access.people import name_of

MANAGERS = ("manager", "admin")


class Method(models.TextChoices):
    """How a rule chooses among its people."""

    ROUND_ROBIN = "round_robin", _("in turn")
    WEIGHTED = "weighted", _("by weight")
    CAPACITY = "capacity", _("whoever has the fewest open leads")


class AssignmentRule(TimeStamped):
    """Which leads go to whom; the first rule that fits decides. Empty conditions fit every lead.

    A territory is a rule with a place: its country, the beginning of its postal code, or its region.
    """

    READERS = MANAGERS

    id = uuid7_pk()
    name = models.CharField(_("name"), max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=10)
    active = models.BooleanField(_("in use"), default=True)
    source = models.CharField(_("came by"), max_length=10, blank=True, default="")
    campaign = models.CharField(_("campaign"), max_length=250, blank=True, default="")
    country = models.CharField(_("country"), max_length=250, blank=True, default="")
    region = models.CharField(_("region"), max_length=250, blank=True, default="")
    postal_prefix = models.CharField(_("postal code begins with"), max_length=20, blank=True, default="")
    industry = models.CharField(_("industry"), max_length=100, blank=True, default="")
    score_least = models.PositiveSmallIntegerField(_("score at least"), default=0)
    method = models.CharField(_("chooses"), max_length=12, choices=Method.choices, default=Method.ROUND_ROBIN)
    team = models.ForeignKey(
        Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("team of the lead")
    )

    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment rule")
        verbose_name_plural = _("assignment rules")
        ordering = ("position", "id")
        constraints = [
            models.CheckConstraint(condition=Q(method__in=Method.values), name="assignment_method_known"),
            models.CheckConstraint(condition=~Q(name=""), name="assignment_rule_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class RuleMember(models.Model):
    """Somebody whom a rule may give leads to."""

    READERS = MANAGERS

    rule = models.ForeignKey(AssignmentRule, on_delete=models.CASCADE, related_name="members", verbose_name=_("rule"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("person")
    )
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=1, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    open_most = models.PositiveSmallIntegerField(
        _("open leads at most"), null=True, blank=True, help_text=_("Empty: as many as come.")
    )
    given = models.PositiveIntegerField(_("given so far"), default=0, editable=False)
    given_at = models.DateTimeField(_("last given"), null=True, editable=False)

    history = HistoricalRecords(excluded_fields=["given", "given_at"])
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("person of a rule")
        verbose_name_plural = _("people of a rule")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["rule", "user"], name="once_in_a_rule"),
            models.CheckConstraint(condition=Q(weight__gte=1), name="rule_weight_above_zero"),
        ]

    def __str__(self) -> str:
        return name_of(self.user)


class Test(models.TextChoices):
    """How a score rule looks at a field."""

    FILLED = "filled", _("is filled")
    EMPTY = "empty", _("is empty")
    IS = "is", _("is")
    CONTAINS = "contains", _("contains")
    LEAST = "least", _("is at least")


class Scored(models.TextChoices):
    """What of a lead may be scored."""

    PHONE = "phone", _("phone")
    EMAIL = "email", _("e-mail")
    COMPANY = "company", _("company")
    TITLE = "title", _("position")
    WEBSITE = "website", _("website")
    COUNTRY = "country", _("country")
    INDUSTRY = "industry", _("industry")
    INTEREST = "interest", _("interested in")
    SOURCE = "source", _("came by")
    SOURCE_DETAIL = "source_detail", _("source")
    CAMPAIGN = "campaign", _("campaign")
    VISITS = "visits", _("visits of our website")
    SECONDS = "seconds_on_site", _("seconds on our website")
    CONSENT = "consent", _("agreed to be written to")
    DO_NOT_CALL = "do_not_call", _("do not call")
    DO_NOT_EMAIL = "do_not_email", _("do not mail")


NUMBERS = (Scored.VISITS, Scored.SECONDS)


class ScoreRule(TimeStamped):
    """So many points for one thing that is known of a lead."""

    READERS = MANAGERS

    id = uuid7_pk()
    field = models.CharField(_("field"), max_length=16, choices=Scored.choices)
    test = models.CharField(_("test"), max_length=8, choices=Test.choices, default=Test.FILLED)
    value = models.CharField(_("value"), max_length=100, blank=True, default="")
    points = models.SmallIntegerField(_("points"), validators=[MinValueValidator(-100), MaxValueValidator(100)])
    active = models.BooleanField(_("in use"), default=True)

    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("score rule")
        verbose_name_plural = _("score rules")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(points__gte=-100, points__lte=100) & ~Q(points=0), name="score_points_in_hundred"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_field_display()} {self.get_test_display()} {self.value}".strip()

    def clean(self) -> None:
        """A number is compared with a number, and a comparison has something to compare with."""
        if self.test == Test.LEAST and (self.field not in NUMBERS or not self.value.isdigit()):
            raise ValidationError({"value": _("“At least” needs a whole number, and a field that counts.")})
        if self.test in (Test.IS, Test.CONTAINS) and not self.value:
            raise ValidationError({"value": _("With what shall it be compared?")})


class Shift(models.Model):
    """When somebody is there to call: hours of a day of the week, in the company's own time."""

    READERS = MANAGERS
    DAYS = [
        (0, _("Monday")),
        (1, _("Tuesday")),
        (2, _("Wednesday")),
        (3, _("Thursday")),
        (4, _("Friday")),
        (5, _("Saturday")),
        (6, _("Sunday")),
    ]

    weekday = models.PositiveSmallIntegerField(_("day"), choices=DAYS)
    start = models.TimeField(_("from"), default=time(9))
    end = models.TimeField(_("to"), default=time(18))

    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ("weekday", "start")
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="shift_day_of_the_week"),
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="shift_ends_after_it_begins"),
            models.UniqueConstraint(fields=["weekday", "start"], name="shift_begins_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.start:%H:%M}–{self.end:%H:%M}"


class Policy(models.Model):
    """How soon a lead is called, counted in minutes of the shift, and what a phone number without a country means."""

    READERS = MANAGERS

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    remind_after = models.PositiveSmallIntegerField(_("first call within, minutes"), default=5)
    escalate_after = models.PositiveSmallIntegerField(_("tell the team's lead after, minutes"), default=15)
    pass_on_after = models.PositiveSmallIntegerField(_("pass on after, minutes"), default=30)
    pass_on_most = models.PositiveSmallIntegerField(_("pass on at most, times"), default=2)
    phone_country = models.CharField(
        _("country of phone numbers"),
        max_length=2,
        blank=True,
        default="",
        help_text=_(
            "Two letters, such as DE or CN: what a number without a country code and a lead without a country means."
        ),
    )

    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy for new leads")
        verbose_name_plural = _("policy for new leads")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_lead_policy"),
            models.CheckConstraint(
                condition=Q(remind_after__lt=F("escalate_after"), escalate_after__lt=F("pass_on_after")),
                name="lead_policy_in_order",
            ),
        ]

    def __str__(self) -> str:
        return str(_("policy for new leads"))

    @classmethod
    def current(cls) -> "Policy":
        """The one there is; what is not decided yet is as we ship it."""
        return cls.objects.first() or cls()

    def clean(self) -> None:
        """First the reminder, then the lead of the team, then somebody else."""
        if not self.remind_after < self.escalate_after < self.pass_on_after:
            raise ValidationError(_("The minutes must grow: call, tell the team's lead, pass on."))


class WebForm(TimeStamped):
    """A public form that a company links to or embeds: whoever fills it becomes a lead."""

    READERS = MANAGERS

    id = uuid7_pk()
    name = models.CharField(_("name"), max_length=80, help_text=_("For us; the lead's source is called so."))
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    heading = models.CharField(_("heading"), max_length=120)
    intro = models.TextField(_("words above the form"), blank=True, default="")
    consent_text = models.CharField(
        _("what people agree to"),
        max_length=500,
        default="",
        blank=True,
        help_text=_("Beside a box that nobody ticks for them. Empty: nothing is asked, and nobody is written to."),
    )
    thanks = models.CharField(_("thanks"), max_length=250, blank=True, default="")
    campaign = models.CharField(_("campaign"), max_length=250, blank=True, default="")
    asks_company = models.BooleanField(_("asks for the company"), default=True)
    asks_interest = models.BooleanField(_("asks what they want"), default=True)
    embedded_by = models.CharField(
        _("may be embedded by"),
        max_length=500,
        blank=True,
        default="",
        help_text=_("Addresses of your websites, such as https://www.example.com, with blanks between."),
    )
    per_minute = models.PositiveSmallIntegerField(
        _("submissions a minute from one address"), default=5, validators=[MinValueValidator(1)]
    )
    active = models.BooleanField(_("open"), default=True)

    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("web form")
        verbose_name_plural = _("web forms")
        ordering = ("name", "id")
        constraints = [models.CheckConstraint(condition=~Q(heading=""), name="web_form_has_heading")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Only whole origins go into the header that lets a page embed the form."""
        for origin in self.embedded_by.split():
            if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d{1,5})?", origin):
                raise ValidationError({"embedded_by": _("Write addresses as https://www.example.com, without a path.")})
