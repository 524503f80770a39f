"""The verbs of this side's own admins: try a parked event dry, take it up again, send again what was refused."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.refusals import Refused
from base.roles import require
from integration.inbox import parked
from integration.inbox.models import Incoming, Refusal
from integration.lanes import WorkState, retry_parked
from integration.outbox.models import Message

ACTORS = ("admin",)
TRY_SECONDS = 20.0


class NotParked(Refused):
    """Only what was given up can be taken up again; all else is tried by itself."""

    message = _("This event is not parked any more.")


def incoming(user: Any) -> QuerySet[Incoming]:
    """What was taken in and is not done, with the class of its failure and how much waits behind it."""
    rows = Incoming.objects.visible_to(user).exclude(state=WorkState.DONE).annotate(failure=parked.FAILURE)
    return parked.with_those_behind(rows).defer("body")


def outgoing(user: Any) -> QuerySet[Message]:
    """What was told here and is not with the hub yet."""
    rows = Message.objects.visible_to(user).exclude(state=WorkState.DONE)
    return parked.with_those_behind(rows).defer("body")


def refusals(user: Any) -> QuerySet[Refusal]:
    """What was refused at the door."""
    return Refusal.objects.visible_to(user)


def take_up(row: Incoming, by: Any) -> int:
    """Apply a parked event anew; what waits behind it follows by itself."""
    require(by, *ACTORS)
    count = parked.take_up(event=row.event_id)
    if not count:
        raise NotParked()
    return count


def take_up_like(row: Incoming, by: Any) -> int:
    """All that is parked for the same class of failure, oldest first."""
    require(by, *ACTORS)
    return parked.take_up(failure=row.error.partition(":")[0])


def rehearse(row: Incoming, by: Any) -> dict[str, Any]:
    """What the event would do here now; nothing of it stays."""
    require(by, *ACTORS)
    (told,) = parked.rehearse([bytes(row.body)], TRY_SECONDS)
    return told


def send_again(row: Message, by: Any) -> None:
    """Hand a parked message over anew, from the first attempt."""
    require(by, *ACTORS)
    if not retry_parked(Message, row.pk):
        raise NotParked()
