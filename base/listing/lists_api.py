"""What a page does with a list, over REST: many rows at once, taken back again, a file of them, and saved views."""

from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.jobs.api import JobSerializer
from base.listing import bulk, exporting, services
from base.listing.asking import ARRANGING, Asked
from base.listing.bulk import BulkAction
from base.listing.listing import Listing, all_listings, listing_of
from base.parameters import refuse_unknown
from base.refusals import BadInput
from base.scopes import Scoped, ScopeMissing, area_of, covers
from base.stepup import require_step_up

SHARED_HELP = (
    "Shared: in the CRM with its owner's teams and those below; with everyone, where the owner is in no team, and on "
    "the other sides."
)
QUERY_HELP = "What the list is asked, as its address says it: `status=held&ordering=-net`."


class ListColumnSerializer(serializers.Serializer[Any]):
    """A column that the caller may know."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes fields out of the class


class ListActionSerializer(serializers.Serializer[Any]):
    """Something that can be done with many rows; `told` are the fields it asks for."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    told = serializers.SerializerMethodField()
    can_be_undone = serializers.SerializerMethodField()

    def get_told(self, action: BulkAction) -> list[str]:
        return list(action.form(self.context["user"])().fields) if action.form else []

    def get_can_be_undone(self, action: BulkAction) -> bool:
        return action.undo is not None


class ListSerializer(serializers.Serializer[Any]):
    """A list: what it shows, what it can be asked, what can be done with its rows."""

    name = serializers.CharField()
    title = serializers.CharField()
    columns = serializers.SerializerMethodField()
    filters = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    @extend_schema(responses=ListColumnSerializer(many=True))
    def get_columns(self, listing: Listing) -> list[dict[str, Any]]:
        return ListColumnSerializer(listing.columns_for(self.context["user"]), many=True).data  # type: ignore[return-value]

    def get_filters(self, listing: Listing) -> list[str]:
        return sorted(listing.filterset.known())

    def get_actions(self, listing: Listing) -> list[dict[str, Any]]:
        told = bulk.actions_for(listing, self.context["user"])
        return ListActionSerializer(told, many=True, context=self.context).data  # type: ignore[return-value]


class BulkSerializer(serializers.Serializer[Any]):
    """What to do, with which rows: `ids`, or with `all` every row that the query leaves."""

    action = serializers.CharField(max_length=40)
    ids = serializers.ListField(child=serializers.CharField(max_length=64), required=False, max_length=500)
    all = serializers.BooleanField(default=False)
    query = serializers.CharField(max_length=services.STATE_MAX, required=False, allow_blank=True, help_text=QUERY_HELP)
    told = serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=4000), required=False)


class RefusedRowSerializer(serializers.Serializer[Any]):
    """A row that was left as it was, and why."""

    row = serializers.CharField()
    why = serializers.CharField()


class OutcomeSerializer(serializers.Serializer[Any]):
    """What became of it: at once, or by the `jobs` (`job` is the first); `change` is what can be taken back."""

    done = serializers.IntegerField()
    refused = RefusedRowSerializer(many=True)
    change = serializers.UUIDField(allow_null=True)
    job = serializers.UUIDField(allow_null=True)
    jobs = serializers.ListField(child=serializers.UUIDField())

    @classmethod
    def of(cls, outcome: bulk.Outcome) -> Any:
        return cls(
            {
                "done": outcome.done,
                "refused": [{"row": row, "why": str(why)} for row, why in outcome.refused],
                "change": outcome.change and outcome.change.pk,
                "job": outcome.job and outcome.job.pk,
                "jobs": [job.pk for job in outcome.jobs],
            }
        ).data


class ExportSerializer(serializers.Serializer[Any]):
    """Which file, of which rows and columns."""

    format = serializers.ChoiceField(choices=exporting.FORMATS)
    query = serializers.CharField(max_length=services.STATE_MAX, required=False, allow_blank=True, help_text=QUERY_HELP)


class ListViewSet(ApiMixin, viewsets.GenericViewSet[Any]):
    """The lists that the caller may see. A token needs the scope of the list's own area besides."""

    permission_classes = [Scoped]
    serializer_class = ListSerializer
    pagination_class = None
    lookup_field = "name"
    lookup_value_regex = "[a-z_-]{1,40}"

    def get_queryset(self) -> QuerySet[Any]:
        """Lists stand in the code and not in a table; whoever writes the document asks for one all the same."""
        return apps.get_model("access", "SavedView").objects.none()

    def get_object(self) -> Any:
        return self._listing("read")

    def _lock(self, record: Any) -> None:
        """A list stands in the code; nobody changes it meanwhile."""

    @extend_schema(responses=ListSerializer(many=True))
    def list(self, request: Request) -> Response:
        """All of them."""
        seen = [listing for listing in all_listings() if listing.may_see(request.user)]
        return Response(ListSerializer(seen, many=True, context={"user": request.user}).data)

    def retrieve(self, request: Request, name: str) -> Response:
        """One of them."""
        return Response(self.get_serializer(self._listing("read")).data)

    @extend_schema(request=BulkSerializer, responses={200: OutcomeSerializer, 202: OutcomeSerializer})
    @action(detail=True, methods=["post"])
    def bulk(self, request: Request, name: str) -> Response:
        """Do one thing with many rows, each through its own rules; long work becomes a job (202)."""
        given = BulkSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        told, listing = given.validated_data, self._listing("write")
        deed = bulk.action_of(listing, request.user, told["action"])
        if deed.asks_for_proof:
            require_step_up(request)
        asked = understood(listing, request.user, told.get("query", ""))
        pks = bulk.chosen(asked, told.get("ids", []), all_matching=told["all"])
        outcome = bulk.carry_out(asked, deed, pks, told.get("told", {}))
        return Response(OutcomeSerializer.of(outcome), status=202 if outcome.job else 200)

    @extend_schema(request=ExportSerializer, responses={202: JobSerializer})
    @action(detail=True, methods=["post"])
    def exports(self, request: Request, name: str) -> Response:
        """The list as a file: a job, whose `file` is there when it is done."""
        given = ExportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = understood(self._listing("read"), request.user, given.validated_data.get("query", ""))
        job = exporting.begin(asked, given.validated_data["format"])
        return Response(JobSerializer(job).data, status=202)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "user": self.request.user}

    def _listing(self, verb: str) -> Listing:
        """The list of the address, for whoever may see it and a token that is made for its area."""
        listing = listing_of(self.kwargs["name"])
        listing.require(self.request.user)
        refuse_narrow(self.request, listing, verb)
        return listing


