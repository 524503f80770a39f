"""Users, API tokens and remembered calls, as abstract models: each side has its own tables of them."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.fields import uuid7_pk
from base.roles import has_role
from base.scopes import ALL


class PeopleQuerySet(models.QuerySet[Any]):
    """Words about users."""

    def visible_to(self, user: Any) -> Self:
        """Admins know everybody, and everybody knows themselves."""
        return self if has_role(user, "admin") else self.filter(pk=user.pk)


class PeopleManager(UserManager.from_queryset(PeopleQuerySet)):  # type: ignore[misc]
    """Users, as Django's own manager makes them."""

    use_in_migrations = False


class SideUser(AbstractUser):
    """Somebody who may sign in on this side, and on this side only."""

    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, blank=True, default="")
    theme = models.CharField(
        _("theme"),
        max_length=5,
        choices=[("", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
        blank=True,
        default="",
    )
    time_zone = models.CharField(_("time zone"), max_length=40, blank=True, default="")

    objects: ClassVar[Any] = PeopleManager()

    LEADS_SQL = "SELECT NULL::integer WHERE false"
    """The people whose work `%(user)s` leads, on a side that has teams."""

    LENT_SQL = "SELECT NULL::uuid WHERE false"
    """Records of others that `%(user)s` may change on `%(today)s`; the domain whose records they are says it."""

    class Meta(AbstractUser.Meta):
        abstract = True

    @property
    def shares_with(self) -> str:
        """Whom what this person shares is for, in words; `SavedView.visible_to` says the same of the rows."""
        return str(_("For everyone"))


class TokenQuerySet(models.QuerySet[Any]):
    """Words about tokens."""

    def visible_to(self, user: Any) -> Self:
        """One's own: a token acts as its user."""
        return self.filter(user=user)

    def alive(self) -> Self:
        """Neither expired nor revoked, and the user is still active."""
        unexpired = models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now())
        return self.filter(unexpired, revoked_at=None, user__is_active=True)


def full_scope() -> list[str]:
    """All that its user may do."""
    return [ALL]


class ApiTokenBase(models.Model):
    """A key for programs that act as a user; only its digest is kept."""

    id = uuid7_pk()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=60), verbose_name=_("scopes"), default=full_scope)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    objects = TokenQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def digest_of(secret: str) -> str:
        """What is stored of a token: SHA-256 is enough for 256 random bits."""
        return hashlib.sha256(secret.encode()).hexdigest()

    @property
    def state(self) -> str:
        """`active`, `expired` or `revoked`."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= timezone.now() else "active"

    @classmethod
    def issue(cls, user: Any, name: str, days: int | None = None, scopes: Iterable[str] = (ALL,)) -> tuple[Self, str]:
        """A new token and its secret, which is shown once."""
        secret = secrets.token_urlsafe(32)
        expires = timezone.now() + timedelta(days=days) if days else None
        token = cls(user=user, name=name, digest=cls.digest_of(secret), expires_at=expires, scopes=list(scopes))
        token.save()
        return token, secret


class RateCountBase(models.Model):
    """How often one caller called in one minute; an unlogged table (`base.limits`)."""

    bucket = models.CharField(max_length=80, primary_key=True)
    window_start = models.BigIntegerField()
    hits = models.IntegerField()

    class Meta:
        abstract = True


class RememberedCallBase(models.Model):
    """The answer once given to an `Idempotency-Key`, so that a repeated call gets it again and does nothing."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=500)
    fields = models.JSONField(default=dict)  # a short digest per field of the request, to name what differs
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_key")]
