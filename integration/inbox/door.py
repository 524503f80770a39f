"""What this side refused at its door: noted for its own admins, in a table that no flood can fill."""

from uuid import UUID

from django.db import connection

from integration.inbox import gaps
from integration.receive import Brought, DeliveryRefused

EVENTS, QUESTIONS = "events", "asks"


def note(refusal: DeliveryRefused, brought: Brought) -> None:
    """A delivery was not taken: keep that, and ask for what is missing before it."""
    event, contract = brought.event
    keep(EVENTS, refusal.status, refusal.code, refusal.text, brought.sender, brought.address, contract, event)
    gaps.note(refusal)


def keep(
    door: str,
    status: int,
    code: str,
    reason: str,
    signed_by: str = "",
    address: str = "",
    contract: str = "",
    event: UUID | None = None,
) -> None:
    """One refusal more, in a row of its own or counted with its like; at most so many rows are kept."""
    told = (text.replace("\x00", "") for text in (signed_by, address, contract))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT public.inbox_turn_away(%s, %s, %s, %s, %s, %s, %s, %s)",
            [door, code, status, *told, event, reason.replace("\x00", "")],
        )


def forget_old() -> int:
    """What lies more than thirty days back goes; how many rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.inbox_forget_refusals()")
        (gone,) = cursor.fetchone()
    return int(gone)
