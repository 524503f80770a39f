"""Many rows at once: through the domain's services, a transaction for each chunk, each refusal by its row's name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms

from base.listing.listing import Listing
from base.roles import has_role


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """Something that may be done with the chosen rows."""

    name: str
    label: Any
    run: Callable[[Any, Any, dict[str, Any]], Any]
    """`run(row, user, told)`: the service, for one row; refuses by raising."""
    roles: tuple[str, ...] = ()
    icon: str = "check"
    tone: str = ""
    form: Callable[[Any], type[forms.Form]] | None = None
    """What must be told first: `form(user)` gives the form's class."""
    confirm: Any = ""
    """For what cannot be undone: the consequence, in words."""
    snapshot: Callable[[Any], dict[str, Any]] | None = None
    """What the action changes of a row, as plain values; with `undo` it can be taken back for thirty days."""
    undo: Callable[[Any, Any, dict[str, Any]], Any] | None = None
    """`undo(row, user, before)`: the service that brings `before` back."""


def actions_for(listing: Listing, user: Any) -> list[BulkAction]:
    """What this user may do with many rows."""
    return [action for action in listing.actions if not action.roles or has_role(user, *action.roles)]
