"""Is the relay getting on? Judged by what moves, not by whether its process is there.

A lane stands still when a row of it is due, has been for a while, and no worker has come to the end of a round there
since. A destination that does not answer or a record that is held is no standstill: the worker still makes its rounds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from base.metrics import Gauge
from integration.lanes import QueuedRow, WorkState

# Lane by lane and only where nobody has made a round lately, so that asking costs nothing however much waits.
_STANDING = """
SELECT count(*), coalesce(max(extract(epoch FROM clock_timestamp() - due.since)), 0)
FROM generate_series(0, %(lanes)s - 1) AS way(lane)
CROSS JOIN LATERAL (
  SELECT q.not_before AS since FROM {table} q
  WHERE {where} q.lane = way.lane AND q.state = %(waiting)s
    AND q.not_before < clock_timestamp() - make_interval(secs => %(seconds)s)
  LIMIT 1
) due
WHERE NOT EXISTS (SELECT FROM outbox_lanelease l WHERE l.queue = %(queue)s AND l.lane = way.lane
                  AND l.progressed_at > clock_timestamp() - make_interval(secs => %(seconds)s))
"""


@dataclass(frozen=True)
class Line:
    """What one kind of worker has to do: its rows, narrowed as the worker narrows them."""

    queue: str
    model: type[QueuedRow]
    destination: str = ""
    where: str = ""


@dataclass(frozen=True)
class Standing:
    """How many lanes stand still, and for how many seconds something has been due there."""

    queue: str
    lanes: int
    seconds: float


def lines(model: type[QueuedRow], *, destinations: tuple[str, ...] = (), isolating: bool = False) -> list[Line]:
    """The queues that workers of this table know, named as `LaneWorker` names them."""
    table = model._meta.db_table
    if destinations:
        return [Line(f"{table}>{one}", model, one, "q.destination = %(destination)s AND") for one in destinations]
    if isolating:
        return [Line(table, model, where="q.attempts = 0 AND"), Line(f"{table}?", model, where="q.attempts > 0 AND")]
    return [Line(table, model)]


def standing(wanted: list[Line]) -> Iterator[Standing]:
    """Of each queue, what stands still now."""
    for line in wanted:
        facts: dict[str, Any] = {
            "lanes": settings.RELAY_LANES,
            "waiting": WorkState.WAITING,
            "seconds": settings.RELAY_STALLED_SECONDS,
            "queue": line.queue,
            "destination": line.destination,
        }
        with connection.cursor() as cursor:
            cursor.execute(_STANDING.format(table=line.model._meta.db_table, where=line.where), facts)
            lanes, seconds = cursor.fetchone()
        yield Standing(line.queue, lanes, float(seconds))


def signs(name: str, wanted: list[Line]) -> Iterator[tuple[str, str]]:
    """For `readyz`: how the workers of these queues get on."""
    still = [one for one in standing(wanted) if one.lanes]
    lanes, seconds = sum(one.lanes for one in still), max((one.seconds for one in still), default=0)
    yield name, f"{lanes} lanes stand still, work has been due for {seconds:.0f} s" if lanes else "ok"


def gauges(wanted: list[Line]) -> Iterator[Gauge]:
    """The same for Prometheus."""
    for one in standing(wanted):
        labels = {"queue": one.queue}
        yield Gauge("heming_relay_lanes_standing", "Lanes with work due that nobody gets on with.", one.lanes, labels)
        yield Gauge("heming_relay_standing_seconds", "Since when work has been due there.", one.seconds, labels)
