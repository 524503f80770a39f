"""What a side may ask again: the deliveries of one aggregate on one direction, as they were or would be handed over.

A side that notices a gap mends it with this by itself. Nothing is told that a pause holds back or a person has parked.
"""

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from base.ids import uuid7
from integration.hub import resigning
from integration.hub.models import Delivery
from integration.lanes import WorkState
from integration.receive import BATCH_MAX
from integration.signing import BadSignature, batch_wrapper, check_hop, hop_headers, item

KEPT = timedelta(days=400)
PAGE_BYTES_MAX = 1024 * 1024


@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    """One page of what follows `after`, signed like a delivery; 204 when nothing does."""
    asked = {name: request.GET.get(name, "") for name in ("direction", "partition_key", "after")}
    path = f"/events/feed?{urlencode(asked)}"
    try:
        side = check_hop(path.encode(), request.headers, ("crm", "erp"))
    except BadSignature:
        return HttpResponse(status=401)
    direction, key, after = asked.values()
    if not direction.endswith(f">{side}") or not (after.isascii() and after.isdigit()) or len(after) > 18:
        return HttpResponse(status=422)
    items = _page(direction, key.replace("\x00", ""), int(after))
    if not items:
        return HttpResponse(status=204)
    body = batch_wrapper(items, sender=settings.SIDE, to=side)
    answer = HttpResponse(body, content_type="application/json")
    for name, value in hop_headers(body, str(uuid7())).items():
        answer[name] = value
    return answer


def _page(direction: str, key: str, after: int) -> list[bytes]:
    held, parameters = Delivery.held_sql()
    rows = Delivery.objects.raw(
        f"""SELECT h.*, ({held}) AS held FROM hub_delivery h
            WHERE h.aggregate = %s AND h.position > %s ORDER BY h.position LIMIT {BATCH_MAX}""",  # noqa: S608 - ours
        [*parameters, f"{direction} {key}", after],
    ).prefetch_related("event")
    oldest, items, size = timezone.now() - KEPT, [], 0
    for row in rows:
        event = row.event
        untold = row.state == WorkState.PARKED or (row.held and row.state == WorkState.WAITING)
        size += len(event.body) * 4 // 3 + 600
        if untold or event.archived_at < oldest or (items and size > PAGE_BYTES_MAX):
            break
        envelope = resigning.envelopes([event])[event.pk]
        items.append(item(envelope, route=direction, routeseq=row.position, mode=row.mode))
    return items
