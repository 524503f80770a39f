"""The hub's lists: the archive, who is who, and what needs a decision."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Empty, Kind, Listing
from base.templatetags.ui import status_badge
from integration.hub.causes import CAUSES
from integration.hub.filters import UNSETTLED, CaseFilter, EventFilter, MappingFilter
from integration.hub.models import Archived, Case, CaseState, Mapping
from integration.hub.roles import OPERATORS, READERS
from integration.lanes import WorkState

ROW = ("event_id", "type", "source", "partition_key", "aggregate_seq", "archived_at", "told_at", "correlation_id")


def _events(user: Any) -> QuerySet[Archived]:
    return Archived.objects.visible_to(user).only(*ROW).prefetch_related("deliveries")


def _cases(user: Any) -> QuerySet[Case]:
    return Case.objects.visible_to(user).select_related("pause", "closed_by").defer("refused_body")


def _about(event: Any) -> str:
    """All that is known of the same aggregate."""
    return f"{reverse('hub:events')}?{urlencode({'q': event.partition_key})}"


def _word(delivery: Any) -> str:
    return _now("received") if delivery.state == WorkState.DONE else str(delivery.get_state_display())


def _deliveries(event: Any) -> SafeString:
    told = [
        (one.destination.upper(), status_badge("good" if one.state == WorkState.DONE else one.state, _word(one)))
        for one in event.deliveries.all()
    ]
    if not told:
        return format_html('<span class="muted">{}</span>', _now("archive only"))
    return format_html_join(" ", '<span class="cluster">{} {}</span>', told)


def _delivered_words(event: Any) -> str:
    return ", ".join(f"{one.destination.upper()} {_word(one)}" for one in event.deliveries.all())


def _holds(case: Any) -> str:
    return case.pause.get_scope_display() if case.pause and not case.pause.ended_at else ""


def _case_state(case: Any) -> SafeString:
    if case.state == CaseState.CLOSED:
        return status_badge(case.choice, case.choice, "quiet")
    return status_badge(case.state, case.get_state_display(), "warn" if case.state == CaseState.ASKED else "bad")


_CASES_COME = _(
    "When an event contradicts what the hub knows, its record is held and a case stands here, with both values "
    "side by side."
)

EVENTS = Listing(
    name="events",
    model=Archived,
    live=5,
    title=_("Events"),
    url_name="hub:events",
    rows=_events,
    filterset=EventFilter,
    order=("-archived_at", "-event_id"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s event", "%(count)s events", count) % {"count": f"{count:,}"},
    placeholder=_("Aggregate, correlation or event id"),
    bar=("source", "type", "state"),
    row_url=lambda event: reverse("hub:event", args=[event.pk]),
    columns=(
        Column(name="type", label=_("contract"), group=True),
        Column(name="about", label=_("about"), source="partition_key", url=_about),
        Column(name="number", label=_("no."), source="aggregate_seq", kind=Kind.NUMBER),
        Column(name="source", label=_("from"), value=lambda event: event.source.upper(), sort="source", group=True),
        Column(
            name="delivered", label=_("delivered to"), sort=False, value=_delivered_words, cell=_deliveries,
            fields=("deliveries",),
        ),
        Column(name="archived_at", label=_("archived"), kind=Kind.MOMENT),
        Column(name="told_at", label=_("told"), kind=Kind.MOMENT, shown=False),
        Column(name="correlation", label=_("correlation"), source="correlation_id", shown=False),
        Column(name="id", label=_("event"), source="event_id", sort=False, shown=False),
    ),
    empty=Empty(
        icon="list-details",
        title=_("No events here"),
        text=_("Whatever the CRM or the ERP tells the other passes through the hub, is checked, kept and shown here."),
        none_title=_("No event fits"),
        none_text=_("Try another contract, another side or the whole id."),
    ),
)  # fmt: skip

MAPPING = Listing(
    name="mapping",
    model=Mapping,
    title=_("Mapping"),
    lead=_("Who the CRM's customer is in the ERP. Names are shown for people; only the ids count."),
    url_name="hub:mapping",
    rows=lambda user: Mapping.objects.visible_to(user),
    filterset=MappingFilter,
    order=("-created_at", "-customer"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s customer", "%(count)s customers", count) % {"count": f"{count:,}"},
    placeholder=_("Name or party code"),
    buttons=(Button(_("Import"), "exchange:home", icon="table-import", tone="", roles=OPERATORS),),
    row_url=lambda row: f"{reverse('hub:events')}?q=customer:{row.customer}",
    columns=(
        Column(name="name", label=_("name")),
        Column(name="party", label=_("party in the ERP")),
        Column(name="customer", label=_("customer in the CRM")),
        Column(
            name="evidence", label=_("evidence"), value=lambda row: row.evidence_id, sort=False,
            url=lambda row: reverse("hub:event", args=[row.evidence_id]),
        ),
        Column(name="written_by", label=_("written down by"), group=True),
        Column(name="created_at", label=_("since"), kind=Kind.MOMENT),
    ),
    empty=Empty(
        icon="arrows-exchange",
        title=_("Nobody is mapped yet"),
        text=_(
            "When the ERP opens a party for a customer of the CRM, the pair is written down here with the event that "
            "proves it. Those that both systems knew before come from a file."
        ),
        none_title=_("Nobody fits"),
        none_text=_("Try fewer words, or the beginning of the party's code."),
    ),
)  # fmt: skip

CASES = Listing(
    name="cases",
    model=Case,
    live=3,
    title=_("Cases"),
    lead=_("Contradictions that wait for a person. What they are about is held in order; everything else flows."),
    url_name="hub:cases",
    rows=_cases,
    filterset=CaseFilter,
    order=("-opened_at", "-pk"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s case", "%(count)s cases", count) % {"count": f"{count:,}"},
    placeholder=_("Record or case number"),
    bar=("state", "cause"),
    defaults=lambda _user: {"state": UNSETTLED},
    columns=(
        Column(name="number", label=_("case"), text=str, kind=Kind.TEXT, cell=lambda case: f"#{case.number}"),
        Column(
            name="cause", label=_("what happened"), kind=Kind.CHOICE, group=True,
            text=lambda cause: str(CAUSES[cause].title) if cause in CAUSES else cause,
        ),
        Column(name="about", label=_("about")),
        Column(name="source", label=_("said by"), value=lambda case: case.source.upper(), sort="source", group=True),
        Column(name="holds", label=_("holds"), value=_holds, sort=False, fields=("pause",)),
        Column(name="hits", label=_("hits"), kind=Kind.NUMBER),
        Column(name="state", label=_("state"), kind=Kind.STATUS, cell=_case_state, group=True),
        Column(name="opened_at", label=_("since"), kind=Kind.MOMENT),
        Column(name="contract", label=_("contract"), group=True, shown=False),
        Column(name="last_hit_at", label=_("last hit"), kind=Kind.MOMENT, shown=False),
        Column(name="closed_at", label=_("decided"), kind=Kind.MOMENT, shown=False),
        Column(name="closed_by", label=_("decided by"), source="closed_by__username", shown=False),
    ),
    empty=Empty(
        icon="circle-check",
        title=_("Nothing to decide"),
        text=_CASES_COME,
        none_title=_("Nothing to decide"),
        none_text=_CASES_COME,
    ),
)  # fmt: skip
