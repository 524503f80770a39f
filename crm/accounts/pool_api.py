"""The public pool over REST: what everybody may know of an account in it, and claiming one."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.references import PersonField
from base.roles import RolePermission
from crm.accounts import pool
from crm.accounts.masks import masked, masked_mail, masked_phone
from crm.accounts.models import READERS, PoolAccount, PoolStay
from crm.accounts.models_pool import Why
from crm.accounts.pool_lists import POOL, PoolFilter, stay_of, with_stays


class StaySerializer(serializers.ModelSerializer[PoolStay]):
    """How it came to the pool, and who had it."""

    left_by = PersonField(read_only=True, allow_null=True)
    taken_by = PersonField(read_only=True, allow_null=True)

    class Meta:
        model = PoolStay
        fields = ["id", "since", "came_by", "why", "note", "left_by", "until", "went_by", "taken_by"]
        read_only_fields = fields


class PoolAccountSerializer(serializers.ModelSerializer[PoolAccount]):
    """An account of the pool: who and where they are; ways to reach them are masked until somebody claims it."""

    phone = serializers.SerializerMethodField()
    email = serializers.SerializerMethodField()
    people = serializers.SerializerMethodField()
    stay = serializers.SerializerMethodField()

    class Meta:
        model = PoolAccount
        fields = ["id", "name", "kind", "city", "region", "country", "industry", "tags", "tier", "pooled_at",
                  "registered", "phone", "email", "people", "stay"]  # fmt: skip
        read_only_fields = fields

    def get_phone(self, account: PoolAccount) -> str:
        """The last two digits."""
        return masked_phone(account.phone)

    def get_email(self, account: PoolAccount) -> str:
        """The first letter."""
        return masked_mail(account.email)

    def get_people(self, account: PoolAccount) -> list[str]:
        """The first letters of their names."""
        return [masked(contact.name) for contact in account.contacts.all()]

    @extend_schema_field(StaySerializer(allow_null=True))
    def get_stay(self, account: PoolAccount) -> Any:
        """How it came here; null when it never had an owner."""
        stay = stay_of(account)
        return StaySerializer(stay, context=self.context).data if stay else None


class ClaimedSerializer(serializers.Serializer[Any]):
    """What one has now."""

    account = serializers.UUIDField()


class GiveBackSerializer(serializers.Serializer[Any]):
    """Why it is given back; `note` says it in words and is required with `other`."""

    why = serializers.ChoiceField(choices=Why.choices)
    note = serializers.CharField(max_length=250, required=False, allow_blank=True, default="")


class PoolViewSet(ApiMixin, mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[PoolAccount]):
    """Accounts that nobody owns."""

    queryset = PoolAccount.objects.none()
    serializer_class = PoolAccountSerializer
    permission_classes = [RolePermission.of(*READERS)]
    filterset_class = PoolFilter
    listing = POOL
    pagination_class = ListingPagination

    def get_queryset(self) -> QuerySet[PoolAccount]:
        found: QuerySet[PoolAccount] = PoolAccount.objects.visible_to(self.request.user).prefetch_related("contacts")
        return found

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        with_stays(rows or [])
        return rows

    @extend_schema(request=None, responses=ClaimedSerializer)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: UUID) -> Response:
        """It becomes mine; of several at once one gets it, the others are told who has it."""
        return Response({"account": pool.claim(pk, request.user).pk})


router_entries: list[tuple[str, Any, str]] = [("pool", PoolViewSet, "pool")]
