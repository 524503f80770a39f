"""One process under the supervisor: what it is, how it starts, how it dies."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.environment import ROOT

STOP_TIMEOUT_S = 8.0
SETTLED_S = 10.0  # a process that lived this long did not fail at its start
BACKOFF_FIRST_S, BACKOFF_MAX_S = 0.2, 15.0
LOG_KEPT_BYTES = 20_000_000

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Spec:
    """What to run: `crm web` is the side's web server."""

    side: str
    kind: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path

    @property
    def name(self) -> str:
        """As people call it in logs and tables."""
        return f"{self.side}-{self.kind}"


@dataclass
class Child:
    """A process that shall run, or shall not; `tick` brings it nearer to that.

    `tick` must be called from one and the same long-lived thread: Linux ties "die with the parent" to the thread.
    """

    spec: Spec
    wanted: bool = True
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    failures: int = 0
    started_at: float = 0.0
    next_start_at: float = 0.0
    stop_sent_at: float | None = None
    news: list[str] = field(default_factory=list)

    @property
    def state(self) -> str:
        """`running`, `stopping`, `stopped` or `restarting`."""
        if self.process is not None:
            return "running" if self.wanted else "stopping"
        return "restarting" if self.wanted else "stopped"

    def tick(self, now: float) -> None:
        """Start, notice an end, ask to stop, or insist."""
        self._notice_end(now)
        if self.wanted and self.process is None and now >= self.next_start_at:
            self.process = spawn(self.spec)
            self.started_at, self.stop_sent_at = now, None
        elif not self.wanted and self.process is not None:
            self._ask_to_stop(now)

    def kill(self) -> None:
        """No more asking."""
        self._signal(signal.SIGKILL)

    def _notice_end(self, now: float) -> None:
        if self.process is None or self.process.poll() is None:
            return
        code = self.process.returncode
        self.kill_rest()
        self.process = None
        if not self.wanted:
            return
        self.failures = 0 if now - self.started_at > SETTLED_S else self.failures + 1
        delay = min(BACKOFF_FIRST_S * 2**self.failures, BACKOFF_MAX_S) if self.failures else BACKOFF_FIRST_S
        self.restarts += 1
        self.next_start_at = now + delay
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        self.news.append(f"{self.spec.name} ended ({how}); starting again in {delay:.1f} s. Log: {self.spec.log}")

    def _ask_to_stop(self, now: float) -> None:
        assert self.process is not None
        if self.stop_sent_at is None:
            self.stop_sent_at = now
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()
        elif now - self.stop_sent_at > STOP_TIMEOUT_S:
            self.kill()

    def kill_rest(self) -> None:
        """What a dead leader left of its process group."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


def spawn(spec: Spec) -> subprocess.Popen[bytes]:
    """Start it in a session of its own (Ctrl-C reaches the supervisor only), bound to our life."""
    spec.log.parent.mkdir(parents=True, exist_ok=True)
    if spec.log.exists() and spec.log.stat().st_size > LOG_KEPT_BYTES:
        spec.log.replace(spec.log.with_suffix(".log.1"))
    with spec.log.open("ab") as log:
        return subprocess.Popen(
            spec.command,
            cwd=ROOT,
            env=dict(spec.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=die_with_parent(),
        )


def die_with_parent() -> Callable[[], None]:
    """For a child to call before it becomes its program: when the thread that starts it ends, it is told to stop."""
    parent = os.getpid()

    def tie() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def specs(side: str, environment: Mapping[str, str], var: Path) -> list[Spec]:
    """The processes of one side: web first, for people wait for it."""
    python = sys.executable
    bind = environment.get("HEMING_BIND") or environment[f"{side.upper()}_URL"].split("//", 1)[1].rstrip("/")
    common = {**environment, "DJANGO_SETTINGS_MODULE": f"{side}.settings", "PYTHONUNBUFFERED": "1"}
    gunicorn = (python, "-m", "gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.conf.py"))
    celery = (python, "-m", "celery", "--app", f"{side}.celery", "worker", "--beat", "--pool", "prefork")
    schedule = str(var / side / "celerybeat-schedule")
    commands = {
        "web": (*gunicorn, f"{side}.wsgi:application"),
        "relay": (python, str(ROOT / "manage.py"), side, "relay"),
        "worker": (
            *(*celery, "--concurrency", "1", "--hostname", f"{side}@%h", "--schedule", schedule),
            *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"),
        ),
    }
    if side == "integration":
        commands["watch"] = (python, str(ROOT / "manage.py"), side, "watch")
    return [
        Spec(
            side,
            kind,
            command,
            {**common, "HEMING_BIND": bind, "HEMING_PROCESS": kind},
            var / "log" / f"{side}-{kind}.log",
        )
        for kind, command in commands.items()
    ]
