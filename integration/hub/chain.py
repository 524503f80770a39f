"""The archive: written once, never changed."""

import base64
import hashlib

from integration.events import Event, parse_event
from integration.hub.models import Archived
from integration.signing import Envelope


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
