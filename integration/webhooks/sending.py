"""What is due goes out: at most one attempt per endpoint at a time, so that a slow receiver delays only itself."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import httpx
from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.ids import uuid7
from base.notices import notify
from base.refusals import Refused
from integration.webhooks.addresses import judged
from integration.webhooks.models import Delivery, DeliveryState, Endpoint
from integration.webhooks.services import announce, switch_off
from integration.webhooks.signing import sign, unseal

log = logging.getLogger(__name__)

# After 5 s, 5 min, 30 min, 2, 5, 10, 14, 20, 20 hours: the tenth attempt comes after about three days.
DELAYS_SECONDS = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 72_000)
LEASE_SECONDS = 60
POLL_SECONDS = 1.0
THREADS = 4
GONE = 410
KEPT_DAYS = 90

_CLAIM = """UPDATE webhooks_delivery d SET attempts = d.attempts + 1, not_before = clock_timestamp() + %s
FROM (SELECT due.id FROM webhooks_endpoint e
      CROSS JOIN LATERAL (SELECT w.id FROM webhooks_delivery w
                          WHERE w.endpoint_id = e.id AND w.state = 'waiting' AND w.not_before <= clock_timestamp()
                          ORDER BY w.not_before, w.id LIMIT 1) due
      WHERE e.removed_at IS NULL AND e.disabled_at IS NULL
      ORDER BY due.id LIMIT %s FOR UPDATE OF e SKIP LOCKED) picked
WHERE d.id = picked.id AND d.state = 'waiting' AND d.not_before <= clock_timestamp() RETURNING d.*"""


def run(stop: threading.Event) -> None:
    """A thread of the relay: send what is due until told to stop."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="webhooks") as pool:
        while not stop.is_set():
            try:
                sent = run_once(pool)
            except DatabaseError:
                log.warning("webhooks: the database does not answer; trying again", exc_info=True)
                sent = 0
                connection.close()
            if not sent:
                stop.wait(POLL_SECONDS)
    connections.close_all()


def run_once(pool: ThreadPoolExecutor | None = None) -> int:
    """One round; how many were tried."""
    due = list(Delivery.objects.raw(_CLAIM, [timedelta(seconds=LEASE_SECONDS), THREADS]))
    if pool is None:
        for delivery in due:
            attempt(delivery)
    else:
        list(pool.map(_attempt_apart, due))
    return len(due)


def _attempt_apart(delivery: Delivery) -> None:
    try:
        attempt(delivery)
    except DatabaseError:
        log.warning("webhooks: %s could not be noted; its lease runs out", delivery.pk, exc_info=True)
    finally:
        connections.close_all()


def attempt(delivery: Delivery) -> None:
    """Send it once and note what came of it."""
    endpoint = Endpoint.objects.select_related("created_by").get(pk=delivery.endpoint_id)
    try:
        status, error = _post(endpoint, delivery)
    except Refused as refusal:
        status, error = None, str(refusal)
    except httpx.HTTPError as fault:
        status, error = None, f"{type(fault).__name__}: {fault}"
    now, tried = timezone.now(), delivery.attempts
    changes: dict[str, str | int | datetime | None] = {"answered": status, "error": error[:500]}
    if status is not None and 200 <= status < 300:
        changes |= {"state": DeliveryState.DELIVERED, "finished_at": now}
    elif status == GONE or tried > len(DELAYS_SECONDS):
        changes |= {"state": DeliveryState.FAILED, "finished_at": now}
    else:
        changes |= {"not_before": now + timedelta(seconds=DELAYS_SECONDS[tried - 1])}
    with transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk, attempts=tried).update(**changes)
        if changes.get("state") == DeliveryState.FAILED:
            _give_up(endpoint, str(status or error))


def _post(endpoint: Endpoint, delivery: Delivery) -> tuple[int, str]:
    """Signed, to the judged address, without following anybody elsewhere."""
    address, now, body = judged(endpoint.url), int(time.time()), bytes(delivery.body)
    secrets = [endpoint.secret]
    if endpoint.previous_until and endpoint.previous_until > timezone.now():
        secrets.append(endpoint.previous_secret)
    headers = {
        "host": address.host_header,
        "content-type": "application/json",
        "user-agent": f"Heming-{settings.SIDE}",
        "webhook-id": str(delivery.event_id),
        "webhook-timestamp": str(now),
        "webhook-signature": " ".join(sign(unseal(one), str(delivery.event_id), now, body) for one in secrets),
    }
    timeout = httpx.Timeout(15.0, connect=5.0)
    with httpx.Client(timeout=timeout, trust_env=False, follow_redirects=False) as client:
        extensions = {"sni_hostname": address.host} if address.scheme == "https" else {}
        with client.stream("POST", address.url, content=body, headers=headers, extensions=extensions) as response:
            said = next(response.iter_bytes(300), b"")[:300].decode("utf-8", "replace").replace("\x00", "")
            return response.status_code, "" if response.is_success else f"{response.status_code}: {said}"


def forget_old() -> int:
    """What was told more than `KEPT_DAYS` days ago is not kept; how many deliveries went."""
    oldest = timezone.now() - timedelta(days=KEPT_DAYS)
    gone, _by_model = Delivery.objects.exclude(state=DeliveryState.WAITING).filter(created_at__lt=oldest).delete()
    return gone


def _give_up(endpoint: Endpoint, why: str) -> None:
    """Off with it, and its maker is told."""
    switch_off(endpoint, why)
    announce(uuid7(), "webhook.endpoint_disabled", {"endpoint": str(endpoint.pk), "url": endpoint.url, "why": why})
    text = _("The webhook to {url} was switched off: it could not be told anything for days, or asked for no more.")
    notify([endpoint.created_by], str(text).format(url=endpoint.url[:200]), endpoint.get_absolute_url(), "bad")
