"""A record's history over REST: what its page says, to whom the page says it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.history import KINDS, changes_of


class ChangedFieldSerializer(serializers.Serializer[Any]):
    """One field, as it was and as it became, in the words that people read; “–” is nothing."""

    field = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes fields out of the class
    before = serializers.CharField()
    after = serializers.CharField()


class RecordChangeSerializer(serializers.Serializer[Any]):
    """One step in the life of a record, or of one of its lines."""

    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(list(KINDS.items()))
    what = serializers.CharField(help_text="The kind in words, and which line it was.")
    by = serializers.CharField(allow_blank=True, help_text="Who; empty where no user of this side did it.")
    through = serializers.CharField(allow_blank=True, help_text="The door, such as the wire or an API token.")
    why = serializers.CharField(allow_blank=True)
    differences = ChangedFieldSerializer(many=True)


def told_history(record: Any, request: Request) -> Response:
    """What the caller may know of the record's life; what was never saved had none."""
    changes = [] if record._state.adding else changes_of(record, request.user)
    return Response(RecordChangeSerializer(changes, many=True).data)


class HistoryMixin:
    """For API views: whatever is read one by one and keeps its history tells it at `…/history/`."""

    @extend_schema(responses=RecordChangeSerializer(many=True))
    @action(detail=True, pagination_class=None, filter_backends=[])
    def history(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Its changes, newest first, at most a hundred: who, when, from what to what, why."""
        return told_history(self.get_object(), request)  # type: ignore[attr-defined]

    @classmethod
    def get_extra_actions(cls) -> list[Any]:
        """The router asks; records without a history have no address for one."""
        told: list[Any] = super().get_extra_actions()  # type: ignore[misc]
        return told if cls._keeps_history() else [one for one in told if one is not HistoryMixin.history]

    @classmethod
    def _keeps_history(cls) -> bool:
        model = getattr(getattr(cls, "queryset", None), "model", None)
        return hasattr(model, "history") and hasattr(cls, "retrieve")
