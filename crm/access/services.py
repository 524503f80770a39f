"""The verbs of teams: who works with whom, and who leads them."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput
from crm.access.models import Team, TeamMember

TWICE = _("Each person once.")
Member = tuple[Any, bool]
"""A user, and whether they lead the team."""


@transaction.atomic
def set_team(team: Team, members: Iterable[Member] | None = None) -> Team:
    """Save the team; with `members` these are its people from now on."""
    team.name = " ".join(team.name.split())
    if not team.name:
        raise BadInput(why=_("A team needs a name."), field="name")
    if Team.objects.filter(name=team.name).exclude(pk=team.pk).exists():
        raise BadInput(why=_("There is a team of this name already."), field="name")
    try:
        team.clean()
    except ValidationError as wrong:
        raise BadInput(why=" ".join(wrong.message_dict["parent"]), field="parent") from None
    team.save()
    if members is not None:
        _set_members(team, dict(members))
    return team


def _set_members(team: Team, wanted: dict[Any, bool]) -> None:
    """Row by row, so that the history tells who came, went and led when."""
    for known in team.members.select_for_update(of=("self",)).select_related("user"):
        if known.user not in wanted:
            known.delete()
        elif known.leads != (leads := wanted.pop(known.user)):
            known.leads = leads
            known.save()
    for user, leads in wanted.items():
        TeamMember.objects.create(team=team, user=user, leads=leads)


@transaction.atomic
def remove_team(team: Team) -> None:
    """It is no more; its people see their own work only."""
    if team.teams.exists():
        raise BadInput(why=_("Other teams belong to this one; move them first."))
    for member in team.members.all():
        member.delete()
    team.delete()
