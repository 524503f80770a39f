"""Behind https the machines of the house still reach each other by plain http; people are sent to https."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, URLPattern, get_resolver, resolve

from base.settings import HOUSE_PATHS

pytestmark = pytest.mark.django_db


def own_house_paths() -> list[str]:
    """Those that this side has."""
    return [path for path in HOUSE_PATHS if _is_there(path)]


def _is_there(path: str) -> bool:
    try:
        resolve(f"/{path}")
    except Resolver404:
        return False
    return True


def views(patterns: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for one in patterns:
        path = f"{before}{one.pattern}"
        if isinstance(one, URLPattern):
            yield path, one.callback
        else:
            yield from views(one.url_patterns, path)


@pytest.fixture
def behind_https(settings):
    settings.SECURE_SSL_REDIRECT = True
    return Client()  # its middleware reads the settings at the first request


@pytest.mark.parametrize("method", ["get", "post"])
def test_machines_are_not_redirected(behind_https, method):
    paths = own_house_paths()

    assert {"healthz", "readyz", "metrics", "events"} < set(paths)
    assert [path for path in paths if getattr(behind_https, method)(f"/{path}").status_code in (301, 302)] == []


@pytest.mark.parametrize("path", ["/login/", "/events/other", "/asks/other", "/api/v1/"])
def test_everything_else_is(behind_https, path):
    answer = behind_https.get(path)

    assert (answer.status_code, answer["Location"]) == (301, f"https://testserver{path}")


def test_every_door_that_believes_a_signature_is_a_path_of_the_house():
    """Such a view says itself that it needs no cookie; the API's do so by their framework, a lead's form is for all."""
    doors = {
        path
        for path, view in views(get_resolver().url_patterns)
        if getattr(view, "csrf_exempt", False) and not path.startswith(("api/", "forms/"))
    }

    assert doors
    assert doors <= set(HOUSE_PATHS)
