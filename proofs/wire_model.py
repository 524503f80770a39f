"""The wire against a model of it: any order of telling, crashing, losing, doubling, pausing, changing keys, restoring.

The real outbox, hub and inbox stand in one database here and take turns in one process, each under its own name and
keys; between them is no network but a hand that loses answers, doubles deliveries, or dies before or after them. The
model knows one thing only: what each of the three said of each record, in order. At any time what was done is a
beginning of that; at the end, all of it, and the hub's archive holds as it was sealed.

Every key may be changed or given up at any time, also while what it has signed is being handed over. Only the ERP is
restored: a hub alone from an old backup would miss what the sides are done with, which is why a backup is one moment of
all three (docs/adr/0008).
"""

import itertools
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg

from deploy import environment
from deploy.environment import SIDES
from deploy.trials import Cases, own_server, say

EXAMPLES, STEPS = int(os.environ.get("WIRE_EXAMPLES", "150")), 40
CUSTOMERS, PRODUCTS, NOTED = 3, 2, 2
FATES = ("well", "lost", "doubled", "dead before", "dead after", "given up before", "given up after")
TURNS = ("outbox", "to erp", "to crm", "inbox")
DIRECTIONS = {"crm": "crm>erp", "erp": "erp>crm", "integration": "integration>erp"}


class _Dead(BaseException):
    """The process ends here, whatever it was about to do."""


def check(cases: Cases) -> None:
    """Run the model; each step of each example is a case."""
    with own_server("integration") as var:
        owner = environment.read(var, "integration")["INTEGRATION_OWNER_DATABASE_URL"]
        with psycopg.connect(owner, autocommit=True) as database:
            database.execute("CREATE TABLE effect (id bigint GENERATED ALWAYS AS IDENTITY, record uuid, said int)")
        _run(var, cases)


