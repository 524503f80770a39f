"""What the order's page shows of domains above this one: they add to it in their `AppConfig.ready`.

    from erp.orders import trail
    trail.add_section(30, shipments_of)   # function(request, order) -> html ("" shows nothing)
    trail.add_action(30, ship_action)     # function(request, order) -> Action | None

Positions so far: 10 event and promise, 20 deposits, 30 shipments, 40 invoices, 50 receipts, 60 returns, 70 moves,
80 entries.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

from erp.orders.models import Order


@dataclass(frozen=True)
class Action:
    """A step that somebody may take from the order's page: a link, or a POST button when `post` is set."""

    label: str
    url: str
    icon: str = ""
    post: bool = False
    primary: bool = False
    fields: tuple[tuple[str, str], ...] = ()


Section = Callable[[HttpRequest, Order], str]
ActionOf = Callable[[HttpRequest, Order], Action | None]

_SECTIONS: list[tuple[int, Section]] = []
_ACTIONS: list[tuple[int, ActionOf]] = []


def add_section(position: int, section: Section) -> None:
    """Show what `section` renders, lower positions first."""
    _SECTIONS.append((position, section))
    _SECTIONS.sort(key=lambda known: known[0])


def add_action(position: int, action: ActionOf) -> None:
    """Offer what `action` answers; None offers nothing."""
    _ACTIONS.append((position, action))
    _ACTIONS.sort(key=lambda known: known[0])


def sections(request: HttpRequest, order: Order) -> list[str]:
    """The sections' html, in order, without the empty ones."""
    return [html for _, section in _SECTIONS if (html := section(request, order))]


def actions(request: HttpRequest, order: Order) -> list[Action]:
    """What this user may do now."""
    return [action for _, offer in _ACTIONS if (action := offer(request, order)) is not None]
