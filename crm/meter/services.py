"""The verbs of the meter: keep what a browser measured, forget what is old."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from base.refusals import BadInput
from base.roles import roles_of
from crm.access.models import TeamMember
from crm.meter.known import NAMES, fields_of
from crm.meter.models import Measure

ROLES = ("rep", "agent", "manager", "admin")
TEAM_MIN = 3
OLDEST_DAYS = 60


@transaction.atomic
def keep(by: Any, *, key: UUID, form: str, fields: list[dict[str, Any]], age_days: int = 0, **measured: Any) -> bool:
    """One save, by somebody of whom only role and team are kept; False when it was told before."""
    if form not in NAMES:
        raise BadInput(why=_("No form is called {name}.").format(name=form), field="form")
    if wrong := [one["name"] for one in fields if one["name"] not in fields_of(form)]:
        raise BadInput(why=_("The form has no field {name}.").format(name=wrong[0]), field="fields")
    told = {one["name"]: [float(one["seconds"]), one["taps"], one["keys"], int(one["filled"])] for one in fields}
    day = timezone.localdate() - timedelta(days=min(age_days, OLDEST_DAYS))
    made = Measure(key=key, form=form, day=day, role=_role(by), team=_team(by), fields=told, **measured)
    before = Measure.objects.filter(key=key).exists()
    Measure.objects.bulk_create([made], ignore_conflicts=True)
    return not before


@transaction.atomic
def forget() -> int:
    """What is older than `METER_KEPT_DAYS` goes; the database keeps thirty days in any case."""
    oldest = timezone.localdate() - timedelta(days=settings.METER_KEPT_DAYS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.meter_forget(%s)", [oldest])
        return int(cursor.fetchone()[0])


def _role(by: Any) -> str:
    """The role that somebody sells in: the first of what they have."""
    held = roles_of(by)
    return next((role for role in ROLES if role in held), "")


def _team(by: Any) -> UUID | None:
    """The team, if it has so many people that it names none of them."""
    mine = list(TeamMember.objects.filter(user=by.pk).order_by("team__name").values_list("team", flat=True)[:1])
    if not mine or TeamMember.objects.filter(team=mine[0]).count() < TEAM_MIN:
        return None
    team: UUID = mine[0]
    return team
