"""Carrying one delivery over HTTP, and knowing when its destination is down.

A destination that does not answer opens a circuit: nothing more is claimed for it, a probe goes out after 1, 2, 4, 8,
then every 10 seconds, and the rows that wait do not age. Only an event that is itself refused is tried again with
growing delays, for about three days, and then parked; it is never deleted.
"""

import random
import threading
import time
from collections.abc import Callable

import httpx
from django.conf import settings

from base import metrics
from base.ids import uuid7
from integration.lanes import DONE, Outcome
from integration.signing import Envelope, hop_headers, wrapper

PROBE_SECONDS_MAX = 10.0
TIMEOUT = httpx.Timeout(10.0, connect=2.0)
# 5 s, 10 s, 20 s … capped at six hours: the 20th attempt comes after about three days.
REFUSED_ATTEMPTS = 20
REFUSED_DELAY_MAX = 6 * 3600.0

_local = threading.local()


class Circuits:
    """Which destinations are down, shared by the threads of one relay."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._open: dict[str, tuple[float, float]] = {}

    def blocked(self) -> list[str]:
        """Destinations that nothing is to be claimed for now."""
        now = self.clock()
        return [destination for destination, (until, _pause) in self._open.items() if now < until]

    def failed(self, destination: str) -> None:
        """No answer: wait longer than last time, at most ten seconds."""
        until, pause = self._open.get(destination, (0.0, 0.5))
        if self.clock() < until:
            return  # another thread has just said so
        pause = min(pause * 2, PROBE_SECONDS_MAX)
        self._open[destination] = (self.clock() + pause, pause)
        metrics.CIRCUIT_OPEN.labels(destination).set(1)

    def answered(self, destination: str) -> None:
        """It is back."""
        if self._open.pop(destination, None):
            metrics.CIRCUIT_OPEN.labels(destination).set(0)


def carry(
    envelope: Envelope, *, to: str, route: str, routeseq: int, attempt: int, circuits: Circuits, mode: str = "live"
) -> tuple[Outcome, int | None]:
    """Hand an envelope to its next stop; what became of it, and the status it answered with."""
    if to in circuits.blocked():
        return Outcome("hold", "the destination is down"), None
    body = wrapper(envelope, sender=settings.SIDE, to=to, route=route, routeseq=routeseq, mode=mode)
    try:
        response = _client().post(f"{settings.PEERS[to]}/events", content=body, headers=hop_headers(body, str(uuid7())))
    except httpx.TransportError as fault:
        circuits.failed(to)
        return Outcome("hold", f"{to} does not answer: {type(fault).__name__}"), None
    status = response.status_code
    if status in {200, 202}:
        circuits.answered(to)
        return DONE, status
    if status >= 500 or status in {423, 429}:
        circuits.failed(to)
        return Outcome("hold", f"{to} cannot take it now ({status})"), status
    circuits.answered(to)
    reason = f"{to} refused it ({status}): {response.text[:500]}"
    if attempt >= REFUSED_ATTEMPTS:
        return Outcome("park", reason), status
    delay = min(5.0 * 2 ** (attempt - 1), REFUSED_DELAY_MAX)
    return Outcome("again", reason, delay * random.uniform(0.9, 1.1)), status  # noqa: S311 - jitter, no secret


def _client() -> httpx.Client:
    """One kept-alive connection per thread; proxies of the environment are none of our business."""
    if not hasattr(_local, "client"):
        _local.client = httpx.Client(timeout=TIMEOUT, trust_env=False)
    client: httpx.Client = _local.client
    return client
