"""What a side is not granted any more: the hub's signed note goes in its place, so that no number is missing.

Nothing of it leaves the hub from the moment the grant is gone: what waits is replaced then, what a relay had in its
hands at that moment before it is tried again, and what the side had before is not told to it a second time.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from integration.hub.models import Delivery
from integration.hub.notes import note_for
from integration.hub.refusals import StillOnItsWay
from integration.hub.restricted import is_restricted, may_go
from integration.hub.services import refuse_on_its_way
from integration.lanes import WorkState, notify

WHY = "Its contract is restricted, and is not granted to this side any more."


def barred(types: Iterable[str], destination: str) -> set[str]:
    """Which of these contracts the side must not be told."""
    return {name for name in set(types) if is_restricted(name) and not may_go(name, destination)}


@transaction.atomic
def withdraw(contract: str, destination: str) -> int:
    """Put notes in place of all that waits or is parked; how many. What travels at this moment is looked at again
    before it is tried again (`withhold`)."""
    unfinished = Delivery.objects.select_for_update(of=("self",)).exclude(state=WorkState.DONE)
    rows = unfinished.filter(event__type=contract, destination=destination).order_by("aggregate", "position")
    count = 0
    for row in rows.select_related("event"):
        try:
            refuse_on_its_way(row)
        except StillOnItsWay:
            continue
        row.event, row.replaces = note_for(row.event, WHY), row.event
        row.state, row.attempts, row.error = WorkState.WAITING, 0, ""
        row.finished_at, row.not_before, row.answered = None, timezone.now(), None
        row.save()
        count += 1
    notify(Delivery._meta.db_table)
    return count


def withhold(deliveries: Sequence[Delivery], destination: str) -> None:
    """Before they leave the hub, on whatever way: each that is barred has the note as its event from here on.

    Of one that was handed over before, only what is told now is changed, not what is known of it.
    """
    kinds = barred((row.event.type for row in deliveries), destination)
    wanted = {row.pk: row for row in deliveries if row.event.type in kinds}
    if not wanted:
        return
    with transaction.atomic():  # the feed and the relay must tell the same note: the rows' locks serialise them
        held = Delivery.objects.select_for_update(of=("self",)).filter(pk__in=list(wanted)).order_by("pk")
        for now in held.select_related("event"):
            row = wanted[now.pk]
            if now.event.type not in kinds:
                row.event = now.event
                continue
            row.event = note_for(now.event, WHY)
            if now.state != WorkState.DONE:
                row.replaces = now.event
                Delivery.objects.filter(pk=now.pk).update(event=row.event, replaces=now.event)
