"""A page of the hub: its template knows whether the reader may act or only look."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from integration.hub.roles import may_act, may_grant


def page(request: HttpRequest, name: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """`integration/hub/<name>.html` with what it shows."""
    rights = {"may_act": may_act(request.user), "may_grant": may_grant(request.user)}
    return render(request, f"integration/hub/{name}.html", {**(context or {}), **rights}, status=status)
