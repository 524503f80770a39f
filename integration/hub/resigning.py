"""The signature an archived event travels with: its first one, or its owner's newer one."""

import base64
from collections.abc import Iterable
from uuid import UUID

from integration.hub.models import Archived, Resigned
from integration.keys import is_revoked
from integration.receive import Delivery as Received
from integration.signing import Envelope


def note(received: Received) -> None:
    """The very same event came again; when its first key is revoked, its new signature is kept."""
    first = Archived.objects.filter(pk=received.event.id).values_list("keyid", flat=True).first()
    if first is None or first == received.keyid or not is_revoked(first):
        return
    signature = received.hop.envelope.as_json()["signatures"][0]["sig"]
    Resigned.objects.update_or_create(
        event_id=received.event.id, defaults={"keyid": received.keyid, "signature": signature}
    )


def envelopes(events: Iterable[Archived]) -> dict[UUID, Envelope]:
    """Each event's bytes with the signature that counts; one query for those whose first key is revoked."""
    known = {event.pk: event for event in events}
    suspect = [pk for pk, event in known.items() if is_revoked(event.keyid)]
    newer = Resigned.objects.in_bulk(suspect) if suspect else {}
    return {
        pk: Envelope(bytes(event.body), signed.keyid, base64.b64decode(signed.signature))
        for pk, event in known.items()
        for signed in (newer.get(pk, event),)
    }
