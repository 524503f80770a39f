"""The receiving end of a hop, the same on every side: checks in the order of architecture §6, then the inbox.

size and media type → hop signature on the raw bytes → strict parse → origin signature → owner, source, audience →
schema → `store`. Each no is a problem body; a 401 says nothing more.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse

from base import context
from integration.contracts import Contract
from integration.events import BadEvent, Event, parse_event
from integration.signing import BadSignature, Hop, check_hop, check_origin, parse_wrapper

log = logging.getLogger(__name__)

MAX_HOP_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery that passed every check."""

    hop: Hop
    event: Event
    fact: Contract
    digest: str
    keyid: str


class DeliveryRefused(Exception):
    """Why a delivery is not taken: `status` and `code` for the sender, `text` for the operator."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status, self.code, self.text = status, code, text


# Store the delivery; True when it is new, False when it was there already. Raises DeliveryRefused.
Store = Callable[[Delivery], bool]


# Told of every refused delivery, outside the transaction that was rolled back.
Witness = Callable[[DeliveryRefused], None]


def receive(request: HttpRequest, store: Store, witness: Witness | None = None) -> HttpResponse:
    """Answer one POST /events."""
    try:
        delivery = check(request)
        context.correlation_id.set(delivery.event.correlation_id)  # for the request's own line in the log
        with context.acting("wire", correlation=delivery.event.correlation_id, causation=str(delivery.event.id)):
            new = store(delivery)
    except DeliveryRefused as refusal:
        log.warning("refused a delivery: %s %s", refusal.code, refusal.text)
        if witness is not None:
            witness(refusal)
        return _problem(refusal.status, refusal.code, "" if refusal.status == 401 else refusal.text)
    except DatabaseError as fault:
        log.warning("the inbox is away: %s", str(fault).strip()[:200])
        return _problem(503, "inbox-away", "try again later")
    return JsonResponse({"id": str(delivery.event.id)}, status=202 if new else 200)


def check(request: HttpRequest) -> Delivery:
    """Every check that needs no table of ours."""
    body = _body(request)
    try:
        sender = check_hop(body, request.headers, _neighbours())
        hop = parse_wrapper(body)
        if hop.sender != sender or hop.to != settings.SIDE:
            raise DeliveryRefused(401, "unauthorised", f"{sender} handed over a delivery of {hop.sender} to {hop.to}")
        event = parse_event(hop.envelope.body)
        key = check_origin(hop.envelope, event.side)
        fact = event.contract()
    except BadSignature as fault:
        raise DeliveryRefused(401, "unauthorised", str(fault)) from None
    except BadEvent as fault:
        raise DeliveryRefused(422, "quarantined", str(fault)) from None
    _check_owner(event, fact)
    return Delivery(hop, event, fact, hashlib.sha256(hop.envelope.body).hexdigest(), key.kid)


def _body(request: HttpRequest) -> bytes:
    if request.headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
        raise DeliveryRefused(415, "media-type", "send application/json")
    if request.headers.get("Content-Encoding"):
        raise DeliveryRefused(415, "media-type", "send the body unpacked")
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        length = 0
    if length > MAX_HOP_BYTES:
        raise DeliveryRefused(413, "too-large", f"a delivery has at most {MAX_HOP_BYTES} bytes")
    body = request.read(MAX_HOP_BYTES + 1)
    if len(body) > MAX_HOP_BYTES:
        raise DeliveryRefused(413, "too-large", f"a delivery has at most {MAX_HOP_BYTES} bytes")
    return body


def _neighbours() -> tuple[str, ...]:
    """Who may hand something over here: the hub takes from the sides, a side takes from the hub."""
    return ("crm", "erp") if settings.SIDE == "integration" else ("integration",)


def _check_owner(event: Event, fact: Contract) -> None:
    if fact.owner != event.side:
        raise DeliveryRefused(422, "not-the-owner", f"{event.type} belongs to {fact.owner}, not to {event.side}")
    if settings.SIDE not in fact.audience:
        raise DeliveryRefused(422, "not-the-audience", f"{event.type} is not meant for {settings.SIDE}")
    if fact.partition_key != event.partition_key:
        raise DeliveryRefused(422, "quarantined", f"partitionkey is not {fact.partition_key}")


def _problem(status: int, code: str, detail: str) -> JsonResponse:
    body = {"type": f"/problems/{code}", "title": code, "status": status, "code": code}
    if detail:
        body["detail"] = detail[:500]
    return JsonResponse(body, status=status, content_type="application/problem+json")
