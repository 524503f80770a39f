"""The verbs of teams: who works with whom, and who leads them."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput
from crm.access.models import Team, TeamMember
from crm.access.people import name_of

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
def place(
    person: Any, team: str, *, leader: Any = None, office: str = "", instead_of: TeamMember | None = None
) -> TeamMember:
    """The person works in this team, led by `leader`, which belongs to `office`; teams that are missing are made.

    `instead_of` is where they worked before. Other people of the teams stay where they are.
    """
    above = _team(office) if office else None
    found = _team(team)
    if above is not None and found.parent != above:
        found.parent = above
        set_team(found)
    if leader is not None:
        led, _new = TeamMember.objects.get_or_create(team=found, user=leader, defaults={"leads": True})
        if not led.leads:
            led.leads = True
            led.save()
    if instead_of is None or TeamMember.objects.filter(team=found, user=person).exists():
        member, _new = TeamMember.objects.get_or_create(team=found, user=person)
        return member
    before, instead_of.team = instead_of.team, found
    instead_of.save()
    _remove_if_idle(before)
    return instead_of


@transaction.atomic
def take_out(member: TeamMember) -> None:
    """They work there no more; a team of which only those are left who led it goes too, and one above it then."""
    team = member.team
    member.delete()
    _remove_if_idle(team)


def _remove_if_idle(found: Team | None) -> None:
    team = Team.objects.get(pk=found.pk) if found else None
    while team is not None and not team.teams.exists() and not team.members.filter(leads=False).exists():
        above = team.parent
        remove_team(team)
        team = above


def called_after(leader: Any) -> str:
    """What a team without a name of its own is called."""
    return name_of(leader)[:80]


def _team(name: str) -> Team:
    """Of this name, in whatever case."""
    name = " ".join(name.split())
    return Team.objects.filter(name__iexact=name).first() or set_team(Team(name=name))


@transaction.atomic
def remove_team(team: Team) -> None:
    """It is no more; its people see their own work only."""
    if team.teams.exists():
        raise BadInput(why=_("Other teams belong to this one; move them first."))
    for member in team.members.all():
        member.delete()
    team.delete()
