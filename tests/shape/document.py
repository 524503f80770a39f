"""The side's OpenAPI document, for the tests of the API's shape."""

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

METHODS = ("get", "post", "put", "patch", "delete")


@cache
def document() -> dict[str, Any]:
    """As everybody gets it."""
    told: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return told


@cache
def operations() -> dict[tuple[str, str], Any]:
    """Each operation by method and path."""
    return {
        (method.upper(), path): told
        for path, methods in sorted(document()["paths"].items())
        for method, told in methods.items()
        if method in METHODS
    }


def body_of(operation: Any) -> set[str]:
    """The fields that its body may have."""
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    named = document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return {name for name, field in named["properties"].items() if not field.get("readOnly")}
