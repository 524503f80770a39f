"""Accounts and contacts."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import URLValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from base import grams
from base.fields import TimeStamped, uuid7_pk
from base.grams import holding, inside, narrowed
from base.links import record_url
from base.recording import HistoricalRecords
from base.roles import has_role
from base.visible import VisibleQuerySet
from crm.accounts.custom_values import keys_saying, saying
from crm.accounts.fields import place_keys_field
from crm.accounts.models_custom import CustomField, custom_values, only_scalars
from crm.accounts.models_merge import Merge, MergeKind
from crm.accounts.models_pool import PoolPolicy, PoolStay, PoolWarning
from crm.accounts.models_shares import AccountShare, ShareLevel
from crm.accounts.models_tags import Tag, tags_field
from crm.accounts.ways import SEE_ALL, SeenBy, lent_to, people_of

__all__ = [
    "READERS",
    "WRITERS_OF_ALL",
    "Account",
    "AccountKind",
    "AccountQuerySet",
    "AccountShare",
    "Contact",
    "ContactQuerySet",
    "CreditBand",
    "CustomField",
    "Merge",
    "MergeKind",
    "PoolAccount",
    "PoolPolicy",
    "PoolStay",
    "PoolWarning",
    "ShareLevel",
    "Tag",
    "Tier",
]

# What people remember of a customer, in the index of their pieces; codes are looked for as a whole.
NAMES = ("name", "city", "email", "phone")
CODES = ("party_code", "external_ref")
WORDS = (*NAMES, *CODES, "industry")
CONTACT_WORDS = ("name", "email", "phone")
READERS = ("rep", "agent", "manager", "admin")
WRITERS_OF_ALL = ("agent", "manager", "admin")


class AccountKind(models.TextChoices):
    """Whom we deal with."""

    COMPANY = "company", _("company")
    PERSON = "person", _("person")


class CreditBand(models.TextChoices):
    """How much trust the books have; the exact limit stays in the ERP."""

    OPEN = "open", pgettext_lazy("credit band", "open")
    WATCH = "watch", _("watch")
    TIGHT = "tight", _("tight")
    STOPPED = "stopped", _("stopped")


class Tier(models.TextChoices):
    """How we serve them."""

    STANDARD = "", _("standard")
    VIP = "vip", _("VIP")


class AccountQuerySet(models.QuerySet[Any]):
    """Words about accounts."""

    def visible_to(self, user: Any) -> Self:
        """What the user may see: the choke point of every list, page, search and API; `crm.accounts.ways` says why."""
        if has_role(user, *SEE_ALL):
            return self
        return self.filter(SeenBy(people_of(user))) if has_role(user, "rep") else self.none()

    def writable_by(self, user: Any) -> Self:
        """What the user may change: what they decide over, and what is lent to them or to whom they lead.

        What lies in the pool is claimed first.
        """
        if has_role(user, *WRITERS_OF_ALL):
            return self
        if has_role(user, "rep"):
            return self.filter(_held(user) | models.Q(pk__in=lent_to(user), pooled_at=None))
        return self.none()

    def held_by(self, user: Any) -> Self:
        """What the user decides over: reps their own, their people's and nobody's, the others with a role all."""
        if has_role(user, *WRITERS_OF_ALL):
            return self
        return self.filter(_held(user)) if has_role(user, "rep") else self.none()

    def named(self, word: str) -> Self:
        """With the word somewhere in the name."""
        return self.filter(holding(word, WORDS, ("name",)))

    def matching(self, text: str) -> Self:
        """Each word somewhere in what people remember of a customer: names, town, mail, phone, codes."""
        return narrowed(self, text, _account_keys, _account_says)


def _account_keys(word: str) -> list[models.QuerySet[Any]]:
    return [
        Account.objects.filter(holding(word, WORDS, NAMES, CODES)).values_list("pk", flat=True),
        Contact.objects.filter(holding(word, CONTACT_WORDS)).values_list("account", flat=True),
        *keys_saying("account", word, Account),
    ]


def _account_says(word: str) -> models.Q:
    people = Contact.objects.filter(account=models.OuterRef("pk")).filter(inside(word, CONTACT_WORDS))
    return inside(word, NAMES, CODES) | models.Q(models.Exists(people)) | saying("account", word)


def _held(user: Any) -> models.Q:
    return models.Q(owner__in=people_of(user)) | models.Q(owner=None, pooled_at=None)


class Account(TimeStamped):
    """A company or person we sell to or want to."""

    TIERS = {"credit_class": "credit"}

    id = uuid7_pk()
    name = models.CharField(_("name"), max_length=250)
    name_key = models.GeneratedField(
        expression=Lower("name"), output_field=models.CharField(max_length=250), db_persist=True
    )
    kind = models.CharField(_("kind"), max_length=8, choices=AccountKind.choices, default=AccountKind.COMPANY)
    phone = models.CharField(_("phone"), max_length=250, blank=True, default="")
    email = models.EmailField(_("e-mail"), max_length=250, blank=True, default="")
    website = models.CharField(
        _("website"), max_length=250, blank=True, default="", validators=[URLValidator(schemes=["http", "https"])]
    )
    tax_id = models.CharField(_("tax id"), max_length=250, blank=True, default="")
    industry = models.CharField(_("industry"), max_length=100, blank=True, default="")
    street = models.CharField(_("street"), max_length=250, blank=True, default="")
    postal_code = models.CharField(_("postal code"), max_length=250, blank=True, default="")
    city = models.CharField(_("town"), max_length=250, blank=True, default="")
    region = models.CharField(_("region"), max_length=250, blank=True, default="")
    country = models.CharField(_("country"), max_length=250, blank=True, default="")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="accounts",
        verbose_name=_("owner"),
    )
    pooled_at = models.DateTimeField(_("in the pool since"), null=True, editable=False)
    tier = models.CharField(_("service tier"), max_length=10, choices=Tier.choices, blank=True, default=Tier.STANDARD)
    tags = tags_field()
    custom = custom_values("account")
    external_ref = models.CharField(
        _("reference elsewhere"),
        max_length=250,
        unique=True,
        null=True,
        blank=True,
        help_text=_("Its code in the system it came from."),
    )
    # What stays the same when people write name and phone differently; set by the services.
    name_match = models.CharField(max_length=250, blank=True, default="", editable=False)
    phone_match = models.CharField(max_length=9, blank=True, default="", editable=False)
    like_keys = place_keys_field()
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    registered = models.BooleanField(_("known to the ERP"), default=False, editable=False)
    registered_at = models.DateTimeField(_("customer since"), null=True, editable=False)

    # The ERP's word, never edited here.
    party_code = models.CharField(
        _("party code"), max_length=250, blank=True, default="", editable=False, db_index=True
    )
    payment_terms_days = models.PositiveIntegerField(_("payment terms, days"), null=True, editable=False)
    commercial_tier = models.CharField(_("commercial tier"), max_length=250, blank=True, default="", editable=False)
    credit_class = models.CharField(_("credit class"), max_length=250, blank=True, default="", editable=False)
    party_as_of = models.DateTimeField(_("party as of"), null=True, editable=False)
    credit_band = models.CharField(
        _("credit band"), max_length=8, choices=CreditBand.choices, blank=True, default="", editable=False
    )
    credit_as_of = models.DateTimeField(_("credit as of"), null=True, editable=False)

    history = HistoricalRecords(excluded_fields=["name_key", "name_match", "phone_match", "like_keys", "pooled_at"])
    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ("name_key", "id")
        indexes = [
            models.Index(fields=["name_key", "id"], name="account_by_name"),
            models.Index(fields=["country", "name_key", "id"], name="account_by_country"),
            models.Index(fields=["name_match"], name="account_like_name"),
            models.Index(fields=["phone_match"], name="account_like_phone", condition=~models.Q(phone_match="")),
            models.Index(Lower("email"), name="account_by_email", condition=~models.Q(email="")),
            GinIndex(fields=["like_keys"], name="account_like_place"),
            GinIndex(fields=["tags"], name="account_by_tag"),
            grams.index(WORDS, "account_by_grams"),
            # Whose it is, in the order of the keys: what belongs to accounts asks this of very many at once.
            models.Index(fields=["id"], include=["owner", "pooled_at"], name="account_whose"),
            GinIndex(fields=["custom"], name="account_by_custom", opclasses=["jsonb_path_ops"]),
            models.Index(fields=["name_key", "id"], name="account_of_nobody", condition=models.Q(owner=None)),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="account_has_name"),
            models.CheckConstraint(
                condition=models.Q(registered=False) | models.Q(registered_at__isnull=False),
                name="account_registered_at_some_time",
            ),
            models.CheckConstraint(
                condition=models.Q(credit_band__in=["", *CreditBand.values]), name="account_band_known"
            ),
            models.CheckConstraint(
                condition=models.Q(pooled_at=None) | models.Q(owner=None), name="account_pooled_is_nobodys"
            ),
            only_scalars("account"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return record_url("accounts:detail", self.pk)

    def writable_by(self, user: Any) -> bool:
        """The same rule as the queryset's word, for one row already read."""
        return self.held_by(user) or (has_role(user, "rep") and self.pooled_at is None and self.pk in lent_to(user))

    def held_by(self, user: Any) -> bool:
        """May they decide over it: whose it is, who else sees it, whether it is one with another?"""
        return has_role(user, *WRITERS_OF_ALL) or (
            has_role(user, "rep")
            and (self.owner_id in people_of(user) or (self.owner_id is None and self.pooled_at is None))
        )

    @property
    def place(self) -> str:
        """Town and country in one line."""
        return ", ".join(part for part in (self.city, self.country) if part)


