"""The receiving end of a hop, the same on every side: checks in the order of architecture §6, then the inbox.

size and media type → hop signature on the raw bytes → strict parse → origin signature → owner, source, audience →
schema → `store`. Each no is a problem body; a 401 says nothing more. A batch has an answer for each of its deliveries,
and every answer announces how large a batch may be: a sender sends none unasked.
"""

import contextlib
import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from base import context
from base.addresses import client_address
from integration.contracts import Contract, contract_of
from integration.events import BadEvent, Event, parse_event
from integration.signing import BadSignature, Envelope, Hop, check_hop, check_origin, parse_item, parse_wrapper

log = logging.getLogger(__name__)

BATCH_MAX = 100
BATCH_HEADER = "heming-batch"
MAX_HOP_BYTES = 2 * 1024 * 1024


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


class Behind(DeliveryRefused):
    """It follows, in its batch, one of its aggregate that was not taken."""

    def __init__(self) -> None:
        super().__init__(409, "sequence-gap", "what comes before it was not taken")


@dataclass(frozen=True, slots=True)
class Brought:
    """Who stood at the door, and with what: the sender once its signature held, the delivery once it could be read."""

    address: str
    sender: str = ""
    delivery: Any = None

    @property
    def event(self) -> tuple[UUID | None, str]:
        """The event's id and contract, as far as they can be read; whether they are true is another matter."""
        with contextlib.suppress(BadEvent, KeyError, TypeError):
            event = parse_event(Envelope.from_json(self.delivery["envelope"]).body)
            return event.id, event.type if contract_of(event.type) else ""
        return None, ""


# What became of one delivery: True when it is new, False when it was there already, or why it is not taken.
Result = bool | DeliveryRefused
# Store the deliveries, in order, all of those that can be; a result for each.
Store = Callable[[Sequence[Delivery]], list[Result]]
# Told of every refused delivery and who brought it, outside the transaction that was rolled back.
Witness = Callable[[DeliveryRefused, Brought], None]


def receive(
    request: HttpRequest,
    store: Store,
    witness: Witness | None = None,
    busy: Callable[[], DeliveryRefused | None] = lambda: None,
) -> HttpResponse:
    """Answer one POST /events."""
    brought = Brought(client_address(request))
    try:
        body = _body(request)
        sender = _neighbour(body, request)
        brought = replace(brought, sender=sender)
        if (too_much := busy()) is not None:
            raise too_much
        told, to, deliveries, value = parse_wrapper(body)
        if told != sender or to != settings.SIDE:
            raise DeliveryRefused(401, "unauthorised", f"{sender} handed over a delivery of {told} to {to}")
        if deliveries is None:
            brought = replace(brought, delivery=value)
            answer = _take_one(parse_item(value, sender, to), store)
        else:
            answer = _take_batch(deliveries, brought, store, witness)
    except (DeliveryRefused, BadEvent, BadSignature) as fault:
        refusal = _refusal(fault)
        _note(refusal, witness, brought)
        answer = _problem(refusal.status, refusal.code, "" if refusal.status == 401 else refusal.text)
    except DatabaseError as fault:
        log.warning("the inbox is away: %s", str(fault).strip()[:200])
        answer = _problem(503, "inbox-away", "try again later")
    answer[BATCH_HEADER] = str(BATCH_MAX)
    return answer


def one_by_one(take: Callable[[Delivery], bool], begin: Callable[[], None]) -> Store:
    """A store made of one that takes a single delivery; `begin` opens each transaction.

    All in one transaction, as nearly always all are good. When one is not, or when two batches stand in each other's
    way, nothing has been kept and each gets a transaction of its own.
    """

    def together(deliveries: Sequence[Delivery]) -> list[Result]:
        with transaction.atomic():
            begin()
            return [_taken(take, delivery) for delivery in deliveries]

    def apart(deliveries: Sequence[Delivery]) -> list[Result]:
        results: list[Result] = []
        broken: set[tuple[str, str]] = set()
        for delivery in deliveries:
            order = (delivery.hop.route, delivery.event.partition_key)
            try:
                results.append(Behind() if order in broken else together([delivery])[0])
            except DeliveryRefused as refusal:
                results.append(refusal)
                broken.add(order)
        return results

    def store(deliveries: Sequence[Delivery]) -> list[Result]:
        if len(deliveries) > 1:
            try:
                return together(deliveries)
            except (DeliveryRefused, IntegrityError):
                pass
            except OperationalError as fault:
                if not _is_deadlock(fault):
                    raise
        return apart(deliveries)

    return store


