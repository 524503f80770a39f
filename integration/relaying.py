"""The relay process of a side: one child sends, one applies; a child that dies is started again.

Apart, so that a handler that takes its process down cannot stop what goes out.
"""

import contextlib
import ctypes
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

from django.conf import settings
from django.db import connections

from base import metrics
from base.rights import refuse_excess_rights
from integration.courier import Circuits
from integration.lanes import run_lanes

log = logging.getLogger(__name__)

Part = Callable[[threading.Event], list[threading.Thread]]
PR_SET_PDEATHSIG = 1


def _holder(part: str) -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{part}"


def outgoing(stop: threading.Event) -> list[threading.Thread]:
    """Send what waits: a side to the hub, the hub to the sides."""
    circuits = Circuits()
    if settings.SIDE == "integration":
        from integration.hub import sending as hub_sending  # the hub is installed on one side only
        from integration.hub.models import Delivery

        return run_lanes(
            Delivery, hub_sending.sender(circuits), _holder("hub"), stop, blocked=circuits.blocked, threads=4
        )
    from integration.outbox import sending  # models need the app registry
    from integration.outbox.models import Message

    return run_lanes(Message, sending.sender(circuits), _holder("out"), stop, blocked=circuits.blocked, threads=2)


def incoming(stop: threading.Event) -> list[threading.Thread]:
    """Apply what was told."""
    from integration.inbox.applying import apply  # models need the app registry
    from integration.inbox.models import Incoming

    return run_lanes(Incoming, apply, _holder("in"), stop, threads=2)


def run() -> None:
    """Run the relay until SIGTERM or SIGINT."""
    refuse_excess_rights()
    connections.close_all()
    parts: dict[str, Part] = {"out": outgoing} if settings.SIDE == "integration" else {"out": outgoing, "in": incoming}
    children = {_spawn(name, part): name for name, part in parts.items()}
    stopping = False

    def leave(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        for pid in list(children):
            _signal(pid, signal.SIGTERM)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    while children:
        try:
            pid, status = os.wait()
        except InterruptedError:
            continue
        except ChildProcessError:
            break
        name = children.pop(pid, None)
        if name and not stopping:
            log.warning("the relay's part %r ended (%s); starting it again", name, status)
            time.sleep(0.2)
            children[_spawn(name, parts[name])] = name


def _spawn(name: str, part: Part) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # the parent died in between
        os._exit(0)
    code = 1
    try:
        _work(name, part)
        code = 0
    except Exception:
        log.exception("the relay's part %r failed", name)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _work(name: str, part: Part) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    signal.signal(signal.SIGINT, lambda _number, _frame: stop.set())
    metrics.started()
    threads = part(stop)
    log.info("relay %s %s: working", settings.SIDE, name)
    while not stop.wait(1):
        if not all(thread.is_alive() for thread in threads):
            log.error("a thread of the relay's part %r died", name)
            os._exit(1)
    for thread in threads:
        thread.join(timeout=5)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
