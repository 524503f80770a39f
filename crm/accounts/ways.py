"""Why somebody sees an account: each way in is one rule, and `Account.objects.visible_to` is their sum.

Who has a role that serves every customer sees all of them. A rep sees by the ways below, for themselves and for the
people they lead. A domain that gives a way in of its own (a deal, a ticket) adds it when it is loaded.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Q

from base.roles import has_role
from base.standing import standing_of

SEE_ALL = ("agent", "manager", "admin")
Way = Callable[[frozenset[int]], Q]

WAYS: dict[str, Way] = {
    "owner": lambda people: Q(owner__in=people),
    "nobody": lambda people: Q(owner=None),
}


def add_way(name: str, way: Way) -> None:
    """One more rule; `way(people)` is which accounts these people see by it."""
    WAYS[name] = way


def people_of(user: Any) -> frozenset[int]:
    """Themselves and whom they lead."""
    return standing_of(user).leads | {user.pk}


def ways_of(user: Any) -> Q | None:
    """The condition that the accounts of this user meet; None where they see all, an impossible one where none."""
    if has_role(user, *SEE_ALL):
        return None
    if not has_role(user, "rep"):
        return Q(pk__in=())
    people, found = people_of(user), Q()
    for way in WAYS.values():
        found |= way(people)
    return found
