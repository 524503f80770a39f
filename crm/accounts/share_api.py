"""Shares of accounts over REST: who sees or changes an account of somebody else until when."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin, KeysetPagination
from base.references import NamedField, PersonField
from base.roles import RolePermission
from crm.accounts import sharing
from crm.accounts.models import READERS, Account, AccountShare, ShareLevel
from crm.accounts.share_forms import teams


class AccountShareSerializer(serializers.ModelSerializer[AccountShare]):
    """An account, to a `person` or a `team` (one of them), until the end of a day within a year.

    Shared once more with the same, the level, the day and the reason change.
    """

    person = PersonField(source="user", required=False, allow_null=True, help_text="Username.")
    team = NamedField(
        slug_field="name", queryset=teams(), required=False, allow_null=True, help_text="The team's name."
    )
    level = serializers.ChoiceField(choices=ShareLevel.choices, default=ShareLevel.SEE)
    live = serializers.BooleanField(source="is_live", read_only=True, help_text="Neither ended nor over.")
    given_by = PersonField(read_only=True, allow_null=True)
    ended_by = PersonField(read_only=True, allow_null=True)

    class Meta:
        model = AccountShare
        fields = ["id", "account", "person", "team", "level", "since", "until", "why", "live", "given_by", "given_at",
                  "ended_by", "ended_at"]  # fmt: skip
        read_only_fields = ["id", "since", "given_at", "ended_at"]
        validators: list[Any] = []  # a second share with the same is a change of the first

    def validate_account(self, account: Account) -> Account:
        """One that the caller may see."""
        if not Account.objects.visible_to(self.context["request"].user).filter(pk=account.pk).exists():
            raise serializers.ValidationError(
                serializers.PrimaryKeyRelatedField.default_error_messages["does_not_exist"].format(pk_value=account.pk)
            )
        return account

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs.get("user")) == bool(attrs.get("team")):
            raise serializers.ValidationError({"person": sharing.ONE_OF_THEM})
        return attrs

    def create(self, validated_data: dict[str, Any]) -> AccountShare:
        account, user, team = (validated_data.pop(name, None) for name in ("account", "user", "team"))
        return sharing.share(account, team or user, by=self.context["request"].user, **validated_data)


class AccountShareFilter(django_filters.FilterSet):
    """Of one account, and by whether they still count."""

    account = django_filters.UUIDFilter()
    person = django_filters.CharFilter(field_name="user__username")
    team = django_filters.CharFilter(field_name="team__name")
    live = django_filters.BooleanFilter(method="having_live")

    def having_live(self, rows: Any, _name: str, value: bool) -> Any:
        """Neither ended nor over, or the others."""
        live = AccountShare.objects.visible_to(self.request.user).live()
        return rows.filter(pk__in=live.values("pk")) if value else rows.exclude(pk__in=live.values("pk"))


class AccountShareViewSet(
    ApiMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[AccountShare],
):
    """Accounts that are shared with people or teams for some time; seen by whoever sees the account."""

    queryset = AccountShare.objects.none()
    serializer_class = AccountShareSerializer
    permission_classes = [RolePermission.of(*READERS)]
    filterset_class = AccountShareFilter
    pagination_class = KeysetPagination
    http_method_names = ["get", "post", "head", "options"]

    def get_queryset(self) -> QuerySet[AccountShare]:
        found: QuerySet[AccountShare] = AccountShare.objects.visible_to(self.request.user)
        return found.select_related("account", "user", "team", "given_by", "ended_by")

    @extend_schema(request=None, responses=AccountShareSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, **_kwargs: Any) -> Response:
        """It counts no more from this moment on; sharing it again is a new share."""
        given = sharing.end(self.get_object(), by=request.user)
        return Response(self.get_serializer(given).data)


router_entries: list[tuple[str, Any, str]] = [("account-shares", AccountShareViewSet, "account-share")]
