"""After a key was revoked: what it had signed and what may still be on its way is told again under the new key.

An event's bytes stay what they are; only the signature is new. Whoever has it already answers "duplicate", and the hub
takes the new signature for what it has yet to deliver. Told again is what was told in the key's time.
"""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from integration.keys import own_keys
from integration.lanes import WorkState, notify
from integration.outbox.models import Message


@transaction.atomic
def tell_again(kid: str) -> int:
    """Send what the revoked origin key has signed once more; how many events."""
    entry = next(entry for entry in own_keys(settings.SIDE, Path(settings.JWKS_FILE)) if entry["kid"] == kid)
    if entry["purpose"] != "origin":
        return 0
    told = Message.objects.filter(state__in=[WorkState.DONE, WorkState.PARKED])
    if since := entry.get("active_at"):
        told = told.filter(finished_at__gte=datetime.fromisoformat(since))
    count = told.update(state=WorkState.WAITING, attempts=0, claim=0, finished_at=None, not_before=Now())
    notify(Message._meta.db_table)
    return count
