"""Accounts and contacts over REST."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import IdempotencyMixin
from base.refusals import NotAllowed
from base.roles import RolePermission
from crm.accounts import services
from crm.accounts.models import READERS, Account, Contact

Keepers = RolePermission.of(*READERS)

MASTER = [
    "name", "kind", "phone", "email", "website", "tax_id", "industry", "street", "postal_code", "city", "region",
    "country", "owner", "tier", "external_ref",
]  # fmt: skip
FROM_ERP = [
    "registered", "registered_at", "party_code", "payment_terms_days", "commercial_tier", "credit_class",
    "credit_band", "credit_as_of", "party_as_of",
]  # fmt: skip


class ContactSerializer(serializers.ModelSerializer[Contact]):
    """Somebody who works there."""

    class Meta:
        model = Contact
        fields = ["id", "account", "name", "title", "email", "phone"]
        read_only_fields = ["id"]


class NestedContactSerializer(ContactSerializer):
    """A contact that comes with its account."""

    class Meta(ContactSerializer.Meta):
        fields = ["id", "name", "title", "email", "phone"]


class AccountSerializer(serializers.ModelSerializer[Account]):
    """A company or person; what the ERP says of them is read-only and has an "as of"."""

    contacts = NestedContactSerializer(many=True, required=False)

    class Meta:
        model = Account
        fields = ["id", *MASTER, "version", *FROM_ERP, "contacts", "created_at", "updated_at"]
        read_only_fields = ["id", "version", *FROM_ERP]


class AccountRowSerializer(AccountSerializer):
    """An account in a list."""

    class Meta(AccountSerializer.Meta):
        fields = ["id", *MASTER, *FROM_ERP, "created_at", "updated_at"]


class AccountChangeSerializer(AccountSerializer):
    """Edits; with `version` a change by somebody else meanwhile is refused."""

    version = serializers.IntegerField(required=False)

    class Meta(AccountSerializer.Meta):
        fields = [*MASTER, "version"]
        read_only_fields: list[str] = []


class AccountFilter(django_filters.FilterSet):
    """`search` looks into names, towns, people and codes."""

    search = django_filters.CharFilter(method="matching")

    class Meta:
        model = Account
        fields = ["owner", "country", "credit_band", "registered", "external_ref", "party_code", "tier"]

    def matching(self, accounts: Any, name: str, text: str) -> Any:
        return accounts.matching(text)


class AccountViewSet(
    IdempotencyMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Account]
):
    """Accounts."""

    permission_classes = [Keepers]
    filterset_class = AccountFilter
    http_method_names = ["get", "post", "patch", "head", "options"]
    queryset = Account.objects.none()

    def get_queryset(self) -> QuerySet[Account]:
        accounts = Account.objects.visible_to(self.request.user)
        found: QuerySet[Account] = accounts if self.action == "list" else accounts.prefetch_related("contacts")
        return found

    def get_serializer_class(self) -> Any:
        kinds = {"list": AccountRowSerializer, "partial_update": AccountChangeSerializer}
        return kinds.get(self.action, AccountSerializer)

    def create(self, request: Request) -> Response:
        """A new account, with its people."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        account = services.create_account(**given.validated_data)
        return Response(AccountSerializer(account, context=self.get_serializer_context()).data, status=201)

    @extend_schema(request=AccountChangeSerializer, responses=AccountSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is given."""
        account = self.get_object()
        if not account.writable_by(request.user):
            raise NotAllowed()
        given = self.get_serializer(account, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        account = services.update_account(account, **given.validated_data)
        return Response(AccountSerializer(account, context=self.get_serializer_context()).data)


class ContactViewSet(
    IdempotencyMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Contact]
):
    """People of accounts."""

    permission_classes = [Keepers]
    serializer_class = ContactSerializer
    filterset_fields = ["account", "email"]
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    queryset = Contact.objects.none()

    def get_queryset(self) -> QuerySet[Contact]:
        return Contact.objects.filter(account__in=Account.objects.visible_to(self.request.user))

    def create(self, request: Request) -> Response:
        """Somebody new there."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        told = dict(given.validated_data)
        account = self._writable(told.pop("account"))
        return Response(self.get_serializer(services.add_contact(account, **told)).data, status=201)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is given; a contact stays with its account."""
        contact = self.get_object()
        self._writable(contact.account)
        given = self.get_serializer(contact, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        told = {name: value for name, value in given.validated_data.items() if name != "account"}
        return Response(self.get_serializer(services.update_contact(contact, **told)).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """They left."""
        contact = self.get_object()
        self._writable(contact.account)
        services.remove_contact(contact)
        return Response(status=204)

    def _writable(self, account: Account) -> Account:
        if not account.writable_by(self.request.user):
            raise NotAllowed()
        return account


router_entries: list[tuple[str, Any, str]] = [
    ("accounts", AccountViewSet, "account"),
    ("contacts", ContactViewSet, "contact"),
]
