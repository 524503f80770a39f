"""Addresses that every side has: sign-in, admin, API documents, health."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.routers import SimpleRouter

from base import docs, health
from base.tokens.api import router_entries as tokens_entries

common_entries: list[tuple[str, Any, str]] = [*tokens_entries]


def common_urls() -> list[URLPattern | URLResolver]:
    """Sign-in and out, preferences, notices, admin, the OpenAPI document, health."""
    return [
        path("healthz", health.healthz),
        path("readyz", health.readyz),
        path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
        path("logout/", auth.LogoutView.as_view(), name="logout"),
        path("ui/", include("base.ui")),
        path("notices/", include("base.notices")),
        path("jobs/", include("base.jobs.urls")),
        path("lists/", include("base.listing.urls")),
        path("admin/", admin.site.urls),
        path("tokens/", include("base.tokens.urls")),
        path("api/schema/", SpectacularJSONAPIView.as_view(), name="schema"),
        path("api/docs/", docs.api_docs, name="api-docs"),
    ]


def api_urls(entries: list[tuple[str, Any, str]]) -> list[URLPattern | URLResolver]:
    """One router over the domains' entries (prefix, viewset, basename)."""
    router = SimpleRouter()
    for prefix, viewset, basename in entries:
        router.register(prefix, viewset, basename=basename)
    return list(router.urls)
