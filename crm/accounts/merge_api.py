"""Merges over REST: what would be, doing it, and splitting again."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin, KeysetPagination
from base.references import PersonField
from base.refusals import NotFound
from base.roles import RolePermission
from crm.accounts import merging
from crm.accounts.models import READERS, Merge, MergeKind


class MergeSerializer(serializers.ModelSerializer[Merge]):
    """What was merged into what; `rows` are the keys that followed, table by table."""

    merged_by = PersonField(read_only=True)
    split_by = PersonField(read_only=True, allow_null=True)
    until = serializers.DateTimeField(read_only=True)

    class Meta:
        model = Merge
        fields = ["id", "kind", "winner", "loser", "loser_name", "taken", "rows", "merged_at", "merged_by", "until",
                  "split_at", "split_by"]  # fmt: skip
        read_only_fields = fields


class MergeAskedSerializer(serializers.Serializer[Any]):
    """With which other; whose word counts where both say something; the mark of the preview that was looked at."""

    other = serializers.UUIDField()
    take = serializers.ListField(child=serializers.CharField(max_length=40), required=False, default=list)
    mark = serializers.CharField(max_length=32, required=False, default="", allow_blank=True)


class WordsField(serializers.CharField):
    """A value as text; several words with commas between."""

    def to_representation(self, value: Any) -> str:
        if isinstance(value, dict):
            return ", ".join(f"{key}: {said}" for key, said in value.items())
        return ", ".join(value) if isinstance(value, list) else str(super().to_representation(value))


class FieldPlanSerializer(serializers.Serializer[Any]):
    """A field: what each says, and what it will be."""

    name = serializers.CharField()
    winner = WordsField(allow_null=True)
    loser = WordsField(allow_null=True)
    result = WordsField(allow_null=True)
    taken = serializers.BooleanField()


class PlanSerializer(serializers.Serializer[Any]):
    """What a merge would do: fields, and the keys of the rows that follow, table by table."""

    columns = FieldPlanSerializer(many=True, source="fields")
    rows = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    mark = serializers.CharField()


class MergesMixin:
    """For the viewsets of accounts and contacts."""

    @extend_schema(request=MergeAskedSerializer, responses=PlanSerializer)
    @action(detail=True, methods=["post"], url_path="merge-preview")
    def merge_preview(self, request: Request, pk: str) -> Response:
        """What a merge with the other would do; nothing is done."""
        told = _asked(request)
        plan = merging.plan(self.get_object(), self._other(told["other"]), by=request.user, take=told["take"])  # type: ignore[attr-defined]
        return Response(PlanSerializer(plan).data)

    @extend_schema(request=MergeAskedSerializer, responses=MergeSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str) -> Response:
        """The other becomes a part of this one; for thirty days it can be split again."""
        told = _asked(request)
        other = self._other(told.pop("other"))
        made = merging.merge(self.get_object(), other, by=request.user, **told)  # type: ignore[attr-defined]
        return Response(MergeSerializer(made).data)

    def _other(self, pk: Any) -> Any:
        found = self.get_queryset().filter(pk=pk).first()  # type: ignore[attr-defined]
        if found is None:
            raise NotFound(what=str(pk), field="other")
        return found


class MergeFilter(django_filters.FilterSet):
    """By kind and by either of the two."""

    kind = django_filters.ChoiceFilter(choices=MergeKind.choices)
    winner = django_filters.UUIDFilter()
    loser = django_filters.UUIDFilter()


class MergeViewSet(ApiMixin, mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Merge]):
    """Merges of accounts and contacts."""

    queryset = Merge.objects.none()
    serializer_class = MergeSerializer
    permission_classes = [RolePermission.of(*READERS)]
    filterset_class = MergeFilter
    pagination_class = KeysetPagination

    def get_queryset(self) -> QuerySet[Merge]:
        return Merge.objects.visible_to(self.request.user).select_related("merged_by", "split_by")

    @extend_schema(request=None, responses=MergeSerializer)
    @action(detail=True, methods=["post"])
    def split(self, request: Request, pk: str) -> Response:
        """They were two after all."""
        made: Merge = self.get_object()
        merging.split(made, by=request.user)
        made.refresh_from_db()
        return Response(MergeSerializer(made).data)


def _asked(request: Request) -> dict[str, Any]:
    given = MergeAskedSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


router_entries: list[tuple[str, Any, str]] = [("merges", MergeViewSet, "merge")]
