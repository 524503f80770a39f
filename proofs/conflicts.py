"""Every detector gets one bad event among 100,000 good ones: found, held within a second, told within a minute, and
nothing else is held.

Events are signed by their sides and go through the hub's own door (`POST /events`: both signatures, schema, archive,
detectors, routes). The watch (sweeps, alerts) runs beside it as in production. The stream's clock is its own: what the
hub writes down is spread over two days, so that volumes are those of a business and not of a proof.
"""

import base64
import http.server
import json
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from deploy.trials import Cases, own_server, say

EVENTS = int(os.environ.get("CONFLICT_EVENTS", "100000"))
SPAN = timedelta(days=2)
HELD_WITHIN_S, TOLD_WITHIN_S = 1.0, 60.0
FLOOD = 400


def check(cases: Cases) -> None:
    """The whole proof; one JSON line of its own beside the tally's."""
    os.environ["PGOPTIONS"] = "-c synchronous_commit=off"  # what is proved is finding, not surviving a power cut
    with own_server("integration") as var:
        from integration.keys import make_keys

        for side in ("crm", "erp", "integration"):
            make_keys(side, var / side / "keys", var / "keys" / "jwks.json")
        print(json.dumps(play(cases, EVENTS, var)), flush=True)


@dataclass
class Seed:
    """One bad thing: what it must be found as, and how it went."""

    cause: str
    do: Callable[["Teller"], str]  # does it, and says what the case is about
    about: str = ""
    done_at: float = 0.0
    held_s: float | None = None
    told_s: float | None = None


@dataclass
class Teller:
    """Both sides, as far as the hub can see them."""

    var: Path
    clock: "Clock"
    world: Any
    numbers: Any
    answers: dict[int, int] = field(default_factory=dict)

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
        status = int(events(request).status_code)
        self.answers[status] = self.answers.get(status, 0) + 1
        return status


class Clock:
    """The stream's own time, in place of the hub's; stands still while told to."""

    def __init__(self, real: Callable[[], datetime], span: timedelta) -> None:
        self.real, self.start, self.share, self.span = real, real() - span, 0.0, span

    def now(self) -> datetime:
        """How far the stream has come."""
        return self.start + self.share * self.span


def play(cases: Cases, events: int, var: Path, span: timedelta = SPAN) -> dict[str, Any]:
    """Tell so many good events with one of each bad thing between them; what was seen."""
    from django.utils import timezone

    from integration.hub.models import Case, Pause
    from proofs._stories import Numbers, World

    chance = random.Random(20261125)
    clock = Clock(timezone.now, span)
    timezone.now = clock.now  # what the hub writes down is of the stream's time
    teller = Teller(var, clock, World(chance, "P"), Numbers())
    with _sink() as got, _watch():
        for fact in teller.world.catalogue(200):
            teller.tell(fact)
        seeds = list(_seeds(teller))
        at = _places(seeds, events)
        began = time.monotonic()
        for number, fact in enumerate(teller.world.told(events)):
            clock.share = number / events
            teller.tell(fact)
            for seed in at.get(number, ()):
                _sow(seed, teller)
            if number % 20_000 == 19_999:
                say(f"{number + 1} events, {(number + 1) / (time.monotonic() - began):.0f} a second")
        seconds = time.monotonic() - began
        _wait_for_alerts(seeds, got)
    for seed in seeds:
        cases.that(
            seed.held_s is not None and seed.held_s <= HELD_WITHIN_S, f"{seed.cause}: held after {seed.held_s} s"
        )
        cases.that(
            seed.told_s is not None and seed.told_s <= TOLD_WITHIN_S, f"{seed.cause}: told after {seed.told_s} s"
        )
    wanted = {(seed.cause, seed.about) for seed in seeds}
    found = {(case.cause, case.about) for case in Case.objects.all()}
    false = sorted(found - wanted)
    cases.that(not false, f"held without reason: {false[:5]}")
    cases.that(Pause.objects.count() <= len(seeds), f"{Pause.objects.count()} pauses for {len(seeds)} seeds")
    return {
        "proof": "conflicts",
        "events": events,
        "detectors": len(seeds),
        "found": len(found & wanted),
        "false_pauses": len(false),
        "held_s_max": round(max((seed.held_s or 99.0) for seed in seeds), 3),
        "told_s_max": round(max((seed.told_s or 999.0) for seed in seeds), 1),
        "events_per_s": round(events / seconds),
    }


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


