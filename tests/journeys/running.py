"""A whole deployment of its own: real processes, real databases, reached as its users would reach it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import httpx
import psycopg

from deploy import control
from tests.environment import SIDES

ROOT = Path(__file__).resolve().parent.parent.parent
NOT_OF_A_DEPLOYMENT = (".*", "node_modules", "var", "__pycache__", "tests", "docs", "bench", "proofs")
T = TypeVar("T")


def plain_environment(var: Path, root: Path = ROOT) -> dict[str, str]:
    """The environment of somebody who has just cloned the project."""
    ours = tuple(f"{side.upper()}_" for side in SIDES)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith((*ours, "HEMING_", "DJANGO_", "PYTEST_", "STATIC_FROM"))
    }
    return {**kept, "HEMING_VAR": str(var), "PYTHONPATH": str(root)}


def clone(into: Path) -> Path:
    """The project's files at another place, as far as a deployment reads them: one that a release may come into."""
    shutil.copytree(ROOT, into, ignore=shutil.ignore_patterns(*NOT_OF_A_DEPLOYMENT))
    return into


def until(question: Callable[[], T], seconds: float = 30.0, what: str = "") -> T:
    """Ask until the answer is true; fail with the last answer when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or question.__name__} (last answer: {answer!r})")
        time.sleep(0.05)


class Running:
    """The deployment that `./manage.py up` runs in `var`, with the code of `root`."""

    def __init__(
        self,
        var: Path,
        before: tuple[str, ...] = (),
        settings: Mapping[str, str] = MappingProxyType({}),
        root: Path = ROOT,
    ) -> None:
        self.var, self.root = var, root
        var.mkdir(parents=True, exist_ok=True)
        if before:
            self.command(*before)
        self.output = (var / "up.out").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=root,
            env=plain_environment(var, root) | dict(settings),
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=self.output,
        )
        self._clients: dict[tuple[str, str], httpx.Client] = {}
        until(self._is_open, 900, "the deployment to open")

    def _is_open(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError((self.var / "up.out").read_text()[-3000:])
        return (self.var / "deployment.json").exists()

    def stop(self) -> int:
        """Ctrl-C, and wait until all is gone."""
        for client in self._clients.values():
            client.close()
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(60)
        finally:
            self.output.close()

    @property
    def sides(self) -> dict[str, Any]:
        """What deployment.json says."""
        sides: dict[str, Any] = json.loads((self.var / "deployment.json").read_text())["sides"]
        return sides

    def url(self, side: str) -> str:
        """Where the side's pages are."""
        return str(self.sides[side]["url"])

    def database_url(self, side: str) -> str:
        """The side's database, as its app role."""
        return str(self.sides[side]["database_url"])

    def user(self, side: str, role: str) -> dict[str, str]:
        """The first demo user in the role."""
        found: dict[str, str] = next(user for user in self.sides[side]["users"] if user["role"] == role)
        return found

    def api(self, side: str, role: str) -> httpx.Client:
        """The side's API as somebody in that role."""
        if (side, role) not in self._clients:
            self._clients[side, role] = httpx.Client(
                base_url=self.sides[side]["api_url"],
                headers={"Authorization": f"Bearer {self.user(side, role)['token']}"},
                timeout=30,
                trust_env=False,
            )
        return self._clients[side, role]

    def command(self, *words: str, seconds: float = 120) -> str:
        """`./manage.py …` in another terminal."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=self.root,
            env=plain_environment(self.var, self.root),
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def pid(self, side: str, kind: str) -> int:
        """The process now running as the side's web, relay or worker."""

        def look() -> int | None:
            for row in control.ask(self.var, do="status")["processes"]:
                if (row["side"], row["process"]) == (side, kind):
                    return row["pid"]
            return None

        found = until(look, 30, f"{side} {kind} to run")
        assert found is not None
        return found

    def kill(self, side: str, kind: str) -> None:
        """kill -9, of the whole group when it is a web server (a web process mid-request included)."""
        pid = self.pid(side, kind)
        os.killpg(os.getpgid(pid), signal.SIGKILL)

    def query(self, side: str, statement: str, *values: Any) -> list[Any]:
        """Look into a side's database as its app role."""
        with psycopg.connect(self.sides[side]["database_url"]) as database:
            return database.execute(statement.encode(), values).fetchall()

    def waiting(self) -> dict[str, int]:
        """How many events wait, per queue."""
        counts = {}
        for side, table in (
            ("crm", "outbox_message"),
            ("erp", "outbox_message"),
            ("integration", "hub_delivery"),
            ("crm", "inbox_incoming"),
            ("erp", "inbox_incoming"),
        ):
            ((counts[f"{side} {table}"],),) = self.query(side, f"SELECT count(*) FROM {table} WHERE state <> 'done'")
        return counts

    def settled(self, seconds: float = 30.0) -> None:
        """All events have arrived and are applied."""
        until(lambda: not any(self.waiting().values()), seconds, "all queues to drain")


def ok(response: httpx.Response) -> Any:
    """The body of an answer that must be a success."""
    assert response.status_code < 300, f"{response.request.method} {response.request.url}: {response.text[:2000]}"
    return response.json() if response.content else None
