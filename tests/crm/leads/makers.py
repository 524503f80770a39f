"""What tests of leads start from."""

from typing import Any

from crm.access.models import Team, TeamMember
from crm.leads import services
from crm.leads.models import AssignmentRule, Lead, RuleMember
from tests.crm.makers import user


def lead(person: str = "Maria Anders", **fields: Any) -> Lead:
    """Somebody who may buy."""
    return services.create_lead(person=person, **fields)


def rule(*people: str, name: str = "All", **fields: Any) -> AssignmentRule:
    """A rule that gives leads to these reps; `anna:3` has weight three, `anna<2` at most two open leads."""
    made = AssignmentRule.objects.create(name=name, **fields)
    for told in people:
        named, _colon, weight = told.partition(":")
        named, _sign, most = named.partition("<")
        RuleMember.objects.create(
            rule=made, user=user("rep", name=named), weight=int(weight or 1), open_most=int(most) if most else None
        )
    return made


def team(name: str, *people: Any, led_by: Any = None) -> Team:
    """People who sell together."""
    made = Team.objects.create(name=name)
    for one in people:
        TeamMember.objects.create(team=made, user=one)
    if led_by is not None:
        TeamMember.objects.create(team=made, user=led_by, leads=True)
    return made
