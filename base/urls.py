"""Addresses that every side has: sign-in, admin, API documents, health."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.routers import SimpleRouter

from base import health


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
        path("admin/", admin.site.urls),
        path("api/schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    ]


def api_urls(entries: list[tuple[str, Any, str]]) -> list[URLPattern | URLResolver]:
    """One router over the domains' entries (prefix, viewset, basename)."""
    router = SimpleRouter()
    for prefix, viewset, basename in entries:
        router.register(prefix, viewset, basename=basename)
    return list(router.urls)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A problem body for programs, a page for people."""
    if request.path.startswith("/api/"):
        body = {
            "type": "/problems/not-found",
            "title": "Not found",
            "status": 404,
            "detail": "Not found",
            "code": "not-found",
        }
        return JsonResponse(body, status=404, content_type="application/problem+json")
    return render(request, "404.html", status=404)
