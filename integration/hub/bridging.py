"""A gap of a side that the feed cannot mend: what is missing there is too old to be told again, or is gone.

It becomes a case that names the record, and the record waits. The watch has the owner tell the record anew as it is
now; then the hub's notes take the places of what is too old, the side goes on over them, and the case is closed. Where
the owner cannot do that, a person decides.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integration.hub import judging, reconciling
from integration.hub.detectors.base import finding
from integration.hub.models import Archived, Case, CaseState, Delivery
from integration.hub.notes import note_for, notes_of
from integration.hub.sides import ANSWER_S
from integration.lanes import WorkState
from integration.liaison.asking import Ask, NoAnswer, ask

KEPT = timedelta(days=400)
CAUSE = "too-old"
WHY = "It is too old to be told again."


def is_gone(event: Archived, now: datetime | None = None) -> bool:
    """Is it too old to be told again, or has it no words any more?"""
    return not event.body or event.archived_at < (now or timezone.now()) - KEPT


def report(direction: str, key: str, after: int) -> Case | None:
    """The side asks for what follows this number: the case, if that cannot be told; None if it only waits."""
    follows = Delivery.objects.filter(aggregate=f"{direction} {key}", position__gt=after)
    row = follows.select_related("event").order_by("position").first()
    if row is None or not is_gone(row.event) or notes_of([row.event]):
        return None
    if row.event.body and row.state != WorkState.DONE:
        return None  # the relay hands it over for the first time, however old it is
    source, _arrow, side = direction.partition(">")
    found = finding(CAUSE, (side, after, row.position), key=direction)
    return judging.open_case(found, source=source, contract=row.event.type, about=key)


def try_waiting(ask: Ask = ask) -> int:
    """Have the owners tell what they can, and bridge these gaps; how many. Of the rest a person decides."""
    waiting = Case.objects.filter(cause=CAUSE, state=CaseState.OPEN).order_by("opened_at")
    count = 0
    for case in waiting:
        if len(case.differences) > 1:
            continue  # its owner was asked, and cannot
        try:
            ask(case.source, "tell", timeout=ANSWER_S, about=case.about)
        except NoAnswer as fault:
            if "says no (422)" in str(fault):
                case.differences = [*case.differences, {"field": case.source, "said": _("cannot tell it"), "held": ""}]
                case.save()
            continue
        with transaction.atomic():
            bridge(case)
            judging.close_by_itself(case, "The owner told it anew.")
        count += 1
    return count


def tell_anew(case: Case) -> None:
    """A person wants it tried once more: the owner tells it, or says why not."""
    reconciling.tell_anew(case.source, case.about)
    bridge(case)


def bridge(case: Case) -> int:
    """Notes in the places of what is gone, from where the side stands; how many."""
    after = int(case.differences[0]["said"])
    rows = Delivery.objects.filter(aggregate=f"{case.key} {case.about}", position__gt=after).select_related("event")
    count = 0
    for row in rows.order_by("position").iterator(chunk_size=500):
        if is_gone(row.event):
            note_for(row.event, WHY)
            count += 1
    return count
