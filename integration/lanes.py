"""Work that waits in a table, in order per aggregate, shared by any number of workers.

A row's lane is a hash of its aggregate. A lane has one holder at a time, by a lease with a fencing token; rows of an
aggregate are worked on from the oldest unfinished one on; no transaction is open while they are. The outbox, the hub's
deliveries and the inbox are such tables.

Never a cursor over a serial id: a slower transaction commits a smaller id later and would be stepped over. Heads are
found by skipping from aggregate to aggregate in the index, so a claim costs the same however many rows wait behind.
"""

import logging
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from integration.leases import LOOK_SECONDS, Leases

log = logging.getLogger(__name__)

BATCH = 100
LOOK_AT_HEADS = 256
END = "\U0010ffff"  # behind every aggregate
MAX_CLAIMS = 5
# After lanes changed hands a worker takes little at first, and looks again who else is there: those who start or wake
# up together have shared the lanes out before one of them has taken it all. Then it looks ever more seldom.
FIRST_BATCH, FIRST_LOOK_SECONDS = 10, 0.2
REFUSED_TRIES = 8  # more is for long: the ninth comes four minutes after the first


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
    """A row that waits to be worked on; `aggregate` and `position` say in which order.

    `attempts` counts claims, so that work that takes its process down is counted too; `claim` is the token it was last
    claimed under, until it is settled.
    """

    lane = models.PositiveSmallIntegerField()
    aggregate = models.CharField(max_length=300)
    position = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=WorkState, default=WorkState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    claim = models.BigIntegerField(default=0)
    not_before = models.DateTimeField(db_default=Now())
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


