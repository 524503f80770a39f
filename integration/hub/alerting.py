"""Alerts: what needs a person is told once, by mail, by webhook and in the interface, within a minute.

When telling fails, that is an alert too: by the way that still works, and always in the interface.
"""

import fnmatch
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
from django.conf import settings
from django.core.mail import send_mail
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.notices import notify
from integration.hub import lookout
from integration.hub.causes import CAUSES
from integration.hub.lookout import Trouble
from integration.hub.models import PAUSED, Alert, Case, CaseState, Silence
from integration.hub.roles import OPERATORS

log = logging.getLogger(__name__)

STALLED = timedelta(minutes=5)
DOWN = timedelta(seconds=30)
REMIND = timedelta(hours=1)
TELL_AGAIN = timedelta(seconds=20)
LINES_AT_MOST = 20
PULSE_LATE = timedelta(minutes=2)

# Waiting longer than five minutes though no pause holds it; the claim's own condition, so that the two never differ.
_STALLED = """SELECT split_part(h.aggregate, ' ', 1), count(*) FROM hub_delivery h
WHERE h.state = 'waiting' AND h.attempts = 0 AND h.created_at < %s AND NOT {paused} GROUP BY 1"""
_PARKED = """SELECT r.contract, d.destination, count(*) FROM hub_delivery d JOIN hub_route r ON r.id = d.route_id
WHERE d.state = 'parked' GROUP BY 1, 2"""
_DOWN = """SELECT destination, count(*) FROM hub_delivery WHERE state = 'waiting' AND created_at < %s
AND (error LIKE '%%does not answer%%' OR error LIKE '%%is down%%' OR error LIKE '%%cannot take it now%%') GROUP BY 1"""


def troubles(now: datetime | None = None) -> Iterator[Trouble]:
    """Everything that needs a person now."""
    now = now or timezone.now()
    for case in Case.objects.filter(state=CaseState.OPEN).defer("refused_body").order_by("opened_at")[:500]:
        about = _("a restricted record") if case.restricted else case.about
        text = f"#{case.number} {CAUSES[case.cause].title}: {about}"
        yield Trouble("case", str(case.pk), text, reverse("hub:case", args=[case.pk]))
    with connection.cursor() as cursor:
        cursor.execute(_STALLED.format(paused=PAUSED), [now - STALLED])
        for direction, count in cursor.fetchall():
            yield Trouble(
                "stalled", direction, _("{n} wait on {way}").format(n=count, way=direction), reverse("hub:monitor")
            )
        cursor.execute(_PARKED)
        for contract, destination, count in cursor.fetchall():
            text = _("{n} of {contract} are parked: {to} does not take them").format(
                n=count, contract=contract, to=destination.upper()
            )
            yield Trouble("parked", f"{contract} {destination}", text, reverse("hub:monitor"))
        cursor.execute(_DOWN, [now - DOWN])
        for destination, count in cursor.fetchall():
            text = _("{to} does not answer; {n} wait for it").format(to=destination.upper(), n=count)
            yield Trouble("down", destination, text, reverse("hub:monitor"))
    yield from lookout.troubles(now)


def look(now: datetime | None = None) -> list[Alert]:
    """Open an alert for every new trouble, close those that are over; the new ones."""
    now = now or timezone.now()
    found = {(trouble.kind, trouble.subject): trouble for trouble in troubles(now)}
    standing = {(alert.kind, alert.subject): alert for alert in Alert.objects.standing()}
    new = []
    for name in found.keys() - standing.keys():
        trouble = found[name]
        new.append(Alert(kind=trouble.kind, subject=trouble.subject, text=trouble.text[:500], url=trouble.url))
    Alert.objects.bulk_create(new, ignore_conflicts=True)
    over = [alert.pk for name, alert in standing.items() if name not in found and alert.kind != "alerting"]
    Alert.objects.filter(pk__in=over).update(ended_at=now)
    return new


