"""What else needs a person, beside cases and what stands still here: what the sides hold parked, what is refused for
long, a part of the watch that has died, a comparison that failed or did not run.

A side's own troubles are asked for by the watch (`hear`), and what it said last is kept; all else is read here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from integration.hub.models import Archived, Comparison, Pulse
from integration.hub.reconciling import SUBJECTS
from integration.hub.sides import ask_all
from integration.lanes import REFUSED_TRIES
from integration.liaison.asking import Ask, ask

SIDE = "side:"
ANSWER_S = 5.0
LATE = timedelta(minutes=2)
NIGHTLY = timedelta(hours=26)
LONG_COMPARISON = timedelta(hours=1)

_REFUSED = """SELECT r.contract, d.destination, count(*) FROM hub_delivery d JOIN hub_route r ON r.id = d.route_id
WHERE d.state = 'waiting' AND d.attempts > %s AND d.answered BETWEEN 400 AND 499
AND d.error LIKE '%%refused it%%' GROUP BY 1, 2"""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that needs a person."""

    kind: str
    subject: str
    text: str
    url: str = ""


def troubles(now: datetime | None = None) -> Iterator[Trouble]:
    """All of these that stand now."""
    now = now or timezone.now()
    yield from _refused()
    yield from _on_sides()
    yield from _dead_parts(now)
    yield from _comparisons(now)


def hear(ask: Ask = ask) -> list[dict[str, Any]]:
    """Ask each side what needs a person there, and keep its answer; what one said last counts while it is away."""
    heard = []
    for side, told in ask_all("standing", ANSWER_S, ask, fresh=True).items():
        if "error" in told:
            continue
        Pulse.objects.update_or_create(name=f"{SIDE}{side}", defaults={"at": timezone.now(), "told": told})
        heard.append({"side": side, **told})
    return heard


def _refused() -> Iterator[Trouble]:
    with connection.cursor() as cursor:
        cursor.execute(_REFUSED, [REFUSED_TRIES])
        for contract, destination, count in cursor.fetchall():
            text = _("{n} of {contract} are refused by {to} again and again").format(
                n=count, contract=contract, to=destination.upper()
            )
            yield Trouble("refused", f"{contract} {destination}", text, reverse("hub:deliveries"))


def _on_sides() -> Iterator[Trouble]:
    words = {
        "inbox": _("{n} of {contract} are parked in the inbox of {side}: it could not apply them"),
        "outbox": _("{n} of {contract} are parked in the outbox of {side}: the hub did not take them"),
        "refused": _("{n} of {contract} wait in the outbox of {side}: the hub refuses them again and again"),
    }
    for pulse in Pulse.objects.filter(name__startswith=SIDE).order_by("name"):
        side = pulse.name.removeprefix(SIDE)
        for queue, text in words.items():
            for contract, count in pulse.told.get(queue, []):
                said = text.format(n=count, contract=contract, side=side.upper())
                yield Trouble("side", f"{side} {queue} {contract}", said, reverse("hub:parked"))


def _dead_parts(now: datetime) -> Iterator[Trouble]:
    """Of the alerting itself the sides see the pulse."""
    beats = Pulse.objects.filter(at__lt=now - LATE).exclude(name__startswith=SIDE).exclude(name="alert")
    for name in beats.order_by("name").values_list("name", flat=True):
        text = _("The watch's part {name} has not done its work for two minutes").format(name=name)
        yield Trouble("watch", name, text, reverse("hub:alerts"))


def _comparisons(now: datetime) -> Iterator[Trouble]:
    running = Q(ended_at=None, began_at__gt=now - LONG_COMPARISON)
    latest = Comparison.objects.exclude(running).order_by("subject", "-began_at").distinct("subject")
    last = {row.subject: row for row in latest}
    in_use = len(last) == len(SUBJECTS) or Archived.objects.filter(archived_at__lt=now - NIGHTLY).exists()
    for subject in SUBJECTS:
        found = last.get(subject)
        if found is None:
            text = _("{subject} has never been compared") if in_use else ""
        elif found.began_at < now - NIGHTLY:
            text = _("{subject} has not been compared since {when}")
        elif found.ended_at is None:
            text = _("The comparison of {subject} did not come to its end")
        else:
            text = _("The comparison of {subject} failed: {why}") if found.error else ""
        if text:
            when = date_format(timezone.localtime(found.began_at), "SHORT_DATETIME_FORMAT") if found else ""
            said = text.format(subject=subject, when=when, why=found.error if found else "")
            yield Trouble("comparison", subject, said, reverse("hub:comparisons"))
