"""The books over REST: read by accountants and auditors, written through vouchers and reversals."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin, KeysetPagination
from base.listing.api import ListingPagination
from base.roles import RolePermission
from base.stepup import step_up_required
from erp.ledger import closing, services, vouchers
from erp.ledger import serializers as shapes
from erp.ledger.books_api import router_entries as books_entries
from erp.ledger.dimensions import LINE_PARTS
from erp.ledger.dimensions_api import router_entries as dimensions_entries
from erp.ledger.filters import EntryFilter, LineFilter, VoucherFilter
from erp.ledger.forms import TrialBalanceForm
from erp.ledger.lists import JOURNAL, LINES, VOUCHERS
from erp.ledger.models import Account, JournalEntry, JournalLine, Period, Voucher
from erp.ledger.papers_api import Papered
from erp.ledger.papers_api import router_entries as papers_entries
from erp.ledger.reports import trial_balance

Books = RolePermission.of("accountant", "admin", read=("auditor",))


NARROWING = [
    OpenApiParameter(
        "cost_centre", OpenApiTypes.STR, description="a code, with those below it; `-`: lines without one"
    ),
    OpenApiParameter("project", OpenApiTypes.STR, description="a code, with those below it; `-`: lines without one"),
]


class ByCode(KeysetPagination):
    """Accounts in the order of the chart."""

    ordering = "code"


class ByStart(KeysetPagination):
    """Periods in time."""

    ordering = "starts_on"


class AccountViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Account]):
    """The chart of accounts."""

    permission_classes = [Books]
    pagination_class = ByCode
    serializer_class = shapes.AccountSerializer
    filterset_fields = ["code", "role", "type", "control", "active", "is_group"]
    queryset = Account.objects.select_related("parent")

    @extend_schema(request=shapes.NewAccountSerializer, responses={201: shapes.AccountSerializer})
    def create(self, request: Request) -> Response:
        """An account comes into the chart."""
        return self._save(request, Account(company=services.company()), 201)

    @extend_schema(request=shapes.NewAccountSerializer, responses=shapes.AccountSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        """Another name; what entries rest on stays."""
        return self._save(request, self.get_object(), 200)

    def _save(self, request: Request, account: Account, status: int) -> Response:
        given = shapes.NewAccountSerializer(account, data=request.data, partial=status == 200)
        given.is_valid(raise_exception=True)
        for name, value in given.validated_data.items():
            setattr(account, name, value)
        saved = services.save_account(account, request.user)
        return Response(self.get_serializer(self.get_queryset().get(pk=saved.pk)).data, status=status)


class EntryViewSet(Papered, ApiMixin, viewsets.ReadOnlyModelViewSet[JournalEntry]):
    """What was posted; undone by a reversal only."""

    permission_classes = [Books]
    serializer_class = shapes.EntrySerializer
    filterset_class = EntryFilter
    listing = JOURNAL
    pagination_class = ListingPagination
    version_lock = None
    queryset = JournalEntry.objects.select_related("journal", "reversed_by").prefetch_related(*LINE_PARTS)

    @extend_schema(request=shapes.ReverseSerializer, responses={201: shapes.EntrySerializer})
    @action(detail=True, methods=["post"])
    @step_up_required
    def reverse(self, request: Request, pk: str | None = None) -> Response:
        """Undo the entry by its mirror, on a day of an open period."""
        told = shapes.ReverseSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        entry = services.reverse_by_hand(self.get_object(), told.validated_data["date"], told.validated_data["reason"])
        return Response(self.get_serializer(self.get_queryset().get(pk=entry.pk)).data, status=201)


class VoucherViewSet(
    Papered,
    ApiMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Voucher],
):
    """Vouchers: written as drafts, posted into the books."""

    permission_classes = [Books]
    serializer_class = shapes.VoucherSerializer
    filterset_class = VoucherFilter
    listing = VOUCHERS
    pagination_class = ListingPagination
    queryset = Voucher.objects.with_all().with_sums()

    @extend_schema(responses={201: shapes.VoucherSerializer})
    def create(self, request: Request) -> Response:
        """A draft; it may be out of balance until it is posted."""
        return self._answer(vouchers.write(request.user, **self._content(request)), status=201)

    @extend_schema(parameters=[OpenApiParameter("revision", OpenApiTypes.STR, description="what the caller has seen")])
    def update(self, request: Request, pk: str | None = None) -> Response:
        """Another content for a draft."""
        seen = request.query_params.get("revision", "")
        return self._answer(vouchers.change(self.get_object(), request.user, **self._content(request), seen=seen))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str | None = None) -> Response:
        """Ask a second person to post it."""
        return self._answer(vouchers.submit(self.get_object(), request.user))

    @extend_schema(request=shapes.NoteSerializer)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, pk: str | None = None) -> Response:
        """Back to the author, saying what should change."""
        told = shapes.NoteSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        return self._answer(vouchers.send_back(self.get_object(), request.user, told.validated_data["note"]))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], url_path="post", url_name="post")
    def post_voucher(self, request: Request, pk: str | None = None) -> Response:
        """Into the books, for good."""
        return self._answer(vouchers.post(self.get_object(), request.user))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str | None = None) -> Response:
        """Not wanted after all."""
        return self._answer(vouchers.discard(self.get_object(), request.user))

    def _content(self, request: Request) -> dict[str, Any]:
        told: Any = self.get_serializer(data=request.data)
        told.is_valid(raise_exception=True)
        return told.content

    def _answer(self, voucher: Voucher, status: int = 200) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=voucher.pk)).data, status=status)


class PeriodViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[Period]):
    """The months of the books."""

    permission_classes = [Books]
    version_lock = None
    pagination_class = ByStart
    serializer_class = shapes.PeriodSerializer
    filterset_fields = ["status", "fiscal_year__year", "starts_on"]
    queryset = Period.objects.select_related("fiscal_year")

    @extend_schema(request=shapes.CloseSerializer)
    @action(detail=True, methods=["post"])
    @step_up_required
    def close(self, request: Request, pk: str | None = None) -> Response:
        """Take no more entries; `hard` is for good."""
        told = shapes.CloseSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        period = closing.close(
            self.get_object(), request.user, told.validated_data["status"], told.validated_data["reason"]
        )
        return self._told(period)

    @extend_schema(request=shapes.ReopenSerializer)
    @action(detail=True, methods=["post"])
    @step_up_required
    def reopen(self, request: Request, pk: str | None = None) -> Response:
        """One step back, from closing to open or from closed to closing: by a second person, with a reason."""
        told = shapes.ReopenSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        return self._told(closing.reopen(self.get_object(), request.user, told.validated_data["reason"]))

    @extend_schema(responses=shapes.ToDoSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def checklist(self, request: Request, pk: str | None = None) -> Response:
        """What is still to do before the period can be closed."""
        return Response(shapes.ToDoSerializer(closing.checklist(self.get_object()), many=True).data)

    @extend_schema(request=None, responses=shapes.EntrySerializer)
    @action(detail=True, methods=["post"])
    @step_up_required
    def end_year(self, request: Request, pk: str | None = None) -> Response:
        """Transfer the result of the period's year to retained earnings; the same again gives the entry that stands."""
        entry = closing.end_year(self.get_object().fiscal_year, request.user)
        return Response(shapes.EntrySerializer(entry, context=self.get_serializer_context()).data)

    def _told(self, period: Period) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=period.pk)).data)


