"""Every detector gets one bad event of each shape among 100,000 good ones: found, held within a second, told within a
minute by webhook, by mail and by the bell, on the interface's pages afterwards, and nothing else is held.

Events are signed by their sides and go through the hub's own door (`POST /events`: both signatures, schema, archive,
detectors, routes). The watch (sweeps, alerts) runs beside it as in production. The stream's clock is its own: what the
hub writes down is spread over two days, so that volumes are those of a business and not of a proof. A relay claims what
may go out, as in production; its receivers take all of it, until a seed says otherwise.
"""

import base64
import json
import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from deploy.trials import Cases, own_server, say

EVENTS = int(os.environ.get("CONFLICT_EVENTS", "100000"))
SPAN = timedelta(days=2)
HELD_WITHIN_S, TOLD_WITHIN_S = 1.0, 60.0
RELAY_EVERY = 200
WHOLESALE = ("volume", "reject-rate", "reconciliation")  # last: they change what comes after them


def check(cases: Cases) -> None:
    """The whole proof; the particulars are said beside the tally."""
    os.environ["PGOPTIONS"] = "-c synchronous_commit=off"  # what is proved is finding, not surviving a power cut
    with own_server("integration") as var:
        from integration.keys import make_keys

        for side in ("crm", "erp", "integration"):
            make_keys(side, var / side / "keys", var / "keys" / "jwks.json")
        say(json.dumps(play(cases, EVENTS, var)))


@dataclass
class Seed:
    """One bad thing: what it must be found as, and how it went."""

    cause: str
    shape: str  # of several that are found as the same
    do: Callable[[Any], str]  # does it, and says what the case is about
    about: str = ""
    done_at: float = 0.0
    held_s: float | None = None
    told_s: dict[str, float] = field(default_factory=dict)  # by each way

    def __str__(self) -> str:
        return f"{self.cause} ({self.shape})" if self.shape else self.cause


@dataclass
class Teller:
    """Both sides, as far as the hub can see them."""

    var: Path
    clock: "Clock"
    world: Any
    numbers: Any
    relay: "Relay"

    def __post_init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        self.keys: dict[tuple[str, str], tuple[str, Ed25519PrivateKey]] = {}
        for side in ("crm", "erp"):
            for purpose in ("origin", "hop"):
                (path,) = (self.var / side / "keys").glob(f"{purpose}-{side}-*.pem")
                key = load_pem_private_key(path.read_bytes(), None)
                assert isinstance(key, Ed25519PrivateKey), f"{path.name} is no key of ours"
                self.keys[side, purpose] = (path.stem, key)
        from django.test import RequestFactory

        self.requests = RequestFactory()

    def tell(self, fact: Any, seq: int | None = None, id: UUID | None = None, **more: Any) -> int:
        """Sign as the owner, hand over as the owner; the hub's answer."""
        from base.ids import uuid7
        from integration.events import event_bytes
        from proofs._stories import with_field

        seq = self.numbers.next(fact) if seq is None else seq
        body = event_bytes(
            fact, event_id=id or uuid7(), time=self.clock.now(), aggregate_seq=seq, correlation_id="", causation_id=""
        )
        return self.hand_over(fact.owner, with_field(body, **more) if more else body, seq)

    def hand_over(self, side: str, body: bytes, seq: int) -> int:
        """One POST to the hub's door."""
        from integration.hub.intake import events
        from integration.signing import Envelope, pae, wrapper

        kid, key = self.keys[side, "origin"]
        envelope = Envelope(body, kid, key.sign(pae(body)))
        hop = wrapper(envelope, sender=side, to="integration", route=f"{side}>integration", routeseq=seq)
        stamp = str(int(time.time()))
        signature = self.keys[side, "hop"][1].sign(f"m.{stamp}.".encode() + hop)
        request = self.requests.post(
            "/events",
            hop,
            content_type="application/json",
            headers={
                "webhook-id": "m",
                "webhook-timestamp": stamp,
                "webhook-signature": f"v1a,{base64.b64encode(signature).decode()}",
            },
        )
        return int(events(request).status_code)


class Clock:
    """The stream's own time, in place of the hub's."""

    def __init__(self, real: Callable[[], datetime], span: timedelta) -> None:
        self.start, self.share, self.span = real() - span, 0.0, span

    def now(self) -> datetime:
        """How far the stream has come."""
        return self.start + self.share * self.span


class Relay:
    """Carries what the hub lets go; receivers take everything but the contract that they are `refusing`."""

    def __init__(self, clock: Clock) -> None:
        from integration.hub.models import Delivery
        from integration.lanes import LaneWorker

        self.clock, self.refusing = clock, ""
        self.carried: set[UUID] = set()
        self.lanes = [LaneWorker(Delivery, self._carry, f"to {to}", destination=to) for to in ("crm", "erp")]

    def turn(self) -> None:
        """Until nothing more may go out; what came to its end did so in the stream's time."""
        from integration.hub.models import Delivery

        while sum(lane.run_once() for lane in self.lanes):
            pass
        Delivery.objects.filter(pk__in=self.carried, state="done").update(finished_at=self.clock.now())
        self.carried.clear()

    def _carry(self, rows: Sequence[Any]) -> list[Any]:
        from integration.hub.models import Delivery
        from integration.lanes import DONE, Outcome

        refused = {row.pk for row in rows if row.route.contract == self.refusing}
        for status, keys in ((422, refused), (202, {row.pk for row in rows} - refused)):
            Delivery.objects.filter(pk__in=keys).update(answered=status)
            self.carried |= keys
        no = Outcome("again", "the receiver refused it (422)", 3600.0)
        return [no if row.pk in refused else DONE for row in rows]


