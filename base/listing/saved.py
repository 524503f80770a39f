"""Saved views and remembered bulk changes, as abstract models; each side's `access` app has the tables."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.fields import TimeStamped, uuid7_pk
from base.roles import has_role

UNDO_DAYS = 30


class SavedViewQuerySet(models.QuerySet[Any]):
    """Words about saved views."""

    def visible_to(self, user: Any) -> Self:
        """One's own, and those that are shared: with everyone, where a side has no teams."""
        return self.filter(Q(owner=user) | Q(team=True))


class SavedViewBase(TimeStamped):
    """How somebody, or those they share it with, look at a list: filters, order, columns, grouping, as its address.

    `team` views are shared with whom their owner shares such things at the time (`SideUser.shares_with`).
    The one without a name is how its owner has arranged the columns.
    """

    id = uuid7_pk()
    listing = models.CharField(max_length=40)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=80, blank=True)
    team = models.BooleanField(_("for the team"), default=False)
    default = models.BooleanField(_("shown first"), default=False)
    state = models.TextField(_("what it asks for"), blank=True, default="")

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("name", "id")
        constraints = [
            models.UniqueConstraint(fields=["listing", "owner", "name"], name="one_view_of_a_name"),
            models.CheckConstraint(condition=~Q(name="") | Q(team=False), name="team_view_has_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def editable_by(self, user: Any) -> bool:
        """Its owner and admins change it; the others use it."""
        return self.owner_id == user.pk or has_role(user, "admin")


class BulkChangeQuerySet(models.QuerySet[Any]):
    """Words about changes of many rows."""

    def visible_to(self, user: Any) -> Self:
        """One's own."""
        return self.filter(owner=user)

    def undoable(self, user: Any, listing: str, actions: list[str]) -> list[Any]:
        """The user's last ones that can still be taken back."""
        since = timezone.now() - timedelta(days=UNDO_DAYS)
        rows = self.filter(owner=user, listing=listing, action__in=actions, undone_at=None, at__gt=since)
        return list(rows.defer("rows")[:10])


class BulkChangeBase(models.Model):
    """What was done to many rows at once, with their values before and after, so that it can be taken back."""

    id = uuid7_pk()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    listing = models.CharField(max_length=40)
    action = models.CharField(max_length=40)
    label = models.CharField(max_length=200)
    rows = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    objects = BulkChangeQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.label

    @property
    def can_be_undone(self) -> bool:
        """Not yet, and it is not too long ago."""
        return self.undone_at is None and self.at > timezone.now() - timedelta(days=UNDO_DAYS)
