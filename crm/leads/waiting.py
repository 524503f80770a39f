"""The clock of the first call: who is reminded, whose lead is told, and when a lead goes to somebody else.

The clock counts minutes of the shift only, so that a lead of Friday night is late on Monday morning and not before.
`sweep` runs every minute; it is told the time, and asked twice for the same minute it does nothing twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from base.notices import Tone, notify
from crm.access.people import leaders_of, managers, name_of
from crm.leads import assigning
from crm.leads.models import Lead, Policy, Shift
from crm.leads.services import locked, tell

MINUTE = timedelta(minutes=1)
LOOK_BACK_DAYS = 14


@dataclass
class Swept:
    """How many were reminded, escalated and passed on."""

    reminded: int = 0
    escalated: int = 0
    passed_on: int = 0


def sweep(now: datetime) -> Swept:
    """Look at every lead that waits for its first call; each is one transaction."""
    policy, shifts, told = Policy.current(), list(Shift.objects.all()), Swept()
    unfinished = Q(reminded_at=None) | Q(escalated_at=None) | Q(passed_on__lt=policy.pass_on_most)
    for lead in Lead.objects.waiting().filter(unfinished, waits_since__lte=now).order_by("waits_since"):
        assert lead.waits_since is not None
        minutes = in_shift(lead.waits_since, now, shifts) // MINUTE
        if minutes >= policy.remind_after:
            _press(lead, minutes, now, policy, told)
    return told


def in_shift(start: datetime, end: datetime, shifts: Sequence[Shift]) -> timedelta:
    """How much of the time between lies within the shifts, in the company's own time; without shifts all of it.

    >>> from datetime import time, UTC
    >>> monday = [Shift(weekday=0, start=time(9), end=time(18))]
    >>> in_shift(datetime(2026, 11, 21, 20, tzinfo=UTC), datetime(2026, 11, 23, 9, 5, tzinfo=UTC), monday)
    datetime.timedelta(seconds=300)
    """
    if not shifts:
        return max(end - start, timedelta())
    start = max(start, end - timedelta(days=LOOK_BACK_DAYS))
    zone = timezone.get_default_timezone()
    day, last, total = start.astimezone(zone).date(), end.astimezone(zone).date(), timedelta()
    while day <= last:
        for shift in shifts:
            if shift.weekday == day.weekday():
                opens = datetime.combine(day, shift.start, zone)
                closes = datetime.combine(day, shift.end, zone)
                total += max(min(end, closes) - max(start, opens), timedelta())
        day += timedelta(days=1)
    return total


@transaction.atomic
def _press(lead: Lead, minutes: int, now: datetime, policy: Policy, told: Swept) -> None:
    """The furthest step that is due and not yet done."""
    waits_since, lead = lead.waits_since, locked(lead)
    if lead.touched_at is not None or not lead.is_open or lead.waits_since != waits_since:
        return  # somebody was quicker
    if minutes >= policy.pass_on_after and lead.passed_on < policy.pass_on_most and _pass_on(lead, now):
        told.passed_on += 1
    elif minutes >= policy.escalate_after and lead.escalated_at is None:
        _escalate(lead, minutes, now)
        told.escalated += 1
    elif lead.reminded_at is None:
        _remind(lead, minutes, now)
        told.reminded += 1


def _remind(lead: Lead, minutes: int, now: datetime) -> None:
    lead.reminded_at = now
    lead.save()
    _notify([lead.owner] if lead.owner else managers(), lead, minutes, Tone.WARN)


def _escalate(lead: Lead, minutes: int, now: datetime) -> None:
    lead.reminded_at = lead.reminded_at or now
    lead.escalated_at = now
    lead.save()
    leaders = leaders_of(lead.owner) if lead.owner else []
    people = leaders or managers()
    _notify(people, lead, minutes, Tone.BAD)
    tell(lead, "lead_waits", told=", ".join(name_of(one) for one in people) or _("nobody"))


def _pass_on(lead: Lead, now: datetime) -> bool:
    """To somebody else whom the rules name; no when there is nobody."""
    before = lead.owner
    if not assigning.give([lead], but=[before.pk] if before else []):
        return False
    lead.waits_since, lead.reminded_at, lead.escalated_at = now, None, None
    lead.passed_on += 1
    lead.version += 1
    lead.save()
    tell(lead, "lead_passed_on", before=name_of(before) or _("nobody"), owner=name_of(lead.owner))
    notify([lead.owner], format_lazy(_("New lead for you: {lead}"), lead=lead.name), url=lead.get_absolute_url())
    if before is not None:
        text = _("{lead} was given to {owner}: nobody had called.")
        notify([before], format_lazy(text, lead=lead.name, owner=name_of(lead.owner)), tone=Tone.WARN)
    return True


def _notify(people: Iterable[Any], lead: Lead, minutes: int, tone: str) -> None:
    text = format_lazy(_("{lead} has waited {minutes} minutes for a first call."), lead=lead.name, minutes=minutes)
    notify(people, text, url=lead.get_absolute_url(), tone=tone)
