"""The search of every page over REST: the same words find the same records for the same person."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.scopes import Scoped, area_of, covers
from base.search import LONGEST, ON_PAGE, Provider, registered, search


class HitSerializer(serializers.Serializer[Any]):
    """One record found: `id` is its key, `url` its page."""

    id = serializers.CharField()
    title = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    url = serializers.CharField()


class FoundSerializer(serializers.Serializer[Any]):
    """Records of one kind; `more_url` is the page of all of them, when there are more."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the stubs: DRF takes fields out of the class
    hits = HitSerializer(many=True)
    more_url = serializers.CharField(allow_blank=True)


class WordsSerializer(serializers.Serializer[Any]):
    """What is looked for."""

    q = serializers.CharField(max_length=LONGEST)


class SearchViewSet(ApiMixin, viewsets.ViewSet):
    """All records that the caller may see, searched at once."""

    permission_classes = [Scoped]

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "q", {"type": "string", "minLength": 1, "maxLength": LONGEST}, required=True,
                description="A name, a number, a phone number; two letters at least, or one Chinese sign.",
            )
        ],
        responses=FoundSerializer(many=True),
    )  # fmt: skip
    def list(self, request: Request) -> Response:
        """Up to twenty of each kind, best first. A token finds only what its scopes let it read."""
        asked = WordsSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        reached = [provider for provider in registered() if _reaches(request.auth, provider)]
        found = search(request.user, asked.validated_data["q"], ON_PAGE, reached)
        return Response(FoundSerializer(found, many=True).data)


def _reaches(token: Any, provider: Provider) -> bool:
    """May this token read the records of that provider's domain? A browser has no scopes."""
    held = getattr(token, "scopes", None)
    return held is None or covers(held, f"{area_of(provider.find)}:read")


router_entries: list[tuple[str, Any, str]] = [("search", SearchViewSet, "search")]
