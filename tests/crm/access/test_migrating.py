"""A migration does not make everybody wait behind it: it gives up its place and tries again."""

import io
import os

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection

from tests import environment

pytestmark = pytest.mark.django_db(transaction=True)


class Ends(io.StringIO):
    """Where the command speaks; at its first word the long transaction ends."""

    def __init__(self, reader):
        super().__init__()
        self.reader = reader

    def write(self, words):
        self.reader.rollback()
        return super().write(words)


@pytest.fixture
def owner():
    """Django's connection as the owner of the tables, as `migrate` runs."""
    told = connection.settings_dict
    kept = {name: told[name] for name in ("USER", "PASSWORD")}
    url = psycopg.conninfo.conninfo_to_dict(os.environ[f"{settings.SIDE.upper()}_OWNER_DATABASE_URL"])
    connection.close()
    told.update(USER=url["user"], PASSWORD=url["password"])
    yield
    connection.close()
    told.update(kept)


@pytest.fixture
def reader():
    """Somebody in a long transaction that has read the table."""
    with psycopg.connect(environment.superuser_url(connection.settings_dict["NAME"])) as long:
        long.execute("LOCK access_teammember IN ACCESS SHARE MODE")
        yield long


def test_it_waits_for_a_table_in_use_and_is_done_when_the_table_is_free(owner, reader, settings):
    settings.MIGRATION_LOCK_SECONDS = 1
    said = Ends(reader)

    call_command("migrate", "access", "0008", verbosity=0, stderr=said, lock_pause=0.1)

    assert said.getvalue().count("A table is in use") == 1
    with connection.cursor() as cursor:
        assert "access_teammember" not in connection.introspection.table_names(cursor)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
    call_command("migrate", "access", verbosity=0)


def test_others_are_let_through_and_in_the_end_it_says_why_it_gave_up(owner, reader, settings):
    settings.MIGRATION_LOCK_SECONDS = 1

    with pytest.raises(OperationalError, match="lock timeout"):
        call_command("migrate", "access", "0008", verbosity=0, lock_attempts=2, lock_pause=0)

    with connection.cursor() as cursor:
        assert "access_teammember" in connection.introspection.table_names(cursor)
