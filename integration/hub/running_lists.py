"""Lists of what runs in the hub: deliveries, those that are parked, pauses, alerts and comparisons."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Empty, Kind, Listing, Tab
from base.listing.bulk import BulkAction
from base.templatetags.ui import status_badge
from integration.hub import restricted, services
from integration.hub.filters import (
    VERDICTS,
    AlertFilter,
    ComparisonFilter,
    DeliveryFilter,
    ObservationFilter,
    ParkedFilter,
    PauseFilter,
)
from integration.hub.models import Alert, AlertKind, Comparison, Delivery, Observation, Pause
from integration.hub.roles import OPERATORS, READERS
from integration.lanes import WorkState


def _deliveries(user: Any) -> QuerySet[Delivery]:
    found: QuerySet[Delivery] = Delivery.objects.visible_to(user).select_related("event", "route")
    return found.defer("event__body", "event__signature")


def _count_deliveries(count: int) -> str:
    return ngettext("%(count)s delivery", "%(count)s deliveries", count) % {"count": f"{count:,}"}


def _side(row: Any) -> str:
    return str(row.destination).upper()


_CONTRACT = Column(name="contract", label=_("contract"), source="route__contract", group=True)
_ABOUT = Column(name="about", label=_("about"), source="event__partition_key")
_TO = Column(name="destination", label=_("to"), value=_side, sort="destination", group=True)
_ANSWER = Column(name="answered", label=_("answer"), kind=Kind.NUMBER, group=True)
_WHY = Column(name="error", label=_("why"), wide=True)
_BEGAN = Column(name="created_at", label=_("since"), kind=Kind.MOMENT)
_HIDDEN = (
    Column(name="attempts", label=_("attempts"), kind=Kind.NUMBER, shown=False),
    Column(name="not_before", label=_("next attempt"), kind=Kind.MOMENT, shown=False),
    Column(name="mode", label=_("manner"), group=True, shown=False),
    Column(name="event", label=_("event"), source="event_id", sort=False, shown=False),
)

DELIVERIES = Listing(
    name="deliveries",
    model=Delivery,
    live=5,
    title=_("Deliveries"),
    lead=_("Every event on its way to a side, and what the side answered."),
    url_name="hub:deliveries",
    trail=(_("Parked"), "hub:parked"),
    rows=_deliveries,
    filterset=DeliveryFilter,
    order=("-created_at", "-pk"),
    roles=READERS,
    count=_count_deliveries,
    placeholder=_("Aggregate, event or words of the failure"),
    bar=("state", "destination", "contract"),
    row_url=lambda row: reverse("hub:event", args=[row.event_id]),
    columns=(
        _CONTRACT,
        _ABOUT,
        _TO,
        Column(name="state", label=_("state"), kind=Kind.STATUS, group=True),
        _ANSWER,
        _BEGAN,
        Column(name="finished_at", label=_("received"), kind=Kind.MOMENT),
        Column(name="error", label=_("why"), wide=True, shown=False),
        *_HIDDEN,
    ),
    empty=Empty(
        icon="send",
        title=_("Nothing was handed on yet"),
        text=_("An event that a route carries to a side stands here from the moment the hub archives it."),
        none_title=_("No delivery fits"),
        none_text=_("Try another state or other days."),
    ),
)

PARKED = Listing(
    name="parked",
    model=Delivery,
    live=10,
    title=_("Parked"),
    lead=_("What could not be taken or applied: kept in order, with all that follows it, until it is taken up again."),
    url_name="hub:parked",
    cut_of=DELIVERIES,
    cut_by=f"state={WorkState.PARKED.value}",
    rows=lambda user: _deliveries(user).filter(state=WorkState.PARKED),
    filterset=ParkedFilter,
    order=("-created_at", "-pk"),
    roles=READERS,
    count=_count_deliveries,
    placeholder=_("Aggregate, event or words of the failure"),
    bar=("destination", "contract"),
    buttons=(Button(_("All deliveries"), "hub:deliveries", icon="send", tone=""),),
    actions=(
        BulkAction(
            name="again",
            label=_("Take these up again"),
            icon="refresh",
            roles=OPERATORS,
            run=lambda row, _user, _told: services.send_again(event=str(row.event_id), destination=row.destination),
        ),
        BulkAction(
            name="records",
            label=_("Take up all of their records"),
            icon="refresh",
            roles=OPERATORS,
            run=lambda row, _user, _told: services.send_again(aggregate=row.aggregate),
        ),
    ),
    row_url=lambda row: reverse("hub:event", args=[row.event_id]),
    template="integration/hub/parked.html",
    columns=(_CONTRACT, _ABOUT, _TO, _ANSWER, _WHY, _BEGAN, *_HIDDEN),
    empty=Empty(
        icon="circle-check",
        title=_("Nothing is parked at the hub"),
        text=_("What a side refuses for good waits here with its reason, and all of its record behind it."),
        none_title=_("No delivery fits"),
        none_text=_("Try another contract or the other side."),
    ),
)


def _pause_tabs(asked: Any) -> list[Tab]:
    held = Pause.objects.visible_to(asked.user).active().count()
    return [Tab(_("Held now"), {"active": "true"}, held), Tab(_("Over"), {"active": "false"}), Tab(_("All"), {})]


def _resumed_by(pause: Any) -> str:
    if pause.ended_at:
        return str(pause.ended_by or "")
    if pause.asked_by_id:
        return _now("second person needed")
    return _now("by two people") if pause.needs_two else _now("by one person")


def _resume_cell(pause: Any) -> SafeString | str:
    waits = pause.asked_by_id and not pause.ended_at
    return status_badge("waiting", _resumed_by(pause), "warn") if waits else _resumed_by(pause)


PAUSES = Listing(
    name="pauses",
    model=Pause,
    live=5,
    title=_("Pauses"),
    lead=_("A pause holds deliveries in their order. The hub goes on accepting and archiving; nothing is dropped."),
    url_name="hub:pauses",
    rows=lambda user: Pause.objects.visible_to(user).select_related("asked_by", "ended_by"),
    filterset=PauseFilter,
    order=("-began_at", "-pk"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s pause", "%(count)s pauses", count) % {"count": f"{count:,}"},
    placeholder=_("What is held, why, or by whom"),
    bar=("scope",),
    buttons=(Button(_("Hold something by hand"), "hub:pause", icon="player-pause", tone="bad", roles=OPERATORS),),
    defaults=lambda _user: {"active": "true"},
    tabs=_pause_tabs,
    row_url=lambda pause: reverse("hub:resume", args=[pause.pk]),
    columns=(
        Column(name="scope", label=_("holds"), kind=Kind.CHOICE, group=True),
        Column(name="target", label=_("which"), group=True),
        Column(name="reason", label=_("why"), wide=True),
        Column(name="began_by", label=_("by"), group=True),
        Column(
            name="resume", label=_("resume"), value=_resumed_by, cell=_resume_cell, sort=False,
            fields=("asked_by", "ended_by"),
        ),
        Column(name="began_at", label=_("since"), kind=Kind.MOMENT),
        Column(name="ended_at", label=_("until"), kind=Kind.MOMENT),
        Column(name="ended_reason", label=_("why resumed"), wide=True, shown=False),
    ),
    empty=Empty(
        icon="circle-check",
        title=_("Nothing was ever held"),
        text=_(
            "A conflict holds the smallest part that is safe: one record, one contract, one direction or everything. "
            "You can hold something by hand."
        ),
        none_title=_("Nothing is held"),
        none_text=_("What was held before stands under “Over”."),
    ),
)  # fmt: skip


def _alert_tabs(asked: Any) -> list[Tab]:
    standing = Alert.objects.visible_to(asked.user).standing().count()
    return [
        Tab(_("Standing"), {"standing": "true"}, standing),
        Tab(_("Over"), {"standing": "false"}),
        Tab(_("All"), {}),
    ]


def _told(alert: Any) -> str:
    return _now("only here") if alert.mail_error or alert.webhook_error else "" if alert.told_at else _now("not yet")


def _told_cell(alert: Any) -> SafeString | str:
    return status_badge("failed", _told(alert), "bad") if alert.mail_error or alert.webhook_error else _told(alert)


ALERTS = Listing(
    name="alerts",
    model=Alert,
    live=5,
    title=_("Alerts"),
    lead=_("What needs a person, told once by mail, webhook and bell, and again every hour while it stands."),
    url_name="hub:alerts",
    rows=lambda user: Alert.objects.visible_to(user),
    filterset=AlertFilter,
    order=("-began_at", "-pk"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s alert", "%(count)s alerts", count) % {"count": f"{count:,}"},
    placeholder=_("Words in it"),
    bar=("kind",),
    buttons=(Button(_("Be quiet about…"), "hub:silence", icon="bell-off", tone="", roles=OPERATORS),),
    defaults=lambda _user: {"standing": "true"},
    tabs=_alert_tabs,
    row_url=lambda alert: alert.url,
    template="integration/hub/alerts.html",
    columns=(
        Column(name="text", label=_("what")),
        Column(name="kind", label=_("kind"), kind=Kind.CHOICE, text=lambda kind: _kind(kind), group=True),
        Column(name="told_at", label=_("told"), kind=Kind.MOMENT),
        Column(
            name="telling", label=_("telling"), value=_told, cell=_told_cell, sort=False,
            fields=("mail_error", "webhook_error"),
        ),
        Column(name="began_at", label=_("since"), kind=Kind.MOMENT),
        Column(name="ended_at", label=_("until"), kind=Kind.MOMENT),
        Column(name="subject", label=_("subject"), group=True, shown=False),
    ),
    empty=Empty(
        icon="circle-check",
        title=_("All quiet"),
        text=_("Cases, standstills, parked deliveries and sides that do not answer are told within a minute."),
        none_title=_("All quiet"),
        none_text=_("What stood before stands under “Over”."),
    ),
)  # fmt: skip


def _kind(kind: str) -> str:
    return str(AlertKind(kind).label) if kind in AlertKind else kind


def _observed(user: Any) -> QuerySet[Observation]:
    found: QuerySet[Observation] = Observation.objects.visible_to(user).exclude(tried_at=None)
    return found.select_related("event", "route").defer("event__body", "event__signature")


def written(changes: dict[str, int]) -> str:
    """Rows by table, in words."""
    return ", ".join(f"{table} {count}" for table, count in sorted(changes.items()))


OBSERVED = Listing(
    name="observed",
    model=Observation,
    title=_("Observed"),
    lead=_("What events would have done on routes that only observe: each was tried on the receiving side and undone."),
    url_name="hub:observed",
    trail=(_("Steps"), "hub:steps"),
    live=5,
    rows=_observed,
    filterset=ObservationFilter,
    order=("-tried_at", "-pk"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s event", "%(count)s events", count) % {"count": f"{count:,}"},
    placeholder=_("Aggregate, correlation or event id"),
    bar=("verdict", "contract", "destination"),
    row_url=lambda seen: reverse("hub:observation", args=[seen.pk]),
    columns=(
        _CONTRACT,
        _ABOUT,
        Column(
            name="destination", label=_("to"), source="route__destination", kind=Kind.CHOICE, text=str.upper,
            group=True,
        ),
        Column(
            name="verdict", label=_("would"), kind=Kind.STATUS, group=True,
            text=lambda verdict: str(dict(VERDICTS).get(verdict, verdict)),
            tone=lambda seen: {"refused": "bad", "changed": "info"}.get(seen.verdict, "quiet"),
        ),
        Column(
            name="reason", label=_("why, or what it would say"), value=restricted.reason_of, sort=False, wide=True,
            fields=("text",),
        ),
        Column(
            name="changes", label=_("rows it would write"), value=lambda seen: written(seen.changes), sort=False,
            wide=True, fields=("changes",),
        ),
        Column(name="tried_at", label=_("tried"), kind=Kind.MOMENT),
        Column(name="event", label=_("event"), source="event_id", sort=False, shown=False),
    ),
    empty=Empty(
        icon="eye",
        title=_("Nothing was observed yet"),
        text=_("Set a route to “observed” on the page Steps: its events are tried as they come, none is delivered."),
        none_title=_("No event fits"),
        none_text=_("Try another verdict or contract."),
    ),
)  # fmt: skip


def _agreement(comparison: Any) -> str:
    if comparison.error:
        return _now("could not be compared")
    return _now("different") if comparison.differing else _now("the same")


COMPARISONS = Listing(
    name="comparisons",
    model=Comparison,
    title=_("Agreement"),
    lead=_(
        "Every night the hub compares what both sides hold, by digests first. What differs twice becomes a case with "
        "both values."
    ),
    url_name="hub:comparisons",
    rows=lambda user: Comparison.objects.visible_to(user),
    filterset=ComparisonFilter,
    order=("-began_at", "-pk"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s comparison", "%(count)s comparisons", count) % {"count": f"{count:,}"},
    placeholder=_("Subject, or what went wrong"),
    bar=("subject", "differs"),
    row_url=lambda _comparison: "",
    template="integration/hub/comparisons.html",
    columns=(
        Column(name="subject", label=_("subject"), kind=Kind.CHOICE, text=lambda name: name.capitalize(), group=True),
        Column(
            name="result", label=_("result"), kind=Kind.STATUS, value=_agreement, text=str, sort="differing",
            tone=lambda row: "bad" if row.error or row.differing else "good", fields=("differing", "error"),
        ),
        Column(name="compared", label=_("compared"), kind=Kind.NUMBER),
        Column(name="differing", label=_("differ"), kind=Kind.NUMBER),
        Column(name="began_at", label=_("when"), kind=Kind.MOMENT),
        Column(name="error", label=_("what went wrong"), wide=True),
        Column(name="ended_at", label=_("ended"), kind=Kind.MOMENT, shown=False),
    ),
    empty=Empty(
        icon="scale",
        title=_("Nothing was compared yet"),
        text=_("It is done every night, or now, by the buttons above."),
        none_title=_("No comparison fits"),
        none_text=_("Try another subject."),
    ),
)  # fmt: skip
