"""Leads over REST: captured, worked on, converted; and the questions for a handover."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin, KeysetPagination
from base.listing.api import ListingPagination
from base.listing.bulk import remembering
from base.references import PersonField
from base.roles import RolePermission
from crm.accounts.custom_api import CustomValuesField
from crm.accounts.models import Account, Contact
from crm.accounts.tag_api import tags_field
from crm.activities.api import EntrySerializer
from crm.activities.models import Outcome
from crm.leads import cards, conversion, handovers, matching, services
from crm.leads.filters import LeadFilter
from crm.leads.lists import LEADS
from crm.leads.models import READERS, Conversion, Handover, HandoverState, Lead, LossReason, Source
from crm.pipeline.models import Deal


def _visible(field: str, model: Any) -> Any:
    """A validator of one field: the record is one that the caller may see."""

    def validate(self: Any, value: Any) -> Any:
        if value and not model.objects.visible_to(self.context["request"].user).filter(pk=value.pk).exists():
            raise serializers.ValidationError(_("There is no such record."))
        return value

    validate.__name__ = f"validate_{field}"
    return validate


class ScoreReasonSerializer(serializers.Serializer[Any]):
    """So many points, and for what."""

    field = serializers.CharField()
    test = serializers.CharField()
    value = serializers.CharField(allow_blank=True)
    points = serializers.IntegerField()


class ConversionSerializer(serializers.ModelSerializer[Conversion]):
    """What became of a lead."""

    by = PersonField(read_only=True)

    class Meta:
        model = Conversion
        fields = ["account", "contact", "deal", "by", "at"]
        read_only_fields = fields


class LeadSerializer(serializers.ModelSerializer[Lead]):
    """Somebody who may buy; a name, company, phone or e-mail is enough. Phones are kept as E.164 where they can be."""

    owner = PersonField(
        required=False,
        allow_null=True,
        help_text="Username; left out, the assignment rules choose, and where none fits it is whoever creates it.",
    )
    note = serializers.CharField(
        write_only=True, required=False, allow_blank=True, max_length=10_000, help_text="First words of the timeline."
    )
    tags = tags_field()
    custom = CustomValuesField("lead")
    score_reasons = ScoreReasonSerializer(many=True, read_only=True)
    conversion = ConversionSerializer(read_only=True, allow_null=True)
    version = serializers.IntegerField(
        required=False, min_value=1, help_text="When given in a change: refuse it if the lead is newer."
    )

    class Meta:
        model = Lead
        fields = [
            "id", "name", "person", "company", "title", "phone", "other_phone", "email", "other_email", "website",
            "street", "postal_code", "city", "region", "country", "industry", "interest", "source", "source_detail",
            "campaign", "external_ref", "visits", "seconds_on_site", "owner", "team", "tags", "custom", "state",
            "lost_reason", "lost_note", "consent", "consent_at", "consent_source", "do_not_call", "do_not_email",
            "score", "score_reasons", "waits_since", "touched_at", "closed_at", "conversion", "note", "version",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = [
            "id", "name", "team", "state", "lost_reason", "lost_note", "score", "waits_since", "touched_at",
            "closed_at", "created_at", "updated_at",
        ]  # fmt: skip
        extra_kwargs: dict[str, Any] = {"external_ref": {"validators": []}, "source": {"default": Source.API}}

    def create(self, validated_data: dict[str, Any]) -> Lead:
        told, user = dict(validated_data), self.context["request"].user
        told.pop("version", None)
        otherwise = None if "owner" in told else user
        return services.create_lead(by=user, otherwise=otherwise, **told)

    def update(self, instance: Lead, validated_data: dict[str, Any]) -> Lead:
        """Its owner is changed by the verb of its own that tells them."""
        told = {name: value for name, value in validated_data.items() if name != "note"}
        user = self.context["request"].user
        owner = told.pop("owner", instance.owner)
        lead = services.update_lead(instance, **told) if told else instance
        with remembering(LEADS, user, "assign", lead):
            return services.assign(lead, owner, by=user)


class SaidSerializer(serializers.Serializer[Any]):
    """A call, visit or note."""

    kind = serializers.ChoiceField(choices=["call", "visit", "note"])
    outcome = serializers.ChoiceField(choices=Outcome.choices, required=False, help_text="Of a call or visit.")
    text = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    next_step = serializers.CharField(required=False, allow_blank=True, max_length=250)
    next_step_on = serializers.DateField(required=False, allow_null=True)
    occurred_at = serializers.DateTimeField(required=False)


class CardSerializer(serializers.Serializer[Any]):
    """A visiting card as text."""

    card = serializers.CharField(max_length=cards.MOST_BYTES, help_text="vCard 2.1, 3.0 or 4.0; the first one counts.")


class LossSerializer(serializers.Serializer[Any]):
    """Why nothing comes of it."""

    reason = serializers.ChoiceField(choices=LossReason.choices)
    note = serializers.CharField(required=False, allow_blank=True, max_length=250)


class NewDealSerializer(serializers.Serializer[Any]):
    """The deal to be made with the account."""

    title = serializers.CharField(required=False, allow_blank=True, max_length=250)


class ConvertSerializer(serializers.Serializer[Any]):
    """What is linked; what is left out is made. Without `deal` and `new_deal` there is no deal."""

    account = serializers.PrimaryKeyRelatedField(queryset=Account.objects.all(), required=False, allow_null=True)
    contact = serializers.PrimaryKeyRelatedField(queryset=Contact.objects.all(), required=False, allow_null=True)
    deal = serializers.PrimaryKeyRelatedField(queryset=Deal.objects.all(), required=False, allow_null=True)
    new_deal = NewDealSerializer(required=False, allow_null=True)

    validate_account = _visible("account", Account)
    validate_contact = _visible("contact", Contact)
    validate_deal = _visible("deal", Deal)


@extend_schema_serializer(many=False)
class MatchSerializer(serializers.Serializer[Any]):
    """A record that looks alike; one outside the caller's rights has a masked name and no note."""

    kind = serializers.CharField(help_text="account, contact or lead")
    id = serializers.UUIDField(source="pk")
    name = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    owner = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(
        help_text="email, phone, place (name and address), company or name: what they have in common."
    )
    score = serializers.IntegerField()
    seen = serializers.BooleanField(help_text="May the caller open it?")


