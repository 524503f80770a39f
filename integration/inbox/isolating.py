"""Suspects: events whose first attempt did not end well are applied in a child process, one after the other.

A handler that ends its process or never returns takes the child with it, and nothing else: the child's death names the
culprit, the others go on in the next child. The lanes of ordinary events do not wait for any of it.
"""

import contextlib
import ctypes
import logging
import os
import pickle
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from integration.inbox.applying import apply, failed
from integration.inbox.models import Incoming
from integration.lanes import BATCH, Outcome, WorkState
from integration.looping import Progress, cpu_seconds_of

log = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1
SUSPECT_NICENESS = 10  # one that loops for ever leaves the others nine tenths; an honest one still gets on
# What has computed for longer than this does so in a tenth of the time only while ordinary events wait.
AT_ONCE_CPU_SECONDS, LOOK_SECONDS, REST_FACTOR = 0.1, 0.03, 9
LOOK_AT = 256  # ordinary events that are looked at to see whether one is due
WAIT_SECONDS = 3.0  # between two looks for suspects while others wait


def apply_apart(rows: Sequence[Incoming], progress: Progress) -> list[Outcome]:
    """Apply each of the rows in a child process; what became of each."""
    outcomes: list[Outcome] = []
    while len(outcomes) < len(rows):
        progress.end()
        outcomes += _one_child(rows[len(outcomes) :])
    return outcomes


def _one_child(rows: Sequence[Incoming]) -> list[Outcome]:
    """Outcomes of the first rows: up to the one that the child did not survive, or all."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _child(rows, writing)
    os.close(writing)
    with os.fdopen(reading, "rb", buffering=0) as answers:
        outcomes, reason = _follow(rows, answers.fileno(), pid)
        os.kill(pid, signal.SIGKILL)
        _pid, status = os.waitpid(pid, 0)
    if len(outcomes) < len(rows):
        culprit = rows[len(outcomes)]
        ended = f"its handler ended the process ({_named(status)})"
        log.error("%s: %s", culprit, reason or ended)
        outcomes.append(failed(culprit, reason or ended))
    return outcomes


def _child(rows: Sequence[Incoming], writing: int) -> None:
    """Apply the rows and tell each outcome; never returns."""
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        connection.connection = None  # our parent's; psycopg says no goodbye on what another process has opened
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _stand_back()
        with os.fdopen(writing, "wb", buffering=0) as told:
            for row in rows:
                answer = pickle.dumps(apply(row))
                told.write(len(answer).to_bytes(4, "big") + answer)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _stand_back() -> None:
    """Leave the processor to the others.

    Linux shares it between sessions first, and niceness counts within one only (sched(7), "The autogroup feature"): so
    a session of its own, which is nice as a whole.
    """
    os.nice(SUSPECT_NICENESS)
    os.setsid()
    with contextlib.suppress(OSError):  # not every kernel has it, and without it niceness counts everywhere
        Path("/proc/self/autogroup").write_text(str(SUSPECT_NICENESS))


class Courtesy:
    """Lets suspects be taken up at once in a quiet moment, and every few seconds while ordinary events wait: each try
    costs a process, which the others would have to wait for. So what comes in one go is done first, as a rule."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._looked_at = float("-inf")

    def allowed(self) -> int:
        """How many may be taken up now: all or none."""
        now = self.clock()
        if now - self._looked_at < WAIT_SECONDS and _others_wait():
            return 0
        self._looked_at = now
        return BATCH

    def spare_probe(self) -> None:
        """There was none; one that comes now comes with others, which go first."""


def _follow(rows: Sequence[Incoming], reading: int, pid: int) -> tuple[list[Outcome], str]:
    """Read what the child tells, until it has told all, is gone, or sits on one row for too long."""
    outcomes: list[Outcome] = []
    heard = b""
    since, cpu_since = time.monotonic(), 0.0
    while len(outcomes) < len(rows):
        ready, _w, _x = select.select([reading], [], [], LOOK_SECONDS)
        if ready:
            part = os.read(reading, 65536)
            if not part:
                return outcomes, ""
            heard += part
            while len(heard) >= 4 and len(heard) >= 4 + (size := int.from_bytes(heard[:4], "big")):
                outcomes.append(pickle.loads(heard[4 : 4 + size]))  # noqa: S301 -- our own child wrote it
                heard = heard[4 + size :]
                since, cpu_since = time.monotonic(), cpu_seconds_of(pid)
        limit, used = settings.HANDLER_SECONDS, cpu_seconds_of(pid) - cpu_since
        if time.monotonic() - since > 4 * limit or used > limit:
            return outcomes, f"its handler did not come to an end within {limit} s"
        if used > AT_ONCE_CPU_SECONDS and _others_wait():
            _rest(pid)
    return outcomes, ""


def _others_wait() -> bool:
    """Is there an event whose first attempt is due? What stands behind a suspect is not."""
    before = Incoming.objects.filter(
        ~Q(state=WorkState.DONE),
        aggregate=OuterRef("aggregate"),
        lane=OuterRef("lane"),
        position__lt=OuterRef("position"),
    )
    first = Incoming.objects.filter(state=WorkState.WAITING, attempts=0, not_before__lte=Now())
    some = first.annotate(behind=Exists(before)).values_list("behind", flat=True)[:LOOK_AT]
    return not all(some)


def _rest(pid: int) -> None:
    """Stop the child for a while: even a nice one that computes all the time keeps others waiting at every turn."""
    os.kill(pid, signal.SIGSTOP)
    time.sleep(REST_FACTOR * LOOK_SECONDS)
    os.kill(pid, signal.SIGCONT)


def _named(status: int) -> str:
    number = os.waitstatus_to_exitcode(status)
    if number < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-number).name
    return f"exit code {number}"