def tell(now: datetime | None = None) -> int:
    """Tell what has not been told, and remind hourly of what stands; one message for all of it.

    When no way there is has worked, it is tried again soon.
    """
    now = now or timezone.now()
    due = Alert.objects.standing().exclude(told_at__gt=now - REMIND).order_by("began_at")
    rules = list(Silence.objects.filter(until__gt=now))
    alerts = [alert for alert in due if not any(_is_quiet(rule, alert) for rule in rules)]
    if not alerts:
        return 0
    fresh = [alert for alert in alerts if alert.told_at is None]
    alerts = [*fresh, *(alert for alert in alerts if alert.told_at is not None)]  # what is news is never cut off
    _show(fresh)
    mail_error, webhook_error = _mail(alerts), ""
    webhook_error = _post(alerts, mail_error)
    heard = (settings.ALERT_EMAILS and not mail_error) or (settings.ALERT_WEBHOOK_URL and not webhook_error)
    nobody_to_tell = not settings.ALERT_EMAILS and not settings.ALERT_WEBHOOK_URL
    told_at = now if heard or nobody_to_tell else now - REMIND + TELL_AGAIN
    with transaction.atomic():
        Alert.objects.filter(pk__in=[alert.pk for alert in alerts]).update(
            told_at=told_at, mail_error=mail_error[:300], webhook_error=webhook_error[:300]
        )
        _judge_telling(mail_error, webhook_error, now)
    return len(alerts)


def _is_quiet(rule: Silence, alert: Alert) -> bool:
    return rule.kind in ("", alert.kind) and fnmatch.fnmatchcase(alert.subject, rule.subject or "*")


def operators() -> list[object]:
    """Whom an alert concerns."""
    from django.contrib.auth import get_user_model  # settings must stand first

    return list(get_user_model().objects.filter(groups__name__in=OPERATORS, is_active=True).distinct())


def _show(alerts: list[Alert]) -> None:
    """In the interface, always: a notice for each, or one for a flood of them."""
    people = operators()
    if len(alerts) > LINES_AT_MOST:
        text = gettext_lazy("%(n)d new alerts") % {"n": len(alerts)}
        notify(people, text, url=reverse("hub:alerts"), tone="bad")
        return
    for alert in alerts:
        notify(people, alert.text, url=alert.url, tone="bad")


def words(alerts: list[Alert]) -> str:
    """The message: a line each, cut where nobody reads on."""
    base = settings.PEERS["integration"].rstrip("/")
    lines = [f"- {alert.text}\n  {base}{alert.url}" for alert in alerts[:LINES_AT_MOST]]
    if len(alerts) > LINES_AT_MOST:
        lines.append(_("… and {n} more").format(n=len(alerts) - LINES_AT_MOST))
    return "\n".join(lines)


def _mail(alerts: list[Alert]) -> str:
    """Empty when it went out or nobody is to be written to; else why not."""
    people = settings.ALERT_EMAILS
    if not people:
        return ""
    try:
        subject = _("Heming hub: {first}").format(first=alerts[0].text)[:150].replace("\n", " ")
        send_mail(subject, words(alerts), None, people)
    except Exception as fault:  # smtplib and sockets raise a dozen kinds, and all mean the same here
        log.warning("an alert could not be mailed: %s", fault)
        return f"{type(fault).__name__}: {fault}"
    return ""


def _post(alerts: list[Alert], mail_error: str) -> str:
    """The webhook gets the same lines as JSON, and that mail failed, if so."""
    url = settings.ALERT_WEBHOOK_URL
    if not url:
        return ""
    told = [{"kind": alert.kind, "subject": alert.subject, "text": alert.text, "url": alert.url} for alert in alerts]
    body = {"source": "heming-hub", "text": words(alerts), "alerts": told[:100], "mail_error": mail_error}
    try:
        httpx.post(url, json=body, timeout=10.0, trust_env=False).raise_for_status()
    except httpx.HTTPError as fault:
        log.warning("an alert could not be posted: %s", fault)
        return f"{type(fault).__name__}: {fault}"
    return ""


def _judge_telling(mail_error: str, webhook_error: str, now: datetime) -> None:
    """Failing to tell is an alert of its own; it stands on every page until telling works again."""
    ways = {"mail": mail_error, "webhook": webhook_error}
    for way, error in ways.items():
        standing = Alert.objects.standing().filter(kind="alerting", subject=way)
        if not error:
            standing.update(ended_at=now)
        elif not standing.exists():
            text = _("Alerts cannot be sent by {way}: {why}").format(way=way, why=error)[:500]
            Alert.objects.create(kind="alerting", subject=way, text=text, url=reverse("hub:alerts"), told_at=now)
            notify(operators(), text, url=reverse("hub:alerts"), tone="bad")
