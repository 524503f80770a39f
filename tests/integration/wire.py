"""Words for tests of the wire: an event as another side would sign and hand it over."""

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone

from base.ids import uuid7
from integration import signing
from integration.contracts import Contract
from integration.events import event_bytes


def as_side(side: str) -> Any:
    """Sign as another side does: its name, its private keys."""
    return override_settings(SIDE=side, KEYS_DIR=Path(settings.VAR_DIR) / side / "keys")


def signed(fact: Contract, seq: int = 1, by: str | None = None, **head: Any) -> signing.Envelope:
    """The fact as an event, signed by its owner (or by whoever `by` says)."""
    told = {"event_id": uuid7(), "time": timezone.now(), "correlation_id": "c", "causation_id": ""} | head
    body = event_bytes(fact, aggregate_seq=seq, **told)
    with as_side(by or fact.owner):
        return signing.seal(body)


@dataclass
class HandOver:
    """One POST /events, to be bent by a test before it goes."""

    envelope: signing.Envelope
    sender: str
    to: str
    routeseq: int = 1
    now: float | None = None
    hop_by: str | None = None
    change: dict[str, Any] = field(default_factory=dict)

    def post(self, client: Client) -> Any:
        """Sign the hop and post it."""
        body = signing.wrapper(
            self.envelope, sender=self.sender, to=self.to, route=f"{self.sender}>{self.to}", routeseq=self.routeseq
        )
        if self.change:
            body = json.dumps({**json.loads(body), **self.change}).encode()
        return self.post_raw(client, body)

    def post_raw(self, client: Client, body: bytes, **more: Any) -> Any:
        """Post these very bytes with a valid hop signature."""
        with as_side(self.hop_by or self.sender):
            headers = signing.hop_headers(body, "msg_1", self.now)
        headers.pop("content-type")
        return client.post("/events", body, content_type="application/json", headers={**headers, **more})


def flipped(raw: bytes, at: int) -> bytes:
    """The bytes with one bit turned."""
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
