"""Who can see an account and why, over REST: for whoever decides over it."""

from typing import Any

from django.contrib.auth import get_user_model
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.references import PersonField
from crm.accounts import services
from crm.accounts.seeing import access_to


class AccessAskedSerializer(serializers.Serializer[Any]):
    """One person, who may see it or not; everybody who sees it, if left out."""

    person = PersonField(required=False, queryset=get_user_model().objects.all(), help_text="Username.")


class ReasonSerializer(serializers.Serializer[Any]):
    """One chain in words, from the person to what opens the account."""

    by = serializers.CharField(help_text="`role`, `owner`, `nobody`, `share`, `deal` or `ticket`.")
    steps = serializers.ListField(child=serializers.CharField())
    changes = serializers.BooleanField(help_text="By this they may change it, too.")


class AccessSerializer(serializers.Serializer[Any]):
    """What somebody may, by which chains; `lacking` says what is missing where there is none."""

    person = serializers.CharField(source="person.username", help_text="Username.")
    name = serializers.CharField()
    see = serializers.SerializerMethodField()
    change = serializers.SerializerMethodField()
    reasons = ReasonSerializer(many=True, source="see")
    lacking = serializers.CharField()

    def get_see(self, why: Any) -> bool:
        """Do they see it?"""
        return bool(why.see)

    def get_change(self, why: Any) -> bool:
        """May they change it?"""
        return bool(why.change)


class AccessMixin:
    """For the viewset of accounts."""

    @extend_schema(parameters=[AccessAskedSerializer], responses=AccessSerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def access(self, request: Request, pk: str) -> Response:
        """Who can see it and why; with `person`, why this one can or cannot."""
        account = self.get_object()  # type: ignore[attr-defined]
        services.refuse_unheld(account, request.user)
        asked = AccessAskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found, person = access_to(account), asked.validated_data.get("person")
        told = [found.why(person)] if person else found.everybody()
        return Response(AccessSerializer(told, many=True).data)
