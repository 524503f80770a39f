"""What the monitor shows: per route the rate, the lag, what waits and since when; and one event's whole journey."""

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from integration.hub import resigning
from integration.hub.models import Archived, Delivery, Phase, Quarantined, Route
from integration.lanes import WorkState
from integration.signing import BadSignature, check_origin

MINUTES = 30
SLOW_SECONDS = 10
STUCK_SECONDS = 300
TROUBLE_FIRST = ("bad", "warn", "good", "quiet")

_DELIVERED = """
SELECT d.route_id, floor(extract(epoch FROM %(now)s - d.finished_at) / 60)::int AS minutes_ago, count(*),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY d.finished_at - d.created_at)
FROM hub_delivery d
WHERE d.state = 'done' AND d.finished_at > %(since)s AND d.finished_at <= %(now)s
GROUP BY 1, 2
"""
# Only unfinished rows are read, by the partial index that holds nothing else.
_OPEN = """
SELECT route_id, state, CASE WHEN error <> '' THEN coalesce(answered, 0) END, count(*), min(created_at)
FROM hub_delivery WHERE state <> 'done' GROUP BY 1, 2, 3
"""
_ARRIVED = """
SELECT source, floor(extract(epoch FROM %(now)s - archived_at) / 60)::int AS minutes_ago, count(*),
       percentile_disc(0.5) WITHIN GROUP (ORDER BY archived_at - told_at)
FROM hub_archived WHERE archived_at > %(since)s AND archived_at <= %(now)s GROUP BY 1, 2 ORDER BY 2 DESC
"""
# What went wrong, by the receiver's answer; 0 is none.
FAILURES = {
    0: _("no answer"),
    401: _("signature not believed"),
    409: _("out of its order"),
    422: _("not understood"),
    423: _("intake closed"),
    429: _("too much at once"),
}


@dataclass
class Flow:
    """What moves one way: rate, lag, what waits and what fails."""

    minutes: list[int] = field(default_factory=lambda: [0] * MINUTES)
    lag_seconds: float | None = None
    waiting: int = 0
    retrying: int = 0
    parked: int = 0
    oldest_seconds: int | None = None
    failures: Counter[str] = field(default_factory=Counter)

    @property
    def failing(self) -> list[tuple[str, int]]:
        """What went wrong with what is not delivered yet, by class, the most frequent first."""
        return self.failures.most_common()

    @property
    def rate(self) -> int:
        """Deliveries in the last minute."""
        return self.minutes[-1]

    @property
    def delivered(self) -> int:
        """Deliveries in all the minutes shown."""
        return sum(self.minutes)

    @property
    def tone(self) -> str:
        """Nothing to say is quiet; amber is slow, red needs a person."""
        if self.parked or (self.oldest_seconds or 0) > STUCK_SECONDS:
            return "bad"
        if self.retrying or (self.oldest_seconds or 0) > SLOW_SECONDS:
            return "warn"
        return "good"

    def add(self, state: str, answered: int | None, count: int, oldest_seconds: int) -> None:
        """So many that are not delivered yet; `answered` tells how they failed, if they did."""
        self.parked += count if state == WorkState.PARKED else 0
        self.waiting += count if state == WorkState.WAITING else 0
        if answered is not None:
            self.retrying += count if state == WorkState.WAITING else 0
            self.failures[failure_name(answered)] += count
        self.oldest_seconds = max(self.oldest_seconds or 0, oldest_seconds)


@dataclass
class RouteRow(Flow):
    """One route on the monitor."""

    route: Route = field(kw_only=True)

    @property
    def tone(self) -> str:
        """A route that is not on has nothing to be proud of."""
        tone = super().tone
        return "quiet" if tone == "good" and self.route.phase != Phase.ON else tone


@dataclass
class SideRow(Flow):
    """What one side has still to tell the hub, as it says itself; rate and lag are what the hub saw arrive."""

    side: str = field(kw_only=True)
    error: str = ""
    contracts: dict[str, Flow] = field(default_factory=dict)  # of which something waits or fails

    @property
    def tone(self) -> str:
        """A side that does not say is amber: nobody knows what waits there."""
        return "warn" if self.error and super().tone == "good" else super().tone


@dataclass
class Monitor:
    """The whole wall."""

    rows: list[RouteRow]
    arrived: dict[str, list[int]]
    lags: dict[str, float]
    refused: int
    refusals: list[Quarantined]

    @property
    def directions(self) -> list[tuple[str, str, list[RouteRow]]]:
        """The rows by source and destination; trouble first, then the busiest."""
        grouped: dict[tuple[str, str], list[RouteRow]] = defaultdict(list)
        for row in sorted(self.rows, key=lambda row: (TROUBLE_FIRST.index(row.tone), -row.delivered)):
            grouped[row.route.source, row.route.destination].append(row)
        return [(source, destination, rows) for (source, destination), rows in sorted(grouped.items())]

    @property
    def waiting(self) -> int:
        """All that waits."""
        return sum(row.waiting for row in self.rows)

    @property
    def parked(self) -> int:
        """All that needs a person."""
        return sum(row.parked for row in self.rows)

    @property
    def oldest_seconds(self) -> int | None:
        """The longest that anything has been waiting."""
        return max((row.oldest_seconds for row in self.rows if row.oldest_seconds is not None), default=None)

    @property
    def revision(self) -> str:
        """Changes when anything shown changes."""
        shown: list[Any] = [self.arrived, self.refused]
        shown += [
            (r.route.pk, r.route.phase, r.minutes, r.waiting, r.failing, r.parked, r.oldest_seconds) for r in self.rows
        ]
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def monitor(now: datetime | None = None) -> Monitor:
    """The state of all routes, in five queries however many events there are."""
    now = now or timezone.now()
    rows = {route.pk: RouteRow(route=route) for route in Route.objects.order_by("source", "destination", "contract")}
    _add_delivered(rows, now)
    _add_open(rows, now)
    recent = Quarantined.objects.filter(received_at__gt=now - timedelta(hours=1))
    arrived, lags = _arrived(now)
    return Monitor(
        rows=list(rows.values()),
        arrived=arrived,
        lags=lags,
        refused=recent.count(),
        refusals=list(Quarantined.objects.order_by("-pk")[:8]),
    )


