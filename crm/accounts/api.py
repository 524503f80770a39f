"""Accounts and contacts over REST."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.listing.bulk import remembering
from base.references import PersonField
from base.refusals import NotAllowed
from base.roles import RolePermission
from base.tiers import TieredSerializerMixin
from crm.accounts import access_api, custom_api, merge_api, pool, pool_api, services, share_api, tag_api
from crm.accounts.custom_api import CustomValuesField
from crm.accounts.filters import AccountFilter, ContactFilter
from crm.accounts.lists import ACCOUNTS, CONTACTS
from crm.accounts.merge_api import MergesMixin
from crm.accounts.models import READERS, Account, Contact, PoolStay

People = RolePermission.of(*READERS)


class ContactSerializer(serializers.ModelSerializer[Contact]):
    """Somebody who works there."""

    custom = CustomValuesField("contact")

    class Meta:
        model = Contact
        fields = ["id", "account", "name", "title", "email", "phone", "custom", "created_at", "updated_at"]
        read_only_fields = ["id", "created_at", "updated_at"]

    def validate_account(self, account: Account) -> Account:
        """One that the caller may see; it cannot move to another."""
        if self.instance is not None and account.pk != self.instance.account_id:
            raise serializers.ValidationError(services.ContactStays().message)
        visible = Account.objects.visible_to(self.context["request"].user)
        if not visible.filter(pk=account.pk).exists():
            raise serializers.ValidationError(
                serializers.PrimaryKeyRelatedField.default_error_messages["does_not_exist"].format(pk_value=account.pk)
            )
        return account


class FirstContactSerializer(serializers.ModelSerializer[Contact]):
    """A contact given with its new account."""

    class Meta:
        model = Contact
        fields = ["id", "name", "title", "email", "phone"]
        read_only_fields = ["id"]


class AccountSerializer(TieredSerializerMixin, serializers.ModelSerializer[Account]):
    """A company or person; party code, terms and credit band are the ERP's word."""

    owner = PersonField(
        required=False,
        allow_null=True,
        help_text="Username; whoever creates the account, if left out.",
    )
    contacts = FirstContactSerializer(many=True, required=False)
    tags = tag_api.tags_field()
    custom = CustomValuesField("account")
    version = serializers.IntegerField(
        required=False, min_value=1, help_text="When given in a change: refuse it if the account is newer."
    )

    class Meta:
        model = Account
        fields = [
            "id", "name", "kind", "phone", "email", "website", "tax_id", "industry", "street", "postal_code", "city",
            "region", "country", "owner", "tier", "tags", "custom", "external_ref", "contacts", "version", "registered",
            "registered_at", "party_code", "payment_terms_days", "commercial_tier", "credit_class", "credit_band",
            "credit_as_of", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = [
            "id", "registered", "registered_at", "party_code", "payment_terms_days", "commercial_tier", "credit_class",
            "credit_band", "credit_as_of", "created_at", "updated_at",
        ]  # fmt: skip
        extra_kwargs: dict[str, Any] = {"external_ref": {"validators": []}}

    def create(self, validated_data: dict[str, Any]) -> Account:
        validated_data.pop("version", None)
        validated_data.setdefault("owner", self.context["request"].user)
        return services.create_account(**validated_data)

    def update(self, instance: Account, validated_data: dict[str, Any]) -> Account:
        """Contacts have an address of their own and are not replaced here."""
        validated_data.pop("contacts", None)
        if validated_data.get("owner", instance.owner) != instance.owner:
            services.refuse_unheld(instance, self.context["request"].user)
        with remembering(ACCOUNTS, self.context["request"].user, "assign", instance):
            return services.update_account(instance, **validated_data)


class AccountViewSet(
    access_api.AccessMixin,
    MergesMixin,
    ApiMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[Account],
):
    """Accounts: create with contacts, change by PATCH."""

    queryset = Account.objects.none()
    serializer_class = AccountSerializer
    permission_classes = [People]
    filterset_class = AccountFilter
    listing = ACCOUNTS
    pagination_class = ListingPagination
    http_method_names = ["get", "post", "patch", "head", "options"]

    def get_queryset(self) -> QuerySet[Account]:
        return Account.objects.visible_to(self.request.user).select_related("owner").prefetch_related("contacts")

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        refuse_foreign(self.get_object(), request.user)
        return super().update(request, *args, **kwargs)

    @extend_schema(request=None, responses=AccountSerializer)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: UUID) -> Response:
        """An account without an owner becomes mine; of several at once one gets it."""
        pool.claim(pk, request.user)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=pool_api.GiveBackSerializer, responses={204: None})
    @action(detail=True, methods=["post"], url_path="give-back")
    def give_back(self, request: Request, pk: UUID) -> Response:
        """Back to the pool, with a reason; who gives it back waits before claiming it again."""
        given = pool_api.GiveBackSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        pool.give_back(self.get_object(), by=request.user, **given.validated_data)
        return Response(status=204)

    @extend_schema(responses=pool_api.StaySerializer(many=True))
    @action(detail=True, pagination_class=None, filterset_class=None)
    def stays(self, request: Request, pk: UUID) -> Response:
        """When it lay in the pool, why, and who had it and took it."""
        stays = PoolStay.objects.visible_to(request.user).filter(account=self.get_object().pk)
        told = pool_api.StaySerializer(stays.select_related("left_by", "taken_by"), many=True)
        return Response(told.data)


class ContactViewSet(MergesMixin, ApiMixin, viewsets.ModelViewSet[Contact]):
    """Contacts of accounts."""

    queryset = Contact.objects.none()
    serializer_class = ContactSerializer
    permission_classes = [People]
    filterset_class = ContactFilter
    listing = CONTACTS
    pagination_class = ListingPagination
    version_lock = "account"
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[Contact]:
        visible = Account.objects.visible_to(self.request.user)
        return Contact.objects.visible_to(self.request.user).filter(account__in=visible).select_related("account")

    def perform_create(self, serializer: Any) -> None:
        fields = dict(serializer.validated_data)
        account = fields.pop("account")
        refuse_foreign(account, self.request.user)
        serializer.instance = services.add_contact(account, **fields)

    def perform_update(self, serializer: Any) -> None:
        fields = {name: value for name, value in serializer.validated_data.items() if name != "account"}
        refuse_foreign(serializer.instance.account, self.request.user)
        serializer.instance = services.update_contact(serializer.instance, **fields)

    def perform_destroy(self, instance: Contact) -> None:
        refuse_foreign(instance.account, self.request.user)
        services.remove_contact(instance)


def refuse_foreign(account: Account, user: Any) -> None:
    """Seeing is not changing."""
    if not account.writable_by(user):
        raise NotAllowed()


router_entries: list[tuple[str, Any, str]] = [
    ("accounts", AccountViewSet, "account"),
    ("contacts", ContactViewSet, "contact"),
    *merge_api.router_entries,
    *pool_api.router_entries,
    *share_api.router_entries,
    *tag_api.router_entries,
    *custom_api.router_entries,
]