def play(cases: Cases, events: int, var: Path, span: timedelta = SPAN) -> dict[str, Any]:
    """Tell so many good events with one of each bad thing between them; what was seen."""
    from django.utils import timezone

    from integration.hub.models import Case, Delivery, Pause
    from proofs._bad_things import BAD_THINGS
    from proofs._hearing import WAYS, Hearing
    from proofs._more_bad_things import MORE_BAD_THINGS
    from proofs._stories import Numbers, World

    chance = random.Random(20261125)
    clock = Clock(timezone.now, span)
    timezone.now = clock.now  # what the hub writes down is of the stream's time
    teller = Teller(var, clock, World(chance, "P"), Numbers(), Relay(clock))
    things = [*((cause, "", do) for cause, do in BAD_THINGS.items()), *MORE_BAD_THINGS]
    seeds = [Seed(*thing) for thing in sorted(things, key=lambda thing: thing[0] in WHOLESALE)]
    with Hearing() as hearing, _watch():
        seconds = _tell_all(teller, events, _places(seeds, events))
        about = _wait_for_alerts(seeds, hearing)
        missing = hearing.pages_without(list(about))
    cases.that(not missing, f"not on the page: {missing[:5]}")
    for seed in seeds:
        held = seed.held_s
        cases.that(held is not None and held <= HELD_WITHIN_S, f"{seed}: held after {held} s")
        for way in WAYS:
            told = seed.told_s.get(way)
            cases.that(told is not None and told <= TOLD_WITHIN_S, f"{seed}: told by {way} after {told} s")
    wanted = {(seed.cause, seed.about) for seed in seeds}
    found = {(case.cause, case.about) for case in Case.objects.all()}
    false = sorted(found - wanted)
    cases.that(not false, f"held without reason: {false[:5]}")
    cases.that(Pause.objects.count() <= len(seeds), f"{Pause.objects.count()} pauses for {len(seeds)} seeds")
    passed = Delivery.objects.filter(event__in=Case.objects.exclude(event=None).values("event"), state="done").count()
    cases.that(not passed, f"{passed} events in dispute were delivered")
    return {
        "events": events,
        "detectors": len({seed.cause for seed in seeds}),
        "shapes": len(seeds),
        "found": len(found & wanted),
        "false_pauses": len(false),
        "held_s_max": max((round(seed.held_s, 3) for seed in seeds if seed.held_s is not None), default=None),
        "told_s_max": {
            way: max((round(seed.told_s[way], 3) for seed in seeds if way in seed.told_s), default=None) for way in WAYS
        },
        "events_per_s": round(events / seconds),
    }


def _tell_all(teller: Teller, events: int, at: dict[int, list[Seed]]) -> float:
    """The stream with the seeds in their places; how many seconds it took."""
    for fact in teller.world.catalogue(200):
        teller.tell(fact)
    began = time.monotonic()
    for number, fact in enumerate(teller.world.told(events)):
        teller.clock.share = number / events
        teller.tell(fact)
        if number % RELAY_EVERY == 0:
            teller.relay.turn()
        for seed in at.get(number, ()):
            _sow(seed, teller)
        if number % 20_000 == 19_999:
            say(f"{number + 1} events, {(number + 1) / (time.monotonic() - began):.0f} a second")
    teller.relay.turn()
    return time.monotonic() - began


def _places(seeds: list[Seed], events: int) -> dict[int, list[Seed]]:
    """Spread over the second half of the stream, when there are habits."""
    step = events // 2 // (len(seeds) + 1)
    return {events // 2 + step * (number + 1): [seed] for number, seed in enumerate(seeds)}


def _sow(seed: Seed, teller: Teller) -> None:
    """Do the bad thing and wait until it is held."""
    from django.db import connection

    seed.about = seed.do(teller)
    seed.done_at = time.monotonic()
    while time.monotonic() - seed.done_at < 5:
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT 1 FROM hub_case c JOIN hub_pause p ON p.id = c.pause_id
                   WHERE c.cause = %s AND c.about = %s AND p.ended_at IS NULL""",
                [seed.cause, seed.about],
            )
            if cursor.fetchone():
                seed.held_s = time.monotonic() - seed.done_at
                return
        time.sleep(0.02)


def _wait_for_alerts(seeds: list[Seed], hearing: Any) -> dict[str, Seed]:
    """When each case was heard of by every way; the cases."""
    from integration.hub.models import Case
    from proofs._hearing import WAYS

    named = {(seed.cause, seed.about): seed for seed in seeds}
    found = {(case.cause, case.about): str(case.pk) for case in Case.objects.all()}
    about = {found[name]: seed for name, seed in named.items() if name in found}
    deadline = time.monotonic() + TOLD_WITHIN_S
    while time.monotonic() < deadline and any(len(seed.told_s) < len(WAYS) for seed in about.values()):
        for pk, seed in about.items():
            seed.told_s = {way: max(0.0, at - seed.done_at) for way, at in hearing.first(pk).items()}
        time.sleep(0.5)
    return about


class _watch:
    """The watch as it runs in production, in threads of this process."""

    def __enter__(self) -> None:
        from integration.hub import watching

        self.stop = threading.Event()
        self.thread = threading.Thread(target=watching.run, args=(self.stop,), daemon=True)
        self.thread.start()

    def __exit__(self, *_fault: object) -> None:
        self.stop.set()
        self.thread.join(timeout=15)
