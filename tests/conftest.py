"""Tests run on real PostgreSQL as the side's app role; the owner only migrates.

A migrated template is kept per state of the migrations; a test database is a copy of it. A test that commits for real
(`django_db(transaction=True)`) leaves by getting a fresh copy: the app role may not truncate, nor may anyone the books.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import TransactionTestCase
from playwright.sync_api import Browser
from psycopg import sql

from base import fragments
from deploy.browser import browsing
from deploy.databases import _GRANTS
from tests import environment

ROOT = Path(__file__).resolve().parent.parent


def _superuser(statement: str, *names: str, database: str = "postgres") -> None:
    with psycopg.connect(environment.superuser_url(database), autocommit=True) as server:
        server.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))


def _exists(name: str) -> bool:
    with psycopg.connect(environment.superuser_url("postgres"), autocommit=True) as server:
        return server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _connect_to(name: str, role: str) -> None:
    """Point Django at a database as the side's owner or app role."""
    side = settings.SIDE
    url = psycopg.conninfo.conninfo_to_dict(
        os.environ[f"{side.upper()}_{'OWNER_' if role == 'owner' else ''}DATABASE_URL"]
    )
    connections.close_all()
    told = connection.settings_dict
    told["NAME"], told["USER"], told["PASSWORD"] = name, url["user"], url["password"]


def _template() -> str:
    """The migrated database that test databases are copied from; made when the migrations have changed."""
    side = settings.SIDE
    name = f"tpl_{side}_{environment.migrations_stamp(ROOT)}"
    with psycopg.connect(environment.superuser_url("postgres"), autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        if not _exists(name):
            draft = f"{name}_draft"
            _superuser("DROP DATABASE IF EXISTS {} WITH (FORCE)", draft)
            _superuser("CREATE DATABASE {} OWNER {}", draft, f"{side}_owner")
            for statement in _GRANTS:
                with psycopg.connect(environment.superuser_url(draft), autocommit=True) as database:
                    database.execute(
                        sql.SQL(statement).format(
                            owner=sql.Identifier(f"{side}_owner"), app=sql.Identifier(f"{side}_app")
                        )
                    )
            _connect_to(draft, "owner")
            call_command("migrate", verbosity=0, interactive=False)
            connections.close_all()
            _superuser("ALTER DATABASE {} RENAME TO {}", draft, name)
    return name


class _Database:
    """This worker's test database."""

    name = ""
    template = ""

    @classmethod
    def fresh(cls) -> None:
        """A new copy of the template, reached as the app role."""
        connections.close_all()
        _superuser("DROP DATABASE IF EXISTS {} WITH (FORCE)", cls.name)
        _superuser("CREATE DATABASE {} TEMPLATE {} OWNER {}", cls.name, cls.template, f"{settings.SIDE}_owner")
        _superuser("REVOKE ALL ON DATABASE {} FROM PUBLIC", cls.name)
        _superuser(
            "GRANT CONNECT ON DATABASE {} TO {}, {}", cls.name, *(f"{settings.SIDE}_{r}" for r in ("app", "owner"))
        )
        _connect_to(cls.name, "app")


def _leave_for_real(self: Any) -> None:
    _Database.fresh()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any, request: Any) -> Iterator[None]:
    """In place of pytest-django's own: copy, connect as the app role, drop at the end."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    TransactionTestCase._fixture_teardown = _leave_for_real  # type: ignore[method-assign]
    with django_db_blocker.unblock():
        _Database.template = _template()
        _Database.name = f"test_{settings.SIDE}_{worker}_{os.getpid()}"
        _Database.fresh()
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        _superuser("DROP DATABASE IF EXISTS {} WITH (FORCE)", _Database.name)


@pytest.fixture
def as_owner(transactional_db: None) -> Iterator[psycopg.Connection[Any]]:
    """A raw connection of the owner role, for tests that try to break what the database keeps."""

    url = os.environ[f"{settings.SIDE.upper()}_OWNER_DATABASE_URL"]
    with psycopg.connect(psycopg.conninfo.make_conninfo(url, dbname=_Database.name), autocommit=True) as owner:
        yield owner


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a module's tests; each test has a context of its own.

    While Playwright's loop runs in this thread, Django keeps another set of connections (asgiref's Local); the one from
    before must not be left open, or the next fresh database would cut it.
    """
    connections.close_all()
    with pytest.MonkeyPatch.context() as patch, browsing() as browser:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield browser


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test begins as a process does: another test's database may have had other people under the same keys.

    The choices of a list's bar do not grow old meanwhile, or budgets of queries would hang on the clock.
    """
    fragments.forget_all()
    monkeypatch.setattr("base.listing.asking.CHOICES_SECONDS", 10**9)


def pytest_unconfigure(config: Any) -> None:
    """Stop the PostgreSQL that this run started."""
    if environment.STARTED_HERE and not hasattr(config, "workerinput"):
        connections.close_all()
        environment.CLUSTER.stop()
