"""A question that the API does not understand is refused: a misspelt filter would else answer with every row."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from typing import Any

from django.urls import re_path
from django.utils.translation import gettext as _
from rest_framework.request import Request

from base.refusals import Refused


class UnknownParameter(Refused):
    """The query string has a name that this operation does not know."""

    message = "{why}"
    status = 400


class KnownParametersMixin:
    """For API views: what is read takes the query parameters that its document names, and no other."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if request.method in ("GET", "HEAD") and request.query_params:
            match = request.resolver_match
            assert match is not None
            added = getattr(getattr(self, "filterset_class", None), "added", frozenset)
            refuse_unknown(request.query_params, known_parameters(match.func, match.route), added)


def refuse_unknown(given: Any, known: frozenset[str], added: Callable[[], frozenset[str]] = frozenset) -> None:
    """Name the first parameter that nobody knows, and the one that was perhaps meant; `added` is asked only then."""
    for name in given:
        if name in known or name in (known := known | added()):
            continue
        like = get_close_matches(name, known, 1)
        why = _("There is no parameter “{name}” here; did you mean “{like}”?") if like else ""
        why = why or _("There is no parameter “{name}” here.")
        raise UnknownParameter(why=why.format(name=name[:100], like=like[0] if like else ""), field=name[:100])


@cache
def known_parameters(view: Any, route: str) -> frozenset[str]:
    """The query parameters of this address, as the document has them: it is the one truth, so it is asked."""
    from drf_spectacular.generators import SchemaGenerator  # it imports the framework, whose settings name this module

    paths = SchemaGenerator(patterns=[re_path(route, view)]).get_schema(request=None, public=True)["paths"]
    operations = [operation["get"] for operation in paths.values() if "get" in operation]
    return frozenset(
        told["name"] for operation in operations for told in operation.get("parameters", ()) if told["in"] == "query"
    )
