"""Dangerous steps ask who you are once more, unless you proved it within the last minutes.

A page's POST is kept and goes on by itself after the proof, with all that was typed. On the API a token needs no
further proof (its scopes say what it may do); a browser session gets the problem `step-up-required`.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from base.refusals import Refused
from base.roles import has_role

CONFIRMED_AT = "confirmed_at"
ADMINS = ("admin",)


class StepUpRequired(Refused):
    """The step is dangerous and the person's last proof is too old."""

    message = _("This step asks for your password or second factor first.")
    status = 403


def confirm(request: Any) -> None:
    """Somebody has just proved who they are."""
    request.session[CONFIRMED_AT] = time.time()


def confirmed_recently(request: Any) -> bool:
    """Within the last `STEP_UP_SECONDS`."""
    at = request.session.get(CONFIRMED_AT, 0)
    return bool(time.time() - at < settings.STEP_UP_SECONDS)


def require_step_up(request: Any) -> None:
    """Go on only after a recent proof."""
    if isinstance(request, Request) and not isinstance(request.successful_authenticator, SessionAuthentication):
        return
    if not confirmed_recently(request):
        raise StepUpRequired()


def step_up_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """For a page or an API action: its unsafe methods need a recent proof."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        request = next(arg for arg in args if isinstance(arg, HttpRequest | Request))
        if request.method not in SAFE_METHODS:
            require_step_up(request)
        return view(*args, **kwargs)

    return guarded


def ask_for_proof(request: HttpRequest, refusal: StepUpRequired) -> HttpResponse:
    """Lead to the page that asks; what was posted is kept meanwhile."""
    from allauth.account.internal.flows import reauthentication  # allauth needs the app registry

    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(refusal.problem, status=refusal.status, content_type="application/problem+json")
    url = reverse("account_reauthenticate")
    if request.headers.get("HX-Request"):
        # Back to the page as it was asked, not to the part of it; a post that was kept before is not what goes on.
        request.session.pop(reauthentication.STATE_SESSION_KEY, None)
        page = urlsplit(request.headers.get("HX-Current-URL", "/"))
        back = urlunsplit(("", "", page.path or "/", page.query, ""))
        response = HttpResponse()
        response.headers["HX-Redirect"] = f"{url}?{urlencode({'next': back})}"
        return response
    answer: HttpResponse = reauthentication.suspend_request(request, url)
    return answer


def needs_second_factor(user: Any) -> bool:
    """Must this person have one? Admins must, where `REQUIRE_MFA` is set."""
    return bool(settings.REQUIRE_MFA) and has_role(user, *ADMINS)