def _wait_for_alerts(seeds: list[Seed], got: dict[str, float]) -> None:
    """When the webhook heard of each case."""
    from integration.hub.models import Case

    deadline = time.monotonic() + TOLD_WITHIN_S
    while time.monotonic() < deadline:
        for seed in seeds:
            case = Case.objects.filter(cause=seed.cause, about=seed.about).values_list("pk", flat=True).first()
            if seed.told_s is None and case and str(case) in got:
                seed.told_s = max(0.0, got[str(case)] - seed.done_at)
        if all(seed.told_s is not None for seed in seeds):
            return
        time.sleep(0.5)


class _sink:
    """A webhook of our own: when each subject was first heard of."""

    def __enter__(self) -> dict[str, float]:
        from django.conf import settings

        got: dict[str, float] = {}

        class Hook(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                for alert in told["alerts"]:
                    got.setdefault(alert["subject"], time.monotonic())
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_words: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        settings.ALERT_WEBHOOK_URL = f"http://127.0.0.1:{self.server.server_port}/"
        return got

    def __exit__(self, *_fault: object) -> None:
        self.server.shutdown()
        self.server.server_close()


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


# -- the bad things ----------------------------------------------------------------------------------------------------


def _seeds(teller: Teller) -> Iterator[Seed]:
    yield from (Seed(name, do) for name, do in BAD_THINGS.items())


def _buyer(teller: Teller) -> Any:
    """A customer whom both sides know."""
    from integration.contracts.customers import CustomerRegistered
    from integration.contracts.parties import PartyOpened

    buyer = teller.world.snapshot().model_copy(update={"version": 5})
    teller.tell(CustomerRegistered(customer=buyer.customer, snapshot=buyer))
    teller.world.parties += 1
    teller.tell(PartyOpened(customer=buyer.customer, party=_code(teller), payment_terms_days=30))
    return buyer


def _code(teller: Teller) -> str:
    return f"C{teller.world.mark}{teller.world.parties:06d}"


def _id_reuse(teller: Teller) -> str:
    from base.ids import uuid7

    id, first = uuid7(), teller.world.deal(_buyer(teller))
    teller.tell(first, id=id)
    second = teller.world.deal(first.customer)
    teller.tell(second, id=id)
    return str(second.partition_key)


def _gap(teller: Teller) -> str:
    deal = teller.world.deal(_buyer(teller))
    teller.tell(deal, seq=3)
    return str(deal.partition_key)


def _regress(teller: Teller) -> str:
    from integration.contracts.deals import DealWithdrawn

    deal = teller.world.deal(_buyer(teller))
    teller.tell(deal)
    teller.tell(DealWithdrawn(deal=deal.deal, reason="again"), seq=1)
    return str(deal.partition_key)


def _foreign_field(teller: Teller) -> str:
    return _updated(teller, version=6, payment_terms_days=120)


def _stale_base(teller: Teller) -> str:
    return _updated(teller, version=4)


def _updated(teller: Teller, version: int, **more: Any) -> str:
    from integration.contracts.customers import CustomerUpdated

    buyer = _buyer(teller).model_copy(update={"version": version, "phone": "1"})
    fact = CustomerUpdated(customer=buyer.customer, snapshot=buyer, changed=("phone",))
    teller.tell(fact, **more)
    return str(fact.partition_key)


def _unmapped(teller: Teller) -> str:
    from base.ids import uuid7
    from integration.contracts.credit import CreditBanded

    fact = CreditBanded(customer=uuid7(), party="C-NOBODY", band="tight")
    teller.tell(fact)
    return str(fact.partition_key)


def _mapped_twice(teller: Teller) -> str:
    from integration.contracts.parties import PartyOpened

    buyer = _buyer(teller)
    fact = PartyOpened(customer=buyer.customer, party="C-OTHER", payment_terms_days=30)
    teller.tell(fact)
    return str(fact.partition_key)


def _deal(teller: Teller, changed: dict[str, Any] | None = None, **line: Any) -> str:
    """A promise with one line that is bent."""
    world = teller.world
    bent = world.line(1, *world.products[5]).model_copy(update=line)
    deal = world.deal(_buyer(teller), **{"lines": (bent,), "net_total": bent.net_amount} | (changed or {}))
    teller.tell(deal)
    return str(deal.partition_key)


def _special(teller: Teller, sku: str, name: str = "Special") -> None:
    from integration.contracts.products import PricePublished, ProductPublished
    from proofs._stories import DAY

    teller.tell(ProductPublished(sku=sku, name=name, unit="pcs", tax_class="full"))
    teller.tell(PricePublished(sku=sku, currency="EUR", unit_price=Decimal(10), valid_from=DAY))


def _withdrawn_product(teller: Teller) -> str:
    from integration.contracts.products import ProductWithdrawn

    _special(teller, "OLD")
    teller.tell(ProductWithdrawn(sku="OLD"))
    return _deal(teller, sku="OLD", unit="pcs")


def _renamed_product(teller: Teller) -> str:
    from integration.contracts.products import ProductPublished

    _special(teller, "SOAP", "Soap")
    teller.tell(ProductPublished(sku="SOAP", name="Shampoo", unit="pcs", tax_class="full"))
    return _deal(teller, sku="SOAP", description="Soap", unit="pcs")


def _unit(teller: Teller) -> str:
    from integration.contracts.products import ProductPublished

    _special(teller, "ROPE")
    fact = ProductPublished(sku="ROPE", name="Special", unit="m", tax_class="full")
    teller.tell(fact)
    return str(fact.partition_key)


def _state(teller: Teller) -> str:
    from base.ids import uuid7
    from integration.contracts.orders import OrderCompleted

    fact = OrderCompleted(order=uuid7(), number="SO-X")
    teller.tell(fact)
    return str(fact.partition_key)


def _tombstone(teller: Teller) -> str:
    from base.ids import uuid7
    from integration.contracts.deals import DealWithdrawn, DepositReported
    from proofs._stories import DAY

    deal = teller.world.deal(_buyer(teller))
    teller.tell(deal)
    teller.tell(DealWithdrawn(deal=deal.deal, reason="taken back"))
    teller.tell(
        DepositReported(
            deposit=uuid7(), deal=deal.deal, customer=deal.customer, amount=Decimal(1), currency="EUR", reported_on=DAY
        )
    )
    return str(deal.partition_key)


def _volume(teller: Teller) -> str:
    """One contract runs wild: as many in a minute as otherwise in an hour."""
    from integration.contracts.customers import CustomerRegistered

    for _number in range(FLOOD):
        buyer = teller.world.snapshot()
        teller.tell(CustomerRegistered(customer=buyer.customer, snapshot=buyer))
    return CustomerRegistered.type


def _reject_rate(teller: Teller) -> str:
    """The receiver answers 422 to every return, as the relay writes it down."""
    from integration.hub.models import Delivery

    contract = "crm.return.requested.v1"
    refused = Delivery.objects.filter(event__type=contract).values("pk")[:40]
    Delivery.objects.filter(pk__in=refused).update(attempts=1, answered=422, error="erp refused it (422)")
    return contract


BAD_THINGS: dict[str, Callable[[Teller], str]] = {
    "id-reuse": _id_reuse,
    "gap": _gap,
    "regress": _regress,
    "foreign-field": _foreign_field,
    "stale-base": _stale_base,
    "unmapped": _unmapped,
    "mapped-twice": _mapped_twice,
    "unknown-product": lambda teller: _deal(teller, sku="GHOST"),
    "withdrawn-product": _withdrawn_product,
    "renamed-product": _renamed_product,
    "unit": _unit,
    "currency": lambda teller: _deal(teller, {"currency": "GBP"}),
    "total": lambda teller: _deal(teller, {"net_total": Decimal("1.00")}),
    "state": _state,
    "tombstone": _tombstone,
    "volume": _volume,
    "reject-rate": _reject_rate,
}
