"""One database, one owner and one ordinary role per side, and nothing that crosses between sides.

The owner migrates.  The app role is what processes use: it owns nothing, connects to its own database only, and may
read and write rows; what must never be edited, migrations take away again.  A third role owns the side's Celery broker
(a database of its own, PGMQ's tables).  All of it can be run again at any time and repairs what was changed by hand.
"""

import secrets
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from deploy import environment
from deploy.postgres import Cluster

ONE_AT_A_TIME = 7_405_231  # advisory lock: two starts at once would trip over each other's roles


def prepare(superuser_url: str, sides: Iterable[str], var: Path) -> None:
    """Make roles, databases and grants as they should be, and write each side's addresses into its env file."""
    with psycopg.connect(superuser_url, autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        for shared in ("postgres", "template1"):
            server.execute(_sql("REVOKE ALL ON DATABASE {} FROM PUBLIC", shared))
        for side in sides:
            passwords = _passwords(var, side)
            _prepare_side(server, superuser_url, side, passwords)
            environment.update(var, side, _addresses(superuser_url, side, passwords))


def ensure_embedded(var: Path, sides: Iterable[str]) -> Cluster:
    """The embedded server runs and the sides' databases are there; quick when both are so already."""
    cluster = Cluster(var / "postgres")
    cluster.ensure_running()
    environment.ensure_secret_keys(var, sides)
    missing = [
        side
        for side in sides
        if not _up_to_date(cluster, environment.read(var, side).get(f"{side.upper()}_DATABASE_URL"))
    ]
    if missing:
        prepare(cluster.superuser_url(), missing, var)
    return cluster


def _up_to_date(cluster: Cluster, url: str | None) -> bool:
    """Does the address in the env file lead into this server as it now runs?"""
    if not url or urlsplit(url).port != cluster.port:
        return False
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def _prepare_side(server: psycopg.Connection, superuser_url: str, side: str, passwords: dict[str, str]) -> None:
    for role, password in passwords.items():
        _role(server, role, password)
    _database(server, side, owner=f"{side}_owner", guests=[f"{side}_app"])
    _database(server, f"{side}_broker", owner=f"{side}_broker", guests=[])
    with psycopg.connect(_address(superuser_url, database=side), autocommit=True) as database:
        for statement in _GRANTS:
            database.execute(
                sql.SQL(statement).format(owner=sql.Identifier(f"{side}_owner"), app=sql.Identifier(f"{side}_app"))
            )
    broker = f"{side}_broker"
    install_broker(_address(superuser_url, role=broker, password=passwords[broker], database=broker))


# Rights on what the owner will create: rows for the app role, functions for it alone, nothing for PUBLIC.
_GRANTS = (
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO {app}",
    "GRANT USAGE, CREATE ON SCHEMA public TO {owner}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE, SELECT ON SEQUENCES TO {app}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT EXECUTE ON FUNCTIONS TO {app}",
)


def install_broker(url: str) -> None:
    """Install PGMQ's plain SQL as the broker role itself; it needs no extension and no superuser."""
    with psycopg.connect(url, autocommit=True) as broker:
        row = broker.execute("SELECT to_regclass('pgmq.meta')").fetchone()
        if row is None or row[0] is None:
            script = files("pgmq").joinpath("sql", "pgmq.sql").read_text(encoding="utf-8")
            with broker.transaction():
                broker.execute(script.encode())


def _role(server: psycopg.Connection, role: str, password: str) -> None:
    """An ordinary login; the server only ever sees the SCRAM verifier of its password."""
    exists = server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verifier = server.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    rights = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    verb = "ALTER" if exists else "CREATE"
    server.execute(
        sql.SQL(f"{verb} ROLE {{}} {rights} PASSWORD {{}}").format(sql.Identifier(role), sql.Literal(verifier))
    )


def _database(server: psycopg.Connection, name: str, owner: str, guests: list[str]) -> None:
    """A database its owner and guests may enter; guests may not even make temporary tables."""
    if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        server.execute(_sql("CREATE DATABASE {} OWNER {} TEMPLATE template0", name, owner))
    server.execute(_sql("ALTER DATABASE {} OWNER TO {}", name, owner))
    server.execute(_sql("REVOKE ALL ON DATABASE {} FROM PUBLIC", name))
    for guest in guests:
        server.execute(_sql("REVOKE CREATE, TEMPORARY ON DATABASE {} FROM {}", name, guest))
        server.execute(_sql("GRANT CONNECT ON DATABASE {} TO {}", name, guest))


def _passwords(var: Path, side: str) -> dict[str, str]:
    """Each role's password: the one in the side's env file, or a new one."""
    known = environment.read(var, side)
    return {
        role: urlsplit(known.get(name, "")).password or secrets.token_urlsafe(24)
        for role, name in _variables(side).items()
    }


def _addresses(superuser_url: str, side: str, passwords: dict[str, str]) -> dict[str, str]:
    found = {}
    for role, name in _variables(side).items():
        is_broker = role.endswith("_broker")
        found[name] = _address(
            superuser_url,
            role=role,
            password=passwords[role],
            database=role if is_broker else side,
            scheme="pgmq" if is_broker else "postgresql",
        )
    return found


def _variables(side: str) -> dict[str, str]:
    """Which variable holds which role's address."""
    prefix = side.upper()
    return {
        f"{side}_owner": f"{prefix}_OWNER_DATABASE_URL",
        f"{side}_app": f"{prefix}_DATABASE_URL",
        f"{side}_broker": f"{prefix}_BROKER_URL",
    }


def _address(
    superuser_url: str, database: str, role: str | None = None, password: str = "", scheme: str = "postgresql"
) -> str:
    """The same server, seen from another database or as another role."""
    parts = urlsplit(superuser_url)
    login = f"{role}:{password}@{parts.hostname}:{parts.port or 5432}" if role else parts.netloc
    return urlunsplit((scheme, login, f"/{database}", parts.query, ""))


def _sql(template: str, *names: str) -> sql.Composed:
    return sql.SQL(template).format(*map(sql.Identifier, names))
