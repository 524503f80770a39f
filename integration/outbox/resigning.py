"""After a key was revoked: what it had signed and what may still be on its way is told again under the new key.

An event's bytes stay what they are; only the signature is new. Whoever has it already answers "duplicate", and the hub
takes the new signature for what it has yet to deliver. Told again is what was told in the key's time, and what is being
handed over at this moment: whoever has claimed it may have signed it with the old key.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from integration import keys
from integration.lanes import WorkState, notify
from integration.outbox.models import Message

# Gives up a key of this side: who signs from now on, and how many events are signed anew.
Way = Callable[[str], tuple[str | None, int]]
_ways: dict[str, Way] = {}


def register(side: str, way: Way) -> None:
    """That side has a way of its own: the hub, whose words stand in its archive and not in an outbox."""
    _ways[side] = way


def revoke(kid: str) -> tuple[str | None, int]:
    """Take a key of this side out of trust: who signs from now on, and how many events are signed anew."""
    return _ways.get(settings.SIDE, _revoke)(kid)


def _revoke(kid: str) -> tuple[str | None, int]:
    heir = keys.revoke(settings.SIDE, kid, Path(settings.KEYS_DIR), Path(settings.JWKS_FILE))
    return heir, tell_again(kid)


@transaction.atomic
def tell_again(kid: str) -> int:
    """Send what the revoked origin key has signed once more; how many events."""
    entry = next(entry for entry in keys.own_keys(settings.SIDE, Path(settings.JWKS_FILE)) if entry["kid"] == kid)
    if entry["purpose"] != "origin":
        return 0
    told = Q(state__in=[WorkState.DONE, WorkState.PARKED])
    if since := entry.get("active_at"):
        told &= Q(finished_at__gte=datetime.fromisoformat(since))
    on_their_way = Q(state=WorkState.WAITING) & ~Q(claim=0)
    # Without its claim a row cannot be settled by whoever is sending it now.
    count = Message.objects.filter(told | on_their_way).update(
        state=WorkState.WAITING, attempts=0, claim=0, finished_at=None, not_before=Now()
    )
    notify(Message._meta.db_table)
    return count
