"""Carrying deliveries over HTTP, and knowing when their destination is down.

A destination that does not answer opens a circuit: nothing more is claimed for it, one probe goes out after 1, 2, 4, 8,
then every 10 seconds, and the rows that wait do not age. Only an event that is itself refused is tried again with
growing delays, for about three days, and then parked; it is never deleted.
"""

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from django.conf import settings

from base import metrics
from base.ids import uuid7
from integration.lanes import BATCH, DONE, Outcome
from integration.receive import BATCH_HEADER
from integration.signing import Envelope, batch_wrapper, hop_headers, item, wrapper

PROBE_SECONDS_MAX = 10.0
PROBE_TIMEOUT_SECONDS = 15.0
TIMEOUT = httpx.Timeout(10.0, connect=2.0)
# 1 s, 2 s, 4 s … capped at six hours: the 26th attempt comes after about three days.
REFUSED_ATTEMPTS = 26
REFUSED_DELAY_MAX = 6 * 3600.0
BATCH_BYTES_MAX = 1024 * 1024

_local = threading.local()


class Circuit:
    """Is the destination down? Shared by the threads of one relay that send there."""

    def __init__(self, destination: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.destination, self.clock = destination, clock
        self.batch = 1  # until the destination announces that it takes more
        self._lock = threading.Lock()
        self._until, self._pause, self._probing_until = 0.0, 0.0, 0.0

    def allowed(self) -> int:
        """How many deliveries may be claimed for it now: all, one as a probe, or none."""
        with self._lock:
            if self._pause == 0.0:
                return BATCH
            now = self.clock()
            if now < self._until or now < self._probing_until:
                return 0
            self._probing_until = now + PROBE_TIMEOUT_SECONDS
            return 1

    def failed(self) -> None:
        """No answer: wait longer than last time, at most ten seconds."""
        with self._lock:
            if self._pause and self.clock() < self._until:
                return  # another thread has just said so
            self._pause = min(max(self._pause * 2, 1.0), PROBE_SECONDS_MAX)
            self._until, self._probing_until = self.clock() + self._pause, 0.0
        metrics.CIRCUIT_OPEN.labels(self.destination).set(1)

    def answered(self) -> None:
        """It is there."""
        with self._lock:
            was_open = self._pause > 0
            self._pause = self._until = self._probing_until = 0.0
        if was_open:
            metrics.CIRCUIT_OPEN.labels(self.destination).set(0)

    def spare_probe(self) -> None:
        """There was nothing to probe with."""
        with self._lock:
            self._probing_until = 0.0


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery to carry: the envelope, its place in its order, and how often it has been tried."""

    envelope: Envelope
    aggregate: str
    route: str
    routeseq: int
    attempt: int
    mode: str = "live"


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of a parcel, and the status it was answered with, if it was."""

    outcome: Outcome
    status: int | None = None


NOT_NOW = Carried(Outcome("hold", "what comes before it was not taken"))


def carry(parcels: Sequence[Parcel], to: str, circuit: Circuit) -> list[Carried]:
    """Hand parcels over, each aggregate in order; nothing goes out behind one that is not taken."""
    found: list[Carried] = []
    broken: set[str] = set()
    rest = list(parcels)
    while rest:
        size = _fitting(rest, circuit.batch)
        chunk, rest = rest[:size], rest[size:]
        going = [parcel for parcel in chunk if parcel.aggregate not in broken]
        answers = iter(_hand_over(going, to, circuit))
        for parcel in chunk:
            carried = NOT_NOW if parcel.aggregate in broken else next(answers)
            if carried.outcome.verdict != "done":
                carried = NOT_NOW if parcel.aggregate in broken else carried
                broken.add(parcel.aggregate)
            found.append(carried)
    return found


def _fitting(parcels: Sequence[Parcel], most: int) -> int:
    """How many of them fit one hop."""
    size = 0
    for number, parcel in enumerate(parcels[:most]):
        size += len(parcel.envelope.body) * 4 // 3 + 600
        if number and size > BATCH_BYTES_MAX:
            return number
    return min(most, len(parcels))


def _hand_over(parcels: Sequence[Parcel], to: str, circuit: Circuit) -> list[Carried]:
    """One hop."""
    if not parcels:
        return []
    as_batch = circuit.batch > 1
    try:
        response = _post(to, _body(parcels, to, as_batch))
    except httpx.TransportError as fault:
        circuit.failed()
        return [Carried(Outcome("hold", f"{to} does not answer: {type(fault).__name__}"))] * len(parcels)
    announced = response.headers.get(BATCH_HEADER, "")
    circuit.batch = min(int(announced), BATCH) if announced.isdecimal() and len(announced) < 6 else 1
    status = response.status_code
    if as_batch and status == 200 and (results := _results(response, len(parcels))) is not None:
        carried = [
            _judge(parcel, to, int(result["status"]), f"{result.get('code', '')}: {result.get('detail', '')}")
            for parcel, result in zip(parcels, results, strict=True)
        ]
    elif not as_batch and (status in {200, 202} or (400 <= status < 500 and status not in {401, 413, 415, 423, 429})):
        carried = [_judge(parcels[0], to, status, response.text[:500])]
    else:  # it says nothing about the events themselves
        circuit.failed()
        return [Carried(Outcome("hold", f"{to} cannot take it now ({status})"), status)] * len(parcels)
    if any(one.status == 423 or (one.status or 0) >= 500 for one in carried):
        circuit.failed()
    else:
        circuit.answered()
    return carried


def _body(parcels: Sequence[Parcel], to: str, as_batch: bool) -> bytes:
    told: dict[str, Any] = {"sender": settings.SIDE, "to": to}
    if as_batch:
        items = [item(p.envelope, route=p.route, routeseq=p.routeseq, mode=p.mode) for p in parcels]
        return batch_wrapper(items, **told)
    (parcel,) = parcels
    return wrapper(parcel.envelope, route=parcel.route, routeseq=parcel.routeseq, mode=parcel.mode, **told)


def _results(response: httpx.Response, count: int) -> list[dict[str, Any]] | None:
    """The answers to a batch, if that is what they are."""
    try:
        results = response.json()["results"]
        if len(results) == count and all(type(result["status"]) is int for result in results):
            found: list[dict[str, Any]] = results
            return found
    except (ValueError, KeyError, TypeError):
        pass
    return None


def _judge(parcel: Parcel, to: str, status: int, told: str) -> Carried:
    """What one answer means for its event."""
    if status in {200, 202}:
        return Carried(DONE, status)
    if status >= 500 or status in {423, 429}:
        return Carried(Outcome("hold", f"{to} cannot take it now ({status})"), status)
    reason = f"{to} refused it ({status}): {told}"
    if parcel.attempt >= REFUSED_ATTEMPTS:
        return Carried(Outcome("park", reason), status)
    delay = min(2.0 ** (parcel.attempt - 1), REFUSED_DELAY_MAX)
    return Carried(Outcome("again", reason, delay * random.uniform(0.9, 1.1)), status)  # noqa: S311 - jitter, no secret


def _post(to: str, body: bytes) -> httpx.Response:
    return _client().post(f"{settings.PEERS[to]}/events", content=body, headers=hop_headers(body, str(uuid7())))


def _client() -> httpx.Client:
    """One kept-alive connection per thread; proxies of the environment are none of our business."""
    if not hasattr(_local, "client"):
        _local.client = httpx.Client(timeout=TIMEOUT, trust_env=False)
    client: httpx.Client = _local.client
    return client
