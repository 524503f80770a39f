"""Addresses that every side has: sign-in, admin, API documents, health."""

from typing import Any

from allauth.account import views as allauth
from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth import views as auth
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.routers import SimpleRouter

from base import docs, health, metrics
from base.account.api import router_entries as account_entries
from base.account.views import Security
from base.listing.lists_api import router_entries as lists_entries
from base.notices.api import router_entries as notices_entries
from base.search.api import router_entries as search_entries
from base.tokens.api import router_entries as tokens_entries

common_entries: list[tuple[str, Any, str]] = [
    *tokens_entries,
    *lists_entries,
    *notices_entries,
    *account_entries,
    *search_entries,
]


def common_urls() -> list[URLPattern | URLResolver]:
    """Sign-in and out, preferences, notices, admin, the OpenAPI document, health."""
    return [
        path("healthz", health.healthz),
        path("readyz", health.readyz),
        path("metrics", metrics.answer),
        path("favicon.ico", RedirectView.as_view(url=lazy(static, str)("img/heming.svg"))),
        *_sign_in(),
        path("ui/", include("base.ui")),
        path("notices/", include("base.notices.urls")),
        path("history/", include("base.history")),
        path("search/", include("base.search")),
        path("jobs/", include("base.jobs.urls")),
        path("lists/", include("base.listing.urls")),
        path("admin/", admin.site.urls),
        path("tokens/", include("base.tokens.urls")),
        path("api/schema/", SpectacularJSONAPIView.as_view(), name="schema"),
        path("api/docs/", docs.api_docs, name="api-docs"),
    ]


def _sign_in() -> list[URLPattern | URLResolver]:
    """Ours and, under the names its code asks for, those of allauth that we offer: no sign-up, no foreign accounts."""
    admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
    return [
        path("login/", allauth.login, name="login"),
        path("login/", allauth.login, name="account_login"),
        path("logout/", auth.LogoutView.as_view(), name="logout"),
        path("logout/", auth.LogoutView.as_view(), name="account_logout"),
        path("account/confirm/", allauth.reauthenticate, name="account_reauthenticate"),
        path("account/security/", Security.as_view(), name="mfa_index"),
        path("account/security/", include("allauth.mfa.urls")),
        path("account/", include("base.account.urls")),
    ]


def api_urls(entries: list[tuple[str, Any, str]]) -> list[URLPattern | URLResolver]:
    """One router over the domains' entries (prefix, viewset, basename)."""
    router = SimpleRouter()
    for prefix, viewset, basename in entries:
        router.register(prefix, viewset, basename=basename)
    return list(router.urls)