class SavedViewSerializer(serializers.Serializer[Any]):
    """A question to a list that is kept under a name: one's own, or shared."""

    id = serializers.UUIDField(read_only=True)
    list = serializers.CharField(source="listing", max_length=40)
    name = serializers.CharField(max_length=80)
    query = serializers.CharField(
        source="state", max_length=services.STATE_MAX, required=False, allow_blank=True, help_text=QUERY_HELP
    )
    team = serializers.BooleanField(default=False, help_text=SHARED_HELP)
    default = serializers.BooleanField(default=False)
    owner = serializers.CharField(source="owner.username", read_only=True)


class SavedViewViewSet(ApiMixin, mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """The caller's saved views and those shared with them; their owner and admins change them."""

    permission_classes = [Scoped]
    serializer_class = SavedViewSerializer
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Any]:
        rows = apps.get_model("access", "SavedView").objects.select_related("owner")
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return rows.visible_to(self.request.user).exclude(name="")

    @extend_schema(responses={201: SavedViewSerializer})
    def create(self, request: Request) -> Response:
        """Keep one; the same name again is the same view, asked anew."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        told = given.validated_data
        listing = self._listing(told["listing"])
        query = understood(listing, request.user, told.get("state", "")).params.urlencode()
        view = services.save_view(
            listing, request.user, told["name"], query, team=told["team"], default=told["default"]
        )
        return Response(self.get_serializer(view).data, status=201)

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Rename it, ask it anew, share it, show it first."""
        view = self.get_object()
        given = self.get_serializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        told = dict(given.validated_data)
        if told.pop("listing", view.listing) != view.listing:
            raise BadInput(why=_("A view stays with its list."), field="list")
        listing = self._listing(view.listing)
        if "state" in told:
            told["state"] = understood(listing, request.user, told["state"]).params.urlencode()
        return Response(self.get_serializer(services.change_view(listing, request.user, view.pk, **told)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str = "") -> Response:
        """Nobody needs it any more; the rows stay."""
        view = self.get_object()
        services.remove_view(self._listing(view.listing), request.user, view.pk)
        return Response(status=204)

    def _listing(self, name: str) -> Listing:
        listing = next((one for one in all_listings() if one.name == name), None)
        if listing is None:
            raise BadInput(why=_("There is no list “{name}”.").format(name=name), field="list")
        listing.require(self.request.user)
        return listing


class BulkChangeSerializer(serializers.Serializer[Any]):
    """What the caller did to many rows at once."""

    id = serializers.UUIDField(read_only=True)
    list = serializers.CharField(source="listing", read_only=True)
    action = serializers.CharField(read_only=True)
    label = serializers.CharField(read_only=True)  # type: ignore[assignment]
    at = serializers.DateTimeField(read_only=True)
    undone_at = serializers.DateTimeField(read_only=True, allow_null=True)
    can_be_undone = serializers.BooleanField(read_only=True)


class BulkChangeViewSet(ApiMixin, mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """The caller's changes of many rows, of the last thirty days."""

    permission_classes = [Scoped]
    serializer_class = BulkChangeSerializer
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Any]:
        rows = apps.get_model("access", "BulkChange").objects.defer("rows")
        return rows.none() if getattr(self, "swagger_fake_view", False) else rows.visible_to(self.request.user)

    @extend_schema(request=None, responses=OutcomeSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str = "") -> Response:
        """Take it back, but for rows that somebody changed since."""
        change = self.get_object()
        refuse_narrow(request, listing_of(change.listing), "write")
        outcome, _listing = bulk.undo(request.user, change.pk, lambda: require_step_up(request))
        return Response(OutcomeSerializer.of(outcome))


def understood(listing: Listing, user: Any, query: str) -> Asked:
    """The question; a name that the list does not know or a value that means nothing is refused, not left out."""
    params = QueryDict(query.lstrip("?"))
    asked = Asked.told(listing, user, query.lstrip("?"))
    refuse_unknown(params, asked.every_filter.parameters().union(ARRANGING))
    if asked.mistakes:
        name, why = asked.mistakes[0]
        raise BadInput(why=f"{name}: {why}", field="query")
    return asked


def refuse_narrow(request: Any, listing: Listing, verb: str) -> None:
    """What a token is not made for it cannot do by way of a list either."""
    held, wanted = getattr(request.auth, "scopes", None), f"{area_of(listing.model)}:{verb}"
    if held is not None and not covers(held, wanted):
        raise ScopeMissing(scope=wanted)


router_entries: list[tuple[str, Any, str]] = [
    ("lists", ListViewSet, "list"),
    ("list-views", SavedViewViewSet, "list-view"),
    ("list-changes", BulkChangeViewSet, "list-change"),
]
