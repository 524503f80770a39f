"""Tables that stand before the first entry: company, chart of accounts, journals, years, periods, number series."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from base.fields import TimeStamped, amount_field, currency_field, uuid7_pk
from base.recording import HistoricalRecords
from base.visible import VisibleQuerySet
from erp.ledger.roles import READERS


def in_language(name: str, name_zh: str) -> str:
    """The name in the reader's language, as far as there is one."""
    return name_zh if name_zh and (get_language() or "").startswith("zh") else name


class Bilingual(models.Model):
    """Something with an English and a Chinese name; the reader sees one of them."""

    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True, default="")

    class Meta:
        abstract = True

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name, self.name_zh)


class Company(TimeStamped):
    """Whose books these are."""

    READERS = READERS

    id = uuid7_pk()
    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=120)
    base_currency = currency_field()
    currency_digits = models.PositiveSmallIntegerField(_("digits after the point"), default=2)
    jurisdiction = models.CharField(_("jurisdiction"), max_length=2, default="DE", help_text=_("ISO 3166 country"))
    chart = models.CharField(
        _("chart"),
        max_length=40,
        default="general",
        db_default="general",
        editable=False,
        help_text=_("the chart it was set up with"),
    )
    approval_from = amount_field(
        _("vouchers need a second person from"),
        default=Decimal("10000"),
        help_text=_("A voucher of this total or more is posted by somebody other than its author."),
    )
    red_letter = models.BooleanField(
        _("reverse in red"),
        default=False,
        help_text=_("Reverse with negative amounts on the same side, as Chinese practice has it."),
    )

    history = HistoricalRecords()

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [
            models.CheckConstraint(condition=Q(currency_digits__lte=2), name="company_digits"),
            models.CheckConstraint(condition=Q(approval_from__gte=0), name="company_approval_from"),
        ]

    def __str__(self) -> str:
        return self.name


class AccountType(models.TextChoices):
    """The five kinds; they say which side is the usual one, and which statement the account belongs to."""

    ASSET = "asset", _("asset")
    LIABILITY = "liability", _("liability")
    EQUITY = "equity", _("equity")
    INCOME = "income", _("income")
    EXPENSE = "expense", _("expense")


class Account(Bilingual, TimeStamped):
    """A place in the chart where amounts gather."""

    READERS = READERS

    id = uuid7_pk()
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="accounts", verbose_name=_("company"))
    code = models.CharField(_("code"), max_length=20)
    initials = models.CharField(_("initials"), max_length=20, blank=True, default="", help_text=_("for quick typing"))
    type = models.CharField(_("type"), max_length=10, choices=AccountType)
    role = models.CharField(
        _("role"), max_length=40, null=True, blank=True, help_text=_("what the ERP's documents know the account by")
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("group"),
    )
    is_group = models.BooleanField(_("heading only"), default=False, help_text=_("sums its children, takes no lines"))
    control = models.BooleanField(
        _("control account"), default=False, help_text=_("only documents post here, never a voucher")
    )
    cost_centre_from = models.DateField(
        _("cost centre required from"), null=True, blank=True, help_text=_("Lines of that day and later need one.")
    )
    project_from = models.DateField(
        _("project required from"), null=True, blank=True, help_text=_("Lines of that day and later need one.")
    )
    active = models.BooleanField(_("active"), default=True)

    history = HistoricalRecords()

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="account_code_once"),
            models.UniqueConstraint(fields=["company", "role"], name="account_role_once"),
            models.CheckConstraint(condition=Q(is_group=False) | Q(role=None), name="account_group_has_no_role"),
            models.CheckConstraint(  # documents post where a role tells them to, and know no cost centre
                condition=Q(cost_centre_from=None, project_from=None) | Q(role=None, control=False),
                name="account_asks_of_people_only",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    def get_absolute_url(self) -> str:
        """The account's page: its lines and balance."""
        return reverse("ledger:account", args=[self.code])

    @property
    def debit_is_usual(self) -> bool:
        """Do amounts usually gather on the debit side?"""
        return self.type in (AccountType.ASSET, AccountType.EXPENSE)


class Journal(Bilingual, TimeStamped):
    """A book of original entry with its own series of numbers."""

    READERS = READERS

    id = uuid7_pk()
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="journals", verbose_name=_("company"))
    code = models.CharField(_("code"), max_length=20)
    prefix = models.CharField(_("prefix of the numbers"), max_length=8)

    history = HistoricalRecords()

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("journal")
        verbose_name_plural = _("journals")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="journal_code_once"),
            models.UniqueConstraint(fields=["company", "prefix"], name="journal_prefix_once"),
        ]

    def __str__(self) -> str:
        return self.label


class FiscalYear(models.Model):
    """Twelve periods that are closed as one; numbers start again with it."""

    READERS = READERS

    id = uuid7_pk()
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="fiscal_years", verbose_name=_("company")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("fiscal year")
        verbose_name_plural = _("fiscal years")
        ordering = ["year"]
        constraints = [
            models.UniqueConstraint(fields=["company", "year"], name="fiscal_year_once"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="fiscal_year_runs_forward"),
        ]

    def __str__(self) -> str:
        return str(self.year)


class PeriodStatus(models.TextChoices):
    """How far a period is closed."""

    OPEN = "open", _("open")
    CLOSING = "closing", _("closing")
    CLOSED = "closed", _("closed")
    HARD = "hard", _("closed for good")


class Period(models.Model):
    """A month of the books. Its status changes through `public.ledger_set_period` only."""

    READERS = READERS

    id = uuid7_pk()
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="periods", verbose_name=_("company"))
    fiscal_year = models.ForeignKey(
        FiscalYear, on_delete=models.PROTECT, related_name="periods", verbose_name=_("fiscal year")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    status = models.CharField(_("status"), max_length=8, choices=PeriodStatus, default=PeriodStatus.OPEN)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        ordering = ["starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["fiscal_year", "number"], name="period_once"),
            models.UniqueConstraint(fields=["company", "starts_on"], name="period_start_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="period_runs_forward"),
            models.CheckConstraint(condition=Q(status__in=PeriodStatus.values), name="period_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on:%Y-%m}"


class PeriodChange(models.Model):
    """Who moved a period from one status to another, and why; written with the move."""

    READERS = READERS

    id = uuid7_pk()
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="changes", verbose_name=_("period"))
    was = models.CharField(_("from"), max_length=8, choices=PeriodStatus)
    became = models.CharField(_("to"), max_length=8, choices=PeriodStatus)
    reason = models.CharField(_("reason"), max_length=250, blank=True, default="")
    changed_by = models.CharField(_("by"), max_length=150)
    changed_at = models.DateTimeField(_("at"))

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a period")
        verbose_name_plural = _("changes of periods")
        ordering = ["changed_at"]


class Series(models.Model):
    """The counter of a journal's numbers in a year; moved by one, inside the posting function only."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="series", verbose_name=_("company"))
    code = models.CharField(_("series"), max_length=8)
    year = models.PositiveSmallIntegerField(_("year"))
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        ordering = ["code", "year"]
        constraints = [models.UniqueConstraint(fields=["company", "code", "year"], name="series_once")]

    def __str__(self) -> str:
        return f"{self.code}-{self.year}"
