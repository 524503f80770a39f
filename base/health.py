"""Two plain questions of an operator: does the process live, and can it work?

What an app needs besides the database it says in a module `health` with `problems()`: texts that keep traffic away.
Its `signs()` do not: people can work while events wait, but somebody must look ("degraded").
"""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse

_wanted: set[tuple[str, str]] = set()  # the migrations of this code
_migrated = False  # by this code: asked until it is so, it cannot become less


def know_tables() -> None:
    """Read this code's migrations once, as it is loaded: those of the next release lie there before it runs."""
    if not _wanted:
        _wanted.update(MigrationLoader(None).graph.nodes)


def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """The database answers, its tables are this code's, keys are there: traffic may come; and does the relay get on?"""
    told = {"status": "ok", "database": "ok", "migrations": "ok"}
    try:
        if not _is_migrated():
            return _answer(told | {"status": "unavailable", "migrations": "pending"})
        for name, sign in _told("signs"):
            told |= {name: sign} if sign == "ok" else {name: sign, "status": "degraded"}
        for name, problem in _told("problems"):
            told |= {name: problem} if problem == "ok" else {name: problem, "status": "unavailable"}
    except DatabaseError:
        told = {"status": "unavailable", "database": "no answer"}
    return _answer(told)


def _answer(told: dict[str, str]) -> JsonResponse:
    return JsonResponse(told, status=503 if told["status"] == "unavailable" else 200)


def _is_migrated() -> bool:
    global _migrated
    if _migrated:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    else:
        know_tables()
        _migrated = _wanted <= MigrationRecorder(connection).applied_migrations().keys()
    return _migrated


def _told(what: str) -> Iterator[tuple[str, str]]:
    """Name and state of what the apps say by this function; `ok`, or what is wrong."""
    for app in apps.get_app_configs():
        if app.name.startswith(("crm.", "erp.", "integration.")) and find_spec(f"{app.name}.health"):
            yield from getattr(import_module(f"{app.name}.health"), what, tuple)()
