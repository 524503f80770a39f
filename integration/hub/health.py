"""Whether what the hub has archived is handed on."""

from collections.abc import Iterator

from integration import stalls
from integration.hub.models import Delivery

SIDES = ("crm", "erp")


def signs() -> Iterator[tuple[str, str]]:
    """`deliveries`, to whichever side."""
    yield from stalls.signs("deliveries", stalls.lines(Delivery, destinations=SIDES))
