"""Two plain questions of an operator: does the process live, and can it work?

What an app needs besides the database it says in a module `health` with `problems()`: texts that keep traffic away.
"""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

_migrated = False  # by this code: asked until it is so, it cannot become less


def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """The database answers, its tables are this code's, keys are there: traffic may come."""
    told = {"status": "ok", "database": "ok", "migrations": "ok"}
    try:
        if not _is_migrated():
            told |= {"status": "unavailable", "migrations": "pending"}
        for name, problem in _problems():
            told |= {name: problem} if problem == "ok" else {name: problem, "status": "unavailable"}
    except DatabaseError:
        told = {"status": "unavailable", "database": "no answer"}
    return JsonResponse(told, status=200 if told["status"] == "ok" else 503)


def _is_migrated() -> bool:
    global _migrated
    if _migrated:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    else:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


def _problems() -> Iterator[tuple[str, str]]:
    """Name and state of what the apps need; `ok`, or what is wrong."""
    for app in apps.get_app_configs():
        if app.name.startswith(("crm.", "erp.", "integration.")) and find_spec(f"{app.name}.health"):
            yield from import_module(f"{app.name}.health").problems()
