"""The sides' databases, as their owners: one moment in all three, dump and restore with PostgreSQL's own programs."""

import contextlib
import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from deploy import databases, environment
from deploy.backup.manifest import BadBackup
from deploy.environment import SIDES
from deploy.postgres import binaries
from integration.barrier import LOCK

LOCK_TIMEOUT = "30s"  # a delivery takes milliseconds; one that hangs must not keep a backup waiting for ever


_NO_DEFAULTS = (
    "GRANT USAGE ON SCHEMA public TO {app}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE ALL ON TABLES FROM {app}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE ALL ON SEQUENCES FROM {app}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE ALL ON FUNCTIONS FROM {app}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT EXECUTE ON FUNCTIONS TO PUBLIC",
)


class ServerFailed(RuntimeError):
    """pg_dump or pg_restore said no; the text is its own."""


def owner_urls(var: Path) -> dict[str, str]:
    """Where the sides' owners reach their databases; the embedded server is started if it is the one."""
    embedded = [side for side in SIDES if not _told(side) and environment.needs_embedded(var, side)]
    if embedded:
        databases.ensure_embedded(var, embedded)
    found = {}
    for side in SIDES:
        name = f"{side.upper()}_OWNER_DATABASE_URL"
        url = _told(side) or environment.read(var, side).get(name)
        if not url:
            raise BadBackup(f"{name} is not set: backup and restore work as the owner of each side's tables.")
        found[side] = url
    return found


def _told(side: str) -> str:
    """The address from outside, or from the file where `serve SIDE prepare` keeps it from the side's own processes."""
    file = os.environ.get(f"{side.upper()}_OWNER_FILE", "")
    return os.environ.get(f"{side.upper()}_OWNER_DATABASE_URL") or (Path(file).read_text().strip() if file else "")


@contextlib.contextmanager
def one_moment(urls: dict[str, str]) -> Iterator[dict[str, str]]:
    """Snapshot ids of all databases, between which no delivery was stored (integration/barrier.py)."""
    with contextlib.ExitStack() as looking:
        lookers = {side: looking.enter_context(psycopg.connect(url)) for side, url in urls.items()}
        with contextlib.ExitStack() as doors:
            for url in urls.values():
                door = doors.enter_context(psycopg.connect(url, autocommit=True))
                door.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_TIMEOUT])
                door.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            snapshots = {}
            for side, looker in lookers.items():
                looker.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                row = looker.execute("SELECT pg_export_snapshot()").fetchone()
                assert row is not None
                snapshots[side] = str(row[0])
        yield snapshots


def dump(url: str, snapshot: str, into: Path) -> None:
    """One database as of the snapshot."""
    into.touch(mode=0o600)
    _run("pg_dump", url, "--format=custom", f"--snapshot={snapshot}", "--no-owner", f"--file={into}")


def restore(url: str, app_role: str, dump_file: Path) -> None:
    """Everything of the dump into the emptied database, all of it or nothing."""
    empty(url, app_role)
    words = ("--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={urlsplit(url).path.lstrip('/')}")
    _run("pg_restore", url, *words, str(dump_file))


def empty(url: str, app_role: str) -> None:
    """A schema without tables, in which new ones carry the rights that the dump says and no more.

    A new database's default privileges would give the app role on every restored table what migrations took away; the
    dump brings them itself, after the tables.
    """
    with psycopg.connect(url) as database:
        database.execute("DROP SCHEMA public CASCADE")
        database.execute("CREATE SCHEMA public")
        names = {"owner": sql.Identifier(database.info.user), "app": sql.Identifier(app_role)}
        for statement in _NO_DEFAULTS:
            database.execute(sql.SQL(statement).format(**names))


def guests(url: str, app_role: str) -> int:
    """How many processes of the side are connected now."""
    with psycopg.connect(url) as database:
        question = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = %s"
        row = database.execute(question, [app_role]).fetchone()
    return row[0] if row is not None else 0


def has_tables(url: str) -> bool:
    """Is there anything that a restore would throw away?"""
    with psycopg.connect(url) as database:
        row = database.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    return row is not None and row[0] > 0


def migrations(url: str) -> dict[str, str]:
    """The newest migration of each app."""
    with psycopg.connect(url) as database:
        rows: Iterable[tuple[str, str]] = database.execute(
            "SELECT app, max(name) FROM django_migrations GROUP BY app ORDER BY app"
        ).fetchall()
    return dict(rows)


def _run(program: str, url: str, *words: str) -> None:
    """The address goes through the environment: a command line can be read by everybody on the machine."""
    parts = urlsplit(url)
    environ = {
        "PATH": os.environ.get("PATH", ""),
        "LC_ALL": "C.UTF-8",
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path.lstrip("/"),
    }
    done = subprocess.run(
        [str(binaries() / program), "--no-password", *words],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise ServerFailed(f"{program}: {done.stderr.strip()[-2000:]}")
