"""Who else must act when terms, limit or hold change: orders (the credit band) adds itself in `AppConfig.ready`."""

from collections.abc import Callable

from erp.parties.models import Party

CLASSED: list[Callable[[Party], object]] = []


def classed(party: Party) -> None:
    """Tell all followers that the terms changed; inside the change's own transaction."""
    for follower in CLASSED:
        follower(party)
