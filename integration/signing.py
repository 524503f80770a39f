"""Two signatures, two questions: who said it (origin, DSSE), and who hands it over now (hop, Standard Webhooks v1a).

Both are Ed25519. The origin signature covers the event's bytes and travels with them for ever; the hub cannot forge it.
The hop signature covers one attempt's very body and its time, and is worth nothing 300 seconds later.
"""

import base64
import binascii
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature

from integration.events import BadEvent, strict_json
from integration.keys import Key, public_keys, signing_key

PAYLOAD_TYPE = "application/vnd.heming.event+json"
TOLERANCE_SECONDS = 300


class BadSignature(Exception):
    """The signature does not hold; callers answer without detail, the log gets the text."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event's bytes with the signature of the side that said it."""

    body: bytes
    keyid: str
    signature: bytes

    def as_json(self) -> dict[str, Any]:
        """DSSE v1 (https://github.com/secure-systems-lab/dsse)."""
        return {
            "payloadType": PAYLOAD_TYPE,
            "payload": _b64(self.body),
            "signatures": [{"keyid": self.keyid, "sig": _b64(self.signature)}],
        }

    @classmethod
    def from_json(cls, value: Any) -> "Envelope":
        """Read an envelope strictly; BadEvent says what is wrong."""
        try:
            if value["payloadType"] != PAYLOAD_TYPE:
                raise BadEvent("the envelope holds something else than an event")
            (signature,) = value["signatures"]
            return cls(_unb64(value["payload"]), str(signature["keyid"])[:100], _unb64(signature["sig"]))
        except (KeyError, TypeError, ValueError) as fault:
            if isinstance(fault, BadEvent):
                raise
            raise BadEvent("the envelope is malformed") from None


def pae(body: bytes) -> bytes:
    """DSSE's pre-authentication encoding.

    >>> pae(b"hi")
    b'DSSEv1 33 application/vnd.heming.event+json 2 hi'
    """
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def seal(body: bytes, key: Key | None = None) -> Envelope:
    """Sign an event of this side, with the key that signs now or with the one given."""
    key = key or signing_key("origin")
    return Envelope(body, key.kid, key.sign(pae(body)))


def check_origin(envelope: Envelope, side: str) -> Key:
    """The key that made the envelope's signature; it must belong to the side that the event names."""
    for key in public_keys(side, "origin"):
        if is_signed_by(key, envelope):
            return key
    raise BadSignature(f"no origin key of {side} made this signature (keyid {envelope.keyid})")


def is_signed_by(key: Key, envelope: Envelope) -> bool:
    """Did this key make the signature, whether it counts or not?"""
    return key.kid == envelope.keyid and _holds(key, envelope.signature, pae(envelope.body))


def hop_headers(body: bytes, message_id: str, now: float | None = None, key: Key | None = None) -> dict[str, str]:
    """The headers of one attempt (Standard Webhooks, asymmetric scheme v1a), signed by this side or with that key."""
    stamp = str(int(time.time() if now is None else now))
    signature = (key or signing_key("hop")).sign(f"{message_id}.{stamp}.".encode() + body)
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1a,{_b64(signature)}",
    }


def check_hop(body: bytes, headers: Any, sides: tuple[str, ...], now: float | None = None) -> str:
    """Which side hands this over; several signatures may stand in the header while a key rotates."""
    message_id = headers.get("webhook-id", "")
    stamp = headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "")
    if not message_id or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12 or len(given) > 2000:
        raise BadSignature("hop headers are missing or malformed")
    if abs((time.time() if now is None else now) - int(stamp)) > TOLERANCE_SECONDS:
        raise BadSignature("the hop's time is more than 300 seconds off")
    signed = f"{message_id}.{stamp}.".encode() + body
    for part in given.split():
        version, _comma, text = part.partition(",")
        if version != "v1a":
            continue
        try:
            signature = _unb64(text)
        except ValueError:
            continue
        for side in sides:
            if any(_holds(key, signature, signed) for key in public_keys(side, "hop")):
                return side
    raise BadSignature("no neighbour made the hop signature")


def wrapper(envelope: Envelope, *, sender: str, to: str, route: str, routeseq: int, mode: str = "live") -> bytes:
    """The body of one hop: the envelope, and how it travels."""
    return json.dumps(
        {
            "from": sender,
            "to": to,
            "route": route,
            "routeseq": routeseq,
            "mode": mode,
            "envelope": envelope.as_json(),
        },
        separators=(",", ":"),
    ).encode()


@dataclass(frozen=True, slots=True)
class Hop:
    """One delivery as it came in."""

    sender: str
    to: str
    route: str
    routeseq: int
    mode: str
    envelope: Envelope


def batch_wrapper(items: Sequence[bytes], *, sender: str, to: str) -> bytes:
    """The body of one hop that carries several deliveries, each as `item` wrote it."""
    head = json.dumps({"from": sender, "to": to}, separators=(",", ":"))[:-1].encode()
    return head + b',"deliveries":[' + b",".join(items) + b"]}"


def item(envelope: Envelope, *, route: str, routeseq: int, mode: str = "live") -> bytes:
    """One delivery of a batch."""
    entry = {"route": route, "routeseq": routeseq, "mode": mode, "envelope": envelope.as_json()}
    return json.dumps(entry, separators=(",", ":")).encode()


def parse_wrapper(body: bytes) -> tuple[str, str, list[Any] | None, dict[str, Any]]:
    """Read a hop's body strictly: from whom, to whom, a batch's deliveries (None: it is one), and the whole."""
    value = strict_json(body)
    if not isinstance(value, dict):
        raise BadEvent("a delivery is a JSON object")
    sender, to, deliveries = value.get("from"), value.get("to"), value.get("deliveries")
    if not isinstance(sender, str) or not isinstance(to, str):
        raise BadEvent("from and to must be texts")
    if "deliveries" in value and (not isinstance(deliveries, list) or not deliveries):
        raise BadEvent("a batch has a list of deliveries")
    return sender, to, deliveries, value


def parse_item(value: Any, sender: str, to: str) -> Hop:
    """Read one delivery strictly."""
    if not isinstance(value, dict):
        raise BadEvent("a delivery is a JSON object")
    try:
        sequence, route, mode = value["routeseq"], value["route"], value["mode"]
        if type(sequence) is not int or not 1 <= sequence < 2**63:
            raise BadEvent("routeseq must be a whole number from 1")
        if not isinstance(route, str) or len(route) > 40 or "\x00" in route or mode not in ("live", "replay"):
            raise BadEvent("mode is live or replay, a route's name at most 40 characters")
        return Hop(sender, to, route, sequence, mode, Envelope.from_json(value["envelope"]))
    except KeyError as missing:
        raise BadEvent(f"{missing.args[0]} is missing") from None


def _holds(key: Key, signature: bytes, signed: bytes) -> bool:
    try:
        key.public.verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _unb64(text: Any) -> bytes:
    if not isinstance(text, str):
        raise BadEvent("base64 text was expected")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadEvent("the text is not base64") from None
