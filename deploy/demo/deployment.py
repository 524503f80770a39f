"""A whole Heming of its own: `./manage.py up` in a folder of its own, on free ports, with nothing in it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from deploy import environment, prepare
from deploy.environment import ROOT, SIDES
from deploy.processes import die_with_parent

START_TIMEOUT_S = 900.0  # a busy machine takes its time; a deployment that fails says so at once
STOP_TIMEOUT_S = 60.0
TAIL = 3000
# Where events wait on their way: table and side.
QUEUES = (
    ("crm", "outbox_message"),
    ("erp", "outbox_message"),
    ("integration", "hub_delivery"),
    ("crm", "inbox_incoming"),
    ("erp", "inbox_incoming"),
)


class DidNotOpen(RuntimeError):
    """The deployment did not come up; the text carries what it said."""


class Deployment:
    """It starts on `start`, and is stopped and removed by `close`, unless it is to be kept."""

    def __init__(self, keep: bool = False, settings: Mapping[str, str] | None = None) -> None:
        self.keep = keep
        self._settings = dict(settings or {})
        self.var = Path(tempfile.mkdtemp(prefix="heming-demo-"))
        self._log = self.var / "up.out"
        self._process: subprocess.Popen[bytes] | None = None
        self._sides: dict[str, Any] = {}

    def start(self) -> None:
        """Returns once every side answers; says what failed otherwise."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "up"],
                cwd=ROOT,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # the terminal's Ctrl-C is for the demo; the demo tells the deployment
                preexec_fn=None if self.keep else die_with_parent(),
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self.file.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise DidNotOpen(f"The deployment did not open:\n{self.said()[-TAIL:]}")
            time.sleep(0.1)
        self._sides = json.loads(self.file.read_text())["sides"]

    def close(self) -> None:
        """Leave nothing behind: no process, no folder. What is kept goes on."""
        if self.keep and self.file.exists():
            return
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGINT)  # the second one insists
                self._process.wait(STOP_TIMEOUT_S)
        shutil.rmtree(self.var, ignore_errors=True)

    @property
    def file(self) -> Path:
        """deployment.json; there while it is open."""
        return self.var / "deployment.json"

    def said(self) -> str:
        """What the deployment printed so far."""
        return self._log.read_text() if self._log.exists() else ""

    def api_url(self, side: str) -> str:
        """Where the side's API is."""
        return str(self._sides[side]["api_url"])

    def url(self, side: str) -> str:
        """Where the side's pages are."""
        return str(self._sides[side]["url"])

    def database_url(self, side: str) -> str:
        """The side's database, as its app role."""
        return str(self._sides[side]["database_url"])

    def users(self, side: str) -> list[dict[str, str]]:
        """Everybody who may sign in on the side."""
        return list(self._sides[side]["users"])

    def user(self, side: str, role: str, place: int = 0) -> dict[str, str]:
        """The first user in the role, or the one that comes so many places after."""
        return [user for user in self._sides[side]["users"] if user["role"] == role][place]

    def queues(self) -> dict[str, int]:
        """How many events are not done yet, by queue and state; empty when all is quiet."""
        found: dict[str, int] = {}
        for side, table in QUEUES:
            statement = f"SELECT state, count(*) FROM {table} WHERE state <> 'done' GROUP BY state"  # noqa: S608 -- ours
            with psycopg.connect(self._sides[side]["database_url"]) as database:
                for state, count in database.execute(statement.encode()):
                    found[f"{side} {table} {state}"] = count
        return found

    def _environment(self) -> dict[str, str]:
        """Nothing of the deployment that this terminal may be set up for, ports nobody uses, and no demo records."""
        ports = prepare.free_ports(len(SIDES))
        urls = {f"{side.upper()}_URL": f"http://127.0.0.1:{port}" for side, port in zip(SIDES, ports, strict=True)}
        own = {"HEMING_VAR": str(self.var), "HEMING_SEED": "none", "PYTHONPATH": str(ROOT)}
        return environment.elsewhere(os.environ) | urls | own | self._settings
