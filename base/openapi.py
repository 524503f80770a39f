"""How the OpenAPI document tells our manners: the token, the headers every call understands, every no it may get."""

from typing import Any, Literal

from django.core.exceptions import FieldDoesNotExist
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema_serializer
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

from base.problems import MEDIA_TYPE
from base.reasons import HEADER
from base.recording import LENGTH
from base.scopes import area_of
from base.tiers import TieredSerializerMixin

_HEADER: Literal["header"] = "header"
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", {"type": "string", "maxLength": 255, "pattern": r"^[!-~]+$"}, _HEADER,
    description="Does the call once: the same call with the same key gets the first answer for 30 days.",
    examples=[OpenApiExample("a fresh UUID", value="0d6f0f2e-6c0b-4f0e-9a35-0f6f6f0f2e6c")],
)  # fmt: skip
REASON = OpenApiParameter(
    HEADER, {"type": "string", "pattern": r"^[ -~]+$"}, _HEADER,
    description=f"Why: the history of what changes says it. At most {LENGTH} characters; what is not ASCII is "
    "percent-encoded UTF-8.",
    examples=[OpenApiExample("a reason", value="agreed by phone")],
)  # fmt: skip
IF_MATCH = OpenApiParameter(
    "If-Match", str, _HEADER,
    description="The ETag of the version you saw; when it is not the current one, nothing is done (412).",
)  # fmt: skip
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, _HEADER, description="ETags you have; when one is current, 304 comes without a body."
)
ETAG = OpenApiParameter("ETag", str, _HEADER, response=[200], description="The version of this record.")
RATE_LIMIT = OpenApiParameter("RateLimit", str, _HEADER, response=True, description="Calls left in this minute.")
REPLAYED = OpenApiParameter(
    "Idempotent-Replay", str, _HEADER, response=[200, 201, 204], description="`true`: the answer given before."
)
RETRY_AFTER = OpenApiParameter("Retry-After", int, _HEADER, response=[429], description="Seconds to wait.")


class FieldErrorSerializer(serializers.Serializer[Any]):
    """What is wrong with one field."""

    field = serializers.CharField(allow_blank=True, help_text="Its path, such as `lines.0.quantity`.")
    message = serializers.CharField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "a field is wrong",
            value={
                "type": "/problems/bad-input", "title": "Some fields need another look.", "status": 422,
                "detail": "Some fields need another look.", "code": "bad-input",
                "instance": "01a21434-bf84-7eeb-957e-ae0d7d2a0045",
                "errors": [{"field": "lines.0.quantity", "message": "A valid number is required."}],
            },
        )
    ]
)  # fmt: skip
class ProblemSerializer(serializers.Serializer[Any]):
    """A no (RFC 9457): `code` for programs, `detail` for people, `errors` by field, `facts` of the refusal."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    instance = serializers.CharField(help_text="The request's id, under which our log knows it.")
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]  # the stubs: DRF takes fields out of the class
    facts = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)


WHY = {
    "304": "You have the current version.",
    "400": "The request cannot be read, or has a query parameter that this operation does not know.",
    "401": "No token, or one that is unknown, revoked or expired.",
    "403": "The user, or the token's scopes, do not allow it.",
    "404": "There is no such thing that you may see.",
    "409": "The state of things does not allow it, or a key is used again for another call.",
    "412": "The record was changed since the version in If-Match.",
    "413": "The body is too large.",
    "415": "The body is of another media type.",
    "422": "Something that was given is wrong; `errors` says where.",
    "428": "This deployment demands If-Match.",
    "429": "Too many calls in this minute.",
}


# Where a domain's own name would not tell a reader of the document what it is about.
GROUPS = {
    "access": "Teams",
    "account": "People",
    "einvoice": "E-invoices",
    "exchange": "Imports",
    "liaison": "To mend",
    "listing": "Lists",
}


def group_of(view: Any) -> str:
    """Under which words an operation stands in the document: its domain's, unless its viewset says a `group`.

    >>> group_of(type("View", (), {"__module__": "erp.orders.api"})())
    'Orders'
    """
    area = area_of(type(view))
    return str(getattr(view, "group", "") or GROUPS.get(area) or area.replace("_", " ").capitalize())


def name_groups(result: Any, **_options: Any) -> Any:
    """The document's groups by name, those of the business before those that every side has."""
    told = {tag for path in result["paths"].values() for operation in path.values() for tag in operation["tags"]}
    result["tags"] = [{"name": tag} for tag in sorted(told, key=lambda tag: (tag in _COMMON, tag))]
    return result


_COMMON = {
    "Imports",
    "Jobs",
    "Lists",
    "Notices",
    "People",
    "Search",
    "Signing keys",
    "To mend",
    "Tokens",
    "Webhooks",
    "Wire",
}


class Schema(AutoSchema):
    """Each operation with the headers and the refusals that it has by standing on `ApiMixin`."""

    def get_tags(self) -> list[str]:
        return [group_of(self.view)]

    def get_override_parameters(self) -> list[Any]:
        parameters = [*super().get_override_parameters(), RATE_LIMIT, RETRY_AFTER]
        if self.method not in SAFE_METHODS:
            parameters += [IDEMPOTENCY_KEY, REASON, REPLAYED]
            parameters += [IF_MATCH] if self._detail else []
        elif self._one:
            parameters += [IF_NONE_MATCH, ETAG]
        return parameters

    def get_description(self) -> str:  # type: ignore[override]  # drf-spectacular's takes none, DRF's two
        scope = f"{area_of(type(self.view))}:{'read' if self.method in SAFE_METHODS else 'write'}"
        return f"{super().get_description() or ''}\n\nScope: `{scope}`".strip()

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for code in self._refusals():
            body = self._get_response_for_code(ProblemSerializer, code, [MEDIA_TYPE], direction)
            bodies.setdefault(code, {**body, "description": WHY[code]})
        if self.method in SAFE_METHODS and self._one:
            bodies["304"] = {"description": WHY["304"]}
        return dict(sorted(bodies.items()))

    def _refusals(self) -> list[str]:
        codes = ["400", "401", "403", "422", "429"]
        if "{" in self.path and self.method in SAFE_METHODS:
            codes.append("404")
        if self.method not in SAFE_METHODS:
            codes += ["404", "409", "413", "415"]
            codes += ["412"] if self._detail else []
            codes += ["428"] if self._detail and self.method in ("PUT", "PATCH", "DELETE") else []
        return codes

    @property
    def _detail(self) -> bool:
        return bool(getattr(self.view, "detail", False))

    @property
    def _one(self) -> bool:
        return getattr(self.view, "action", "") == "retrieve"

    def _map_serializer_field(self, field: Any, direction: str, bypass_extensions: bool = False) -> dict[str, Any]:
        """A choice that a record may lack is told as "" even where it can only be read."""
        if isinstance(field, serializers.ChoiceField) and field.read_only and _may_be_blank(field):
            field.allow_blank = True
        schema: dict[str, Any] = super()._map_serializer_field(field, direction, bypass_extensions)
        return schema

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        """What somebody may not see is left out of their answer, so nobody may count on it."""
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)
        if isinstance(serializer, TieredSerializerMixin) and "required" in schema:
            shape: Any = type(serializer)
            tiered = shape(context={})._hidden()
            schema["required"] = [name for name in schema["required"] if name not in tiered]
        return schema


def _may_be_blank(field: Any) -> bool:
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    try:
        return bool(model and model._meta.get_field(field.source).blank)
    except FieldDoesNotExist:
        return False


class TokenScheme(OpenApiAuthenticationExtension):
    """`Authorization: Bearer <token>`."""

    target_class = "base.calling.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
