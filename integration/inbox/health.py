"""Whether what this side was told is applied."""

from collections.abc import Iterator

from django.conf import settings

from integration import stalls
from integration.inbox.models import Incoming


def signs() -> Iterator[tuple[str, str]]:
    """`inbox`; the hub applies nothing."""
    if settings.SIDE != "integration":
        yield from stalls.signs("inbox", stalls.lines(Incoming, isolating=True))
