"""The verbs of what the hub asks."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.notices import notify
from base.refusals import BadInput, Refused
from integration.contracts.hub import AmendmentRequested
from integration.liaison.models import PEOPLE, Amendment, HubPulse

SILENT = timedelta(minutes=3)


class AnswerMissing(BadInput):
    """The hub's operator reads what was done."""

    message = _("Say what was done.")
    field = "answer"


class DoneAlready(Refused):
    """Somebody was quicker."""

    message = _("This was ticked off already by {who}.")


@transaction.atomic
def hear_request(asked: AmendmentRequested, at: datetime) -> Amendment | None:
    """The hub asks; the people who can mend it are told. None when it was heard before."""
    amendment, new = Amendment.objects.get_or_create(
        pk=asked.case,
        defaults={
            "number": asked.case_number[:40],
            "about": asked.about,
            "contract": asked.contract,
            "event": asked.event,
            "cause": asked.cause,
            "differences": [row.model_dump() for row in asked.differences],
            "note": asked.note,
            "asked_by": asked.asked_by,
            "asked_at": at,
        },
    )
    if not new:
        return None
    text = _("The hub asks to mend: {cause} ({about})")
    for person in people():
        notify([person], _said(text, cause=asked.cause, about=asked.about), amendment.get_absolute_url(), "warn")
    return amendment


def _said(text: Any, **facts: str) -> str:
    return str(text).format(**facts)


def people() -> list[Any]:
    """Those of this side who can mend things."""
    users = get_user_model().objects
    return list(users.filter(groups__name__in=PEOPLE[settings.SIDE], is_active=True).distinct())


@transaction.atomic
def tick_off(pk: UUID, by: Any, answer: str) -> Amendment:
    """Mended here (or rightly so as it was); what was changed travels by itself, as any change does."""
    if not answer.strip():
        raise AnswerMissing()
    amendment = Amendment.objects.select_for_update().get(pk=pk)
    if amendment.done_at is not None:
        raise DoneAlready(who=amendment.done_by)
    amendment.done_at, amendment.done_by, amendment.answer = timezone.now(), by.get_username(), answer.strip()[:500]
    amendment.save()
    return amendment


def feel_pulse(head: str = "", seal: int = 0) -> None:
    """The hub's alarm lives."""
    HubPulse.objects.update_or_create(
        pk=1, defaults={"at": timezone.now(), "head": head[:64], "seal": seal, "told_at": None}
    )


@transaction.atomic
def check_pulse(now: datetime | None = None) -> bool:
    """Has the hub's alarm gone silent? Then this side's own people are told, once; True when they were told now."""
    now = now or timezone.now()
    pulse = HubPulse.objects.select_for_update().first()
    if pulse is None or now - pulse.at < SILENT or pulse.told_at is not None:
        return False
    HubPulse.objects.filter(pk=pulse.pk).update(told_at=now)
    admins = get_user_model().objects.filter(groups__name="admin", is_active=True)
    notify(admins, _("The hub's alarm is silent: nobody is told of conflicts. Look at the hub."), tone="bad")
    return True
