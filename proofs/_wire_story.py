"""What was said of each record, in order, and that what was done is a beginning of it: the model of the wire."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from proofs._wire import TURNS, Wire

CUSTOMERS, PRODUCTS, NOTED = 3, 2, 2
DIRECTIONS = {"crm": "crm>erp", "erp": "erp>crm", "integration": "integration>erp"}


@dataclass(frozen=True, slots=True)
class Record:
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


class Story:
    """One example: its records, what was said of them, and what a backup remembers."""

    def __init__(self, wire: Wire) -> None:
        from base.ids import uuid7

        self.wire = wire
        self.customers = [uuid7() for _number in range(CUSTOMERS)]
        self.records = [Record(one, "crm", f"customer:{one}") for one in self.customers]
        for product in [uuid7() for _number in range(PRODUCTS)]:
            self.records.append(Record(product, "erp", f"product:{product.hex}"))
        for about in self.customers[:NOTED]:
            self.records.append(Record(uuid7(), "integration", f"customer:{about}"))
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

    def _where(self, record: Record, said: int) -> str:
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


def _all_due() -> None:
    """Time passes: what was to be tried later is to be tried now."""
    from django.db.models.functions import Now

    from integration.hub.models import Delivery
    from integration.inbox.models import Incoming
    from integration.outbox.models import Message

    for model in (Message, Delivery, Incoming):
        model.objects.filter(state="waiting").update(not_before=Now())
