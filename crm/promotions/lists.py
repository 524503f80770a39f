"""The list of promotions."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from base.listing import Button, Column, Empty, Kind, Listing, Tab
from base.listing.bulk import BulkAction
from base.templatetags.ui import status_badge
from crm.access.people import name_of
from crm.promotions import services
from crm.promotions.filters import PromotionFilter
from crm.promotions.models import DECIDERS, READERS, Promotion, PromotionState

TONES: dict[str, str] = {
    PromotionState.RUNNING: "good",
    PromotionState.COMING: "info",
    PromotionState.ENDED: "",
}


def _rows(user: Any) -> QuerySet[Promotion]:
    visible: QuerySet[Promotion] = Promotion.objects.visible_to(user).select_related("decided_by")
    return visible


def badge(promotion: Promotion) -> str:
    """Where it stands, as a coloured word."""
    return status_badge(promotion.state.value, str(promotion.state.label), TONES[promotion.state])


def products(promotion: Promotion) -> str:
    """On what, in a few words."""
    return ", ".join(promotion.skus) or _now("all products")


def _undo(promotion: Promotion, user: Any, before: dict[str, Any]) -> None:
    if not before["stopped"]:
        services.resume(promotion, by=user)


PROMOTIONS = Listing(
    name="promotions",
    model=Promotion,
    title=_("Promotions"),
    url_name="promotions:list",
    lead=_("For some days some products cost less: sales managers decide, deals price themselves with it."),
    rows=_rows,
    filterset=PromotionFilter,
    order=("-first_day", "-id"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s promotion", "%(count)s promotions", count) % {"count": f"{count:,}"},
    placeholder=_("Name or SKU…"),
    bar=("audience",),
    tabs=lambda _asked: [
        Tab(_("All"), {}),
        Tab(_("Running"), {"state": "running"}),
        Tab(_("Coming"), {"state": "coming"}),
        Tab(_("Ended"), {"state": "ended"}),
    ],
    buttons=(Button(_("New promotion"), "promotions:new", roles=DECIDERS, sheet=True),),
    actions=(
        BulkAction(
            name="stop",
            label=_("Stop now"),
            icon="ban",
            roles=DECIDERS,
            run=lambda row, user, _told: services.stop(row, by=user),
            snapshot=lambda row: {"stopped": row.stopped_at is not None},
            undo=_undo,
        ),
    ),
    version=lambda row: row.updated_at.isoformat(),
    columns=(
        Column(name="name", label=_("name")),
        Column(name="discount", label=_("discount"), kind=Kind.PERCENT),
        Column(name="state", label=_("state"), value=lambda row: str(row.state.label), cell=badge, sort=False,
               fields=("first_day",)),
        Column(name="first_day", label=_("first day"), kind=Kind.DATE, group=True),
        Column(name="last_day", label=_("last day"), kind=Kind.DATE, group=True),
        Column(name="products", label=_("products"), source="skus", value=products, sort=False, wide=True),
        Column(name="audience", label=pgettext_lazy("promotion", "for"), value=lambda row: row.whose, sort="audience"),
        Column(name="decided_by", label=_("decided by"), source="decided_by__username",
               value=lambda row: name_of(row.decided_by)),
        Column(name="note", label=_("note"), wide=True, shown=False),
        Column(name="stopped_at", label=_("stopped"), kind=Kind.MOMENT, shown=False),
    ),
    empty=Empty(
        icon="percentage",
        title=_("No promotion yet"),
        text=_("A sales manager decides one in a minute: days, products, discount, for whom. Deals have it at once."),
        none_title=_("No promotion fits"),
        none_text=_("Try fewer letters or another filter."),
        button=Button(_("Decide the first one"), "promotions:new", roles=DECIDERS, sheet=True),
    ),
)  # fmt: skip
