"""The list of deals."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Column, Edit, Empty, Kind, Listing
from base.listing.bulk import BulkAction
from base.refusals import NotAllowed
from base.roles import has_role
from base.templatetags.ui import status_badge
from crm.access.people import name_of
from crm.accounts.custom_filters import columns_of
from crm.accounts.forms import PersonChoiceField
from crm.accounts.tag_lists import COLUMN as TAGS_COLUMN
from crm.accounts.tag_lists import actions as tag_actions
from crm.accounts.tag_lists import coloured
from crm.accounts.tag_words import tagged
from crm.pipeline import services
from crm.pipeline.filters import DealFilter
from crm.pipeline.forms import sellers
from crm.pipeline.models import APPROVERS, READERS, WRITERS, Deal, DealStatus, Stage


def whose_first(user: Any) -> dict[str, str]:
    """Reps start with their own deals, the others with everybody's."""
    return {"whose": "me"} if has_role(user, "rep") and not user.is_superuser else {}


def _rows(user: Any) -> QuerySet[Deal]:
    visible: QuerySet[Deal] = Deal.objects.visible_to(user).select_related("account", "owner", "stage", "order")
    return visible


def _order(deal: Any) -> Any:
    return getattr(deal, "order", None)


def _order_cell(deal: Deal) -> str:
    order = _order(deal)
    if order is None:
        return "–"
    return format_html("{} {}", order.number, status_badge(order.state, order.get_state_display()))


def _status_cell(deal: Deal) -> str:
    if deal.status == DealStatus.OPEN:
        return str(deal.stage.name)
    return status_badge(deal.status, deal.get_status_display())


def _status_words(deal: Deal) -> str:
    return str(deal.stage.name if deal.status == DealStatus.OPEN else deal.get_status_display())


def _change(deal: Deal, user: Any, **changes: Any) -> None:
    """As the deal's own page does it."""
    if not deal.writable_by(user):
        raise NotAllowed()
    services.change_deal(deal, **changes)


def _step(deal: Deal, text: str, user: Any) -> None:
    """A step without a day is for tomorrow."""
    day = deal.next_step_on or (timezone.localdate() + timedelta(days=1) if text else None)
    _change(deal, user, next_step=text, next_step_on=day)


def _move(deal: Deal, user: Any, stage: Stage) -> None:
    if not deal.writable_by(user):
        raise NotAllowed()
    services.move(deal, stage)


def _open(deal: Deal, user: Any) -> bool:
    return deal.is_open and deal.writable_by(user)


class OwnerForm(forms.Form):
    """Whose they are from now on."""

    owner = PersonChoiceField(label=_("New owner"), queryset=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = sellers()  # type: ignore[attr-defined]


class StageForm(forms.Form):
    """How far they are."""

    stage = forms.ModelChoiceField(label=_("Stage"), queryset=Stage.objects.order_by("pipeline__position", "position"))


class LostForm(forms.Form):
    """Why they are lost."""

    reason = forms.CharField(label=_("Why"), max_length=250)


def _lose(deal: Deal, user: Any, told: dict[str, Any]) -> None:
    if not deal.writable_by(user):
        raise NotAllowed()
    services.lose(deal, told["reason"])


ACTIONS = (
    BulkAction(
        name="assign",
        label=_("Give to…"),
        icon="user-share",
        roles=APPROVERS,
        form=lambda _user: OwnerForm,
        run=lambda deal, user, told: _change(deal, user, owner=told["owner"]),
        snapshot=lambda deal: {"owner": deal.owner_id},
        undo=lambda deal, user, before: _change(
            deal, user, owner=get_user_model().objects.filter(pk=before["owner"]).first()
        ),
    ),
    BulkAction(
        name="stage",
        label=_("Move to…"),
        icon="arrow-right",
        roles=WRITERS,
        form=lambda _user: StageForm,
        run=lambda deal, user, told: _move(deal, user, told["stage"]),
        snapshot=lambda deal: {"stage": str(deal.stage_id)},
        undo=lambda deal, user, before: _move(deal, user, Stage.objects.get(pk=before["stage"])),
    ),
    BulkAction(
        name="lose",
        label=_("Lost…"),
        icon="x",
        roles=WRITERS,
        form=lambda _user: LostForm,
        run=_lose,
        snapshot=lambda deal: {"status": str(deal.status)},
        undo=lambda deal, _user, _before: services.reopen(deal),
    ),
    *tag_actions(
        lambda deal, user, **words: _change(deal, user, tags=tagged(deal.tags, **words)),
        lambda deal, user, before: _change(deal, user, tags=before),
        roles=WRITERS,
    ),
)

DEALS = Listing(
    name="deals",
    model=Deal,
    title=_("Deals"),
    url_name="pipeline:list",
    rows=_rows,
    filterset=DealFilter,
    order=("-id",),
    roles=READERS,
    count=lambda count: ngettext("%(count)s deal", "%(count)s deals", count) % {"count": f"{count:,}"},
    placeholder=_("Company, title or number"),
    bar=("whose", "status", "order_state"),
    actions=ACTIONS,
    version=lambda deal: str(deal.revision),
    defaults=whose_first,
    decorate=coloured,
    more_columns=lambda: columns_of("deal"),
    template="crm/pipeline/list.html",
    columns=(
        Column(name="company", label=_("company"), source="account__name", sort="account__name_key", group=True),
        Column(name="net", label=_("net"), source="net_total", kind=Kind.MONEY, currency="currency", total=True),
        Column(name="deal", label=_("deal"), source="number",
               value=lambda deal: f"{deal.number} · {deal.title}" if deal.title else deal.number),
        Column(name="status", label=_("status"), value=_status_words, cell=_status_cell, sort="status"),
        Column(name="order", label=_("order"), source="order__number", cell=_order_cell),
        Column(name="owner", label=_("owner"), source="owner__username", value=lambda deal: name_of(deal.owner),
               group=True),
        TAGS_COLUMN,
        Column(name="next_step", label=_("next step"), shown=False,
               edit=Edit(field=lambda: forms.CharField(max_length=250, required=False), roles=WRITERS, may=_open,
                         save=_step)),
        Column(name="next_step_on", label=_("next step on"), kind=Kind.DATE, group=True, shown=False,
               edit=Edit(field=lambda: forms.DateField(required=False), roles=WRITERS, may=_open,
                         save=lambda deal, day, user: _change(deal, user, next_step_on=day))),
        Column(name="requested_on", label=_("wanted by"), kind=Kind.DATE, group=True, shown=False,
               edit=Edit(field=lambda: forms.DateField(required=False), roles=WRITERS, may=_open,
                         save=lambda deal, day, user: _change(deal, user, requested_on=day))),
        Column(name="stage", label=_("stage"), source="stage__name", sort="stage__position", group=True, shown=False),
        Column(name="order_state", label=_("state of the order"), source="order__state", kind=Kind.CHOICE,
               group=True, shown=False),
        Column(name="won_at", label=_("won"), kind=Kind.MOMENT, group=True, shown=False),
        Column(name="created_at", label=_("created"), kind=Kind.MOMENT, group=True, shown=False),
        Column(name="close_reason", label=_("why lost or withdrawn"), wide=True, shown=False),
    ),
    empty=Empty(
        icon="list-search",
        title=_("No deals here"),
        text=_("Nothing matches these filters. Choose “All”, or fewer filters."),
        none_title=_("No deals here"),
        none_text=_("Nothing matches these filters. Choose “All”, or fewer filters."),
    ),
)  # fmt: skip
