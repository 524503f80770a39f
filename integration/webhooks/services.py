"""Endpoints are made and changed here, and facts become deliveries."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.ids import uuid7
from base.refusals import BadInput, MoveRefused, NotAllowed
from base.tiers import HiddenField, sees
from integration.contracts import all_contracts, tier_of
from integration.webhooks.addresses import judged
from integration.webhooks.models import Delivery, DeliveryState, Endpoint
from integration.webhooks.models import may_manage as may_manage
from integration.webhooks.signing import new_secret, seal

EVERY_EVENT = "*"
LOCAL_FACTS = ("webhook.ping", "webhook.endpoint_disabled")
ROTATION_HOURS = 24

_ASKED = """webhooks_endpoint e
WHERE e.removed_at IS NULL AND e.disabled_at IS NULL AND e.events && %s::varchar[]"""
_FAN_OUT = f"""INSERT INTO webhooks_delivery
  (id, endpoint_id, event_id, type, body, state, attempts, not_before, error, created_at)
SELECT gen_random_uuid(), e.id, %s, %s, %s, 'waiting', 0, clock_timestamp(), '', clock_timestamp()
FROM {_ASKED}"""  # noqa: S608 -- our own words
# For whoever has a statement to ask along with, and nothing to announce most of the time; takes `asked_as(…)`.
IS_ASKED = f"EXISTS (SELECT FROM {_ASKED})"


def event_types() -> list[str]:
    """What can be asked for on this side."""
    ours = [contract.type for contract in all_contracts() if contract.owner == settings.SIDE]
    return [EVERY_EVENT, *ours, *LOCAL_FACTS]


def event_types_for(user: Any) -> list[str]:
    """What this person may ask for: figures of a tier they do not see are not offered."""
    return [name for name in event_types() if not (tier := tier_of(name)) or sees(user, tier)]


def announce(event_id: UUID, type_name: str, data: dict[str, Any]) -> None:
    """Tell every endpoint that asked for it, when this transaction commits; one statement, whoever listens.

    A restricted fact is told to those only that asked for it by its name: "everything" means what everyone may read.
    """
    assert connection.in_atomic_block, "a webhook is stored in the transaction of its fact"
    body = json.dumps(
        {"id": str(event_id), "type": type_name, "timestamp": timezone.now().isoformat(), "data": data},
        ensure_ascii=False,
        default=str,
    ).encode()
    with connection.cursor() as cursor:
        cursor.execute(_FAN_OUT, [event_id, type_name, body, asked_as(type_name)])


def asked_as(type_name: str) -> list[str]:
    """By which words endpoints ask for it."""
    return [type_name] if tier_of(type_name) else [type_name, EVERY_EVENT]


@transaction.atomic
def add_endpoint(by: Any, url: str, events: Iterable[str], description: str = "") -> tuple[Endpoint, str]:
    """A new endpoint and its secret, which is shown this once."""
    _check(by)
    secret = new_secret()
    endpoint = Endpoint.objects.create(
        url=_checked_url(url),
        events=_checked_events(by, events),
        description=description.strip(),
        secret=seal(secret),
        created_by=by,
    )
    return endpoint, secret


@transaction.atomic
def change_endpoint(endpoint: Endpoint, by: Any, **changes: Any) -> Endpoint:
    """Another address, other events, another description."""
    _check(by)
    endpoint = _locked(endpoint)
    if changes.keys() & {"url", "events"}:
        _check_tiers(by, endpoint.events)  # who may not see the figures does not turn them elsewhere
    if "url" in changes:
        endpoint.url = _checked_url(changes["url"])
    if "events" in changes:
        endpoint.events = _checked_events(by, changes["events"])
    if "description" in changes:
        endpoint.description = changes["description"].strip()
    endpoint.save()
    return endpoint


@transaction.atomic
def rotate_secret(endpoint: Endpoint, by: Any) -> tuple[Endpoint, str]:
    """A new secret; for a day what is sent is signed with both."""
    _check(by)
    endpoint, secret = _locked(endpoint), new_secret()
    endpoint.previous_secret, endpoint.secret = endpoint.secret, seal(secret)
    endpoint.previous_until = timezone.now() + timedelta(hours=ROTATION_HOURS)
    endpoint.save()
    return endpoint, secret


@transaction.atomic
def pause_endpoint(endpoint: Endpoint, by: Any) -> Endpoint:
    """Tell it nothing any more; what happens meanwhile is not told later."""
    _check(by)
    return switch_off(endpoint, str(_("switched off by hand")))


def switch_off(endpoint: Endpoint, why: str) -> Endpoint:
    """The part that the worker does as well: no more deliveries to it."""
    endpoint = _locked(endpoint)
    if not endpoint.disabled_at:
        endpoint.disabled_at, endpoint.disabled_reason = timezone.now(), why[:300]
        endpoint.save()
    return endpoint


@transaction.atomic
def resume_endpoint(endpoint: Endpoint, by: Any) -> Endpoint:
    """Tell it again; what still waits goes out at once."""
    _check(by)
    endpoint = _locked(endpoint)
    endpoint.disabled_at, endpoint.disabled_reason = None, ""
    endpoint.save()
    endpoint.deliveries.filter(state=DeliveryState.WAITING).update(not_before=timezone.now())
    return endpoint


@transaction.atomic
def remove_endpoint(endpoint: Endpoint, by: Any) -> None:
    """Forget it; its deliveries stay for the record."""
    _check(by)
    endpoint = _locked(endpoint)
    endpoint.removed_at = timezone.now()
    endpoint.save()


@transaction.atomic
def ping(endpoint: Endpoint, by: Any) -> Delivery:
    """A first word to try the address with."""
    _check(by)
    event_id = uuid7()
    body = {"id": str(event_id), "type": "webhook.ping", "timestamp": timezone.now().isoformat(), "data": {}}
    return Delivery.objects.create(
        endpoint=endpoint, event_id=event_id, type="webhook.ping", body=json.dumps(body).encode()
    )


@transaction.atomic
def redeliver(delivery: Delivery, by: Any) -> Delivery:
    """Send it once more, now, whatever became of it; the receiver knows it by its id."""
    _check(by)
    delivery = Delivery.objects.select_for_update(of=("self",)).select_related("endpoint").get(pk=delivery.pk)
    if delivery.endpoint.disabled_at or delivery.endpoint.removed_at:
        raise MoveRefused(what=delivery.endpoint, state=_("paused"), verb=_("told anything"))
    delivery.state, delivery.attempts, delivery.finished_at = DeliveryState.WAITING, 0, None
    delivery.not_before = timezone.now()
    delivery.save()
    return delivery


def _locked(endpoint: Endpoint) -> Endpoint:
    return Endpoint.objects.select_for_update().get(pk=endpoint.pk)


def _check(by: Any) -> None:
    if not may_manage(by):
        raise NotAllowed()


def _checked_url(url: str) -> str:
    url = url.strip()
    if len(url) > 500:
        raise BadInput(why=_("An address has at most 500 characters."), field="url")
    judged(url)
    return url


def _checked_events(by: Any, events: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(events))
    if not wanted or not set(wanted) <= set(event_types()):
        raise BadInput(why=_("Choose what it shall be told."), field="events")
    _check_tiers(by, wanted)
    return wanted


def _check_tiers(by: Any, events: Iterable[str]) -> None:
    for name in events:
        if (tier := tier_of(name)) and not sees(by, tier):
            raise HiddenField(name=name, field="events")