class TrialBalanceViewSet(ApiMixin, viewsets.ViewSet):
    """Every account's movements and balance; debits equal credits."""

    permission_classes = [Books]
    serializer_class = shapes.TrialBalanceSerializer

    @extend_schema(
        parameters=[
            OpenApiParameter("as_of", OpenApiTypes.DATE, description="the last day, today if left out"),
            OpenApiParameter("start", OpenApiTypes.DATE, description="the first day of the movements"),
            OpenApiParameter("known", OpenApiTypes.DATE, description="leave out what was posted after that day"),
            *NARROWING,
        ],
        responses=shapes.TrialBalanceSerializer,
    )
    def list(self, request: Request) -> Response:
        """The trial balance of a day."""
        form = TrialBalanceForm(request.query_params)
        return Response(shapes.TrialBalanceSerializer(trial_balance(services.company(), **form.asked())).data)


class LineViewSet(ApiMixin, viewsets.ReadOnlyModelViewSet[JournalLine]):
    """The lines of all entries, by account, party and day."""

    permission_classes = [Books]
    serializer_class = shapes.LedgerLineSerializer
    filterset_class = LineFilter
    listing = LINES
    pagination_class = ListingPagination
    version_lock = None
    queryset = JournalLine.objects.select_related("entry__journal", "account", "cost_centre", "project")


router_entries: list[tuple[str, Any, str]] = [
    *papers_entries,
    *books_entries,
    *dimensions_entries,
    ("ledger/accounts", AccountViewSet, "ledger-account"),
    ("ledger/entries", EntryViewSet, "ledger-entry"),
    ("ledger/lines", LineViewSet, "ledger-line"),
    ("ledger/vouchers", VoucherViewSet, "ledger-voucher"),
    ("ledger/periods", PeriodViewSet, "ledger-period"),
    ("ledger/trial-balance", TrialBalanceViewSet, "ledger-trial-balance"),
]
