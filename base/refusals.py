"""A refusal is a class: its name is the code, its message is for the reader, its facts fill the message.

A service raises it; whoever called turns it into a form error, an API problem (RFC 9457) or an event.
Programmers' errors stay built-in exceptions and crash.
"""

import re
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """The rules of the business say no; `message` says why, in the reader's language."""

    message: ClassVar[str | Promise] = _("This is not possible.")
    status: ClassVar[int] = 409
    field: str | None = None

    def __init__(self, *, field: str | None = None, **facts: Any) -> None:
        super().__init__()
        self.facts = facts
        self.field = field or type(self).field

    def __str__(self) -> str:
        return str(self.message).format(**self.facts)

    @property
    def code(self) -> str:
        """The class's name in kebab case: what programs match on.

        >>> class CreditExceeded(Refused): pass
        >>> CreditExceeded().code
        'credit-exceeded'
        """
        return code_of(type(self))

    @property
    def headers(self) -> dict[str, str]:
        """What an API answer carries besides its body."""
        return {}

    @property
    def problem(self) -> dict[str, Any]:
        """The body of an API answer (RFC 9457)."""
        body: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": str(type(self).message) if not self.facts else str(self),
            "status": self.status,
            "detail": str(self),
            "code": self.code,
        }
        if self.field:
            body["errors"] = [{"field": self.field, "message": str(self)}]
        if self.facts:
            body["facts"] = {name: str(value) for name, value in self.facts.items()}
        return body


def code_of(refusal: type[Refused]) -> str:
    """The code of a refusal class."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", refusal.__name__).lower()


class BadInput(Refused):
    """What was given cannot be understood or is out of bounds."""

    message = _("{why}")
    status = 422


class NotAllowed(Refused):
    """The person may not do this."""

    message = _("You are not allowed to do this.")
    status = 403


class NotFound(Refused):
    """There is no such thing, or this person may not know of it."""

    message = _("{what} was not found.")
    status = 404


class MoveRefused(Refused):
    """The record's state does not allow this step."""

    message = _("{what} is {state}; it cannot be {verb} now.")


class ChangedMeanwhile(Refused):
    """Somebody else was quicker."""

    message = _("Somebody changed this in the meantime. Look at it again, then repeat your step.")
