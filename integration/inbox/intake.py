"""Opening and closing this side's intake, by its own people; a pause in the hub is another matter."""

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from base import context
from integration.inbox.models import Incoming, Intake

_MANY = """SELECT count(*) FROM (SELECT FROM inbox_incoming WHERE state <> 'done' LIMIT %s) waiting"""


@transaction.atomic
def close(reason: str) -> Intake:
    """Take nothing in until it is opened again; senders keep what they have."""
    state, _made = Intake.objects.select_for_update().get_or_create(pk=1)
    if state.closed_at is None:
        state.closed_at, state.reason = timezone.now(), reason[:300]
        state.closed_by = context.actor.get()[:150]
        state.save()
    return state


@transaction.atomic
def reopen() -> Intake:
    """Take events in again; what has waited comes by itself."""
    state, _made = Intake.objects.select_for_update().get_or_create(pk=1)
    state.closed_at, state.reason, state.closed_by = None, "", ""
    state.save()
    return state


def closed() -> Intake | None:
    """The intake, if it is closed."""
    return Intake.objects.filter(closed_at__isnull=False).first()


def too_many_wait() -> bool:
    """Is so much waiting here that more would help nobody?"""
    with connection.cursor() as cursor:
        cursor.execute(_MANY, [settings.INTAKE_WAITING_MAX])
        (count,) = cursor.fetchone()
    return bool(count >= settings.INTAKE_WAITING_MAX)


def waiting() -> int:
    """How many events wait to be applied."""
    return Incoming.objects.exclude(state="done").count()
