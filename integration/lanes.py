"""Work that waits in a table, in order per aggregate, shared by any number of workers.

A row's lane is a hash of its aggregate. A lane has one holder at a time, by a lease with a fencing token; only the
oldest unfinished row of an aggregate may be worked on; no transaction is open while it is. The outbox, the hub's
deliveries and the inbox are such tables.

Never a cursor over a serial id: a slower transaction commits a smaller id later and would be stepped over.
"""

import logging
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import psycopg
from django.conf import settings
from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    models,
    transaction,
)
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

log = logging.getLogger(__name__)

LEASE_SECONDS = 15
BATCH = 32
POLL_SECONDS = 1.0
MAX_CLAIMS = 5


def lane_of(aggregate: str) -> int:
    """The lane of an aggregate: the same on every machine and in every version.

    >>> lane_of("deal:1") == lane_of("deal:1")
    True
    """
    return zlib.crc32(aggregate.encode()) % int(settings.RELAY_LANES)


class WorkState(models.TextChoices):
    """Where a row stands."""

    WAITING = "waiting", _("waiting")
    DONE = "done", _("done")
    PARKED = "parked", _("parked")


class QueuedRow(models.Model):
    """A row that waits to be worked on; `aggregate` and `position` say in which order."""

    lane = models.PositiveSmallIntegerField()
    aggregate = models.CharField(max_length=300)
    position = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=WorkState, default=WorkState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, default="")

    class Meta:
        abstract = True

    @classmethod
    def held_sql(cls) -> tuple[str, list[Any]]:
        """Which rows a person or a conflict holds back: a condition on the row `h`, and its parameters.

        It is read inside every claim, so that a pause holds from the moment it is committed.
        """
        return "false", []


def queue_indexes(name: str) -> list[models.Index]:
    """Two partial indexes that hold unfinished rows only, so that history costs nothing."""
    return [
        models.Index(fields=["lane", "not_before"], name=f"{name}_due", condition=models.Q(state=WorkState.WAITING)),
        models.Index(fields=["aggregate", "position"], name=f"{name}_heads", condition=~models.Q(state=WorkState.DONE)),
    ]


