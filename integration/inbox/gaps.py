"""Mending gaps: what an aggregate misses here is asked of the hub's feed, and taken in as if it had been delivered.

The sender cannot know what a side has lost, one restored from a backup for instance; the side itself notices, for the
next event's number does not follow.
"""

import logging
import threading
from datetime import timedelta
from urllib.parse import urlencode

import httpx
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from base.ids import uuid7
from integration.events import BadEvent
from integration.inbox.models import Gap
from integration.inbox.receiving import SequenceGap, position_of, store
from integration.receive import DeliveryRefused, check
from integration.signing import BadSignature, check_hop, hop_headers, parse_item, parse_wrapper

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
TIMEOUT = httpx.Timeout(10.0, connect=2.0)
DELAY_MAX_SECONDS = 60


def note(refusal: DeliveryRefused) -> None:
    """A delivery did not follow: remember of what, for the relay."""
    if isinstance(refusal, SequenceGap) and refusal.is_ahead:
        Gap.objects.get_or_create(route=refusal.route, partition_key=refusal.partition_key)


def run(stop: threading.Event) -> None:
    """Mend gaps until told to stop; for a thread of the relay."""
    while not stop.wait(POLL_SECONDS):
        try:
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
    query = urlencode({"direction": route, "partition_key": partition_key, "after": after})
    path = f"/events/feed?{query}"
    headers = hop_headers(path.encode(), str(uuid7()))
    with httpx.Client(timeout=TIMEOUT, trust_env=False) as client:
        answer = client.get(f"{settings.PEERS['integration']}{path}", headers=headers)
    if answer.status_code == 204:
        return 0
    answer.raise_for_status()
    sender = check_hop(answer.content, answer.headers, ("integration",))
    told, to, items, _value = parse_wrapper(answer.content)
    if (told, to) != (sender, settings.SIDE):
        raise BadEvent("the feed's answer is meant for somebody else")
    results = store([check(parse_item(item, sender, to)) for item in items or []])
    for result in results:
        if isinstance(result, DeliveryRefused):
            raise result
    return sum(result is True for result in results)
