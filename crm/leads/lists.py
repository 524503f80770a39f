"""The list of leads."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Count, Q, QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from base.listing import Button, Column, Edit, Empty, Kind, Listing, Tab
from base.listing.bulk import BulkAction
from base.templatetags.ui import status_badge
from crm.access.people import name_of
from crm.accounts.custom_filters import columns_of
from crm.accounts.tag_lists import COLUMN as TAGS_COLUMN
from crm.accounts.tag_lists import actions as tag_actions
from crm.accounts.tag_lists import coloured
from crm.accounts.tag_words import tagged
from crm.leads import services
from crm.leads.filters import LeadFilter
from crm.leads.forms import GiveForm, LoseForm
from crm.leads.models import OPEN_STATES, READERS, Lead, LeadState

_NAMED = ("owner__username", "owner__first_name", "owner__last_name")  # what `name_of` reads
_TONES = {"new": "info", "contacted": "info", "qualified": "good", "converted": "quiet", "lost": "quiet"}
_QUEUES: dict[str, tuple[Any, dict[str, str]]] = {
    "mine": (_("Mine"), {"owner": "me", "still_open": "true"}),
    "pool": (_("Nobody's"), {"owner": "none", "still_open": "true"}),
    "open": (_("Open"), {"still_open": "true"}),
}


def state_badge(lead: Lead) -> str:
    """The state as a coloured word; who waits for a first call is shown first."""
    if lead.state == LeadState.NEW and lead.waits_since and lead.touched_at is None:
        return status_badge("waiting", gettext("to be called"), "warn")
    return status_badge(lead.state, lead.get_state_display(), _TONES[lead.state])


def _rows(user: Any) -> QuerySet[Lead]:
    visible: QuerySet[Lead] = Lead.objects.visible_to(user).select_related("owner")
    return visible


def _counts(user: Any) -> dict[str, int]:
    """How many stand in each queue, asked once for a request."""
    if not hasattr(user, "_lead_queues"):
        user._lead_queues = (
            Lead.objects.visible_to(user)
            .filter(state__in=OPEN_STATES)
            .aggregate(
                mine=Count("pk", filter=Q(owner=user.pk)), pool=Count("pk", filter=Q(owner=None)), open=Count("pk")
            )
        )
    found: dict[str, int] = user._lead_queues
    return found


def _first_queue(user: Any) -> dict[str, str]:
    counts = _counts(user)
    return _QUEUES[next((name for name in ("mine", "pool") if counts[name]), "open")][1]


def _queues(asked: Any) -> list[Tab]:
    counts = _counts(asked.user)
    return [*(Tab(label, cut, counts[name]) for name, (label, cut) in _QUEUES.items()), Tab(_("All"), {})]


def _name_cell(lead: Lead) -> str:
    return str(lead) or "–"


def _owner_cell(lead: Lead) -> str:
    return name_of(lead.owner) or format_html('<span class="muted">{}</span>', gettext("nobody"))


def _writable(lead: Lead, user: Any) -> bool:
    return lead.writable_by(user)


def _assign(lead: Lead, owner: Any, user: Any) -> None:
    services.refuse_unwritable(lead, user)
    services.assign(lead, owner, by=user)


def _change(lead: Lead, user: Any, **changes: Any) -> None:
    services.refuse_unwritable(lead, user)
    services.update_lead(lead, **changes)


def _lose(lead: Lead, user: Any, told: dict[str, Any]) -> None:
    services.refuse_unwritable(lead, user)
    services.lose(lead, told["reason"], by=user, note=told["note"])


def _text_cell(name: str) -> Edit:
    kind: Any = forms.EmailField if name == "email" else forms.CharField
    return Edit(
        field=lambda: kind(max_length=250, required=False),
        may=_writable,
        may_by=lambda lead, _user: lead.owner_id,
        save=lambda lead, value, user: _change(lead, user, **{name: value}),
    )


ACTIONS = (
    BulkAction(
        name="assign",
        label=_("Give to…"),
        done=_("{row}: another owner"),
        icon="user-share",
        form=lambda _user: GiveForm,
        run=lambda lead, user, told: _assign(lead, told["owner"], user),
        snapshot=lambda lead: {"owner": lead.owner_id},
        undo=lambda lead, user, before: services.assign(
            lead, get_user_model().objects.filter(pk=before["owner"]).first(), by=user
        ),
    ),
    BulkAction(
        name="lose",
        label=_("Lost…"),
        icon="trending-down",
        form=lambda _user: LoseForm,
        run=_lose,
        snapshot=lambda lead: {"state": str(lead.state)},
        undo=lambda lead, user, _before: services.reopen(lead, by=user),
    ),
    *tag_actions(
        lambda lead, user, **words: _change(lead, user, tags=tagged(lead.tags, **words)),
        lambda lead, user, before: _change(lead, user, tags=before),
    ),
)

LEADS = Listing(
    name="leads",
    model=Lead,
    title=_("Leads"),
    url_name="leads:list",
    rows=_rows,
    filterset=LeadFilter,
    order=("-id",),
    roles=READERS,
    count=lambda count: ngettext("%(count)s lead", "%(count)s leads", count) % {"count": f"{count:,}"},
    reads=("version", "tags", "custom", "person", "company", "name", "email", "phone", "external_ref", "state",
           "waits_since", "touched_at", "score", "city", "country", "owner", *_NAMED),
    placeholder=_("Name, company, phone, mail, town…"),
    bar=("state", "source"),
    buttons=(
        Button(_("From a card"), "leads:card", icon="address-book", tone=""),
        Button(_("New lead"), "leads:new", sheet=True),
    ),
    actions=ACTIONS,
    version=lambda lead: str(lead.version),
    defaults=_first_queue,
    tabs=_queues,
    decorate=coloured,
    more_columns=lambda: columns_of("lead"),
    columns=(
        Column(name="name", label=_("name"), sort="name", cell=_name_cell),
        Column(name="state", label=_("state"), kind=Kind.STATUS, cell=state_badge, group=True,
               same_by=lambda lead: (lead.state, bool(lead.waits_since), lead.touched_at is None)),
        Column(name="about", label=_("company and place"), value=lambda lead: lead.subtitle, sort="company",
               fields=("company",)),
        Column(name="score", label=_("score"), kind=Kind.NUMBER),
        Column(
            name="owner", label=_("owner"), source="owner__username", value=lambda lead: name_of(lead.owner),
            cell=_owner_cell, same_by=lambda lead: lead.owner_id, group=True,
        ),
        TAGS_COLUMN,
        Column(name="company", label=_("company"), shown=False, group=True, edit=_text_cell("company")),
        Column(name="phone", label=_("phone"), shown=False, edit=_text_cell("phone")),
        Column(name="email", label=_("e-mail"), shown=False, edit=_text_cell("email")),
        Column(name="title", label=_("position"), shown=False, edit=_text_cell("title")),
        Column(name="city", label=_("town"), group=True, shown=False),
        Column(name="country", label=_("country"), group=True, shown=False),
        Column(name="industry", label=_("industry"), group=True, shown=False),
        Column(name="interest", label=_("interested in"), group=True, shown=False),
        Column(name="source", label=_("came by"), kind=Kind.CHOICE, group=True, shown=False),
        Column(name="source_detail", label=_("source"), group=True, shown=False),
        Column(name="campaign", label=_("campaign"), group=True, shown=False),
        Column(name="consent", label=_("agreed to be written to"), kind=Kind.BOOL, group=True, shown=False),
        Column(name="lost_reason", label=_("why lost"), kind=Kind.CHOICE, group=True, shown=False),
        Column(name="external_ref", label=_("reference elsewhere"), shown=False),
        Column(name="visits", label=_("visits of our website"), kind=Kind.NUMBER, shown=False),
        Column(name="seconds_on_site", label=_("seconds on our website"), kind=Kind.NUMBER, shown=False),
        Column(name="created_at", label=_("came"), kind=Kind.MOMENT, shown=False),
        Column(name="touched_at", label=_("first tried"), kind=Kind.MOMENT, shown=False),
        Column(name="closed_at", label=_("closed"), kind=Kind.MOMENT, shown=False),
    ),
    empty=Empty(
        icon="user-plus",
        title=_("No leads yet"),
        text=_("A lead is somebody who may buy one day: a card from a fair, a call, an answer to your web form. "
               "A name or a number is enough."),
        none_title=_("No lead fits"),
        none_text=_("Try fewer letters, another filter, or all leads."),
        button=Button(_("New lead"), "leads:new", sheet=True),
    ),
)  # fmt: skip
