"""Teams over REST: who leads whom, and so sees their work."""

from typing import Any

from rest_framework import serializers, viewsets

from base.api import ApiMixin
from base.references import PersonField
from base.roles import RolePermission
from crm.access import services
from crm.access.models import Team, TeamMember


class MemberSerializer(serializers.ModelSerializer[TeamMember]):
    """Somebody in the team."""

    user = PersonField(help_text="Username.")

    class Meta:
        model = TeamMember
        fields = ["user", "leads"]


class TeamSerializer(serializers.ModelSerializer[Team]):
    """A team; `members`, when given, are all of them."""

    members = MemberSerializer(many=True, required=False)

    class Meta:
        model = Team
        fields = ["id", "name", "parent", "members"]
        read_only_fields = ["id"]

    def validate_members(self, members: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Nobody twice."""
        if len({member["user"].pk for member in members}) < len(members):
            raise serializers.ValidationError(services.TWICE)
        return members

    def create(self, validated: dict[str, Any]) -> Team:
        return self.update(Team(), validated)

    def update(self, instance: Team, validated: dict[str, Any]) -> Team:
        told = validated.pop("members", None)
        for name, value in validated.items():
            setattr(instance, name, value)
        members = None if told is None else [(one["user"], one.get("leads", False)) for one in told]
        return services.set_team(instance, members)


class TeamViewSet(ApiMixin, viewsets.ModelViewSet[Team]):
    """Teams: managers look, admins change."""

    queryset = Team.objects.prefetch_related("members__user")
    serializer_class = TeamSerializer
    permission_classes = [RolePermission.of("admin", read=("manager",))]
    filterset_fields = ["name", "parent"]
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def perform_destroy(self, instance: Team) -> None:
        services.remove_team(instance)


router_entries: list[tuple[str, Any, str]] = [("teams", TeamViewSet, "team")]
