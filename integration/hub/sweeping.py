"""Detectors that look at many events: the volume of a contract, and the share that is refused."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from integration.hub import judging
from integration.hub.detectors.flow import reject_rate, volume
from integration.hub.models import Case, Route

MINUTE = timedelta(minutes=1)
HABIT_HOURS = 24 * 14

# Busy minutes of a contract: how many events came in each minute that had any, the newest minute apart.
_MINUTES = """SELECT type, source, date_trunc('minute', archived_at) AS minute, count(*)
FROM hub_archived WHERE archived_at >= %s AND archived_at < %s GROUP BY 1, 2, 3"""
_NOW = "SELECT type, source, count(*) FROM hub_archived WHERE archived_at > %s AND archived_at <= %s GROUP BY 1, 2"
# Of what was tried lately: how many the receiver took, how many it refused (and is tried again or parked).
_ANSWERS = """SELECT r.contract, r.source, d.destination, count(*) FILTER (WHERE d.state = 'done'),
  count(*) FILTER (WHERE d.answered BETWEEN 400 AND 499 AND d.answered NOT IN (423, 429) AND d.state <> 'done')
FROM hub_delivery d JOIN hub_route r ON r.id = d.route_id
WHERE d.attempts > 0 AND (d.state <> 'done' OR d.finished_at > %s) GROUP BY 1, 2, 3"""
# What a side was refused at the door, beside what was taken from it; one that it tries again is still one.
_DOOR = """SELECT q.sender, count(DISTINCT q.reason),
  (SELECT count(*) FROM hub_archived a WHERE a.source = q.sender AND a.archived_at > %s)
FROM hub_quarantined q WHERE q.sender <> '' AND q.received_at > %s GROUP BY 1"""


class Habits:
    """What is usual for each contract, learnt from the archive; looked up anew every hour."""

    def __init__(self) -> None:
        self.as_of: datetime | None = None
        self.minutes: dict[str, list[int]] = {}

    def of(self, contract: str, now: datetime) -> list[int]:
        """Events in each busy minute of the last two weeks, without the newest minutes."""
        if self.as_of is None or now - self.as_of > timedelta(hours=1):
            self._learn(now)
        return self.minutes.get(contract, [])

    def _learn(self, now: datetime) -> None:
        self.as_of, self.minutes = now, {}
        with connection.cursor() as cursor:
            cursor.execute(_MINUTES, [now - timedelta(hours=HABIT_HOURS), now - 2 * MINUTE])
            for contract, _source, _minute, count in cursor.fetchall():
                self.minutes.setdefault(contract, []).append(count)


def sweep_volume(habits: Habits, now: datetime | None = None) -> list[Case]:
    """Contracts that tell far more than they use to are held, one by one."""
    now = now or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_NOW, [now - MINUTE, now])
        counted = cursor.fetchall()
    opened = []
    for contract, source, count in counted:
        found = volume(count, habits.of(contract, now))
        if found is not None and not _is_held(f"contract:{contract}"):
            opened.append(judging.open_case(found, source=source, contract=contract, about=contract))
    return opened


def sweep_rejects(now: datetime | None = None) -> list[Case]:
    """Routes whose receiver refuses an unusual share, and sides that are refused at the door."""
    since = (now or timezone.now()) - 10 * MINUTE
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS, [since])
        answers = cursor.fetchall()
        cursor.execute(_DOOR, [since, since])
        door = cursor.fetchall()
    opened = []
    for contract, source, _destination, taken, refused in answers:
        found = reject_rate(refused, taken, "contract")
        if found is not None and not _is_held(f"contract:{contract}"):
            opened.append(judging.open_case(found, source=source, contract=contract, about=contract))
    for sender, refused, taken in door:
        found = reject_rate(refused, taken, "direction")
        for direction in _directions(sender) if found is not None else ():
            if found is not None and not _is_held(f"direction:{direction}"):
                opened.append(judging.open_case(found, source=sender, contract="", about=direction, target=direction))
    return opened


def _directions(source: str) -> Iterator[str]:
    routes = Route.objects.filter(source=source)
    yield from sorted({route.direction for route in routes})


def _is_held(key: str) -> bool:
    """Held already, or let go by a person a short while ago: the same minutes are not held against it twice."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT EXISTS (SELECT FROM hub_pause WHERE key = %s
               AND (ended_at IS NULL OR ended_at > clock_timestamp() - interval '15 minutes'))""",
            [key],
        )
        (held,) = cursor.fetchone()
    return bool(held)
