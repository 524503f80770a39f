"""Routes that only observe: what would have happened on the receiving side, tried there and taken back."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from integration.barrier import hold_barrier
from integration.hub import routing
from integration.hub.models import Archived, Observation, Phase, Route
from integration.hub.refusals import NotForThem
from integration.hub.restricted import MASK, is_restricted, may_go
from integration.liaison.asking import SECONDS, Ask, NoAnswer, ask

BATCH = 50
DAYS = 30
REHEARSED_AT_MOST = 300
TRIED_FOR_S, PATIENCE_S = 12.0, 25.0  # on each side, and for its answer: somebody waits for the page, a minute at most
CLOSER_S = 10.0
ATTEMPTS = 5
REASONS_SHOWN = 5


def observe(archived: Archived, route: Route) -> None:
    """Note that the event is to be tried; the watch does it."""
    Observation.objects.create(route=route, event=archived)


def try_waiting(ask: Ask = ask) -> int:
    """Try what waits, a batch per destination; how many were tried."""
    due = Observation.objects.filter(tried_at=None, attempts__lt=ATTEMPTS).select_related("event", "route")
    waiting = list(due.order_by("id")[:BATCH])
    done = 0
    for destination in sorted({row.route.destination for row in waiting}):
        rows = [row for row in waiting if row.route.destination == destination]
        kept_back = [row for row in rows if not may_go(row.route.contract, destination)]
        Observation.objects.filter(pk__in=[row.pk for row in kept_back]).update(attempts=ATTEMPTS)  # no longer granted
        rows = [row for row in rows if row not in kept_back]
        if not rows:
            continue
        try:
            tried = rehearse_at(destination, [row.event for row in rows], ask)
        except NoAnswer as fault:
            for row in rows:
                row.attempts, row.text = row.attempts + 1, str(fault)[:500]
            Observation.objects.bulk_update(rows, ["attempts", "text"])
            continue
        for row, told in zip(rows, tried, strict=True):
            row.verdict, row.text = told["verdict"], told.get("text", "")[:500]
            row.changes, row.tried_at = told.get("changes", {}), timezone.now()
        Observation.objects.bulk_update(rows, ["verdict", "text", "changes", "tried_at"])
        done += len(rows)
    return done


def rehearse_at(
    destination: str, events: Iterable[Archived], ask: Ask = ask, timeout: float = SECONDS, **told: Any
) -> list[dict[str, Any]]:
    """Ask a side what these events would do there, one after the other; only what it may be told leaves the hub."""
    events = list(events)
    for contract in {event.type for event in events}:
        if not may_go(contract, destination):
            raise NotForThem(contract=contract, destination=destination.upper())
    bodies = [bytes(event.body).decode() for event in events]
    tried: list[dict[str, Any]] = ask(destination, "try", timeout=timeout, events=bodies, **told)["tried"]
    return tried


def look_closer(seen: Observation, language: str = "", ask: Ask = ask) -> dict[str, Any]:
    """Try an observed event once more, for the records it would touch, before and after; their values are not kept."""
    destination = seen.route.destination
    if not may_go(seen.event.type, destination):
        raise NotForThem(contract=seen.event.type, destination=destination.upper())
    body = bytes(seen.event.body).decode()
    return ask(destination, "try_one", timeout=CLOSER_S, event=body, language=language)


@dataclass
class Observed:
    """What was seen of one contract on its way to one side."""

    contract: str
    destination: str
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)  # why they would be refused
    changes: Counter[str] = field(default_factory=Counter)  # rows they would write, by table

    @property
    def worst(self) -> list[tuple[str, int]]:
        """The most frequent reasons; the others are in the list."""
        return self.reasons.most_common(REASONS_SHOWN)

    @property
    def written(self) -> list[tuple[str, int]]:
        """Rows by table, the most first."""
        return self.changes.most_common()


_SEEN = """
SELECT r.contract, r.destination, o.verdict, CASE WHEN o.verdict = 'refused' THEN o.text ELSE '' END, count(*)
FROM hub_observation o JOIN hub_route r ON r.id = o.route_id WHERE o.tried_at IS NOT NULL
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2
"""
_WOULD_WRITE = """
SELECT r.contract, r.destination, change.key, sum(change.value::int)
FROM hub_observation o JOIN hub_route r ON r.id = o.route_id, jsonb_each_text(o.changes) AS change
WHERE o.tried_at IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 4 DESC
"""


def report() -> list[Observed]:
    """What was seen on routes that observe: how many would be refused and why, and what the others would write."""
    found: dict[tuple[str, str], Observed] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SEEN)
        for contract, destination, verdict, why, count in cursor.fetchall():
            row = found.setdefault((contract, destination), Observed(contract, destination))
            row.verdicts[verdict] += count
            if why:
                row.reasons[MASK if is_restricted(contract) else why] += count
        cursor.execute(_WOULD_WRITE)
        for contract, destination, table, rows in cursor.fetchall():
            found[contract, destination].changes[table] += rows
    return list(found.values())


@dataclass
class Rehearsal:
    """What a step would have done with the events of the last thirty days."""

    events: int = 0
    left_out: int = 0
    too_slow: int = 0  # the newest ones, for which no time was left
    verdicts: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    error: str = ""

    @property
    def written(self) -> list[tuple[str, int]]:
        """Rows by table, the most first; a template that asks a counter for its items hears how often "items" came."""
        return self.changes.most_common()

    @property
    def why(self) -> list[tuple[str, int]]:
        """Why events would be refused, the most frequent first."""
        return self.refusals.most_common()


def rehearse(contracts: Iterable[str], ask: Ask = ask) -> Rehearsal:
    """Try the newest events of these contracts on the sides that would get them; nothing stays."""
    found = Rehearsal()
    since = timezone.now() - timedelta(days=DAYS)
    for destination in ("crm", "erp"):
        routes = Route.objects.filter(contract__in=list(contracts), destination=destination)
        wanted = [route.contract for route in routes if may_go(route.contract, destination)]
        rows = Archived.objects.filter(type__in=wanted, archived_at__gt=since).exclude(body=b"")
        count = rows.count()
        events = list(rows.order_by("-archived_at", "-event_id")[:REHEARSED_AT_MOST])[::-1]
        found.left_out += count - len(events)
        if not events:
            continue
        try:
            tried = rehearse_at(destination, events, ask, PATIENCE_S, seconds=TRIED_FOR_S)
            found.too_slow += len(events) - len(tried)
            for event, told in zip(events, tried, strict=False):
                found.events += 1
                found.verdicts[told["verdict"]] += 1
                found.changes.update(told.get("changes", {}))
                if told["verdict"] == "refused":
                    found.refusals[f"{event.type}: {told['text'][:120]}"] += 1
        except NoAnswer as fault:
            found.error = str(fault)
    return found


# What a company switches on together, from standing alone to working as one.
STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("independent", ()),
    (
        "key_points",
        (
            "erp.product.published.v1", "erp.product.withdrawn.v1", "erp.price.published.v1",
            "crm.customer.registered.v1", "crm.customer.updated.v1", "crm.customer.merged.v1", "crm.customer.split.v1",
            "erp.party.opened.v1", "crm.deal.won.v1", "crm.deal.withdrawn.v1", "erp.order.accepted.v1",
            "erp.order.held.v1", "erp.order.refused.v1", "erp.order.cancelled.v1", "erp.order.withdrawal_refused.v1",
        ),
    ),
    ("deep", ("*",)),
)  # fmt: skip
STEP_NAMES = tuple(name for name, _contracts in STEPS)


@dataclass(frozen=True, slots=True)
class Step:
    """One of the steps, as the routes stand now; `observed` of its routes only look."""

    name: str
    contracts: list[str]
    current: bool
    before: bool
    observed: int


def steps() -> list[Step]:
    """All steps and where the company stands."""
    current = STEP_NAMES.index(current_step())
    rows = []
    for position, name in enumerate(STEP_NAMES):
        contracts = contracts_of(name)
        observed = Route.objects.filter(contract__in=contracts, phase=Phase.OBSERVED).count()
        rows.append(Step(name, contracts, position == current, position < current, observed))
    return rows


def contracts_of(step: str) -> list[str]:
    """The business contracts that are on in a step; the hub's own notes always travel."""
    chosen = dict(STEPS)[step]
    routes = Route.objects.exclude(source="integration")
    if chosen == ("*",):
        return sorted({route.contract for route in routes if not is_restricted(route.contract)})
    return sorted({route.contract for route in routes if route.contract in chosen})


def current_step() -> str:
    """The furthest step all of whose routes are on."""
    on = set(Route.objects.filter(phase=Phase.ON).values_list("contract", flat=True))
    reached = "independent"
    for step, _contracts in STEPS[1:]:
        if on.issuperset(contracts_of(step)):
            reached = step
    return reached


@transaction.atomic
def take_step(step: str, phase: str = Phase.ON, catch_up: bool = False) -> int:
    """Switch the step's routes to this phase (observed first, then on) and all beyond it off; how many changed."""
    hold_barrier()
    chosen, changed = set(contracts_of(step)), 0
    switched: list[Route] = []
    for route in Route.objects.exclude(source="integration").select_for_update():
        wanted = phase if route.contract in chosen else Phase.OFF
        if is_restricted(route.contract) or route.phase == wanted:
            continue
        if route.contract in chosen and phase == Phase.OBSERVED and route.phase == Phase.ON:
            continue  # looking at what is on already would switch it off
        routing.switch(route, wanted)
        changed += 1
        if wanted == Phase.ON:
            switched.append(route)
    if catch_up:
        routing.catch_up(switched)
    return changed