class ContactQuerySet(VisibleQuerySet):
    """Seen by whoever sees the account."""

    def visible_to(self, user: Any) -> Self:
        return self.filter(account__in=Account.objects.visible_to(user))

    def matching(self, text: str) -> Self:
        """Each word somewhere in the name, mail or phone, or in the company's name."""
        return narrowed(self, text, _contact_keys, _contact_says)


def _contact_keys(word: str) -> list[models.QuerySet[Any]]:
    return [
        Contact.objects.filter(holding(word, CONTACT_WORDS)).values_list("pk", flat=True),
        Contact.objects.filter(account__in=Account.objects.named(word).values("pk")).values_list("pk", flat=True),
        *keys_saying("contact", word, Contact),
    ]


def _contact_says(word: str) -> models.Q:
    return inside(word, (*CONTACT_WORDS, "account__name")) | saying("contact", word)


class Contact(TimeStamped):
    """Somebody who works there."""

    id = uuid7_pk()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="contacts", verbose_name=_("account"))
    name = models.CharField(_("name"), max_length=250)
    title = models.CharField(pgettext_lazy("in a company", "position"), max_length=250, blank=True, default="")
    email = models.EmailField(_("e-mail"), max_length=250, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=250, blank=True, default="")
    custom = custom_values("contact")
    name_match = models.CharField(max_length=250, blank=True, default="", db_default="", editable=False)
    phone_match = models.CharField(max_length=9, blank=True, default="", db_default="", editable=False)

    history = HistoricalRecords(excluded_fields=["name_match", "phone_match"])

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ("id",)
        indexes = [
            models.Index(fields=["name_match"], name="contact_like_name", condition=~models.Q(name_match="")),
            models.Index(fields=["phone_match"], name="contact_like_phone", condition=~models.Q(phone_match="")),
            models.Index(Lower("email"), name="contact_by_email", condition=~models.Q(email="")),
            grams.index(CONTACT_WORDS, "contact_by_grams"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="contact_has_name"),
            only_scalars("contact"),
        ]

    def __str__(self) -> str:
        return self.name


