"""The archive: written once, never changed, and sealed in a chain that shows it.

A seal covers the digests and the particulars of its events, and the head before it; its head is signed by the hub. The
words of an event may be erased (personal data): its digest stays, so the chain holds.

A key that was given up had its time: beside it in the JWKS stands where the chain was then. Its seals count up to that
one, as long as the chain still leads there; no later one, whoever has the key.
"""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from integration.events import Event, parse_event
from integration.hub.models import Archived, Erasure, Seal, SealedEvent
from integration.keys import Key, pinned_keys, signing_key
from integration.signing import BadSignature, Envelope, check_origin, is_signed_by, seal

BATCH = 5000
# Younger events may have rivals that have not committed yet; what comes later is sealed later, nothing is stepped over.
SETTLED = timedelta(seconds=5)
LATE = timedelta(minutes=10)
GENESIS = "0" * 64


def archive(envelope: Envelope, event: Event | None = None, digest: str = "") -> Archived:
    """Keep the very bytes and the very signature."""
    event = event or parse_event(envelope.body)
    return Archived.objects.create(
        event_id=event.id,
        digest=digest or hashlib.sha256(envelope.body).hexdigest(),
        type=event.type,
        source=event.side,
        partition_key=event.partition_key,
        aggregate_seq=event.aggregate_seq,
        correlation_id=event.correlation_id[:64],
        causation_id=event.causation_id[:64],
        keyid=envelope.keyid,
        signature=base64.b64encode(envelope.signature).decode(),
        body=envelope.body,
        told_at=event.time,
    )


@transaction.atomic
def seal_batch(settled: timedelta = SETTLED) -> Seal | None:
    """Close the next batch; None when there is nothing to seal. One sealer at a time."""
    hold_seals()
    last = last_seal()
    unsealed = Archived.objects.filter(sealed=None, archived_at__lt=timezone.now() - settled)
    if last is not None:
        unsealed = unsealed.filter(archived_at__gt=_horizon(last))
    events = list(unsealed.defer("body").order_by("archived_at", "event_id")[:BATCH])
    if not events:
        return None
    made = _seal(last, events)
    made.save(force_insert=True)
    SealedEvent.objects.bulk_create(
        SealedEvent(event=event, seal=made, position=position) for position, event in enumerate(events, 1)
    )
    return made


def hold_seals() -> None:
    """Until this transaction ends nobody else seals."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('hub_seal'))")


def last_seal() -> Seal | None:
    """The chain's end."""
    return Seal.objects.order_by("-number").first()


def _horizon(last: Seal) -> Any:
    """Nothing older than this can still be unsealed; keeps the look short however long the archive is."""
    return last.sealed_at - LATE if last.count < BATCH else last.sealed_at - timedelta(days=400)


def _seal(last: Seal | None, events: list[Archived]) -> Seal:
    number, previous = (last.number + 1, last.head) if last else (1, GENESIS)
    content = content_of(events)
    head = head_of(previous, number, len(events), content)
    key = signing_key("origin")
    signature = base64.b64encode(seal(head.encode()).signature).decode()
    return Seal(
        number=number,
        count=len(events),
        previous=previous,
        content=content,
        head=head,
        keyid=key.kid,
        signature=signature,
        sealed_at=timezone.now(),
    )


def content_of(events: list[Archived]) -> str:
    """One digest over the lines of a batch, in their order."""
    digest = hashlib.sha256()
    for position, event in enumerate(events, 1):
        digest.update(line_of(position, event))
    return digest.hexdigest()


def line_of(position: int, event: Archived) -> bytes:
    """Everything that must not change about an archived event; its words stand in the digest."""
    parts: tuple[object, ...] = (
        position, event.pk, event.digest, event.type, event.source, event.partition_key, event.aggregate_seq,
        event.correlation_id, event.causation_id, event.keyid, event.signature, event.told_at.isoformat(),
        event.archived_at.isoformat(),
    )  # fmt: skip
    return "\x1f".join(str(part) for part in parts).encode() + b"\n"


def head_of(previous: str, number: int, count: int, content: str) -> str:
    """The chain's next link.

    >>> head_of("0" * 64, 1, 2, "aa")[:8]
    'efa3ddb8'
    """
    return hashlib.sha256(f"{previous}:{number}:{count}:{content}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Flaw:
    """Where the archive is not as it was sealed."""

    seal: int
    text: str


def verify(since: int = 1) -> Iterator[Flaw]:
    """Walk the chain; every flaw it finds, none when the archive is as it was."""
    given_up = [key for key in pinned_keys(Path(settings.JWKS_FILE)) if key.side == settings.SIDE and key.last_seal]
    ends = [key.last_seal for key in given_up if key.last_seal]
    standing = set(Seal.objects.filter(number__in=[number for number, _head in ends]).values_list("number", "head"))
    vouched = {key.kid: key for key in given_up if key.last_seal in standing}
    for key, (number, _head) in zip(given_up, ends, strict=True):
        if key.kid not in vouched:
            yield Flaw(number, f"seal {number} is not the one that stood when {key.kid} was revoked")
    previous, expected = GENESIS, 1
    if since > 1:
        before = Seal.objects.filter(number=since - 1).first()
        previous, expected = (before.head if before else GENESIS), since
    for link in Seal.objects.filter(number__gte=since).order_by("number").iterator():
        if link.number != expected:
            yield Flaw(expected, f"seal {expected} is missing")
        if link.previous != previous:
            yield Flaw(link.number, f"seal {link.number} does not follow seal {link.number - 1}")
        yield from _verify_link(link, vouched.get(link.keyid))
        previous, expected = link.head, link.number + 1
    oldest = timezone.now() - LATE
    loose = Archived.objects.filter(sealed=None, archived_at__lt=oldest).count()
    if loose:
        yield Flaw(expected, f"{loose} events older than ten minutes stand in no seal")


def _verify_link(link: Seal, vouched: Key | None) -> Iterator[Flaw]:
    if head_of(link.previous, link.number, link.count, link.content) != link.head:
        yield Flaw(link.number, f"the head of seal {link.number} does not fit what it covers")
    if not _is_signed(link, vouched):
        yield Flaw(link.number, f"seal {link.number} is not signed by the hub")
    events = [row.event for row in link.events.select_related("event").order_by("position")]
    if len(events) != link.count:
        yield Flaw(link.number, f"seal {link.number} has {len(events)} events instead of {link.count}")
    if content_of(events) != link.content:
        yield Flaw(link.number, f"an event of seal {link.number} was changed, removed or moved")
    erased = set(Erasure.objects.filter(event__in=events).values_list("event_id", flat=True))
    for event in events:
        body = bytes(event.body)
        if not body and event.pk in erased:
            continue
        if hashlib.sha256(body).hexdigest() != event.digest:
            yield Flaw(link.number, f"the words of event {event.pk} are not those that were sealed")


def _is_signed(link: Seal, vouched: Key | None) -> bool:
    """By a key that counts, or in the time of one that does no more."""
    try:
        envelope = Envelope(link.head.encode(), link.keyid, base64.b64decode(link.signature))
        if vouched is not None and vouched.last_seal is not None and link.number <= vouched.last_seal[0]:
            return is_signed_by(vouched, envelope)
        check_origin(envelope, settings.SIDE)
    except (BadSignature, ValueError):
        return False
    return True


@transaction.atomic
def erase(archived: Archived, by: str, reason: str) -> None:
    """Take away an event's words for good, on a person's demand; what it was about and its digest stay."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.hub_erase(%s, %s, %s)", [archived.pk, by[:150], reason[:500]])
