from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from base.access import ApiTokenBase, RateCountBase, RememberedCallBase, SideUser
from base.account.sessions import SignInBase
from base.exchange.models import ImportBase, ImportedRowBase, ImportMappingBase
from base.fields import uuid7_pk
from base.jobs import JobBase
from base.listing.saved import BulkChangeBase, SavedViewBase
from base.listing.saved import SavedViewQuerySet as SavedViewQuerySetBase
from base.notices import NoticeBase
from base.recording import HistoricalRecords
from base.roles import has_role
from base.visible import VisibleQuerySet
from crm.access.people import name_of

# Of the teams they lead and of all teams below these.
LEADS_SQL = """WITH RECURSIVE led AS (
  SELECT team_id FROM access_teammember WHERE user_id = %(user)s AND leads
  UNION SELECT below.id FROM access_team below JOIN led ON below.parent_id = led.team_id)
SELECT user_id FROM access_teammember JOIN led USING (team_id)"""


# Whoever is in one of their teams, or in a team above one of these.
_SHARING_SQL = """WITH RECURSIVE above AS (
  SELECT team_id FROM access_teammember WHERE user_id = %s
  UNION SELECT team.parent_id FROM access_team team JOIN above ON team.id = above.team_id
  WHERE team.parent_id IS NOT NULL)
SELECT user_id FROM access_teammember JOIN above USING (team_id)"""


class User(SideUser):
    """Somebody who may sign in here; the other sides have never heard of them."""

    LEADS_SQL = LEADS_SQL

    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    @property
    def shares_with(self) -> str:
        """Their teams and those below; everyone, for somebody who is in none."""
        names = ", ".join(Team.objects.filter(members__user=self).values_list("name", flat=True))
        return gettext("For {teams} and the teams below").format(teams=names) if names else super().shares_with


class ApiToken(ApiTokenBase):
    """A key for a program that acts as a user here."""


class RememberedCall(RememberedCallBase):
    """An answer given to an Idempotency-Key."""


class Notice(NoticeBase):
    """What somebody here was told."""


class Job(JobBase):
    """Long work that somebody here started."""


class SavedViewQuerySet(SavedViewQuerySetBase):
    """Words about saved views, on a side with teams."""

    def visible_to(self, user: Any) -> Self:
        """One's own, those of one's teams and of the teams above, and of people in no team; admins know all shared."""
        if has_role(user, "admin"):
            found: Self = super().visible_to(user)
            return found
        teamless = ~Exists(TeamMember.objects.filter(user=OuterRef("owner")))
        near = Q(owner__in=RawSQL(_SHARING_SQL, [user.pk]))  # noqa: S611 -- our own words, the key is a parameter
        return self.filter(Q(owner=user) | Q(Q(teamless) | near, team=True))


class SavedView(SavedViewBase):
    """How somebody, or their team, looks at a list."""

    objects: ClassVar[Any] = SavedViewQuerySet.as_manager()


class BulkChange(BulkChangeBase):
    """What was done to many rows at once, so that it can be taken back."""


class SignIn(SignInBase):
    """A browser that somebody here is signed in with."""


class RateCount(RateCountBase):
    """Calls of one caller in one minute."""


class Import(ImportBase):
    """A file that becomes records here."""


class ImportedRow(ImportedRowBase):
    """What became of one row of such a file."""


class ImportMapping(ImportMappingBase):
    """Which column was which field, last time."""


class Team(models.Model):
    """People who sell together; who leads a team sees the work of its people, and of the teams below it."""

    READERS = ("manager", "admin")

    id = uuid7_pk()
    name = models.CharField(_("name"), max_length=80, unique=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="teams", verbose_name=_("belongs to")
    )

    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A team is not below itself."""
        above, seen = self.parent, {self.pk}
        while above is not None:
            if above.pk in seen:
                raise ValidationError({"parent": _("A team cannot belong to a team below it.")})
            seen.add(above.pk)
            above = above.parent


class TeamMember(models.Model):
    """Somebody in a team."""

    READERS = ("manager", "admin")

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="members", verbose_name=_("team"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="teams", verbose_name=_("person")
    )
    leads = models.BooleanField(_("leads it"), default=False)

    history = HistoricalRecords()
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of a team")
        verbose_name_plural = _("members of teams")
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="once_in_a_team")]
        indexes = [models.Index(fields=["user"], name="teams_led", condition=models.Q(leads=True))]

    def __str__(self) -> str:
        return f"{self.team}: {name_of(self.user)}"
