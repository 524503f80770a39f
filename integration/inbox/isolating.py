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
from collections.abc import Sequence

from django.conf import settings
from django.db import connection

from integration.inbox.applying import apply, failed
from integration.inbox.models import Incoming
from integration.lanes import Outcome
from integration.looping import Progress, cpu_seconds_of

log = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1
SUSPECT_NICENESS = 19  # one that loops for ever takes from the others only what they leave


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
        os.nice(SUSPECT_NICENESS)
        with os.fdopen(writing, "wb", buffering=0) as told:
            for row in rows:
                answer = pickle.dumps(apply(row))
                told.write(len(answer).to_bytes(4, "big") + answer)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _follow(rows: Sequence[Incoming], reading: int, pid: int) -> tuple[list[Outcome], str]:
    """Read what the child tells, until it has told all, is gone, or sits on one row for too long."""
    outcomes: list[Outcome] = []
    heard = b""
    since, cpu_since = time.monotonic(), 0.0
    while len(outcomes) < len(rows):
        ready, _w, _x = select.select([reading], [], [], 0.1)
        if ready:
            part = os.read(reading, 65536)
            if not part:
                return outcomes, ""
            heard += part
            while len(heard) >= 4 and len(heard) >= 4 + (size := int.from_bytes(heard[:4], "big")):
                outcomes.append(pickle.loads(heard[4 : 4 + size]))  # noqa: S301 -- our own child wrote it
                heard = heard[4 + size :]
                since, cpu_since = time.monotonic(), cpu_seconds_of(pid)
        limit = settings.HANDLER_SECONDS
        if time.monotonic() - since > 4 * limit or cpu_seconds_of(pid) - cpu_since > limit:
            return outcomes, f"its handler did not come to an end within {limit} s"
    return outcomes, ""


def _named(status: int) -> str:
    number = os.waitstatus_to_exitcode(status)
    if number < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-number).name
    return f"exit code {number}"
