"""What a side may ask again: the deliveries of one aggregate on one direction, as they were or would be handed over.

A side that notices a gap mends it with this by itself. Nothing is told that a pause holds back or a person
has parked. For an event whose words were erased, that is not granted to the side any more, or that is too old to be
told again (`bridging`), the note is told that stands in its place.
"""

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from base.ids import uuid7
from integration.hub import bridging, resigning, withholding
from integration.hub.models import Delivery
from integration.hub.notes import notes_of
from integration.lanes import WorkState
from integration.receive import BATCH_MAX
from integration.signing import BadSignature, batch_wrapper, check_hop, hop_headers, item

PAGE_BYTES_MAX = 1024 * 1024
POSITIONS_MAX = 1000


@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    """One page of what follows `after`, signed like a delivery; 204 when nothing does, 410 when it cannot be told.

    Without an aggregate: how far each has come, so that a side restored from a backup sees what it has lost.
    """
    try:
        path = f"{request.path}?{request.META.get('QUERY_STRING', '')}"
        side = check_hop(path.encode(), request.headers, ("crm", "erp"))
    except BadSignature:
        return HttpResponse(status=401)
    direction, key, after = (
        request.GET.get(name, "").replace("\x00", "") for name in ("direction", "partition_key", "after")
    )
    if not direction.endswith(f">{side}"):
        return HttpResponse(status=422)
    if "partition_key" not in request.GET:
        told = {"from": settings.SIDE, "to": side, "positions": _positions(direction, after)}
        return _signed(json.dumps(told).encode())
    if not (after.isascii() and after.isdigit()) or len(after) > 18:
        return HttpResponse(status=422)
    items = following(direction, key, int(after))
    if not items:
        lost = bridging.report(direction, key, int(after))
        return HttpResponse(status=410 if lost else 204)
    return _signed(batch_wrapper(items, sender=settings.SIDE, to=side))


def _signed(body: bytes) -> HttpResponse:
    answer = HttpResponse(body, content_type="application/json")
    for name, value in hop_headers(body, str(uuid7())).items():
        answer[name] = value
    return answer


def _positions(direction: str, after: str) -> list[list[Any]]:
    """How far the side has come by our books, aggregate by aggregate: a page of those that follow `after` by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.partition_key, coalesce((SELECT min(d.position) - 1 FROM hub_delivery d
                      WHERE d.aggregate = s.direction || ' ' || s.partition_key AND d.state <> 'done'), s.last)
               FROM hub_routestream s WHERE s.direction = %s AND s.partition_key > %s
               ORDER BY s.partition_key LIMIT %s""",
            [direction, after, POSITIONS_MAX],
        )
        return [list(row) for row in cursor.fetchall()]


def following(direction: str, key: str, after: int, *, now: datetime | None = None) -> list[bytes]:
    """The deliveries after this number, as they were or would be handed over; of what is too old none."""
    held, parameters = Delivery.held_sql()
    found = Delivery.objects.raw(
        f"""SELECT h.*, ({held}) AS held FROM hub_delivery h
            WHERE h.aggregate = %s AND h.position > %s ORDER BY h.position LIMIT {BATCH_MAX}""",  # noqa: S608 - ours
        [*parameters, f"{direction} {key}", after],
    ).prefetch_related("event")
    rows: list[Delivery] = list(found)
    items: list[bytes] = []
    size = 0
    withholding.withhold(rows, direction.partition(">")[2])
    gone = {row.event_id for row in rows if bridging.is_gone(row.event, now)}
    notes = notes_of(row.event for row in rows if row.event_id in gone)
    for row in rows:
        event = notes.get(row.event_id) if row.event_id in gone else row.event
        untold = row.state == WorkState.PARKED or (row.__dict__["held"] and row.state == WorkState.WAITING)
        if untold or event is None:
            break
        size += len(event.body) * 4 // 3 + 600
        if items and size > PAGE_BYTES_MAX:
            break
        envelope = resigning.envelopes([event])[event.pk]
        items.append(item(envelope, route=direction, routeseq=row.position, mode=row.mode))
    return items
