"""The API's documents for people: Swagger UI, served by ourselves and free of inline scripts."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from base.roles import role_required

SHELLS = {"crm": "ui/shell_crm.html", "erp": "ui/shell_erp.html", "integration": "ui/shell_hub.html"}


def side_shell() -> str:
    """The frame of this side's pages, for pages that every side has."""
    return SHELLS[settings.SIDE]


@role_required()
def api_docs(request: HttpRequest) -> HttpResponse:
    """Every call of this side, to read and to try with one's own session."""
    return render(request, "access/api_docs.html", {"shell": side_shell()})
