"""The wire against a model of it: any order of telling, crashing, losing, doubling, pausing, changing keys, restoring.

The real outbox, hub and inbox stand in one database here and take turns in one process, each under its own name and
keys; between them is no network but a hand that loses answers, doubles deliveries, or dies before or after them. The
model knows one thing only: what was said of each customer, in order. At any time what was done is a beginning of that;
at the end, all of it.
"""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg

from deploy import environment
from deploy.environment import SIDES
from deploy.trials import Cases, own_server, say

EXAMPLES, STEPS = 150, 40
CUSTOMERS = 3
FATES = ("well", "lost", "doubled", "dead before", "dead after")


class _Dead(BaseException):
    """The process ends here, whatever it was about to do."""


def check(cases: Cases) -> None:
    """Run the model; each step of each example is a case."""
    with own_server("integration") as var:
        owner = environment.read(var, "integration")["INTEGRATION_OWNER_DATABASE_URL"]
        with psycopg.connect(owner, autocommit=True) as database:
            database.execute("CREATE TABLE effect (id bigint GENERATED ALWAYS AS IDENTITY, customer uuid, said int)")
        _run(var, cases)


def _run(var: Path, cases: Cases) -> None:
    from django.conf import settings
    from django.test import override_settings
    from hypothesis import HealthCheck, Phase, seed
    from hypothesis import settings as options
    from hypothesis.stateful import run_state_machine_as_test

    from integration import keys
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
    say(f"{wire.turns} turns; pauses left: {Pause.objects.active().count()}")


def _machine(wire: "_Wire", cases: Cases) -> Any:
    """What may happen, and what must hold; the class is made here because Hypothesis is there for trials only."""
    from hypothesis import strategies as st
    from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

    customer = st.integers(0, CUSTOMERS - 1)
    fate = st.sampled_from(FATES)
    signer = st.sampled_from([("crm", "origin"), ("crm", "hop"), ("integration", "hop")])

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.story = _Story(wire)

        @rule(which=customer)
        def emit(self, which: int) -> None:
            self.story.emit(which)

        @rule(what=fate)
        def tell(self, what: str) -> None:
            wire.turn("crm", what)

        @rule(what=fate)
        def deliver(self, what: str) -> None:
            wire.turn("integration", what)

        @rule(dies=st.booleans())
        def apply(self, dies: bool) -> None:
            wire.turn("erp", "dead after" if dies else "well")

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

        self.var, self.jwks, self.turns, self.fate = var, Path(settings.JWKS_FILE), 0, "well"
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
        handling._HANDLERS.update({f"crm.customer.{verb}.v1": _effect for verb in ("registered", "updated")})
        try:
            yield
        finally:
            courier._post, gaps._fetch = post, fetch
            handling._HANDLERS.clear()
            handling._HANDLERS.update(handlers)

    def turn(self, side: str, fate: str) -> int:
        """One round of that side's relay, by a process of its own; how many rows it worked on."""
        self.turns += 1
        self.fate = fate
        worker = self._worker(side)
        with self.on(side):
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

        self._next(side, purpose)
        with self.on(side):
            kid = keys.signing_key(purpose).kid
            keys.revoke(side, kid, self.var / side / "keys", self.jwks)
            if side == "crm":
                resigning.tell_again(kid)

    def _next(self, side: str, purpose: str) -> str:
        from integration import keys

        return keys.make_next(side, purpose, self.var / side / "keys", self.jwks)

    def _worker(self, side: str) -> Any:
        from integration.courier import Circuit
        from integration.hub import sending as hub_sending
        from integration.hub.models import Delivery
        from integration.inbox.models import Incoming
        from integration.lanes import LaneWorker
        from integration.outbox import sending
        from integration.outbox.models import Message

        name = next(self.names)
        if side == "crm":
            return LaneWorker(Message, sending.sender(Circuit("integration")), name)
        if side == "integration":
            return LaneWorker(Delivery, hub_sending.sender("erp", Circuit("erp")), name, destination="erp")
        return LaneWorker(Incoming, self._apply, name)

    def _apply(self, rows: Sequence[Any]) -> list[Any]:
        from integration.inbox.applying import applier
        from integration.looping import Progress

        if self.fate == "dead after":
            applier(Progress())(rows[:1])
            raise _Dead
        return applier(Progress())(rows)

    def _post(self, to: str, body: bytes) -> httpx.Response:
        from django.test import RequestFactory

        from base.ids import uuid7
        from integration.hub.intake import events as hub_events
        from integration.inbox.views import events as side_events
        from integration.signing import hop_headers

        if self.fate == "dead before":
            raise _Dead
        headers = hop_headers(body, str(uuid7()))
        headers.pop("content-type")
        for _copy in range(3 if self.fate == "doubled" else 1):
            with self.on(to):
                request = RequestFactory().post("/events", body, content_type="application/json", headers=headers)
                answer = (hub_events if to == "integration" else side_events)(request)
        if self.fate == "dead after":
            raise _Dead
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