class LeadViewSet(
    ApiMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[Lead],
):
    """Leads: captured, worked on, converted."""

    queryset = Lead.objects.none()
    serializer_class = LeadSerializer
    permission_classes = [RolePermission.of(*READERS)]
    filterset_class = LeadFilter
    listing = LEADS
    pagination_class = ListingPagination
    http_method_names = ["get", "post", "patch", "head", "options"]

    def get_queryset(self) -> QuerySet[Lead]:
        return Lead.objects.visible_to(self.request.user).select_related("owner", "conversion__by")

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        services.refuse_unwritable(self.get_object(), request.user)
        return super().update(request, *args, **kwargs)

    @extend_schema(
        parameters=[OpenApiParameter(name, str) for name in matching.TOLD],
        responses=MatchSerializer(many=True),
    )
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def alike(self, request: Request) -> Response:
        """Leads, contacts and accounts that look like what is told, the likeliest first."""
        told = {name: request.query_params.get(name, "")[:250] for name in matching.TOLD}
        found = matching.find(request.user, matching.Known.of(**told))
        return Response(MatchSerializer(found, many=True).data)

    @extend_schema(request=CardSerializer, responses={201: LeadSerializer})
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def card(self, request: Request) -> Response:
        """A lead from the text of a vCard; it is whoever's sends it."""
        told: dict[str, Any] = dict(cards.read(self._told(CardSerializer)["card"]))
        lead = services.create_lead(by=request.user, owner=request.user, source=Source.CARD, **told)
        answer = self._answer(lead)
        answer.status_code = 201
        return answer

    @extend_schema(request=SaidSerializer, responses={201: EntrySerializer})
    @action(detail=True, methods=["post"])
    def log(self, request: Request, **_kwargs: Any) -> Response:
        """A call, visit or note; the first call or visit is the first touch."""
        told = self._told(SaidSerializer)
        entry = services.log(self._mine(), told.pop("kind"), by=request.user, **told)
        return Response(EntrySerializer(entry, context=self.get_serializer_context()).data, status=201)

    @extend_schema(request=None, responses=LeadSerializer)
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, **_kwargs: Any) -> Response:
        """A lead of the pool becomes mine."""
        return self._answer(services.claim(self.get_object(), request.user))

    @extend_schema(request=None, responses=LeadSerializer)
    @action(detail=True, methods=["post"])
    def contact(self, request: Request, **_kwargs: Any) -> Response:
        """They have been spoken with."""
        return self._answer(services.contact(self._mine(), by=request.user))

    @extend_schema(request=None, responses=LeadSerializer)
    @action(detail=True, methods=["post"])
    def qualify(self, request: Request, **_kwargs: Any) -> Response:
        """They want something that we have."""
        return self._answer(services.qualify(self._mine(), by=request.user))

    @extend_schema(request=LossSerializer, responses=LeadSerializer)
    @action(detail=True, methods=["post"])
    def lose(self, request: Request, **_kwargs: Any) -> Response:
        """Nothing comes of it."""
        told = self._told(LossSerializer)
        return self._answer(services.lose(self._mine(), told.pop("reason"), by=request.user, **told))

    @extend_schema(request=None, responses=LeadSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, **_kwargs: Any) -> Response:
        """A lost one is taken up again."""
        return self._answer(services.reopen(self._mine(), by=request.user))

    @extend_schema(request=ConvertSerializer, responses=LeadSerializer)
    @action(detail=True, methods=["post"])
    def convert(self, request: Request, **_kwargs: Any) -> Response:
        """It becomes an account with a contact and, if wanted, a deal; once."""
        told = self._told(ConvertSerializer)
        wanted = told.pop("new_deal", None)
        if wanted is not None and not told.get("deal"):
            told["deal"] = conversion.DealWanted(**wanted)
        lead = self._mine()
        conversion.convert(lead, by=request.user, **told)
        return self._answer(lead)

    def _mine(self) -> Lead:
        lead: Lead = self.get_object()
        services.refuse_unwritable(lead, self.request.user)
        return lead

    def _told(self, serializer: Any) -> dict[str, Any]:
        given = serializer(data=self.request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        told: dict[str, Any] = dict(given.validated_data)
        return told

    def _answer(self, lead: Lead) -> Response:
        fresh = self.get_queryset().get(pk=lead.pk)
        return Response(LeadSerializer(fresh, context=self.get_serializer_context()).data)


class HandoverSerializer(serializers.ModelSerializer[Handover]):
    """Somebody asks for what another owns; `lead` or `account` by id, as a search for look-alikes told it."""

    lead = serializers.UUIDField(source="lead_id", required=False, allow_null=True)
    account = serializers.UUIDField(source="account_id", required=False, allow_null=True)
    asked_by = PersonField(read_only=True)
    answered_by = PersonField(read_only=True, allow_null=True)

    class Meta:
        model = Handover
        fields = ["id", "lead", "account", "why", "state", "asked_by", "answered_by", "created_at", "updated_at"]
        read_only_fields = ["id", "state", "created_at", "updated_at"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One thing is asked for."""
        if bool(attrs.get("lead_id")) == bool(attrs.get("account_id")):
            raise serializers.ValidationError(_("Name a lead or an account."))
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Handover:
        kind = "lead" if validated_data.get("lead_id") else "account"
        by = self.context["request"].user
        return handovers.ask(kind, validated_data[f"{kind}_id"], by=by, why=validated_data.get("why", ""))


class HandoverFilter(django_filters.FilterSet):
    """By what came of it."""

    state = django_filters.ChoiceFilter(choices=HandoverState.choices)
    lead = django_filters.UUIDFilter(field_name="lead_id")
    account = django_filters.UUIDFilter(field_name="account_id")


class HandoverViewSet(
    ApiMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[Handover],
):
    """Questions for a handover: one's own, and those that one may answer."""

    queryset = Handover.objects.none()
    serializer_class = HandoverSerializer
    permission_classes = [RolePermission.of(*READERS)]
    filterset_class = HandoverFilter
    pagination_class = KeysetPagination

    def get_queryset(self) -> QuerySet[Handover]:
        return Handover.objects.visible_to(self.request.user).select_related("asked_by", "answered_by")

    @extend_schema(request=None, responses=HandoverSerializer)
    @action(detail=True, methods=["post"])
    def grant(self, request: Request, **_kwargs: Any) -> Response:
        """They have it from now on."""
        return self._answer(True)

    @extend_schema(request=None, responses=HandoverSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, **_kwargs: Any) -> Response:
        """It stays where it is."""
        return self._answer(False)

    def _answer(self, yes: bool) -> Response:
        asked, _outcome = handovers.answer_remembered(self.get_object(), yes, by=self.request.user)
        return Response(HandoverSerializer(asked, context=self.get_serializer_context()).data)


router_entries: list[tuple[str, Any, str]] = [
    ("leads", LeadViewSet, "lead"),
    ("handovers", HandoverViewSet, "handover"),
]
