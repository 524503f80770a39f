"""Custom fields over REST: what they are, and what a record says in them."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers, viewsets

from base.api import ApiMixin
from base.listing.api import ListingPagination
from base.refusals import BadInput
from base.roles import RolePermission
from crm.accounts import custom_fields
from crm.accounts.custom_lists import CUSTOM_FIELDS, CustomFieldFilter
from crm.accounts.custom_values import rules_of
from crm.accounts.models import READERS, CustomField
from crm.accounts.models_custom import OPTION_LENGTH


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {
            "anyOf": [{"type": "string", "nullable": True}, {"type": "number"}, {"type": "boolean"}]
        },
        "description": "By the keys of custom-fields; a change tells what changes, and null empties a field.",
        "example": {"shoe_size": 42},
    }
)
class CustomValuesField(serializers.Field[Any, Any, Any, Any]):
    """What a record says in its custom fields: those in use."""

    def __init__(self, of: str, **options: Any) -> None:
        self.of = of
        super().__init__(**{"required": False, **options})

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise serializers.ValidationError(serializers.DictField.default_error_messages["not_a_dict"].format(
                input_type=type(data).__name__
            ))  # fmt: skip
        rules, wrong = rules_of(self.of), {}
        for key, value in data.items():
            try:
                rules.merged({}, {key: value})
            except BadInput as refusal:
                wrong[key] = [str(refusal)]
        if wrong:
            raise serializers.ValidationError(wrong)
        return data

    def to_representation(self, value: Any) -> dict[str, Any]:
        if not value:
            return {}
        return {one.key: value[one.key] for one in rules_of(self.of).active if one.key in value}


class CustomFieldSerializer(serializers.ModelSerializer[CustomField]):
    """One more field of accounts, contacts, leads or deals; `of`, `key` and, once used, `kind` stay."""

    options = serializers.ListField(
        child=serializers.CharField(max_length=OPTION_LENGTH), required=False, max_length=custom_fields.OPTIONS_MOST
    )
    position = serializers.IntegerField(required=False, min_value=0, max_value=32767)

    class Meta:
        model = CustomField
        fields = [
            "id", "of", "key", "label_en", "label_zh", "kind", "options", "required", "position", "active",
            "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["id", "created_at", "updated_at"]
        validators: list[Any] = []  # the service says that a key is taken

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What a field is called and of what it is stays."""
        if self.instance is not None:
            for name in ("of", "key"):
                if attrs.pop(name, getattr(self.instance, name)) != getattr(self.instance, name):
                    raise serializers.ValidationError({name: [custom_fields.FieldStays.message]})
        return attrs

    def create(self, validated_data: dict[str, Any]) -> CustomField:
        return custom_fields.make(by=self.context["request"].user, **validated_data)

    def update(self, instance: CustomField, validated_data: dict[str, Any]) -> CustomField:
        return custom_fields.change(instance, by=self.context["request"].user, **validated_data)


class CustomFieldViewSet(
    ApiMixin,
    mixins.CreateModelMixin,
    mixins.RetrieveModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    mixins.ListModelMixin,
    viewsets.GenericViewSet[CustomField],
):
    """Custom fields: everybody may know them, admins add, change and remove them."""

    queryset = CustomField.objects.none()
    serializer_class = CustomFieldSerializer
    permission_classes = [RolePermission.of(*custom_fields.KEEPERS, read=READERS)]
    filterset_class = CustomFieldFilter
    listing = CUSTOM_FIELDS
    pagination_class = ListingPagination
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[CustomField]:
        found: QuerySet[CustomField] = CustomField.objects.visible_to(self.request.user)
        return found

    def perform_destroy(self, instance: CustomField) -> None:
        custom_fields.remove(instance, by=self.request.user)


router_entries: list[tuple[str, Any, str]] = [("custom-fields", CustomFieldViewSet, "custom-field")]