class _Story:
    """One example: its customers, what was said of them, and what a backup remembers."""

    def __init__(self, wire: _Wire) -> None:
        from base.ids import uuid7

        self.wire = wire
        self.customers = [uuid7() for _number in range(CUSTOMERS)]
        self.said: dict[UUID, int] = dict.fromkeys(self.customers, 0)
        self.paused: dict[UUID, Any] = {}
        self.kept: dict[UUID, int] = dict.fromkeys(self.customers, 0)

    def emit(self, which: int) -> None:
        from django.db import transaction

        from integration.contracts.customers import CustomerRegistered, CustomerSnapshot, CustomerUpdated
        from integration.outbox.emitting import emit

        customer = self.customers[which]
        self.said[customer] += 1
        number = self.said[customer]
        snapshot = CustomerSnapshot(customer=customer, name=f"{number}", version=number)
        kind = CustomerRegistered if number == 1 else CustomerUpdated
        with self.wire.on("crm"), transaction.atomic():
            emit(kind(customer=customer, snapshot=snapshot))

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
        """Remember how far the ERP is with each customer."""
        self.kept = {customer: len(self._done(customer)) for customer in self.customers}

    def restore(self) -> None:
        """The ERP is as it was: what came since is forgotten, effects and all."""
        from django.db import connection

        from integration.inbox.models import Gap, Incoming, Position

        for customer, number in self.kept.items():
            key = f"customer:{customer}"
            Incoming.objects.filter(aggregate=f"crm>erp {key}", position__gt=number).delete()
            Position.objects.filter(route="crm>erp", partition_key=key, last__gt=number).update(last=number)
            Gap.objects.filter(partition_key=key).delete()
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM effect WHERE customer = %s AND said > %s", [customer, number])
            if customer in self.paused:
                self.paused[customer] = (self.paused[customer][0], None)
        self._mend()

    def check(self) -> None:
        """What was done is a beginning of what was said, and nothing passes a pause."""
        for customer, said in self.said.items():
            done = self._done(customer)
            assert done == list(range(1, len(done) + 1)), f"{customer}: {done}"
            assert len(done) <= said, f"{customer}: {done} of {said}"
            _held, stored = self.paused.get(customer, (None, None))
            assert stored is None or self._stored(customer) == stored, f"{customer} passed a pause"

    def finish(self) -> None:
        """Let all go and all come: what was done is what was said."""
        for which in range(CUSTOMERS):
            self.resume(which)
        for _round in range(60):
            _all_due()
            worked = sum(self.wire.turn(side, "well") for side in ("crm", "integration", "erp"))
            self._mend()
            if not worked and all(len(self._done(one)) == said for one, said in self.said.items()):
                break
        for customer, said in self.said.items():
            assert self._done(customer) == list(range(1, said + 1)), self._where(customer, said)

    def _where(self, customer: UUID, said: int) -> str:
        """How far it came, for whoever looks for the reason."""
        from integration.hub.models import Delivery
        from integration.inbox.models import Incoming
        from integration.outbox.models import Message

        rows = [
            (model.__name__, *found)
            for model in (Message, Delivery, Incoming)
            for found in model.objects.filter(aggregate__endswith=f"customer:{customer}")
            .order_by("position")
            .values_list("position", "state", "attempts", "error")
        ]
        return f"{customer}: {self._done(customer)} of {said}: {rows}"

    def _mend(self) -> None:
        import threading

        from integration.inbox import gaps
        from integration.inbox.models import Gap

        with self.wire.on("erp"):
            gaps._compare(threading.Event())
            for gap in Gap.objects.all():
                gaps._mend(gap)

    def _done(self, customer: UUID) -> list[int]:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT said FROM effect WHERE customer = %s ORDER BY id", [customer])
            return [row[0] for row in cursor.fetchall()]

    def _stored(self, customer: UUID) -> int:
        from integration.inbox.models import Incoming

        return Incoming.objects.filter(aggregate=f"crm>erp customer:{customer}").count()


def _effect(fact: Any, meta: Any) -> None:
    """What the ERP does about a customer: note it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO effect (customer, said) VALUES (%s, %s)", [fact.customer, int(fact.snapshot.name)])


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
