"""`./manage.py up`: everything of every side under one roof, until Ctrl-C.

The main thread only starts, watches and stops processes.  Opening (waiting for the sides to answer, demo records,
the table of addresses), PostgreSQL's keeper and the control socket live in threads and only set what is *wanted*.
"""

import contextlib
import fcntl
import json
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import IO, Any

from deploy import code, control, environment, prepare
from deploy.environment import SIDES
from deploy.postgres import Cluster, PostgresFailed
from deploy.processes import Child, specs

TICK_S = 0.05
POSTGRES_LOOK_S = 0.5
READY_TIMEOUT_S = 300.0
LATECOMERS = ("watch", "worker")  # nobody waits for them, and loading them costs the others time
DEMO_ORDER = ("erp", "integration", "crm")  # the CRM sells what the ERP has published


class AlreadyRunning(RuntimeError):
    """Another supervisor holds this `var` folder."""


class Supervisor:
    """The running deployment of one `var` folder."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.children: list[Child] = []
        self.urls: dict[str, str] = {}
        self.cluster: Cluster | None = None
        self.stopping = threading.Event()
        self.open = threading.Event()
        self.failure: str | None = None
        self.began = time.monotonic()

    def run(self) -> int:
        """Everything from the first check to the last process gone; the process's exit code."""
        with self._only_one(), self._signals():
            self._deployment_file.unlink(missing_ok=True)
            try:
                self._prepare()
                if not self.stopping.is_set():
                    with control.listening(self.var, self.answer):
                        self._watch()
            except (prepare.StepFailed, PostgresFailed) as failure:
                self.failure = str(failure)
            except prepare.Stopped:
                self.say("stopping")
            finally:
                self._deployment_file.unlink(missing_ok=True)
                if self.cluster is not None:
                    self.cluster.stop()
        if self.failure:
            print(self.failure, file=sys.stderr)
            return 1
        self.say("stopped")
        return 0

    def say(self, line: str) -> None:
        """One line of progress, with the seconds since the start."""
        print(f"[{time.monotonic() - self.began:6.1f} s] {line}", flush=True)

    # -- the way up ------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        self.say("PostgreSQL and databases")
        self.cluster = prepare.embedded_postgres(self.var)
        self.urls = prepare.addresses(self.var)
        prepare.sides(self.var, SIDES, self.say, self.stopping)
        for side in SIDES:
            code.remember(self.var, side)
        for kind in ("web", "relay", "watch", "worker"):
            for side in SIDES:
                found = specs(side, prepare.process_environment(self.var, side), self.var)
                self.children += [Child(spec, wanted=kind not in LATECOMERS) for spec in found if spec.kind == kind]

    def _watch(self) -> None:
        """Start and watch until told to stop, then stop all and wait for it."""
        self.say("starting web, relay and worker of each side")
        for work in (self._open, self._keep_postgres):
            threading.Thread(target=self._guarded, args=(work,), daemon=True, name=work.__name__).start()
        while not self.stopping.is_set():
            self._tick()
            time.sleep(TICK_S)
        self.say("stopping")
        for child in self.children:
            child.wanted = False
        while any(child.process is not None for child in self.children):
            self._tick()
            time.sleep(TICK_S)

    def _tick(self) -> None:
        now = time.monotonic()
        for child in self.children:
            child.tick(now)
            while child.news:
                self.say(child.news.pop(0))

    def _guarded(self, work: Any) -> None:
        """A thread that fails takes the deployment down with its reason: half a deployment helps nobody."""
        try:
            work()
        except prepare.Stopped:
            return
        except Exception as error:
            self.failure = f"{type(error).__name__}: {error}"
            self.stopping.set()

    def _open(self) -> None:
        """Wait until every side answers, seed what travels over the wire, then tell people where to go."""
        for side in SIDES:
            if not self._wait_until_ready(side):
                if self.stopping.is_set():
                    return
                raise prepare.StepFailed(f"{side} does not answer; see {self.var / 'log' / f'{side}-web.log'}")
        for side in DEMO_ORDER:
            prepare.demo_records(self.var, side, self.say, self.stopping)
        write_deployment(self.var, self.urls)
        self.open.set()
        for child in self.children:
            child.wanted = True
        print(table(self.var), flush=True)
        self.say("ready; Ctrl-C stops everything")

    def _keep_postgres(self) -> None:
        """PostgreSQL is not our child (it must outlive a killed supervisor), so look after it by asking."""
        while self.cluster is not None and not self.stopping.wait(POSTGRES_LOOK_S):
            if not self.cluster.alive:
                self.say("PostgreSQL ended; starting it again")
                self.cluster.ensure_running()
                self.say("PostgreSQL runs again")

    def _wait_until_ready(self, side: str) -> bool:
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline and not self.stopping.is_set():
            if answers(self.urls[f"{side.upper()}_URL"] + "/readyz"):
                return True
            time.sleep(0.1)
        return False

    # -- requests from another terminal ------------------------------------------------------------------------------

    def answer(self, request: control.Answer) -> control.Answer:
        """`up`, `down` and `status`, asked by ./manage.py from another terminal."""
        side = request.get("side")
        verb = request.get("do")
        if verb == "down" and side is None:
            self.stopping.set()
            return {"ok": True}
        if verb in ("up", "down") and side not in SIDES:
            return {"ok": False, "error": f"There is no side {side!r}."}
        if verb == "down":
            return self._down_side(str(side))
        if verb == "up":
            return self._up_side(str(side))
        return {"ok": True, "open": self.open.is_set(), "processes": [self._describe(child) for child in self.children]}

    def _down_side(self, side: str) -> control.Answer:
        concerned = self._of(side)
        for child in concerned:
            child.wanted = False
        while any(child.process is not None for child in concerned):
            time.sleep(TICK_S)
        self.say(f"{side} is down")
        return {"ok": True}

    def _up_side(self, side: str) -> control.Answer:
        try:
            prepare.side(self.var, side, self.say)
        except prepare.StepFailed as failure:
            return {"ok": False, "error": str(failure)}
        code.remember(self.var, side)
        if self.open.is_set():
            write_deployment(self.var, self.urls)  # people may have joined
        for child in self._of(side):
            child.failures, child.next_start_at, child.wanted = 0, 0.0, True
        ready = self._wait_until_ready(side)
        self.say(f"{side} is up" if ready else f"{side} does not answer")
        return {"ok": ready, "error": None if ready else f"{side} does not answer yet; see ./manage.py status"}

    def _of(self, side: str) -> list[Child]:
        return [child for child in self.children if child.spec.side == side]

    def _describe(self, child: Child) -> dict[str, Any]:
        process = child.process
        return {
            "side": child.spec.side,
            "process": child.spec.kind,
            "state": child.state,
            "pid": process.pid if process else None,
            "seconds": round(time.monotonic() - child.started_at) if process else None,
            "restarts": child.restarts,
            "url": self.urls[f"{child.spec.side.upper()}_URL"] if child.spec.kind == "web" else None,
        }

    # -- housekeeping --------------------------------------------------------------------------------------------------

    @property
    def _deployment_file(self) -> Path:
        return self.var / "deployment.json"

    @contextlib.contextmanager
    def _only_one(self) -> Iterator[None]:
        self.var.mkdir(parents=True, exist_ok=True)
        self.var.chmod(0o700)
        lock: IO[str] = (self.var / "up.lock").open("w")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyRunning from None
            yield

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """The first Ctrl-C (or TERM, or a closed terminal) asks, the second insists."""

        def stop(number: int, frame: FrameType | None) -> None:
            if self.stopping.is_set():
                for child in self.children:
                    child.kill()
            self.stopping.set()

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def is_running(var: Path) -> bool:
    """Does a supervisor hold this folder, be it on its way up or down?"""
    try:
        with (var / "up.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def answers(url: str) -> bool:
    """Does this address answer with 2xx?"""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 -- our own http address
            return bool(response.status < 300)
    except (OSError, urllib.error.URLError):
        return False


def users(var: Path, side: str) -> list[dict[str, str]]:
    """The side's demo users with passwords and tokens."""
    path = var / side / "users.json"
    found: list[dict[str, str]] = json.loads(path.read_text()) if path.exists() else []
    return found


def write_deployment(var: Path, urls: dict[str, str]) -> None:
    """`var/deployment.json`: where everything is and who may enter, for people, scripts and tests."""
    sides = {}
    for side in SIDES:
        url = urls[f"{side.upper()}_URL"]
        sides[side] = {
            "url": url,
            "api_url": f"{url}/api/v1/",
            "admin_url": f"{url}/admin/",
            "database_url": prepare.process_environment(var, side)[f"{side.upper()}_DATABASE_URL"],
            "users": users(var, side),
        }
    environment.write_private(var / "deployment.json", json.dumps({"sides": sides}, indent=1) + "\n")


def table(var: Path) -> str:
    """Addresses and demo logins, for the terminal."""
    sides = json.loads((var / "deployment.json").read_text())["sides"]
    names = {"crm": "CRM", "erp": "ERP", "integration": "Hub"}
    rows = [("", "address", "login", "password", "role")]
    for side, facts in sides.items():
        for index, user in enumerate(facts["users"] or [dict.fromkeys(("username", "password", "role"), "-")]):
            first = (names[side], facts["url"]) if index == 0 else ("", "")
            rows.append((*first, user["username"], user["password"], user["role"]))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n" + "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]]) + f"\n\nAll of it: {var / 'deployment.json'}\n"