def queue_indexes(name: str, *first: str) -> list[models.Index]:
    """A partial index that holds unfinished rows only, so that history costs nothing; `first` splits the queue."""
    unfinished = ~models.Q(state=WorkState.DONE)
    fields = [*first, "lane", "aggregate", "position"]
    return [models.Index(fields=fields, name=f"{name}_heads", condition=unfinished)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: `done`; `again` later (counted as an attempt); `hold` (not counted); `park`."""

    verdict: Literal["done", "again", "hold", "park"]
    error: str = ""
    delay_seconds: float = 0.0


DONE = Outcome("done")
Work = Callable[[Sequence[Any]], list[Outcome]]


class Gate(Protocol):
    """How many rows may be claimed now: all, one as a probe, or none."""

    def allowed(self) -> int: ...

    def spare_probe(self) -> None: ...


# What is new is due, whatever its clock said when it was written; and nothing is held for minutes without being tried:
# such a time was written before the clock was set back.
_DUE = """(h.not_before <= clock_timestamp() OR h.attempts = 0 AND (
             h.error = '' OR h.not_before > clock_timestamp() + interval '2 minutes'))"""
# The head of every aggregate, lane by lane: each step of the recursion is one probe of the `heads` index.
_CLAIM = """
WITH RECURSIVE heads AS (
  (SELECT l.lane, l.token, f.id, f.aggregate, 1 AS step
   FROM unnest(%(lanes)s::int[], %(tokens)s::bigint[], %(after)s::text[]) AS l(lane, token, after)
   CROSS JOIN LATERAL (SELECT q.id, q.aggregate FROM {table} q
     WHERE {where} q.lane = l.lane AND q.state <> 'done' AND q.aggregate > l.after
     ORDER BY q.lane, q.aggregate, q.position LIMIT 1) f)
  UNION ALL
  SELECT p.lane, p.token, f.id, f.aggregate, p.step + 1 FROM heads p
   CROSS JOIN LATERAL (SELECT q.id, q.aggregate FROM {table} q
     WHERE {where} q.lane = p.lane AND q.state <> 'done' AND q.aggregate > p.aggregate
     ORDER BY q.lane, q.aggregate, q.position LIMIT 1) f
   WHERE p.step < %(look)s
)"""
_CHOOSE = """, due AS (
  SELECT p.lane, p.token, p.aggregate, p.step, h.position FROM heads p JOIN {table} h ON h.id = p.id
  WHERE {free} ORDER BY p.step LIMIT %(limit)s
), chosen AS (
  SELECT r.id, d.lane, d.token FROM due d CROSS JOIN LATERAL (
    SELECT h.id, row_number() OVER way AS turn,
           bool_and({free}) OVER way AS unbroken
    FROM (SELECT * FROM {table} q WHERE q.aggregate = d.aggregate AND q.lane = d.lane AND q.state <> 'done'
          AND q.position >= d.position ORDER BY q.lane, q.aggregate, q.position LIMIT %(run)s) h
    WINDOW way AS (ORDER BY h.position)
  ) r WHERE r.unbroken ORDER BY r.turn, d.step LIMIT %(limit)s
)
UPDATE {table} m SET attempts = m.attempts + 1, claim = chosen.token * %(sign)s
FROM chosen
WHERE m.id = chosen.id AND m.state = 'waiting'
  AND EXISTS (SELECT FROM outbox_lanelease l
              WHERE l.queue = %(queue)s AND l.lane = chosen.lane AND l.token = chosen.token)
RETURNING {columns}"""
_ANY = "SELECT EXISTS (SELECT FROM {table} q WHERE {where} q.lane = ANY(%(lanes)s) AND q.state <> 'done')"
_LAST_SEEN = " SELECT lane, max(step), (array_agg(aggregate ORDER BY step DESC))[1] FROM heads GROUP BY lane"
_SETTLE = """
UPDATE {table} m SET state = v.state, attempts = m.attempts - v.uncounted, claim = 0, error = v.error,
  not_before = CASE WHEN v.delay > 0 THEN clock_timestamp() + make_interval(secs => v.delay) ELSE m.not_before END,
  finished_at = CASE WHEN v.state = 'waiting' THEN NULL ELSE clock_timestamp() END
FROM unnest(%(ids)s::uuid[], %(states)s::text[], %(uncounted)s::int[], %(delays)s::float8[], %(errors)s::text[])
  AS v(id, state, uncounted, delay, error)
WHERE m.id = v.id AND m.state = 'waiting'
  AND EXISTS (SELECT FROM unnest(%(lanes)s::int[], %(tokens)s::bigint[]) AS t(lane, token)
              JOIN outbox_lanelease l ON l.lane = t.lane AND l.token = t.token
              WHERE l.queue = %(queue)s AND t.lane = m.lane AND t.token = abs(m.claim))
"""


class LaneWorker:
    """Works off its share of the lanes of one queue; run one per thread.

    `work(rows)` does the rows, each aggregate's in order, and says what became of each; no transaction is open then.
    `destination` narrows the queue to what goes one way. With `isolating`, a row whose first attempt did not end well
    is left to a second worker that takes only such `suspects`.
    """

    def __init__(
        self,
        model: type[QueuedRow],
        work: Work,
        holder: str,
        *,
        destination: str = "",
        isolating: bool = False,
        suspects: bool = False,
        gate: Gate | None = None,
    ) -> None:
        self.model, self.work, self.gate = model, work, gate
        self.destination, self.isolating, self.suspects = destination, isolating, suspects
        self.table = model._meta.db_table
        self.main_queue = f"{self.table}>{destination}" if destination else self.table
        self.queue = f"{self.main_queue}?" if suspects else self.main_queue
        self.channel = suspects_of(self.table) if suspects else self.table
        self.leases = Leases(self.queue, self.table, holder, self.channel)
        self.tokens: dict[int, int] = {}
        self.after: dict[int, str] = {}
        self._renewed, self._look_after = float("-inf"), 0.0
        self._progressed = False

    def run_once(self, now: float = 0.0) -> int:
        """One round over our lanes; how many rows were worked on. `now` is any steady clock, in seconds."""
        most = BATCH
        if not self.tokens or not 0 <= now - self._renewed <= self._look_after:
            afresh, had = self.leases.afresh, self.tokens
            self.tokens = self.leases.renew(self._progressed)
            self._look_after = min(max(2 * self._look_after, FIRST_LOOK_SECONDS), LOOK_SECONDS)
            if self.tokens != had:
                self._look_after, most = 0.0, FIRST_BATCH
            self._renewed, self._progressed = now, False
            if afresh and self.isolating:
                notify(suspects_of(self.table))  # what our predecessor was at is nobody's now
        limit = min(self.gate.allowed(), most) if self.gate and self.tokens else most
        rows = self._claim(limit) if limit and self.tokens else []
        if self.gate and limit and not rows:
            self.gate.spare_probe()
        if rows:
            outcomes = self.work(rows)
            if not self.isolating or any(outcome.verdict != "done" for outcome in outcomes):
                self._settle(rows, outcomes)  # what is isolated settles its success itself, with its effect
                if self.isolating:
                    notify(suspects_of(self.table))
            self._log(rows, outcomes)
        self._progressed = True
        return len(rows)

    def _log(self, rows: Sequence[QueuedRow], outcomes: Sequence[Outcome]) -> None:
        """What became of each row, under its chain's id; what only waits is silent."""
        for row, outcome in zip(rows, outcomes, strict=True):
            if outcome.verdict == "hold":
                continue
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

    def start_afresh(self) -> None:
        """After a fault nobody knows what became of the rows claimed: give them up with their token."""
        self.tokens, self.leases.afresh = {}, True

    def _claim(self, limit: int) -> list[QueuedRow]:
        """Heads that are due, and what follows them; each counted as claimed before anything is done with it.

        A claim goes on where the last one ended, so that a busy aggregate keeps no other waiting.
        """
        if self._nothing_waits():
            return []
        fresh = not any(self.after.values())
        while True:
            rows = self._claim_here(limit)
            if rows:
                for row in rows:
                    self.after[row.lane] = max(self.after.get(row.lane, ""), row.aggregate)
                return sorted(rows, key=lambda row: (row.aggregate, row.position))
            self.after = self._behind()
            if all(after == END for after in self.after.values()):
                self.after = {}
                if fresh:
                    return []
                fresh = True

    def _nothing_waits(self) -> bool:
        """Is everything in our lanes done? The usual answer, and far cheaper to have than a claim of nothing."""
        with connection.cursor() as cursor:
            cursor.execute(
                _ANY.format(table=self.table, where=self._where),
                {"lanes": list(self.tokens), "destination": self.destination},
            )
            return cursor.fetchone() == (False,)

    def _claim_here(self, limit: int) -> list[QueuedRow]:
        held, held_parameters = self.model.held_sql()
        free = f"h.state = 'waiting' AND {_DUE} AND {self._mine} AND NOT ({held})"
        columns = ", ".join(f"m.{field.column}" for field in self.model._meta.concrete_fields)
        sql = (_CLAIM + _CHOOSE).format(table=self.table, where=self._where, free=free, columns=columns)
        named = {f"held{number}": value for number, value in enumerate(held_parameters)}
        sql = _name_parameters(sql, len(held_parameters))
        return list(self.model._default_manager.raw(sql, self._facts(limit) | named))

    def _behind(self) -> dict[int, str]:
        """Where to look on, per lane, behind heads that cannot be worked on now."""
        with connection.cursor() as cursor:
            cursor.execute((_CLAIM + _LAST_SEEN).format(table=self.table, where=self._where), self._facts(1))
            seen = {lane: aggregate for lane, steps, aggregate in cursor.fetchall() if steps >= LOOK_AT_HEADS}
        return {lane: seen.get(lane, END) for lane in self.tokens}

    def _facts(self, limit: int) -> dict[str, Any]:
        lanes = list(self.tokens)
        return {
            "lanes": lanes,
            "tokens": list(self.tokens.values()),
            "after": [self.after.get(lane, "") for lane in lanes],
            "look": LOOK_AT_HEADS,
            "limit": limit,
            "run": limit,
            "sign": -1 if self.suspects else 1,
            "queue": self.queue,
            "main": self.main_queue,
            "destination": self.destination,
        }

    @property
    def _where(self) -> str:
        return "q.destination = %(destination)s AND" if self.destination else ""

    @property
    def _mine(self) -> str:
        """A first attempt is the ordinary worker's; a later one the isolating worker's, once nobody is at it."""
        if self.suspects:
            return """h.attempts > 0 AND NOT EXISTS (SELECT FROM outbox_lanelease l WHERE l.queue = %(main)s
                      AND l.lane = h.lane AND l.token = h.claim AND l.expires_at > clock_timestamp())"""
        return "h.attempts = 0" if self.isolating else "true"

    def _settle(self, rows: Sequence[QueuedRow], outcomes: Sequence[Outcome]) -> None:
        """Write the outcomes down, unless a lane has gone to somebody else or a row's claim was taken back."""
        states = {"done": "done", "park": "parked", "again": "waiting", "hold": "waiting"}
        with connection.cursor() as cursor:
            cursor.execute(
                _SETTLE.format(table=self.table),
                {
                    "ids": [row.pk for row in rows],
                    "states": [states[outcome.verdict] for outcome in outcomes],
                    "uncounted": [int(outcome.verdict == "hold") for outcome in outcomes],
                    "delays": [float(outcome.delay_seconds) for outcome in outcomes],
                    "errors": [outcome.error[:2000].replace("\x00", "") for outcome in outcomes],
                    "lanes": list(self.tokens),
                    "tokens": list(self.tokens.values()),
                    "queue": self.queue,
                },
            )


def _name_parameters(sql: str, count: int) -> str:
    """`held_sql` speaks in `%s`, and its condition stands in the claim twice."""
    parts = sql.split("%s")
    assert count == 0 or len(parts) - 1 == 2 * count, "held_sql: as many %s as parameters"
    return "".join(
        part + (f"%(held{number % count})s" if number < len(parts) - 1 else "") for number, part in enumerate(parts)
    )


def suspects_of(table: str) -> str:
    """The channel on which those are woken who take up what did not go well."""
    return f"{table}?"


def notify(channel: str) -> None:
    """Wake the workers of a queue when this transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [channel])


def is_database_away(fault: BaseException) -> bool:
    """A lost connection, a deadlock or a serialisation failure says nothing against the row itself."""
    if isinstance(fault, InterfaceError):
        return True
    state = str(getattr(fault.__cause__, "sqlstate", "") or "")
    return isinstance(fault, DatabaseError) and (state.startswith(("08", "40", "53", "57")) or not state)


def is_lock_timeout(fault: BaseException) -> bool:
    """Somebody else held for longer than we would wait."""
    return getattr(fault.__cause__, "sqlstate", "") == "55P03"


def retry_parked(model: type[QueuedRow], pk: Any) -> bool:
    """Take a parked row up again, from the first attempt; was it parked?"""
    with transaction.atomic():
        changed = model._default_manager.filter(pk=pk, state=WorkState.PARKED).update(
            state=WorkState.WAITING, attempts=0, claim=0, not_before=Now(), finished_at=None
        )
        notify(model._meta.db_table)
    return bool(changed)
