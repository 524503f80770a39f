"""The signature an archived event travels with: its first one, or its owner's newer one.

The owner of what the hub says is the hub: as it gives up its origin key it signs all of its own words in the archive
anew, and writes down beside the key where the archive's chain stood (`chain`).
"""

import base64
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from integration import keys
from integration.hub.chain import hold_seals, last_seal
from integration.hub.models import Archived, Delivery, Resigned
from integration.hub.telling import hold_words
from integration.keys import is_revoked
from integration.lanes import WorkState, notify
from integration.receive import Delivery as Received
from integration.signing import Envelope, is_signed_by, seal

CHUNK = 1000


def note(received: Received) -> None:
    """The very same event came again; when its first key is revoked, its new signature is kept."""
    first = Archived.objects.filter(pk=received.event.id).values_list("keyid", flat=True).first()
    if first is None or first == received.keyid or not is_revoked(first):
        return
    signature = received.hop.envelope.as_json()["signatures"][0]["sig"]
    Resigned.objects.update_or_create(
        event_id=received.event.id, defaults={"keyid": received.keyid, "signature": signature}
    )
    _try_now([received.event.id])


@transaction.atomic
def revoke(kid: str) -> tuple[str | None, int]:
    """Give up a key of the hub: who signs from now on, and how many of its own words are signed anew.

    Nothing is said and nothing sealed meanwhile, so no word and no seal of the old key comes after. The key is given up
    last: should anything before it fail, nothing has happened.
    """
    side, folder, jwks = settings.SIDE, Path(settings.KEYS_DIR), Path(settings.JWKS_FILE)
    lost = next((key for key in keys.pinned_keys(jwks) if (key.side, key.kid) == (side, kid)), None)
    if lost is None or lost.purpose != "origin" or lost.status == "revoked":
        return keys.revoke(side, kid, folder, jwks), 0  # refused, or a hop's key, whose signatures last for a hop
    hold_words()
    hold_seals()
    count = _sign_anew(lost, keys.signer_after(side, kid, folder, jwks))
    last = last_seal()
    return keys.revoke(side, kid, folder, jwks, (last.number, last.head) if last else None), count


def _sign_anew(lost: keys.Key, heir: keys.Key) -> int:
    """Our own words that travel under the key's signature, and only what it did sign: under its heir's from now on."""
    ours = Archived.objects.filter(Q(keyid=lost.kid) | Q(resigned__keyid=lost.kid), source=settings.SIDE)
    signed: list[UUID] = []
    waiting: list[Resigned] = []
    for event in ours.exclude(body=b"").select_related("resigned").iterator(CHUNK):
        held = getattr(event, "resigned", event)
        if is_signed_by(lost, _envelope(event, held)):
            signature = base64.b64encode(seal(bytes(event.body), heir).signature).decode()
            waiting.append(Resigned(event=event, keyid=heir.kid, signature=signature))
    for start in range(0, len(waiting), CHUNK):
        rows = Resigned.objects.bulk_create(
            waiting[start : start + CHUNK],
            update_conflicts=True,
            unique_fields=["event"],
            update_fields=["keyid", "signature", "resigned_at"],
        )
        signed += [row.event_id for row in rows]
    _try_now(signed)
    return len(signed)


def _try_now(events: list[UUID]) -> None:
    """Whoever refused them for their signature would wait for longer each time."""
    if Delivery.objects.filter(event__in=events, state=WorkState.WAITING).update(not_before=Now()):
        notify(Delivery._meta.db_table)


def envelopes(events: Iterable[Archived]) -> dict[UUID, Envelope]:
    """Each event's bytes with the signature that counts; one query for those whose first key is revoked."""
    known = {event.pk: event for event in events}
    suspect = [pk for pk, event in known.items() if is_revoked(event.keyid)]
    newer = Resigned.objects.in_bulk(suspect) if suspect else {}
    return {pk: _envelope(event, newer.get(pk, event)) for pk, event in known.items()}


def _envelope(event: Archived, signed: Archived | Resigned) -> Envelope:
    return Envelope(bytes(event.body), signed.keyid, base64.b64decode(signed.signature))
