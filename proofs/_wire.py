"""The three sides of the wire in one database and one process, and the hand between them instead of a network.

Real are the outbox, the hub and the inbox, their keys and all they check; the hand loses answers, doubles deliveries,
gives keys up, or dies before or after.
"""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

FATES = ("well", "lost", "doubled", "dead before", "dead after", "given up before", "given up after")
TURNS = ("outbox", "to erp", "to crm", "inbox")


class Dead(BaseException):
    """The process ends here, whatever it was about to do."""


class Wire:
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
            except Dead:
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
            raise Dead
        return applier(Progress())(rows)

    def _post(self, to: str, body: bytes) -> httpx.Response:
        from django.conf import settings
        from django.test import RequestFactory

        from base.ids import uuid7
        from integration.hub.intake import events as hub_events
        from integration.inbox.views import events as side_events
        from integration.signing import hop_headers

        if self.fate == "dead before":
            raise Dead
        if self.fate == "given up before":
            self.revoke(settings.SIDE, "origin")
        headers = hop_headers(body, str(uuid7()))
        headers.pop("content-type")
        for _copy in range(3 if self.fate == "doubled" else 1):
            with self.on(to):
                request = RequestFactory().post("/events", body, content_type="application/json", headers=headers)
                answer = (hub_events if to == "integration" else side_events)(request)
        if self.fate == "dead after":
            raise Dead
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
