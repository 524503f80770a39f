"""What must stand before processes start: PostgreSQL, databases, addresses, tables, keys, users, static files."""

import hashlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import sample
from threading import Event

from deploy import databases, environment
from deploy.environment import ROOT, SIDES
from deploy.postgres import Cluster

PREFERRED_PORTS = {"crm": 8101, "erp": 8201, "integration": 8301}
OTHER_PORTS = range(28000, 32000)
_FILES = ("base", "crm", "erp", "integration", "static", "locale", "requirements", "deploy/side.py")
_KINDS = {".py", ".sql", ".json", ".txt", ".mo", ".js", ".css", ".svg", ".woff2", ".png", ".csv"}
LOOK_S = 0.05

Say = Callable[[str], None]


class StepFailed(RuntimeError):
    """A preparing step ended badly; the text names it and its log."""


class Stopped(RuntimeError):
    """Somebody did not want to wait for the end."""


def embedded_postgres(var: Path) -> Cluster | None:
    """The running embedded server with the databases of all sides that have no server of their own."""
    sides = [side for side in SIDES if not environment.has_own_server(side)]
    environment.ensure_secret_keys(var, SIDES)
    return databases.ensure_embedded(var, sides) if sides else None


def addresses(var: Path) -> dict[str, str]:
    """Where each side will listen: what the environment says, else last time's port, else the usual one, else any.

    The usual ones are for the clone's own `var/`: two deployments that start at once would both find them free.
    """
    usual = PREFERRED_PORTS if var == ROOT / "var" else dict(zip(SIDES, free_ports(len(SIDES)), strict=True))
    urls = {}
    for side in SIDES:
        name = f"{side.upper()}_URL"
        kept = environment.read(var, side).get(name)
        port = int(kept.rsplit(":", 1)[1]) if kept else usual[side]
        urls[name] = os.environ.get(name) or f"http://127.0.0.1:{port if _is_free(port) else free_ports(1)[0]}"
    for side in SIDES:
        environment.update(var, side, urls)
    return urls


def sides(var: Path, wanted: Iterable[str], say: Say, stopping: Event) -> None:
    """Bring the tables, keys, users and files of several sides up to date at once; `stopping` as for one."""
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(side, var, name, say, stopping) for name in wanted]:
            done.result()


def side(var: Path, name: str, say: Say, stopping: Event | None = None) -> None:
    """Migrate as the owner, then the steps of the app role; skipped as a whole when nothing changed since.

    With `stopping`, the first time ends at once when it is set, as there is nothing to lose yet; tables with somebody's
    records are brought to where the code expects them first.
    """
    if is_done(var, name):
        return
    state = _state(var, name)
    stopping = None if _stamp(var, name).exists() else stopping
    say(f"{name}: tables")
    tables(var, name, stopping)
    say(f"{name}: keys, users, static files")
    _step(var, name, "before", [sys.executable, "-m", "deploy.side", name, "before"], stopping=stopping)
    environment.write_private(_stamp(var, name), state)


def is_done(var: Path, name: str) -> bool:
    """Has nothing changed since the side was prepared last?"""
    return _stamp(var, name).exists() and _stamp(var, name).read_text() == _state(var, name)


def tables(var: Path, name: str, stopping: Event | None = None) -> None:
    """Migrate, as the owner."""
    command = [sys.executable, str(ROOT / "manage.py"), name, "migrate", "--noinput"]
    _step(var, name, "migrate", command, owner=True, stopping=stopping)


def demo_records(var: Path, name: str, say: Say, stopping: Event) -> None:
    """The demo company's records, once; they travel over the wire, so every side must be running.

    They end at once when `stopping` is set; what is missing comes the next time. With HEMING_SEED=none the side stays
    without them, for good.
    """
    done = var / name / "demo.stamp"
    if done.exists():
        return
    if os.environ.get("HEMING_SEED") != "none":
        say(f"{name}: demo records")
        _step(var, name, "after", [sys.executable, "-m", "deploy.side", name, "after"], stopping=stopping)
    environment.write_private(done, "")


def process_environment(var: Path, name: str, owner: bool = False) -> dict[str, str]:
    """What a process of this side sees: its own secrets, nobody else's, and the owner's rights only to migrate."""
    found = environment.without_other_sides(os.environ, name)
    found["HEMING_VAR"] = str(var)
    found["PYTHONPATH"] = os.pathsep.join(filter(None, (found.get("HEMING_INJECT"), str(ROOT))))
    environment.load(var, name, found)
    if owner:
        found["HEMING_DB_ROLE"] = "owner"
    else:
        found.pop(f"{name.upper()}_OWNER_DATABASE_URL", None)
        found.pop("HEMING_DB_ROLE", None)
    return found


def _step(
    var: Path, name: str, what: str, command: list[str], owner: bool = False, stopping: Event | None = None
) -> None:
    log_path = var / "log" / f"{name}-prepare.log"
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("ab") as log:
        start = log.tell()
        environ = process_environment(var, name, owner)
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=stopping is not None,  # the terminal's Ctrl-C is for whoever may stop it
        )
        returncode = _end_of(process, stopping)
    if returncode != 0:
        with log_path.open("rb") as log:
            log.seek(start)
            tail = log.read().decode(errors="replace")[-3000:]
        raise StepFailed(f"{name}: {what} failed ({log_path}):\n{tail}")


def _end_of(process: subprocess.Popen[bytes], stopping: Event | None) -> int:
    """The step's exit code; it is killed when it is to stop."""
    with process:
        while stopping is not None and process.poll() is None:
            if stopping.wait(LOOK_S):
                process.kill()
                raise Stopped
        return process.wait()


def _state(var: Path, name: str) -> str:
    """A digest of the files that matter and of the database they were applied to."""
    digest = hashlib.sha256(process_environment(var, name)[f"{name.upper()}_DATABASE_URL"].encode())
    for top in _FILES:
        for path in sorted(_relevant_files(ROOT / top)):
            status = path.stat()
            digest.update(json.dumps([str(path), status.st_size, status.st_mtime_ns]).encode())
    return digest.hexdigest()


def _relevant_files(top: Path) -> Iterable[Path]:
    if top.is_file():
        return [top]
    return (path for path in top.rglob("*") if path.suffix in _KINDS and path.is_file())


def _stamp(var: Path, name: str) -> Path:
    return var / name / "prepared.stamp"


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """So many different ports nobody listens on now, away from the usual ones."""
    found: list[int] = []
    for port in sample(OTHER_PORTS, 500):
        if len(found) == count:
            break
        if _is_free(port):
            found.append(port)
    return found