class LaneLease(models.Model):
    """Who works on a lane, until when; the token grows with every change of hands."""

    queue = models.CharField(max_length=40)
    lane = models.PositiveSmallIntegerField()
    holder = models.CharField(max_length=80)
    token = models.BigIntegerField(default=1)
    expires_at = models.DateTimeField()

    class Meta:
        app_label = "outbox"
        constraints = [models.UniqueConstraint(fields=["queue", "lane"], name="one_lease_per_lane")]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: `done`; `again` later (counted as an attempt); `hold` (not counted); `park`."""

    verdict: Literal["done", "again", "hold", "park"]
    error: str = ""
    delay_seconds: float = 0.0


DONE = Outcome("done")


class LaneWorker:
    """Works off the lanes it can get of one queue; run one per thread.

    `work(row)` does the row and says what became of it; it runs outside any transaction.
    """

    def __init__(
        self,
        model: type[QueuedRow],
        work: Callable[[Any], Outcome],
        holder: str,
        blocked: Callable[[], list[str]] = list,
    ) -> None:
        self.model, self.work, self.holder, self.blocked = model, work, holder, blocked
        self.queue = model._meta.db_table
        self.held: dict[int, tuple[int, float]] = {}

    def run_once(self, lanes: list[int]) -> int:
        """One round over the lanes; how many rows were worked on."""
        worked = 0
        for lane in lanes:
            if (token := self._lease(lane)) is None:
                continue
            for row in self._claim(lane, token):
                outcome = self.work(row)
                self._settle(row, token, outcome)
                self._log(row, outcome)
                worked += outcome.verdict != "hold"
        return worked

    def _log(self, row: QueuedRow, outcome: Outcome) -> None:
        """What became of the row, under its chain's id; what only waits is silent."""
        if outcome.verdict == "hold":
            return
        event: Any = getattr(row, "event", row)
        told = {
            "queue": self.queue,
            "verdict": outcome.verdict,
            "event": str(getattr(event, "event_id", event.pk)),
            "event_type": event.type,
            "correlation_id": event.correlation_id,
        }
        level = logging.INFO if outcome.verdict == "done" else logging.WARNING
        log.log(level, "%s: %s %s", self.queue, outcome.verdict, event.type, extra=told)

    def _lease(self, lane: int) -> int | None:
        """The fencing token while we hold the lane; renewed at half time, taken over when it has run out."""
        now = timezone.now()
        token, until = self.held.get(lane, (0, 0.0))
        if until - now.timestamp() > LEASE_SECONDS / 2:
            return token
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO outbox_lanelease AS held (queue, lane, holder, token, expires_at)
                   VALUES (%s, %s, %s, 1, %s)
                   ON CONFLICT (queue, lane) DO UPDATE
                   SET token = CASE WHEN held.holder = excluded.holder THEN held.token ELSE held.token + 1 END,
                       holder = excluded.holder, expires_at = excluded.expires_at
                   WHERE held.holder = excluded.holder OR held.expires_at < %s
                   RETURNING token""",
                [self.queue, lane, self.holder, now + timedelta(seconds=LEASE_SECONDS), now],
            )
            row = cursor.fetchone()
        if row is None:
            self.held.pop(lane, None)
            return None
        self.held[lane] = (row[0], now.timestamp() + LEASE_SECONDS)
        return int(row[0])

    def _claim(self, lane: int, token: int) -> list[QueuedRow]:
        """The heads that are due, each counted as claimed before anything is done with it.

        Rows bound for a blocked destination (its circuit is open) stay where they are and do not age.
        """
        blocked = self.blocked()
        held, held_parameters = self.model.held_sql()
        columns = ", ".join(f"m.{field.column}" for field in self.model._meta.concrete_fields)
        return list(
            self.model._default_manager.raw(
                f"""UPDATE {self.queue} m SET attempts = attempts + 1
                    FROM (SELECT h.id FROM {self.queue} h
                          WHERE h.lane = %s AND h.state = 'waiting' AND h.not_before <= clock_timestamp()
                            AND {self._destination} <> ALL(%s) AND NOT ({held})
                            AND NOT EXISTS (SELECT FROM {self.queue} e WHERE e.aggregate = h.aggregate
                                            AND e.position < h.position AND e.state <> 'done')
                          ORDER BY h.id LIMIT {BATCH} FOR UPDATE) due
                    WHERE m.id = due.id
                      AND EXISTS (SELECT FROM outbox_lanelease
                                  WHERE queue = %s AND lane = %s AND token = %s)
                    RETURNING {columns}""",  # noqa: S608 - names come from our own models
                [lane, blocked, *held_parameters, self.queue, lane, token],
            )
        )

    @property
    def _destination(self) -> str:
        """The column that says where a row goes; without one, all rows of the queue go to the hub."""
        names = {field.name for field in self.model._meta.concrete_fields}
        return "h.destination" if "destination" in names else "'integration'"

    def _settle(self, row: QueuedRow, token: int, outcome: Outcome) -> None:
        """Write the outcome down, unless the lane has gone to somebody else meanwhile."""
        now = timezone.now()
        changes: dict[str, Any] = {"error": outcome.error[:2000]}
        if outcome.verdict == "done":
            changes |= {"state": WorkState.DONE, "finished_at": now}
        elif outcome.verdict == "park":
            changes |= {"state": WorkState.PARKED, "finished_at": now}
        else:
            changes |= {"not_before": now + timedelta(seconds=outcome.delay_seconds)}
        if outcome.verdict == "hold":
            changes["attempts"] = models.F("attempts") - 1
        lease = LaneLease.objects.filter(queue=self.queue, lane=row.lane, token=token)
        self.model._default_manager.filter(models.Exists(lease), pk=row.pk, state=WorkState.WAITING).update(**changes)


def run_lanes(
    model: type[QueuedRow],
    work: Callable[[Any], Outcome],
    holder: str,
    stop: threading.Event,
    threads: int = 4,
    blocked: Callable[[], list[str]] = list,
) -> list[threading.Thread]:
    """Start worker threads over all lanes of a queue; they wake on NOTIFY and look once a second anyway."""
    wakes = [threading.Event() for _number in range(threads)]
    workers = [
        threading.Thread(
            target=_loop,
            args=(
                LaneWorker(model, work, f"{holder}/{number}", blocked),
                list(range(number, int(settings.RELAY_LANES), threads)),
                wake,
                stop,
            ),
            name=f"{model._meta.label}-{number}",
            daemon=True,
        )
        for number, wake in enumerate(wakes)
    ]
    listener = threading.Thread(
        target=_listen, args=(model._meta.db_table, wakes, stop), name=f"{model._meta.label}-listen", daemon=True
    )
    for thread in (*workers, listener):
        thread.start()
    return [*workers, listener]


def _loop(worker: LaneWorker, lanes: list[int], wake: threading.Event, stop: threading.Event) -> None:
    while not stop.is_set():
        wake.clear()
        try:
            if worker.run_once(lanes):
                continue
        except (OperationalError, InterfaceError) as fault:
            log.warning("%s: the database is away (%s); trying again", worker.queue, str(fault).strip()[:200])
            worker.held.clear()
            connection.close()
            stop.wait(1)
            continue
        except Exception:
            log.exception("%s: a round failed; trying again", worker.queue)
            connection.close()
            stop.wait(1)
            continue
        close_old_connections()
        wake.wait(POLL_SECONDS)
    connection.close()


def _listen(channel: str, wakes: list[threading.Event], stop: threading.Event) -> None:
    """NOTIFY is a hint: a lost one costs at most the poll interval."""
    while not stop.is_set():
        try:
            with psycopg.connect(**_listen_parameters(), autocommit=True) as listener:
                listener.execute(f'LISTEN "{channel}"')
                while not stop.is_set():
                    for _notice in listener.notifies(timeout=1, stop_after=1):
                        for wake in wakes:
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


def notify(channel: str) -> None:
    """Wake the workers of a queue when this transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [channel])


def is_database_away(fault: BaseException) -> bool:
    """A lost connection, a deadlock or a serialisation failure says nothing against the row itself."""
    if isinstance(fault, InterfaceError):
        return True
    state = str(getattr(fault.__cause__, "sqlstate", "") or "")
    return isinstance(fault, DatabaseError) and (state.startswith(("08", "40", "57")) or not state)


def retry_parked(model: type[QueuedRow], pk: Any) -> bool:
    """Take a parked row up again, from the first attempt; was it parked?"""
    with transaction.atomic():
        changed = model._default_manager.filter(pk=pk, state=WorkState.PARKED).update(
            state=WorkState.WAITING, attempts=0, not_before=timezone.now(), finished_at=None
        )
        notify(model._meta.db_table)
    return bool(changed)