def _add_delivered(rows: dict[int, RouteRow], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_DELIVERED, {"now": now, "since": now - timedelta(minutes=MINUTES)})
        found = cursor.fetchall()
    for route, minutes_ago, count, lag in sorted(found, key=lambda line: -line[1]):
        row = rows[route]
        if 0 <= minutes_ago < MINUTES:
            row.minutes[MINUTES - 1 - minutes_ago] = count
        row.lag_seconds = lag.total_seconds()  # the last one stays: the newest minute's median


def _add_open(rows: dict[int, RouteRow], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_OPEN)
        for route, state, answered, count, oldest in cursor.fetchall():
            rows[route].add(state, answered, count, max(0, int((now - oldest).total_seconds())))


def to_the_hub(state: Monitor, told: dict[str, dict[str, Any]]) -> list[SideRow]:
    """The ways from the sides to the hub, each with what its side answered."""
    rows = []
    for side, answer in told.items():
        row = SideRow(
            side=side,
            minutes=state.arrived.get(side, [0] * MINUTES),
            lag_seconds=state.lags.get(side),
            error=answer.get("error", ""),
        )
        for contract, *line in answer.get("backlog", ()):
            row.add(*line)
            row.contracts.setdefault(contract, Flow()).add(*line)
        rows.append(row)
    return rows


def failure_name(answered: int) -> str:
    """The class of a failure, in the operator's words.

    >>> failure_name(503)
    'fault of the receiver'
    """
    if answered >= 500:
        return gettext("fault of the receiver")
    return str(FAILURES.get(answered, gettext("refused")))


def _arrived(now: datetime) -> tuple[dict[str, list[int]], dict[str, float]]:
    """Events the hub took, per source and minute; and how long the newest minute's were on their way, at the median."""
    found = {"crm": [0] * MINUTES, "erp": [0] * MINUTES}
    lags: dict[str, float] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ARRIVED, {"now": now, "since": now - timedelta(minutes=MINUTES)})
        for source, minutes_ago, count, lag in cursor.fetchall():  # the newest minute comes last, and stays
            if 0 <= minutes_ago < MINUTES:
                found.setdefault(source, [0] * MINUTES)[MINUTES - 1 - minutes_ago] = count
                lags[source] = max(0.0, lag.total_seconds())
    return found, lags


@dataclass
class Journey:
    """Where one event has been."""

    event: Archived
    intact: bool
    signed: bool
    keyid: str  # of the signature that counts: the first, or the owner's newer one
    deliveries: list[Delivery]
    consequences: list[Archived]
    same_chain: list[Archived]
    same_aggregate: list[Archived]
    cause: Archived | None


def journey(event: Archived) -> Journey:
    """The event with its signature checked now, its deliveries, and what else belongs to it."""
    keyid, signed = _signature(event)
    lean = Archived.objects.defer("body", "signature", "digest")
    chain = lean.filter(correlation_id=event.correlation_id) if event.correlation_id else lean.none()
    return Journey(
        event=event,
        intact=hashlib.sha256(bytes(event.body)).hexdigest() == event.digest,
        signed=signed,
        keyid=keyid,
        deliveries=list(event.deliveries.select_related("route").order_by("destination")),
        consequences=_first(chain.filter(causation_id=str(event.pk))),
        same_chain=_first(chain.exclude(pk=event.pk)),
        same_aggregate=_first(lean.filter(source=event.source, partition_key=event.partition_key).exclude(pk=event.pk)),
        cause=chain.filter(event_id=event.causation_id).first() if _is_uuid(event.causation_id) else None,
    )


def _first(rows: QuerySet[Archived]) -> list[Archived]:
    return list(rows.order_by("archived_at", "pk")[:50])


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4


def _signature(event: Archived) -> tuple[str, bool]:
    """The key of the signature that the event travels with, and whether it holds."""
    keyid = event.keyid
    try:
        envelope = resigning.envelopes([event])[event.pk]
        keyid = envelope.keyid
        check_origin(envelope, event.source)
    except (BadSignature, ValueError):
        return keyid, False
    return keyid, True


def parked_deliveries() -> QuerySet[Delivery]:
    """What only a person can set going again."""
    return Delivery.objects.filter(state=WorkState.PARKED).select_related("event", "route")
