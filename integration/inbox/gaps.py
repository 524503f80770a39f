"""Mending gaps: what an aggregate misses here is asked of the hub's feed, and taken in as if it had been delivered.

The sender cannot know what a side has lost, one restored from a backup for instance; the side itself notices, for the
next event's number does not follow.
"""

import logging
import threading
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from base.ids import uuid7
from integration.events import BadEvent
from integration.inbox.models import Gap, Position
from integration.inbox.receiving import SequenceGap, position_of, store
from integration.receive import DeliveryRefused, check
from integration.signing import BadSignature, check_hop, hop_headers, parse_item, parse_wrapper

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
TIMEOUT = httpx.Timeout(10.0, connect=2.0)
DELAY_MAX_SECONDS = 60


def note(refusal: DeliveryRefused) -> None:
    """A delivery did not follow: remember of what, for the relay."""
    if isinstance(refusal, SequenceGap) and refusal.is_ahead:
        Gap.objects.get_or_create(route=refusal.route, partition_key=refusal.partition_key)


def run(stop: threading.Event) -> None:
    """Mend gaps until told to stop; for a thread of the relay. At the start all is compared with the hub's books once:
    a side restored from a backup does not know what it has forgotten."""
    compared = False
    while not stop.wait(POLL_SECONDS):
        try:
            compared = compared or _compare(stop)
            for gap in Gap.objects.filter(not_before__lte=Now()).order_by("pk")[:50]:
                _mend(gap)
        except DatabaseError as fault:
            log.warning("gaps wait: %s", str(fault).strip()[:200])
            connection.close()
    connection.close()


def _mend(gap: Gap) -> None:
    """Take in all the feed has; then the gap is closed, or the feed has not got it and a later look may find it."""
    try:
        while taken := _ask(gap.route, gap.partition_key):
            log.info("mended %s of %s on %s from the feed", taken, gap.partition_key, gap.route)
            gap.asked = -1
    except (httpx.HTTPError, BadEvent, BadSignature, DeliveryRefused) as fault:
        log.warning("the feed could not mend %s on %s: %s", gap.partition_key, gap.route, fault)
    with transaction.atomic():
        if gap.asked == -1:
            gap.delete()
            return
        delay = timedelta(seconds=min(2**gap.asked, DELAY_MAX_SECONDS))
        Gap.objects.filter(pk=gap.pk).update(asked=gap.asked + 1, not_before=Now() + delay)


def _ask(route: str, partition_key: str) -> int:
    """Fetch one page that follows what we have, check each event as ever, and store it; how many were new."""
    after = position_of(route, partition_key)
    answer = _fetch(direction=route, partition_key=partition_key, after=str(after))
    if answer is None:
        return 0
    sender, to, items, _value = answer
    results = store([check(parse_item(item, sender, to)) for item in items or []])
    for result in results:
        if isinstance(result, DeliveryRefused):
            raise result
    return sum(result is True for result in results)


def _compare(stop: threading.Event) -> bool:
    """Note a gap for every aggregate that the hub has brought further than we remember; did the hub answer?"""
    try:
        for direction in (f"{side}>{settings.SIDE}" for side in settings.PEERS if side != settings.SIDE):
            after = ""
            while not stop.is_set() and (page := _positions(direction, after)):
                keys = [key for key, _last in page]
                known = Position.objects.filter(route=direction, partition_key__in=keys)
                ours = dict(known.values_list("partition_key", "last"))
                behind = [Gap(route=direction, partition_key=key) for key, last in page if ours.get(key, 0) < last]
                Gap.objects.bulk_create(behind, ignore_conflicts=True)
                after = keys[-1]
    except (httpx.HTTPError, BadEvent, BadSignature) as fault:
        log.info("nothing to compare with yet: %s", fault)
        stop.wait(1.0)
        return False
    return True


def _positions(direction: str, after: str) -> list[tuple[str, int]]:
    answer = _fetch(direction=direction, after=after)
    found = answer[3].get("positions") if answer else None
    if not isinstance(found, list):
        raise BadEvent("the hub told no positions")
    return [(str(key), int(last)) for key, last in found]


def _fetch(**asked: str) -> tuple[str, str, list[Any] | None, dict[str, Any]] | None:
    """Ask the hub's feed, by our signature, and believe its answer by the hub's; None when it has nothing."""
    path = f"/events/feed?{urlencode(asked)}"
    headers = hop_headers(path.encode(), str(uuid7()))
    with httpx.Client(timeout=TIMEOUT, trust_env=False) as client:
        answer = client.get(f"{settings.PEERS['integration']}{path}", headers=headers)
    if answer.status_code == 204:
        return None
    answer.raise_for_status()
    sender = check_hop(answer.content, answer.headers, ("integration",))
    told, to, items, value = parse_wrapper(answer.content)
    if (told, to) != (sender, settings.SIDE):
        raise BadEvent("the feed's answer is meant for somebody else")
    return sender, to, items, value