def _taken(take: Callable[[Delivery], bool], delivery: Delivery) -> bool:
    event = delivery.event
    with context.acting("wire", correlation=event.correlation_id, causation=str(event.id)):
        return take(delivery)


def _is_deadlock(fault: OperationalError) -> bool:
    return getattr(fault.__cause__, "sqlstate", "") == "40P01"


def _take_one(hop: Hop, store: Store) -> HttpResponse:
    delivery = check(hop)
    context.correlation_id.set(delivery.event.correlation_id)  # for the request's own line in the log
    (result,) = store([delivery])
    if isinstance(result, DeliveryRefused):
        raise result
    return JsonResponse({"id": str(delivery.event.id)}, status=202 if result else 200)


def _take_batch(items: list[Any], brought: Brought, store: Store, witness: Witness | None) -> HttpResponse:
    """An answer for each delivery; one that is no good spoils no other, only what follows it in its own order."""
    if len(items) > BATCH_MAX:
        raise DeliveryRefused(413, "too-large", f"a batch has at most {BATCH_MAX} deliveries")
    checked = [_try(entry, brought.sender, settings.SIDE) for entry in items]
    results = iter(store([delivery for delivery in checked if isinstance(delivery, Delivery)]))
    answers = []
    for entry, delivery in zip(items, checked, strict=True):
        result = delivery if isinstance(delivery, DeliveryRefused) else next(results)
        if isinstance(result, DeliveryRefused):
            _note(result, witness, replace(brought, delivery=entry))
        answers.append(_answer(delivery, result))
    return JsonResponse({"results": answers})


def _try(entry: Any, sender: str, to: str) -> Delivery | DeliveryRefused:
    try:
        return check(parse_item(entry, sender, to))
    except (DeliveryRefused, BadEvent, BadSignature) as fault:
        return _refusal(fault)


def _answer(delivery: Delivery | DeliveryRefused, result: Result) -> dict[str, Any]:
    found: dict[str, Any] = {"id": str(delivery.event.id)} if isinstance(delivery, Delivery) else {}
    if not isinstance(result, DeliveryRefused):
        return found | {"status": 202 if result else 200}
    found |= {"status": result.status, "code": result.code}
    return found if result.status == 401 else found | {"detail": result.text[:500]}


def check(hop: Hop) -> Delivery:
    """Every check of one delivery that needs no table of ours."""
    event = parse_event(hop.envelope.body)
    key = check_origin(hop.envelope, event.side)
    _check_owner(event)
    fact = event.contract()
    if fact.partition_key != event.partition_key:
        raise DeliveryRefused(422, "quarantined", f"partitionkey is not {fact.partition_key}")
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


def _neighbour(body: bytes, request: HttpRequest) -> str:
    """Who hands it over: the hub takes from the sides, a side takes from the hub."""
    return check_hop(body, request.headers, ("crm", "erp") if settings.SIDE == "integration" else ("integration",))


def _check_owner(event: Event) -> None:
    """Whose it is to tell, and to whom, before a word of it is read; a contract that nobody knows is refused after."""
    model = contract_of(event.type)
    if model is None:
        return
    if model.owner != event.side:
        raise DeliveryRefused(422, "not-the-owner", f"{event.type} belongs to {model.owner}, not to {event.side}")
    if settings.SIDE not in model.audience:
        raise DeliveryRefused(422, "not-the-audience", f"{event.type} is not meant for {settings.SIDE}")


def _refusal(fault: Exception) -> DeliveryRefused:
    if isinstance(fault, DeliveryRefused):
        return fault
    if isinstance(fault, BadSignature):
        return DeliveryRefused(401, "unauthorised", str(fault))
    return DeliveryRefused(422, "quarantined", str(fault))


def _note(refusal: DeliveryRefused, witness: Witness | None, brought: Brought) -> None:
    if isinstance(refusal, Behind):
        return  # what it is behind has been noted
    log.warning("refused a delivery: %s %s", refusal.code, refusal.text)
    if witness is not None:
        try:
            witness(refusal, brought)
        except DatabaseError as fault:  # the answer is no all the same, and its sender asks again
            log.warning("a refusal could not be noted: %s", str(fault).strip()[:200])


def _problem(status: int, code: str, detail: str) -> JsonResponse:
    body = {"type": f"/problems/{code}", "title": code, "status": status, "code": code}
    if detail:
        body["detail"] = detail[:500]
    return JsonResponse(body, status=status, content_type="application/problem+json")