def _run(var: Path, cases: Cases) -> None:
    from django.conf import settings
    from django.test import override_settings
    from hypothesis import HealthCheck, Phase, seed
    from hypothesis import settings as options
    from hypothesis.stateful import run_state_machine_as_test

    from integration import keys
    from integration.hub import chain
    from integration.hub.models import Pause
    from integration.hub.routes import make_routes

    for side in SIDES:
        keys.make_keys(side, var / side / "keys", Path(settings.JWKS_FILE))
    make_routes()
    wire = _Wire(var)
    chosen = options(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    with override_settings(ALLOWED_HOSTS=["*"]), wire.in_place_of_the_network():
        try:
            run_state_machine_as_test(seed(20261125)(_machine(wire, cases)), settings=chosen)
        except AssertionError as disagreement:
            cases.fail(f"the wire and its model disagree: {disagreement}")
    for flaw in chain.verify():
        cases.fail(f"the archive: {flaw.text}")
    say(f"{wire.turns} turns; {wire.lost_keys} keys given up; pauses left: {Pause.objects.active().count()}")


def _machine(wire: "_Wire", cases: Cases) -> Any:
    """What may happen, and what must hold; the class is made here because Hypothesis is there for trials only."""
    from hypothesis import strategies as st
    from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

    from integration import keys

    customer = st.integers(0, CUSTOMERS - 1)
    record = st.integers(0, CUSTOMERS + PRODUCTS + NOTED - 1)
    fate = st.sampled_from(FATES)
    signer = st.sampled_from(list(itertools.product(SIDES, keys.PURPOSES)))

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.story = _Story(wire)

        @rule(which=record)
        def emit(self, which: int) -> None:
            self.story.emit(which)

        @rule(what=fate)
        def tell(self, what: str) -> None:
            wire.turn("outbox", what)

        @rule(to=st.sampled_from(["to erp", "to erp", "to crm"]), what=fate)
        def deliver(self, to: str, what: str) -> None:
            wire.turn(to, what)

        @rule(dies=st.booleans())
        def apply(self, dies: bool) -> None:
            wire.turn("inbox", "dead after" if dies else "well")

        @rule()
        def seal(self) -> None:
            wire.seal()

        @rule(which=customer)
        def pause(self, which: int) -> None:
            self.story.pause(which)

        @rule(which=customer)
        def resume(self, which: int) -> None:
            self.story.resume(which)

        @rule(whose=signer)
        def rotate(self, whose: tuple[str, str]) -> None:
            wire.rotate(*whose)

        @rule(whose=signer)
        def revoke(self, whose: tuple[str, str]) -> None:
            wire.revoke(*whose)

        @rule()
        def back_up(self) -> None:
            self.story.back_up()

        @rule()
        def restore(self) -> None:
            self.story.restore()

        @invariant()
        def done_is_a_beginning_of_said(self) -> None:
            cases.count += 1
            self.story.check()

        def teardown(self) -> None:
            self.story.finish()

    return Machine


class _Wire:
    """The three sides of one database, and the hand between them."""

    def __init__(self, var: Path) -> None:
        from django.conf import settings

        self.var, self.jwks, self.fate = var, Path(settings.JWKS_FILE), "well"
        self.turns = self.lost_keys = 0
        self.names = (f"worker {number}" for number in itertools.count())

    @contextmanager
    def on(self, side: str) -> Iterator[None]:
        """Be that side."""
        from django.test import override_settings

        with override_settings(SIDE=side, KEYS_DIR=self.var / side / "keys"):
            yield

    @contextmanager
    def in_place_of_the_network(self) -> Iterator[None]:
        """Posts and questions are answered here."""
        from integration import courier
        from integration.inbox import gaps, handling

        post, fetch, handlers = courier._post, gaps._fetch, dict(handling._HANDLERS)
        courier._post, gaps._fetch = self._post, self._fetch
        handling._HANDLERS.update(dict.fromkeys(_told_of(), _effect))
        try:
            yield
        finally:
            courier._post, gaps._fetch = post, fetch
            handling._HANDLERS.clear()
            handling._HANDLERS.update(handlers)

    def turn(self, queue: str, fate: str) -> int:
        """One round of a queue's relay, by a process of its own; how many rows it worked on."""
        self.turns += 1
        self.fate = fate
        worker = self._worker(queue)
        with self.on({"outbox": "crm", "inbox": "erp"}.get(queue, "integration")):
            try:
                return worker.run_once()
            except _Dead:
                return 1
            finally:
                self.fate = "well"
                _expire_leases()

    def rotate(self, side: str, purpose: str) -> None:
        """Sign with a new key from now on; what the old one signed counts."""
        from integration import keys

        keys.activate(side, self._next(side, purpose), self.var / side / "keys", self.jwks)

    def revoke(self, side: str, purpose: str) -> None:
        """The signing key is stolen: what it has signed counts no more, and what is on its way is told again."""
        from integration import keys
        from integration.outbox import resigning

        self.lost_keys += 1
        self._next(side, purpose)
        with self.on(side):
            resigning.revoke(keys.signing_key(purpose).kid)

    def seal(self) -> int:
        """Close what the hub's archive holds; the seal's number."""
        from integration.hub import chain

        with self.on("integration"):
            while chain.seal_batch(timedelta(0)) is not None:
                pass
        last = chain.last_seal()
        return last.number if last else 0

    def _next(self, side: str, purpose: str) -> str:
        from integration import keys

        return keys.make_next(side, purpose, self.var / side / "keys", self.jwks)

    def _worker(self, queue: str) -> Any:
        from integration.courier import Circuit
        from integration.hub import sending as hub_sending
        from integration.hub.models import Delivery
        from integration.inbox.models import Incoming
        from integration.lanes import LaneWorker
        from integration.outbox.models import Message

        name = next(self.names)
        if queue == "outbox":
            return LaneWorker(Message, self._send, name)
        if queue == "inbox":
            return LaneWorker(Incoming, self._apply, name)
        to = queue.removeprefix("to ")
        return LaneWorker(Delivery, hub_sending.sender(to, Circuit(to)), name, destination=to)

    def _send(self, rows: Sequence[Any]) -> list[Any]:
        """The sides' outboxes are one table here: each side sends what it said."""
        from integration.courier import Circuit
        from integration.outbox import sending

        found: dict[UUID, Any] = {}
        for side in ("crm", "erp"):
            ours = [row for row in rows if row.type.startswith(f"{side}.")]
            with self.on(side):
                outcomes = sending.sender(Circuit("integration"))(ours)
            found |= {row.pk: outcome for row, outcome in zip(ours, outcomes, strict=True)}
        return [found[row.pk] for row in rows]

    def _apply(self, rows: Sequence[Any]) -> list[Any]:
        from integration.inbox.applying import applier
        from integration.looping import Progress

        if self.fate == "dead after":
            applier(Progress())(rows[:1])
            raise _Dead
        return applier(Progress())(rows)

    def _post(self, to: str, body: bytes) -> httpx.Response:
        from django.conf import settings
        from django.test import RequestFactory

        from base.ids import uuid7
        from integration.hub.intake import events as hub_events
        from integration.inbox.views import events as side_events
        from integration.signing import hop_headers

        if self.fate == "dead before":
            raise _Dead
        if self.fate == "given up before":
            self.revoke(settings.SIDE, "origin")
        headers = hop_headers(body, str(uuid7()))
        headers.pop("content-type")
        for _copy in range(3 if self.fate == "doubled" else 1):
            with self.on(to):
                request = RequestFactory().post("/events", body, content_type="application/json", headers=headers)
                answer = (hub_events if to == "integration" else side_events)(request)
        if self.fate == "dead after":
            raise _Dead
        if self.fate == "given up after":
            self.revoke(settings.SIDE, "origin")
        if self.fate == "lost":
            raise httpx.ReadTimeout("the answer was lost")
        return httpx.Response(answer.status_code, content=answer.content, headers=dict(answer.items()))

    def _fetch(self, **asked: str) -> Any:
        from urllib.parse import urlencode

        from django.test import RequestFactory

        from base.ids import uuid7
        from integration.hub.feed import feed
        from integration.signing import hop_headers, parse_wrapper

        path = f"/events/feed?{urlencode(asked)}"
        headers = hop_headers(path.encode(), str(uuid7()))
        headers.pop("content-type")
        with self.on("integration"):
            answer = feed(RequestFactory().get(path, headers=headers))
        assert answer.status_code in (200, 204), answer.status_code
        return parse_wrapper(answer.content) if answer.status_code == 200 else None


@dataclass(frozen=True, slots=True)
class _Record:
    """What one side speaks of: a customer of the CRM, a product of the ERP, or the hub's notes about a customer."""

    id: UUID
    owner: str
    partition_key: str

    @property
    def direction(self) -> str:
        """The way that its facts go."""
        return DIRECTIONS[self.owner]

    def say(self, number: int) -> None:
        """The next fact of it."""
        from integration.contracts.customers import CustomerRegistered, CustomerSnapshot, CustomerUpdated
        from integration.contracts.hub import EventSkipped
        from integration.contracts.products import ProductPublished
        from integration.hub import telling
        from integration.hub.models import Route
        from integration.outbox.emitting import emit

        if self.owner == "crm":
            snapshot = CustomerSnapshot(customer=self.id, name=f"{number}", version=number)
            emit((CustomerRegistered if number == 1 else CustomerUpdated)(customer=self.id, snapshot=snapshot))
        elif self.owner == "erp":
            emit(ProductPublished(sku=self.id.hex, name=f"{number}", unit="pcs", tax_class="full"))
        else:
            note = EventSkipped(about=self.partition_key, event=self.id, contract="a word", reason=f"{number}")
            telling.deliver(telling.say(note), Route.objects.get(contract=EventSkipped.type, destination="erp"))


class _Story:
    """One example: its records, what was said of them, and what a backup remembers."""

    def __init__(self, wire: _Wire) -> None:
        from base.ids import uuid7

        self.wire = wire
        self.customers = [uuid7() for _number in range(CUSTOMERS)]
        self.records = [_Record(one, "crm", f"customer:{one}") for one in self.customers]
        for product in [uuid7() for _number in range(PRODUCTS)]:
            self.records.append(_Record(product, "erp", f"product:{product.hex}"))
        for about in self.customers[:NOTED]:
            self.records.append(_Record(uuid7(), "integration", f"customer:{about}"))
        self.said: dict[UUID, int] = {record.id: 0 for record in self.records}
        self.paused: dict[UUID, Any] = {}
        self.kept: dict[UUID, int] = dict.fromkeys(self.said, 0)
        self.since = wire.seal() + 1

    def emit(self, which: int) -> None:
        from django.db import transaction

        record = self.records[which]
        self.said[record.id] += 1
        with self.wire.on(record.owner), transaction.atomic():
            record.say(self.said[record.id])

    def pause(self, which: int) -> None:
        from integration.hub import pausing

        customer = self.customers[which]
        if customer not in self.paused:
            target = f"crm customer:{customer}"
            self.paused[customer] = (pausing.pause("aggregate", target, "a look first"), self._stored(customer))

    def resume(self, which: int) -> None:
        from integration.hub import pausing

        if found := self.paused.pop(self.customers[which], None):
            pausing.end(found[0], None, "looked at")

    def back_up(self) -> None:
        """Remember how far the ERP is with each record."""
        self.kept = {record: len(self._done(record)) for record in self.said}

    def restore(self) -> None:
        """The ERP is as it was: what came since is forgotten, effects and all."""
        from django.db import connection

        from integration.inbox.models import Gap, Incoming, Position

        for record in self.records:
            way, key, number = record.direction, record.partition_key, self.kept[record.id]
            if not way.endswith(">erp"):
                continue
            Incoming.objects.filter(aggregate=f"{way} {key}", position__gt=number).delete()
            Position.objects.filter(route=way, partition_key=key, last__gt=number).update(last=number)
            Gap.objects.filter(route=way, partition_key=key).delete()
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM effect WHERE record = %s AND said > %s", [record.id, number])
        self.paused = {customer: (held, None) for customer, (held, _stored) in self.paused.items()}
        self._mend()

    def check(self) -> None:
        """What was done is a beginning of what was said, and nothing passes a pause."""
        for record, said in self.said.items():
            done = self._done(record)
            assert done == list(range(1, len(done) + 1)), f"{record}: {done}"
            assert len(done) <= said, f"{record}: {done} of {said}"
            _held, stored = self.paused.get(record, (None, None))
            assert stored is None or self._stored(record) == stored, f"{record} passed a pause"

    def finish(self) -> None:
        """Let all go and all come: what was done is what was said, and what the hub sealed is as it was."""
        from integration.hub import chain

        for which in range(CUSTOMERS):
            self.resume(which)
        for _round in range(60):
            _all_due()
            worked = sum(self.wire.turn(queue, "well") for queue in TURNS)
            self._mend()
            if not worked and all(len(self._done(one)) == said for one, said in self.said.items()):
                break
        for record in self.records:
            said = self.said[record.id]
            assert self._done(record.id) == list(range(1, said + 1)), self._where(record, said)
        self.wire.seal()
        assert not (flaws := [flaw.text for flaw in chain.verify(self.since)]), f"the archive: {flaws}"

    def _where(self, record: _Record, said: int) -> str:
        """How far it came, for whoever looks for the reason."""
        from integration.hub.models import Delivery
        from integration.inbox.models import Incoming
        from integration.outbox.models import Message

        rows = [
            (model.__name__, *found)
            for model in (Message, Delivery, Incoming)
            for found in model.objects.filter(aggregate__endswith=record.partition_key)
            .order_by("position")
            .values_list("position", "state", "attempts", "error")
        ]
        return f"{record}: {self._done(record.id)} of {said}: {rows}"

    def _mend(self) -> None:
        import threading

        from integration.inbox import gaps
        from integration.inbox.models import Gap

        for side in ("erp", "crm"):
            with self.wire.on(side):
                gaps._compare(threading.Event())
                for gap in Gap.objects.filter(route__endswith=f">{side}"):
                    gaps._mend(gap)

    def _done(self, record: UUID) -> list[int]:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT said FROM effect WHERE record = %s ORDER BY id", [record])
            return [row[0] for row in cursor.fetchall()]

    def _stored(self, customer: UUID) -> int:
        from integration.inbox.models import Incoming

        return Incoming.objects.filter(aggregate=f"crm>erp customer:{customer}").count()


def _told_of() -> dict[str, Any]:
    """Of which record a fact of this contract is, and which one of them."""
    return {
        "crm.customer.registered.v1": lambda fact: (fact.customer, fact.snapshot.name),
        "crm.customer.updated.v1": lambda fact: (fact.customer, fact.snapshot.name),
        "erp.product.published.v1": lambda fact: (UUID(fact.sku), fact.name),
        "integration.event.skipped.v1": lambda fact: (fact.event, fact.reason),
    }


def _effect(fact: Any, meta: Any) -> None:
    """What is done about a fact: note it."""
    from django.db import connection

    record, number = _told_of()[fact.type](fact)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO effect (record, said) VALUES (%s, %s)", [record, int(number)])


def _expire_leases() -> None:
    """Time passes: who died is known to be dead."""
    from integration.leases import LaneLease, LaneMember

    LaneLease.objects.update(expires_at="2000-01-01T00:00:00Z")
    LaneMember.objects.all().delete()


def _all_due() -> None:
    """Time passes: what was to be tried later is to be tried now."""
    from django.db.models.functions import Now

    from integration.hub.models import Delivery
    from integration.inbox.models import Incoming
    from integration.outbox.models import Message

    for model in (Message, Delivery, Incoming):
        model.objects.filter(state="waiting").update(not_before=Now())
