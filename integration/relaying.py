"""The relay process of a side: children that send, apply, and isolate what is suspect; each starts again when it ends.

Apart, so that a handler that takes its process down cannot stop what goes out. A child is judged by how it gets on,
not by whether its process is there: one that sits on a piece of work for too long is ended, and its work given up.
"""

import contextlib
import ctypes
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module

from django.conf import settings
from django.db import connections

from base import calm, metrics
from base.rights import refuse_excess_rights
from integration import looping
from integration.courier import Circuit
from integration.lanes import LaneWorker
from integration.leases import holder_name
from integration.looping import Progress

log = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1
# How often the children are looked at: closely while one is at a piece of work, for that one may have to be ended.
TICK_SECONDS, IDLE_TICK_SECONDS = 0.02, 0.1
WAKING = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
RESTART_PAUSE_SECONDS = 0.5
LIVED_SECONDS = 2.0
HUB_THREADS = 2
SIDE_THREADS = 2
APPLIERS = 2


@dataclass
class Part:
    """One child: what it does, in which threads, and how they get on."""

    name: str
    workers: Callable[[str, list[Progress]], list[LaneWorker]]
    threads: int = 1
    besides: tuple[Callable[[threading.Event], None], ...] = ()
    progress: list[Progress] = field(default_factory=list)
    pid: int = 0
    started_at: float = 0.0
    start_at: float = 0.0

    def __post_init__(self) -> None:
        self.progress = [Progress() for _thread in range(self.threads)]


def _sending(holder: str, _progress: list[Progress]) -> list[LaneWorker]:
    """Send what waits: a side to the hub, the hub to the sides."""
    if settings.SIDE == "integration":
        from integration.hub import sending as hub_sending  # the hub is installed on one side only
        from integration.hub.models import Delivery

        circuits = {destination: Circuit(destination) for destination in ("crm", "erp")}
        return [
            LaneWorker(
                Delivery,
                hub_sending.sender(destination, circuit),
                f"{holder}/{number}",
                destination=destination,
                gate=circuit,
            )
            for destination, circuit in circuits.items()
            for number in range(HUB_THREADS)
        ]
    from integration.outbox import sending  # models need the app registry
    from integration.outbox.models import Message

    circuit = Circuit("integration")
    return [
        LaneWorker(Message, sending.sender(circuit), f"{holder}/{number}", gate=circuit)
        for number in range(SIDE_THREADS)
    ]


def _applying(holder: str, progress: list[Progress]) -> list[LaneWorker]:
    """Apply what was told, each event the first time."""
    from integration.inbox.applying import applier  # models need the app registry
    from integration.inbox.models import Incoming

    worker = LaneWorker(Incoming, applier(progress[0]), holder, isolating=True)
    worker.leases.died_of = progress[0].died_of
    progress[0].end()
    return [worker]


def _isolating(holder: str, progress: list[Progress]) -> list[LaneWorker]:
    """Apply what did not go well the first time, apart."""
    from integration.inbox.isolating import Courtesy, apply_apart  # models need the app registry
    from integration.inbox.models import Incoming

    work = partial(apply_apart, progress=progress[0])
    return [LaneWorker(Incoming, work, holder, suspects=True, gate=Courtesy())]


def _mending(stop: threading.Event) -> None:
    """Ask the hub for what is missing here."""
    from integration.inbox import gaps  # models need the app registry

    gaps.run(stop)


def _telling(stop: threading.Event) -> None:
    """Webhooks to programs outside of the house."""
    from integration.webhooks import sending  # models need the app registry

    sending.run(stop)


def parts() -> list[Part]:
    """The children of this side's relay."""
    if settings.SIDE == "integration":
        return [Part("out", _sending, threads=2 * HUB_THREADS, besides=(_telling,))]
    appliers = [Part(f"in{number}", _applying) for number in range(APPLIERS)]
    sender = Part("out", _sending, threads=SIDE_THREADS, besides=(_mending, _telling))
    return [sender, *appliers, Part("apart", _isolating)]


def run() -> None:
    """Run the relay until SIGTERM or SIGINT."""
    refuse_excess_rights()
    connections.close_all()
    children = parts()
    _load()
    calm.settle()  # for the children too: they begin as copies of this process
    signal.pthread_sigmask(signal.SIG_BLOCK, WAKING)  # they are waited for; the children take them as ever
    heard = None
    # A process that was stopped and goes on hears of a signal that was none: only these two end it.
    while heard is None or heard.si_signo not in {signal.SIGTERM, signal.SIGINT}:
        for part in children:
            _look_after(part)
        at_work = any(progress.is_under_way for part in children for progress in part.progress)
        heard = signal.sigtimedwait(WAKING, TICK_SECONDS if at_work else IDLE_TICK_SECONDS)
    for part in children:
        _signal(part.pid, signal.SIGTERM)
    for part in children:
        if part.pid:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(part.pid, 0)


def _load() -> None:
    """What the children need, once for all of them: a child that has to start again is at work in a moment."""
    import_module("integration.webhooks.sending")
    if settings.SIDE == "integration":
        import_module("integration.hub.sending")
    else:
        for name in ("inbox.gaps", "inbox.isolating", "outbox.sending"):
            import_module(f"integration.{name}")


def _look_after(part: Part) -> None:
    """Start it, notice its end, or end it when it does not get on."""
    now = time.monotonic()
    if not part.pid:
        if now >= part.start_at:
            part.started_at = now
            part.pid = _spawn(part)
        return
    if os.waitpid(part.pid, os.WNOHANG)[0]:
        log.warning("the relay's part %r ended; starting it again", part.name)
        part.pid = 0
        for progress in part.progress:
            progress.bury()
        at_a_row = any(progress.died_of for progress in part.progress)  # no failed start: each row ends it once at most
        lived = at_a_row or now - part.started_at > LIVED_SECONDS
        part.start_at = now if lived else now + RESTART_PAUSE_SECONDS
        if lived:
            _look_after(part)
    elif any(progress.is_overdue(part.pid) for progress in part.progress):
        log.warning("the relay's part %r does not get on; ending it", part.name)
        _signal(part.pid, signal.SIGKILL)


def _spawn(part: Part) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, WAKING)
    if os.getppid() != parent:  # the parent died in between
        os._exit(0)
    code = 1
    try:
        _work(part, holder_name(parent, part.name))
        code = 0
    except Exception:
        log.exception("the relay's part %r failed", part.name)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _work(part: Part, holder: str) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    signal.signal(signal.SIGINT, lambda _number, _frame: stop.set())
    metrics.started()
    threads = looping.start(part.workers(holder, part.progress), stop, part.progress)
    for work in part.besides:
        threads.append(threading.Thread(target=work, args=(stop,), name=work.__name__, daemon=True))
        threads[-1].start()
    log.info("relay %s %s: working", settings.SIDE, part.name)
    while not stop.wait(1):
        if not all(thread.is_alive() for thread in threads):
            log.error("a thread of the relay's part %r died", part.name)
            os._exit(1)
    for thread in threads:
        thread.join(timeout=5)


def _signal(pid: int, number: int) -> None:
    if pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
