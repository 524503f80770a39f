"""What the party's page shows of domains above this one: they add to it in their `AppConfig.ready`.

    from erp.parties import trail
    trail.add_section(20, orders_of)   # function(request, party) -> html ("" shows nothing)
    trail.add_fact(10, credit_of)      # function(request, party) -> list of (label, value)

Positions so far: 10 credit and open items, 20 orders, 30 deposits, 40 entries.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from erp.parties.models import Party

Section = Callable[[HttpRequest, Party], str]
Facts = Callable[[HttpRequest, Party], list[tuple[Any, Any]]]

_SECTIONS: list[tuple[int, Section]] = []
_FACTS: list[tuple[int, Facts]] = []


def add_section(position: int, section: Section) -> None:
    """Show what `section` renders, lower positions first."""
    _SECTIONS.append((position, section))
    _SECTIONS.sort(key=lambda known: known[0])


def add_fact(position: int, facts: Facts) -> None:
    """Show what `facts` answers among the party's terms."""
    _FACTS.append((position, facts))
    _FACTS.sort(key=lambda known: known[0])


def sections(request: HttpRequest, party: Party) -> list[str]:
    """The sections' html, in order, without the empty ones."""
    return [html for _, section in _SECTIONS if (html := section(request, party))]


def facts(request: HttpRequest, party: Party) -> list[tuple[Any, Any]]:
    """What the domains above know of the party's standing."""
    return [fact for _, answer in _FACTS for fact in answer(request, party)]