class PoolQuerySet(VisibleQuerySet):
    """Words about accounts that nobody owns."""

    def visible_to(self, user: Any) -> Self:
        """All who meet customers look through the pool; what a page or call of it tells is in `crm.accounts.masks`."""
        return super().visible_to(user).filter(owner=None)

    def matching(self, text: str) -> Self:
        """Each word in what is told of them: a phone number or a person cannot be guessed at by searching."""
        found = self
        for word in text.split()[:6]:
            found = found.filter(holding(word, WORDS, ("name", "city", "industry")))
        return found


class PoolAccount(Account):
    """An account without an owner, as everybody who may claim it knows it."""

    READERS = READERS

    TOLD = frozenset({"name", "kind", "city", "region", "country", "industry", "tags", "tier", "registered", "owner"})

    objects: ClassVar[Any] = PoolQuerySet.as_manager()  # type: ignore[assignment]  # other words for the same rows

    class Meta:
        proxy = True
        verbose_name = _("account of the pool")
        verbose_name_plural = _("accounts of the pool")

    def get_absolute_url(self) -> str:
        return record_url("accounts:pool_account", self.pk)

    def hidden_from(self, user: Any) -> frozenset[str]:
        """The history tells no more than the record: how to reach them is for whoever claims it."""
        return frozenset(field.name for field in self._meta.fields) - self.TOLD
