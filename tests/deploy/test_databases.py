import os
import stat
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from deploy import databases, environment
from deploy.environment import SIDES


@pytest.fixture(autouse=True)
def running(cluster):
    cluster.ensure_running()
    databases.prepare(cluster.superuser_url(), SIDES, cluster.folder.parent)


def url(var, side, role="app"):
    infix = {"app": "", "owner": "OWNER_"}[role]
    return environment.read(var, side)[f"{side.upper()}_{infix}DATABASE_URL"]


def pointed_at(address, database):
    return urlunsplit(urlsplit(address)._replace(path=f"/{database}"))


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("role", ["app", "owner"])
def test_a_role_enters_its_own_database_only(var, side, role):
    address = url(var, side, role)
    psycopg.connect(address).close()

    for other in {*SIDES, "postgres", "template1", *(f"{name}_broker" for name in SIDES)} - {side}:
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(pointed_at(address, other))


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    "forbidden",
    [
        "CREATE TABLE mine ()",
        "CREATE TEMPORARY TABLE mine ()",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "SET ROLE {side}_owner",
        "SET session_replication_role = replica",
        "ALTER ROLE {side}_app SUPERUSER",
    ],
)
def test_the_app_role_makes_nothing_and_becomes_nobody(var, side, forbidden):
    with psycopg.connect(url(var, side), autocommit=True) as connection, pytest.raises(psycopg.Error) as refused:
        connection.execute(forbidden.format(side=side).encode())

    assert refused.value.sqlstate == "42501"


@pytest.mark.parametrize("side", SIDES)
def test_the_app_role_uses_what_the_owner_made_and_owns_none_of_it(var, side):
    with psycopg.connect(url(var, side, "owner"), autocommit=True) as owner:
        owner.execute("DROP TABLE IF EXISTS thing")
        owner.execute("CREATE TABLE thing (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word text)")
        owner.execute("CREATE OR REPLACE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'")

    with psycopg.connect(url(var, side), autocommit=True) as app:
        app.execute("INSERT INTO thing (word) VALUES ('a')")
        app.execute("UPDATE thing SET word = 'b'")
        assert app.execute("SELECT word, twice(21) FROM thing").fetchall() == [("b", 42)]
        owned = app.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole").fetchone()
        assert owned == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("TRUNCATE thing")


def test_functions_are_for_the_app_role_not_for_everybody(var, cluster):
    with psycopg.connect(url(var, "erp", "owner"), autocommit=True) as owner:
        owner.execute("CREATE OR REPLACE FUNCTION once() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        acl = owner.execute("SELECT proacl::text FROM pg_proc WHERE proname = 'once'").fetchone()

    assert acl == ("{erp_owner=X/erp_owner,erp_app=X/erp_owner}",)


def test_running_it_again_keeps_passwords_and_repairs_grants(var, cluster):
    before = environment.read(var, "crm")
    with psycopg.connect(cluster.superuser_url(), autocommit=True) as server:
        server.execute("GRANT CONNECT ON DATABASE erp TO PUBLIC")
        server.execute("GRANT TEMPORARY ON DATABASE crm TO crm_app")
        server.execute("ALTER ROLE crm_app CREATEDB")

    databases.prepare(cluster.superuser_url(), SIDES, var)

    assert environment.read(var, "crm") == before
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(pointed_at(url(var, "crm"), "erp"))
    with psycopg.connect(url(var, "crm"), autocommit=True) as app:
        rights = app.execute(
            "SELECT rolcreatedb, has_database_privilege(current_database(), 'TEMP') FROM pg_roles"
            " WHERE rolname = current_user"
        ).fetchone()
    assert rights == (False, False)


def test_the_env_file_is_private_and_names_its_own_side_only(var):
    path = environment.env_file(var, "crm")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert all(name.startswith("CRM_") for name in environment.read(var, "crm"))


def test_the_broker_is_installed_and_takes_a_message(var):
    address = environment.read(var, "crm")["CRM_BROKER_URL"].replace("pgmq://", "postgresql://", 1)

    with psycopg.connect(address, autocommit=True) as broker:
        broker.execute("SELECT pgmq.create('letters')")
        broker.execute("""SELECT pgmq.send('letters', '{"a": 1}')""")
        assert broker.execute("SELECT message FROM pgmq.read('letters', 5, 1)").fetchall() == [({"a": 1},)]
        broker.execute("SELECT pgmq.drop_queue('letters')")


def test_a_lost_env_file_gets_new_passwords_that_work(var, cluster):
    environment.env_file(var, "integration").unlink()

    databases.prepare(cluster.superuser_url(), SIDES, var)

    psycopg.connect(url(var, "integration")).close()


def test_no_password_is_written_into_the_servers_log(var, cluster):
    log = cluster.log.read_text()

    for side in SIDES:
        for role in ("app", "owner"):
            assert urlsplit(url(var, side, role)).password not in log
    assert os.path.getsize(cluster.log) > 0
