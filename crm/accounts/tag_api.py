"""Tags over REST: the words themselves; a record's own stand with the record."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.refusals import NotFound
from base.roles import RolePermission
from crm.accounts import tags
from crm.accounts.models import READERS, Tag
from crm.accounts.models_tags import TAG_LENGTH
from crm.accounts.tag_lists import TAGS, TagFilter, used_by
from crm.accounts.tag_words import MOST, words


def tags_field() -> serializers.ListField:
    """The words of a record; new ones become tags."""
    word = serializers.CharField(max_length=TAG_LENGTH, validators=[_one_word])
    return serializers.ListField(child=word, required=False, max_length=MOST)


def _one_word(text: str) -> None:
    """A page takes several in one field; a list has a place for each."""
    if len(words(text)) > 1:
        raise serializers.ValidationError(_("One tag at a time: this one has a comma or a line end in it."))


class TagSerializer(serializers.ModelSerializer[Tag]):
    """A word of the team; `used` counts the records that bear it."""

    used = serializers.SerializerMethodField()

    class Meta:
        model = Tag
        fields = ["id", "name", "colour", "used", "created_at", "updated_at"]
        read_only_fields = ["id", "created_at", "updated_at"]

    def get_used(self, tag: Tag) -> int:
        """How many records bear it."""
        return used_by(tag)


class IntoSerializer(serializers.Serializer[Any]):
    """The tag that stays."""

    into = serializers.UUIDField()


class CleanedSerializer(serializers.Serializer[Any]):
    """How many went."""

    removed = serializers.IntegerField()


class TagViewSet(
    ApiMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[Tag],
):
    """Tags: everybody uses them, managers and admins rename, colour, merge and remove them."""

    queryset = Tag.objects.none()
    serializer_class = TagSerializer
    permission_classes = [RolePermission.of(*tags.KEEPERS, read=READERS)]
    filterset_class = TagFilter
    listing = TAGS
    pagination_class = ListingPagination
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[Tag]:
        found: QuerySet[Tag] = Tag.objects.visible_to(self.request.user)
        return found

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        assert TAGS.decorate is not None
        TAGS.decorate(rows or [])
        return rows

    def perform_update(self, serializer: Any) -> None:
        told = {name: serializer.validated_data.get(name) for name in ("name", "colour")}
        serializer.instance = tags.change(serializer.instance, by=self.request.user, **told)

    def perform_destroy(self, instance: Tag) -> None:
        tags.remove(instance, by=self.request.user)

    @extend_schema(request=IntoSerializer, responses=TagSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: UUID) -> Response:
        """It becomes the other one, on every record."""
        given = IntoSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        into = self.get_queryset().filter(pk=given.validated_data["into"]).first()
        if into is None:
            raise NotFound(what=str(given.validated_data["into"]), field="into")
        return Response(TagSerializer(tags.merge(self.get_object(), into, by=request.user)).data)

    @extend_schema(request=None, responses=CleanedSerializer)
    @action(detail=False, methods=["post"])
    def clean(self, request: Request) -> Response:
        """Words that no record bears go."""
        return Response({"removed": tags.remove_unused(by=request.user)})


router_entries: list[tuple[str, Any, str]] = [("tags", TagViewSet, "tag")]
