"""Holding deliveries back and letting them go; the hub goes on accepting and archiving all the while."""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from base.recording import keep_made
from integration.hub.models import Case, Delivery, Pause, Route, Scope, Stream
from integration.hub.refusals import CasesOpen, PauseOver, ReasonMissing, SecondPersonNeeded, UnknownTarget
from integration.lanes import notify


def aggregate_target(source: str, about: str) -> str:
    """How a pause names one record of one side.

    >>> aggregate_target("crm", "deal:1")
    'crm deal:1'
    """
    return f"{source} {about}"


@transaction.atomic
def pause(scope: str, target: str, reason: str, by: Any = None) -> Pause:
    """Hold everything of this scope from now on; one that is paused already stays so."""
    if not reason.strip():
        raise ReasonMissing()
    if by is not None:
        _check_target(scope, target)
    name = by.get_username() if by is not None else ""
    with connection.cursor() as cursor:  # rivals meet at the unique index, and the second finds the first one's
        cursor.execute(
            """INSERT INTO hub_pause (scope, target, reason, began_at, began_by, asked_reason, ended_reason)
               VALUES (%s, %s, %s, clock_timestamp(), %s, '', '')
               ON CONFLICT (scope, target) WHERE ended_at IS NULL DO NOTHING RETURNING id""",
            [scope, target, reason.strip()[:500], name],
        )
        made = cursor.fetchone()
    held = Pause.objects.active().get(scope=scope, target=target)
    if made:
        keep_made([held])  # it was made in plain SQL
    if scope == Scope.AGGREGATE:
        source, _space, about = target.partition(" ")
        Stream.objects.filter(source=source, partition_key=about).update(disputed=True)
    return held


@transaction.atomic
def resume(pause: Pause, by: Any, reason: str) -> Pause:
    """Let it go; a direction or everything only when a second person confirms what the first one asked for."""
    if not reason.strip():
        raise ReasonMissing()
    held = Pause.objects.select_for_update().get(pk=pause.pk)
    if held.ended_at is not None:
        raise PauseOver()
    undecided = list(Case.objects.unsettled().filter(pause=held)[:5])
    if undecided:
        raise CasesOpen(cases=", ".join(str(case) for case in undecided))
    if held.needs_two and held.asked_by_id is None:
        held.asked_by, held.asked_at, held.asked_reason = by, timezone.now(), reason.strip()[:500]
        held.save()
        return held
    if held.needs_two and held.asked_by_id == by.pk:
        raise SecondPersonNeeded()
    return end(held, by, reason)


def end(held: Pause, by: Any, reason: str) -> Pause:
    """The pause is over; the relay is woken."""
    held.ended_at, held.ended_by, held.ended_reason = timezone.now(), by, reason.strip()[:500]
    held.save()
    if held.scope == Scope.AGGREGATE:
        source, _space, about = held.target.partition(" ")
        Stream.objects.filter(source=source, partition_key=about).update(disputed=False)
    notify(Delivery._meta.db_table)
    return held


def _check_target(scope: str, target: str) -> None:
    known = {
        Scope.ALL: lambda: target == "",
        Scope.CONTRACT: lambda: Route.objects.filter(contract=target).exists(),
        Scope.DIRECTION: lambda: target in {route.direction for route in Route.objects.all()},
        Scope.AGGREGATE: lambda: Stream.objects.filter(
            source=target.partition(" ")[0], partition_key=target.partition(" ")[2]
        ).exists(),
    }
    if scope not in known or not known[Scope(scope)]():
        raise UnknownTarget(target=target or scope)
