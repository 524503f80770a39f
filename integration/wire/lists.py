"""Lists of the wire: what came in and is not applied, what is to go out, and what was refused at the door."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Empty, Kind, Listing, Tab
from base.listing.bulk import BulkAction
from integration.inbox.models import Incoming, Refusal
from integration.lanes import WorkState
from integration.outbox.models import Message
from integration.rights import WIRE_READERS
from integration.wire import services
from integration.wire.classes import words_of
from integration.wire.filters import IncomingFilter, OutgoingFilter, RefusalFilter

_IN = Button(_("Incoming events"), "wire:incoming", icon="inbox", tone="")
_OUT = Button(_("Outgoing events"), "wire:outgoing", icon="send", tone="")
_DOOR = Button(_("Refused at the door"), "wire:refusals", icon="shield-x", tone="")


def record_of(row: Any) -> str:
    """What the event is about: `deal:…`; in the inbox the aggregate begins with the way it came."""
    return str(row.aggregate).rpartition(" ")[2]


def _count(count: int) -> str:
    return ngettext("%(count)s event", "%(count)s events", count) % {"count": f"{count:,}"}


def _tone(row: Any) -> str:
    if row.state == WorkState.PARKED:
        return "bad"
    return "warn" if row.error else ""


_CONTRACT = Column(name="type", label=_("contract"), group=True)
_ABOUT = Column(name="about", label=_("about"), value=record_of, sort="aggregate", fields=("aggregate",))
_STATE = Column(name="state", label=_("state"), kind=Kind.STATUS, group=True, tone=_tone)
_WHY = Column(name="error", label=_("why"), wide=True)
_TRIES = Column(name="attempts", label=_("tries"), kind=Kind.NUMBER)
_BEHIND = Column(name="behind", label=_("wait behind it"), kind=Kind.NUMBER, fields=("position",))
_NEXT = Column(name="not_before", label=_("next attempt"), kind=Kind.MOMENT, shown=False)
_CHAIN = Column(name="correlation_id", label=_("correlation"), shown=False)


def _in_tabs(asked: Any) -> list[Tab]:
    parked = Incoming.objects.visible_to(asked.user).filter(state=WorkState.PARKED).count()
    return [Tab(_("Parked"), {"state": "parked"}, parked), Tab(_("Waiting"), {"state": "waiting"}), Tab(_("All"), {})]


INCOMING = Listing(
    name="incoming_events",
    model=Incoming,
    title=_("Incoming events"),
    lead=_(
        "What the hub handed over and is not applied here. A parked event waits for you, and all of its record waits "
        "behind it, in order."
    ),
    url_name="wire:incoming",
    rows=services.incoming,
    filterset=IncomingFilter,
    order=("-received_at", "-pk"),
    roles=WIRE_READERS,
    count=_count,
    placeholder=_("Record, event or what went wrong"),
    bar=("type",),
    buttons=(_OUT, _DOOR),
    defaults=lambda _user: {"state": "parked"},
    tabs=_in_tabs,
    actions=(
        BulkAction(
            name="again",
            label=_("Apply these again"),
            icon="refresh",
            roles=services.ACTORS,
            run=lambda row, user, _told: services.take_up(row, user),
        ),
    ),
    row_url=lambda row: reverse("wire:one_in", args=[row.pk]),
    columns=(
        _CONTRACT,
        _ABOUT,
        _STATE,
        Column(name="failure", label=_("class of failure"), group=True, fields=("error",)),
        _WHY,
        _TRIES,
        _BEHIND,
        Column(name="received_at", label=_("since"), kind=Kind.MOMENT),
        Column(name="source", label=_("told by"), group=True, shown=False),
        Column(name="event", label=_("event"), source="event_id", sort=False, shown=False),
        _NEXT,
        _CHAIN,
    ),
    empty=Empty(
        icon="circle-check",
        title=_("Everything is applied"),
        text=_("An event that cannot be applied after five attempts waits here with the reason."),
        none_title=_("Nothing is parked"),
        none_text=_("What only waits stands under “Waiting”."),
    ),
)


def _out_tabs(asked: Any) -> list[Tab]:
    stuck = Message.objects.visible_to(asked.user).exclude(state=WorkState.DONE).exclude(error="").count()
    return [Tab(_("With an obstacle"), {"trouble": "true"}, stuck), Tab(_("All that waits"), {})]


OUTGOING = Listing(
    name="outgoing_events",
    model=Message,
    title=_("Outgoing events"),
    lead=_(
        "What we told and the hub has not taken yet: all goes out when it is back; what it refuses is tried for days."
    ),
    url_name="wire:outgoing",
    trail=(_("Incoming events"), "wire:incoming"),
    rows=services.outgoing,
    filterset=OutgoingFilter,
    order=("-created_at", "-pk"),
    roles=WIRE_READERS,
    count=_count,
    placeholder=_("Record, event or what went wrong"),
    bar=("type", "state"),
    buttons=(_IN, _DOOR),
    tabs=_out_tabs,
    actions=(
        BulkAction(
            name="again",
            label=_("Send these again"),
            icon="refresh",
            roles=services.ACTORS,
            run=lambda row, user, _told: services.send_again(row, user),
        ),
    ),
    row_url=lambda row: reverse("wire:one_out", args=[row.pk]),
    columns=(
        _CONTRACT,
        _ABOUT,
        _STATE,
        _WHY,
        _TRIES,
        _BEHIND,
        Column(name="created_at", label=_("since"), kind=Kind.MOMENT),
        Column(name="not_before", label=_("next attempt"), kind=Kind.MOMENT),
        Column(name="event", label=_("event"), source="id", sort=False, shown=False),
        _CHAIN,
    ),
    empty=Empty(
        icon="circle-check",
        title=_("Everything is told"),
        text=_("What waits for the hub, and what it would not take, stands here."),
        none_title=_("No event fits"),
        none_text=_("Try another state or other days."),
    ),
)


def _came_from(row: Any) -> str:
    if row.signed_by:
        return _now("Hub") if row.signed_by == "integration" else str(row.signed_by).upper()
    return str(row.address) or _now("many addresses")


REFUSALS = Listing(
    name="refusals",
    model=Refusal,
    title=_("Refused at the door"),
    lead=_("What was handed over and not taken: the same within a minute in one row, and never a word of it."),
    url_name="wire:refusals",
    trail=(_("Incoming events"), "wire:incoming"),
    rows=services.refusals,
    filterset=RefusalFilter,
    order=("-last_at", "-pk"),
    roles=WIRE_READERS,
    count=lambda count: ngettext("%(count)s row", "%(count)s rows", count) % {"count": f"{count:,}"},
    placeholder=_("Reason, address or event"),
    bar=("code",),
    buttons=(_IN, _OUT),
    row_url=lambda _row: "",
    columns=(
        Column(name="code", label=_("class"), kind=Kind.CHOICE, text=words_of, group=True),
        Column(name="status", label=_("answer"), kind=Kind.NUMBER, group=True),
        Column(name="from", label=_("from"), value=_came_from, sort=False, fields=("signed_by", "address")),
        Column(name="contract", label=_("contract"), group=True),
        Column(name="reason", label=_("why"), wide=True),
        Column(name="times", label=_("times"), kind=Kind.NUMBER),
        Column(name="last_at", label=_("last"), kind=Kind.MOMENT),
        Column(name="signed_by", label=_("signed by"), group=True, shown=False),
        Column(name="address", label=_("came from"), group=True, shown=False),
        Column(name="door", label=_("door"), group=True, shown=False),
        Column(name="event", label=_("event"), sort=False, shown=False),
    ),
    empty=Empty(
        icon="shield-check",
        title=_("Nothing was refused"),
        text=_("A wrong signature, a number that does not follow or a closed intake would stand here."),
        none_title=_("No refusal fits"),
        none_text=_("Try another class or other days."),
    ),
)
