"""Without its signing keys a side can tell nothing and check nothing; without progress nobody hears of it."""

from collections.abc import Iterator

from django.conf import settings

from integration import stalls
from integration.keys import PURPOSES, NoKey, signing_key
from integration.outbox.models import Message


def problems() -> Iterator[tuple[str, str]]:
    """`keys`: ok, or which is missing."""
    missing = []
    for purpose in PURPOSES:
        try:
            signing_key(purpose)
        except (NoKey, OSError):
            missing.append(purpose)
    yield "keys", f"missing: {', '.join(missing)}" if missing else "ok"


def signs() -> Iterator[tuple[str, str]]:
    """`outbox`: whether what this side tells gets away; the hub tells through its deliveries."""
    if settings.SIDE != "integration":
        yield from stalls.signs("outbox", stalls.lines(Message))
