"""The timeline over REST: what was said and done, and what the ERP told us."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import IdempotencyMixin, KeysetPagination
from base.roles import RolePermission
from crm.accounts.models import READERS, Account
from crm.activities import services
from crm.activities.models import Entry, Outcome


class EntrySerializer(serializers.ModelSerializer[Entry]):
    """One entry; those of the ERP have an `as_of` and nobody edits them."""

    class Meta:
        model = Entry
        fields = [
            "id", "account", "contact", "deal", "ticket", "kind", "text", "facts", "outcome", "next_step",
            "next_step_on", "occurred_at", "as_of", "author", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class NewEntrySerializer(serializers.Serializer[Any]):
    """A note, call or visit."""

    kind = serializers.ChoiceField(choices=["note", "call", "visit"])
    account = serializers.PrimaryKeyRelatedField(queryset=Account.objects.all())
    text = serializers.CharField(max_length=10_000, required=False, allow_blank=True, default="")
    outcome = serializers.ChoiceField(choices=Outcome.choices, required=False)
    deal = serializers.UUIDField(required=False, allow_null=True)
    next_step = serializers.CharField(max_length=250, required=False, allow_blank=True)
    next_step_on = serializers.DateField(required=False, allow_null=True)

    def validate(self, told: dict[str, Any]) -> dict[str, Any]:
        """A call or visit has an outcome, a note a text."""
        if told["kind"] == "note" and not told["text"].strip():
            raise serializers.ValidationError({"text": "A note needs a text."})
        if told["kind"] != "note" and not told.get("outcome"):
            raise serializers.ValidationError({"outcome": "Choose an outcome."})
        return told


class EntryFilter(django_filters.FilterSet):
    """By account, deal, ticket and kind."""

    class Meta:
        model = Entry
        fields = ["account", "deal", "ticket", "kind", "author"]


class Newest(KeysetPagination):
    """Newest first, as it happened."""

    ordering = ("-occurred_at", "-id")


class TimelineViewSet(IdempotencyMixin, viewsets.ReadOnlyModelViewSet[Entry]):
    """The timeline; POST logs a note, call or visit."""

    permission_classes = [RolePermission.of(*READERS)]
    serializer_class = EntrySerializer
    filterset_class = EntryFilter
    pagination_class = Newest
    queryset = Entry.objects.none()

    def get_queryset(self) -> QuerySet[Entry]:
        found: QuerySet[Entry] = Entry.objects.visible_to(self.request.user)
        return found

    def create(self, request: Request) -> Response:
        """Log what happened."""
        given = NewEntrySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        told = dict(given.validated_data)
        account, kind, text = told.pop("account"), told.pop("kind"), told.pop("text")
        outcome = told.pop("outcome", "")
        if kind == "note":
            entry = services.note(account, text, by=request.user, **told)
        else:
            log = services.log_call if kind == "call" else services.log_visit
            entry = log(account, outcome, by=request.user, text=text, **told)
        return Response(self.get_serializer(entry).data, status=201)


router_entries: list[tuple[str, Any, str]] = [("timeline", TimelineViewSet, "entry")]
