"""Switching routes: off, observed, on; and what was told before a route was on."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from base import context
from integration.barrier import hold_barrier
from integration.hub import withholding
from integration.hub.models import Archived, Grant, Phase, Route
from integration.hub.refusals import GrantMissing, NotRestricted, ReasonMissing, ReasonTooLong, UnknownTarget
from integration.hub.restricted import is_restricted, may_go
from integration.hub.telling import deliver_page

CATCH_UP_DAYS = 30
PAGE = 1000
REASON_MAX = 500


@transaction.atomic
def switch(route: Route, phase: str, catch_up: bool = False) -> int:
    """Off, observed or on; with `catch_up` what was told meanwhile is delivered now, in order; how many events."""
    if phase not in Phase.values:
        raise UnknownTarget(target=phase)
    hold_barrier()  # what is being taken in still sees the old phase; the catch-up must see it
    held = Route.objects.select_for_update().get(pk=route.pk)
    if phase != Phase.OFF and is_restricted(held.contract) and not may_go(held.contract, held.destination):
        raise GrantMissing(contract=held.contract, destination=held.destination.upper())
    was = held.phase
    if was != phase:
        held.phase = phase
        held.save()
    return _catch_up([held]) if catch_up and phase == Phase.ON and was != Phase.ON else 0


def catch_up(routes: list[Route]) -> int:
    """What these routes would have carried while they were not on, in the order it came."""
    with transaction.atomic():
        return _catch_up(routes)


def _catch_up(routes: list[Route]) -> int:
    """The routes take part in their directions' numbers from now on; what they missed comes as replay, in its order.

    All of it in one transaction, for what is told from now on comes behind; a page at a time, for it may be much.
    """
    count = 0
    for destination in sorted({route.destination for route in routes}):
        meant = [route for route in routes if route.destination == destination]
        missed = (
            Archived.objects.filter(
                type__in=[route.contract for route in meant],
                archived_at__gt=timezone.now() - timedelta(days=CATCH_UP_DAYS),
            )
            .exclude(deliveries__route__in=meant)
            .exclude(left_out__route__in=meant)
            .exclude(body=b"")
            .order_by("archived_at", "event_id")
            .only("type", "partition_key", "archived_at")
        )
        page = list(missed[:PAGE])
        while page:
            deliver_page(page, {route.contract: route for route in meant}, mode="replay")
            count += len(page)
            at, last = page[-1].archived_at, page[-1].pk
            behind = Q(archived_at__gt=at) | Q(archived_at=at, pk__gt=last)
            page = list(missed.filter(behind, archived_at__gte=at)[:PAGE])
    return count


@transaction.atomic
def grant(contract: str, destination: str, by: Any, reason: str) -> Grant:
    """Allow a side to get a restricted contract; the route is still switched on by a person."""
    reason = _checked(reason)
    if not is_restricted(contract):
        raise NotRestricted(contract=contract)
    if not Route.objects.filter(contract=contract, destination=destination).exists():
        raise UnknownTarget(target=f"{contract} → {destination}")
    made, _new = Grant.objects.get_or_create(
        contract=contract, destination=destination, defaults={"by": by, "reason": reason}
    )
    return made


@transaction.atomic
def withdraw_grant(held: Grant, by: Any, reason: str) -> None:
    """The side gets no more of it, also of what waits for it; the history keeps who said so and why."""
    reason = _checked(reason)
    with context.because(reason):
        for route in Route.objects.filter(contract=held.contract, destination=held.destination):
            route.phase = Phase.OFF
            route.save()
    kept: Any = held
    kept._history_user, kept._change_reason = by, reason
    held.delete()
    withholding.withdraw(held.contract, held.destination)


def _checked(reason: str) -> str:
    """Why, as it is kept: never cut."""
    if not (reason := reason.strip()):
        raise ReasonMissing()
    if len(reason) > REASON_MAX:
        raise ReasonTooLong(most=REASON_MAX)
    return reason
