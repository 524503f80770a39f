"""The timeline over REST: read with filters, write notes, calls, visits, meetings and tasks."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin, KeysetPagination
from base.references import PersonField
from base.refusals import BadInput
from base.roles import RolePermission
from crm.accounts.models import READERS, Account
from crm.activities import services
from crm.activities.kinds import sentence
from crm.activities.models import Entry, EntryQuerySet

WRITTEN = {"call": services.log_call, "visit": services.log_visit, "meeting": services.log_meeting}


class EntrySerializer(serializers.ModelSerializer[Entry]):
    """A line of the timeline; facts told by the ERP have `as_of` and cannot be written."""

    author: Any = PersonField(read_only=True, allow_null=True)
    title = serializers.SerializerMethodField(help_text="What the entry says, in the reader's language.")
    kind = serializers.CharField(help_text="note, call, visit, meeting or task when written here.")

    class Meta:
        model = Entry
        fields = [
            "id", "account", "contact", "deal", "ticket", "lead", "kind", "title", "text", "facts", "outcome",
            "next_step", "next_step_on", "next_step_done_at", "occurred_at", "as_of", "author", "created_at",
        ]  # fmt: skip
        read_only_fields = ["id", "lead", "facts", "next_step_done_at", "as_of", "created_at"]
        extra_kwargs = {
            "occurred_at": {"required": False},
            "account": {"required": True, "help_text": "None on the timeline of a lead; needed here."},
        }

    def get_title(self, entry: Entry) -> str:
        return sentence(entry.kind, entry.facts, entry.text)

    def validate_account(self, account: Account | None) -> Account:
        if account is None:
            self.fields["account"].fail("null")
        visible = Account.objects.visible_to(self.context["request"].user)
        if not visible.filter(pk=account.pk).exists():
            raise serializers.ValidationError(_("There is no such account."))
        return account

    def create(self, validated_data: dict[str, Any]) -> Entry:
        fields = dict(validated_data)
        kind, account, by = fields.pop("kind"), fields.pop("account"), self.context["request"].user
        if kind == "note":
            fields.pop("outcome", None)
            return services.note(account, fields.pop("text", ""), by=by, **fields)
        if kind == "task":
            fields.pop("outcome", None)
            what, on = fields.pop("next_step", ""), fields.pop("next_step_on", None)
            return services.plan_task(account, what, on, by=by, **fields)
        if kind not in WRITTEN:
            raise BadInput(why=_("Only notes, calls, visits, meetings and tasks can be written."), field="kind")
        return WRITTEN[kind](account, fields.pop("outcome", ""), by=by, **fields)


class EntryFilter(django_filters.FilterSet):
    """One account's, deal's, ticket's or lead's timeline, or some kinds of it."""

    account = django_filters.UUIDFilter(field_name="account_id")
    deal = django_filters.UUIDFilter()
    ticket = django_filters.UUIDFilter()
    lead = django_filters.UUIDFilter()
    kind = django_filters.BaseInFilter(field_name="kind", help_text="One or more kinds, comma separated.")
    erp = django_filters.BooleanFilter(method="told", help_text="Only what the ERP told, or only the rest.")

    def told(self, rows: EntryQuerySet, _name: str, yes: bool) -> EntryQuerySet:
        return rows.from_erp() if yes else rows.exclude(kind__startswith="erp_")


class NewestFirst(KeysetPagination):
    """By the time it happened."""

    ordering = ("-occurred_at", "-id")


class EntryViewSet(
    ApiMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[Entry],
):
    """What was said and done with a customer, and what the ERP told us."""

    queryset = Entry.objects.none()
    serializer_class = EntrySerializer
    permission_classes = [RolePermission.of(*READERS)]
    pagination_class = NewestFirst
    filterset_class = EntryFilter

    def get_queryset(self) -> QuerySet[Entry]:
        return Entry.objects.visible_to(self.request.user).select_related("author")

    @extend_schema(request=None, responses=EntrySerializer)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, **_kwargs: Any) -> Response:
        """The next step agreed in this entry is done."""
        entry = services.finish_step(self.get_object())
        return Response(EntrySerializer(entry, context=self.get_serializer_context()).data)


router_entries: list[tuple[str, Any, str]] = [("timeline", EntryViewSet, "entry")]
