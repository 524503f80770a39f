"""Teams from files: who sells where, and who leads them. The people are here already; a file invites nobody."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.exchange import Column, ImportResource, Item, Person, Text, register
from crm.access import services
from crm.access.models import TeamMember


@register
class TeamResource(ImportResource):
    """A row is a person in a team."""

    key = "teams"
    label = _("Teams")
    about = _("Who sells in which team, who leads it, and to which office it belongs. The people must be here already.")
    icon = "users"
    model = TeamMember
    roles = ("admin",)
    match_on = (("person",),)

    person = Column(
        _("Person"),
        Person(),
        names="salesagent agent rep member employee 业务员 销售员 成员",
        required=True,
        sample="anna",
        match=True,
        lookup="user",
    )
    leader = Column(_("Led by"), Person(), names="manager lead leader 经理 主管 负责人", sample="nora")
    team = Column(
        _("Team"),
        Text(80),
        names="salesteam group 团队 小组",
        help=_("Who leads it, if left out."),
        sample="Town",
    )
    office = Column(
        _("Belongs to"),
        Text(80),
        names="regionaloffice office region 大区 区域 办事处",
        help=_("The team above it."),
        sample="North",
    )

    def rows(self) -> QuerySet[TeamMember]:
        members = TeamMember.objects.visible_to(self.user).filter(leads=False)
        return members.select_related("user", "team__parent").prefetch_related("team__members__user")

    def prepare(self, items: Sequence[Item]) -> None:
        """A team without a name is called after who leads it."""
        for item in items:
            told = item.values
            if not told.get("team") and told.get("leader"):
                told["team"] = services.called_after(told["leader"])
            if not told.get("team") and told.get("office"):
                told["team"] = told.pop("office")
            if not told.get("team") and not item.outcome:
                item.refuse("team", _("Name the team, or who leads it."))
            if told.get("leader") is not None and told.get("leader") == told.get("person"):
                item.refuse("leader", _("Nobody leads themselves; leave the row out."))

    def current(self, record: Any) -> dict[str, Any]:
        leaders = [one.user for one in record.team.members.all() if one.leads]
        return {
            "person": record.user,
            "leader": leaders[0] if len(leaders) == 1 else None,
            "team": record.team.name,
            "office": record.team.parent.name if record.team.parent else "",
        }

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        """One of several who lead is no other one."""
        told = super().changes(item, record)
        if "team" not in told and told.get("leader") in [one.user for one in record.team.members.all() if one.leads]:
            del told["leader"]
        return told

    def create(self, items: Sequence[Item]) -> list[Any]:
        return [services.place(**item.values) for item in items]

    def update(self, record: Any, changes: dict[str, Any]) -> Any:
        return services.place(**{**self.current(record), **changes}, instead_of=record)

    def remove(self, record: Any) -> None:
        services.take_out(record)
