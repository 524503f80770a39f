"""Who has a user here, over REST, to read: who may come in is decided by a person, on a page."""

from typing import Any

from django.contrib.auth import get_user_model
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.account import sessions, sessions_api
from base.account.people_lists import PEOPLE, PeopleFilter, role_names
from base.account.sessions_api import SessionSerializer
from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.roles import RolePermission


class PersonSerializer(serializers.Serializer[Any]):
    """Somebody who may sign in here, or could once."""

    id = serializers.IntegerField(read_only=True)
    username = serializers.CharField(read_only=True)
    first_name = serializers.CharField(read_only=True)
    last_name = serializers.CharField(read_only=True)
    email = serializers.CharField(read_only=True)
    roles = serializers.SerializerMethodField()
    is_active = serializers.BooleanField(read_only=True)
    last_login = serializers.DateTimeField(read_only=True, allow_null=True)
    date_joined = serializers.DateTimeField(read_only=True)

    def get_roles(self, user: Any) -> list[str]:
        return role_names(user)


class PersonViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Any]):
    """Everybody who has a user on this side; for admins."""

    permission_classes = [RolePermission.of(*PEOPLE.roles)]
    serializer_class = PersonSerializer
    filterset_class = PeopleFilter
    listing = PEOPLE
    pagination_class = ListingPagination
    ordering = PEOPLE.order
    lookup_value_converter = "int"
    queryset = get_user_model().objects.prefetch_related("groups")

    @extend_schema(responses=SessionSerializer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=[])
    def sessions(self, request: Request, pk: int) -> Response:
        """Where they are signed in, last seen first."""
        rows = sessions.sign_ins().visible_to(request.user).filter(user=self.get_object().pk).alive()
        return Response(SessionSerializer(rows, many=True, context=self.get_serializer_context()).data)


router_entries: list[tuple[str, Any, str]] = [("people", PersonViewSet, "person"), *sessions_api.router_entries]
