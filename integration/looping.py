"""Threads that work lanes off: they wake on NOTIFY, look once a second anyway, and show how they get on."""

import logging
import mmap
import os
import struct
import threading
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from integration.lanes import LaneWorker

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
ROUND_SECONDS = 30.0
AGE_SECONDS = 60.0  # how often old connections are looked for; one that fails is dropped at once
# A look at everything that found nothing to do may take a while when much is held back: it takes its share, not all.
# One that took long alone, between brief ones, was held up by something else.
BRIEF_SECONDS, REST_FACTOR = 0.2, 5
NOTHING = UUID(int=0)


class Progress:
    """Since when a worker has been at one piece of work, and at which, in memory that its parent process can read.

    Two limits, because they tell two troubles apart: one piece may use so much of the processor (an endless loop shows
    at once, however busy the machine is), and it may take so long (it waits for something that never comes).
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 48)

    def begin(self, wall_seconds: float, cpu_seconds: float = 1e9, row: UUID = NOTHING) -> None:
        """A piece of work begins that must end within the limits."""
        limits = struct.pack("dddd", time.monotonic(), wall_seconds, time.process_time(), cpu_seconds)
        self._memory[:] = limits + row.bytes

    def end(self) -> None:
        """It has ended; or what holds us up is no fault of ours."""
        self._memory[:] = bytes(48)

    def bury(self) -> None:
        """The worker is gone: nothing is under way, and what it died of stays known to its successor."""
        self._memory[:32] = bytes(32)

    @property
    def died_of(self) -> UUID | None:
        """The row its predecessor did not survive, if it was at one."""
        row = UUID(bytes=self._memory[32:])
        return None if row == NOTHING else row

    @property
    def is_under_way(self) -> bool:
        """Is it at a piece of work now?"""
        return self._memory[:8] != bytes(8)

    def is_overdue(self, pid: int) -> bool:
        """Has the process been at one piece of work for longer than that may take?"""
        since, wall, cpu_since, cpu = struct.unpack("dddd", self._memory[:32])
        if since == 0:
            return False
        return time.monotonic() - since > wall or cpu_seconds_of(pid) - cpu_since > cpu


def cpu_seconds_of(pid: int) -> float:
    """What a process has used of the processor so far; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start(workers: list[LaneWorker], stop: threading.Event, progress: list[Progress]) -> list[threading.Thread]:
    """A thread for each worker and one that listens; all of them look after themselves until told to stop."""
    wakes = [threading.Event() for _worker in workers]
    threads = [
        threading.Thread(target=_loop, args=(worker, wake, stop, shown), name=worker.leases.holder, daemon=True)
        for worker, wake, shown in zip(workers, wakes, progress, strict=True)
    ]
    channels: dict[str, list[threading.Event]] = {}
    for worker, wake in zip(workers, wakes, strict=True):
        channels.setdefault(worker.channel, []).append(wake)
    threads.append(threading.Thread(target=_listen, args=(channels, stop), name="listen", daemon=True))
    for thread in threads:
        thread.start()
    return threads


def _loop(worker: LaneWorker, wake: threading.Event, stop: threading.Event, progress: Progress) -> None:
    aged = time.monotonic()
    looked = 0.0
    while not stop.is_set():
        wake.clear()
        began = time.monotonic()
        try:
            progress.begin(ROUND_SECONDS)
            worked = worker.run_once(began)
        except (OperationalError, InterfaceError) as fault:
            progress.end()
            log.warning("%s: the database is away (%s); trying again", worker.queue, str(fault).strip()[:200])
            _after_a_fault(worker, stop)
            continue
        except Exception:
            progress.end()
            log.exception("%s: a round failed; trying again", worker.queue)
            _after_a_fault(worker, stop)
            continue
        progress.end()
        if worked:
            continue
        before, looked = looked, time.monotonic() - began
        wake.wait(POLL_SECONDS)
        if time.monotonic() - aged > AGE_SECONDS:  # each time costs a question of its own: does it still answer?
            close_old_connections()
            aged = time.monotonic()
        if min(before, looked) > BRIEF_SECONDS:
            stop.wait(min(looked * REST_FACTOR, 2.0))
    _leave(worker)


def _after_a_fault(worker: LaneWorker, stop: threading.Event) -> None:
    worker.start_afresh()
    connection.close()
    stop.wait(0.5)


def _leave(worker: LaneWorker) -> None:
    """Let the lanes go at once, if the database is there to be told."""
    try:
        worker.leases.leave()
    except (OperationalError, InterfaceError):
        log.info("%s: left without a word; the leases run out by themselves", worker.queue)
    connection.close()


def _listen(channels: dict[str, list[threading.Event]], stop: threading.Event) -> None:
    """NOTIFY is a hint: a lost one costs at most the poll interval."""
    while not stop.is_set():
        try:
            with psycopg.connect(**_listen_parameters(), autocommit=True) as listener:
                for channel in channels:
                    listener.execute(f'LISTEN "{channel}"'.encode())
                while not stop.is_set():
                    for notice in listener.notifies(timeout=1, stop_after=1):
                        for wake in channels[notice.channel]:
                            wake.set()
        except psycopg.Error:
            stop.wait(1)


def _listen_parameters() -> dict[str, Any]:
    told = connection.settings_dict
    return {
        "host": told["HOST"],
        "port": told["PORT"],
        "user": told["USER"],
        "password": told["PASSWORD"],
        "dbname": told["NAME"],
        "connect_timeout": 5,
    }
