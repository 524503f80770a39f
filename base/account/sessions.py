"""Where somebody is signed in: seen by them, ended by them or an admin.

The row beside Django's session is written at sign-in and then at most once a minute, when the session itself is; a
request in between costs nothing.
"""

import re
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any, Self

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.addresses import client_address
from base.fields import uuid7_pk
from base.roles import has_role
from base.stepup import ADMINS, confirm, needs_second_factor

SEEN_AT = "seen_at"
HAS_FACTOR = "has_second_factor"
# Where an admin may go before having a second factor.
FREE = ("/account/", "/logout/", "/ui/", "/static/", "/healthz", "/readyz", "/metrics", "/events")
EVERY_SECONDS = 60


class SignInQuerySet(models.QuerySet[Any]):
    """Words about sign-ins."""

    def visible_to(self, user: Any) -> Self:
        """One's own; an admin's are all."""
        return self if has_role(user, *ADMINS) else self.filter(user=user)

    def alive(self) -> Self:
        """Whose session is still there."""
        running = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
        return self.filter(session_key__in=running)


class SignInBase(models.Model):
    """One browser that somebody is signed in with."""

    id = uuid7_pk()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True, editable=False)
    ip_address = models.GenericIPAddressField(_("address"), null=True, editable=False)
    agent = models.CharField(_("browser"), max_length=300, blank=True, default="", editable=False)
    started_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    seen_at = models.DateTimeField(_("last seen"), default=timezone.now, editable=False)

    objects = SignInQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("-seen_at",)
        indexes = [models.Index(fields=["user", "-seen_at"], name="sign_in_of_user")]

    def __str__(self) -> str:
        return self.device

    @property
    def device(self) -> str:
        """Browser and system, as people call them.

        >>> device_of("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36")
        'Chrome 120, Linux'
        """
        return device_of(self.agent)


_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Version", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device_of(agent: str) -> str:
    """The browser's and the system's name from what it says of itself."""
    names = [
        f"{name} {found[1]}" for word, name in _BROWSERS if (found := re.search(rf"{word}/(\d+)", agent)) is not None
    ][:1]
    names += [name for word, name in _SYSTEMS if word in agent][:1]
    return ", ".join(names) or agent[:60] or str(_("unknown program"))


def client_ip(request: Any) -> str | None:
    """The caller's address, also for axes, which gives requests of its own making."""
    return client_address(request) or None


def begin(sender: Any, request: Any, user: Any, **_told: Any) -> None:
    """Receiver of `user_logged_in`: a session begins, and its owner has just proved who they are."""
    confirm(request)
    if request.session.session_key is None:
        request.session.create()
    note(request, user)


def note(request: Any, user: Any) -> None:
    """Write down that this session is in use now."""
    request.session[SEEN_AT] = time.time()
    told = {"seen_at": timezone.now(), "ip_address": client_ip(request)}
    key = request.session.session_key
    if not sign_ins().filter(session_key=key, user=user).update(**told):
        agent = request.META.get("HTTP_USER_AGENT", "")[:300]
        sign_ins().update_or_create(session_key=key, defaults={**told, "user": user, "agent": agent})


def seen(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: keeps `last seen` true to the minute."""

    def middleware(request: HttpRequest) -> HttpResponse:
        stale = request.session.get(SEEN_AT, 0) < time.time() - EVERY_SECONDS
        if stale and request.session.session_key and request.user.is_authenticated:
            note(request, request.user)
        return get_response(request)

    return middleware


def second_factor(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: where `REQUIRE_MFA` is set, an admin without a second factor comes no further than to get one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.REQUIRE_MFA and not request.path.startswith(FREE) and _lacks_factor(request):
            return redirect("mfa_index")
        return get_response(request)

    return middleware


def _lacks_factor(request: Any) -> bool:
    """Asked of the database until there is one, then remembered by the session."""
    if not request.user.is_authenticated or request.session.get(HAS_FACTOR) or not needs_second_factor(request.user):
        return False
    has_one = is_mfa_enabled(request.user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])
    if has_one:
        request.session[HAS_FACTOR] = True
    return not has_one


def end(chosen: models.QuerySet[Any]) -> int:
    """Sign these browsers out, at once."""
    keys = list(chosen.values_list("session_key", flat=True))
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for key in keys:
        store(session_key=key).delete()
    sign_ins().filter(session_key__in=keys).delete()
    return len(keys)


def end_of(user: Any, but: str | None = None) -> int:
    """Sign somebody out everywhere, or everywhere but here."""
    return end(sign_ins().filter(user=user).exclude(session_key=but or ""))


def sign_ins() -> Any:
    """The side's table."""
    return apps.get_model("access", "SignIn").objects
