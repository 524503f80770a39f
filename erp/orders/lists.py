"""The list of orders."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.links import record_url
from base.listing import Button, Column, Edit, Empty, Kind, Listing
from base.listing.bulk import BulkAction
from base.templatetags.ui import status_badge
from erp.orders import services
from erp.orders.filters import OrderFilter
from erp.orders.forms import ReasonForm, ReleaseForm
from erp.orders.models import Order, OrderStatus
from erp.orders.refusals import NothingFree, not_so
from erp.orders.reports import progress_of
from erp.orders.roles import ALLOCATORS, DESK, EVERYBODY


def _rows(user: Any) -> QuerySet[Order]:
    return Order.objects.visible_to(user).for_list()


def _with_progress(orders: list[Order]) -> None:
    """How far each is with its goods, in one query."""
    progress = progress_of(orders)
    for order in orders:
        order.progress = progress.get(order.pk)  # type: ignore[attr-defined]


def _where_it_stands(order: Any) -> str:
    """For an accepted order what comes next, for one that was stopped the reason."""
    if order.status == OrderStatus.ACCEPTED and order.progress:
        return status_badge(order.progress.word, order.progress.label)
    if order.reason and order.status in (OrderStatus.HELD, OrderStatus.REFUSED, OrderStatus.CANCELLED):
        short = order.reason if len(order.reason) <= 48 else f"{order.reason[:47]}…"
        return format_html('<span class="muted" title="{}">{}</span>', order.reason, short)
    return "–"


def _standing(order: Any) -> str:
    return order.progress.label if order.status == OrderStatus.ACCEPTED and order.progress else order.reason


def _day() -> forms.Field:
    return forms.DateField(required=False)


def _remark() -> forms.Field:
    return forms.CharField(max_length=4000, required=False)


def _editable(order: Order, _user: Any) -> bool:
    return order.status in (OrderStatus.DRAFT, OrderStatus.HELD, OrderStatus.ACCEPTED)


ACTIONS = (
    BulkAction(
        name="release",
        label=_("Release"),
        icon="player-play",
        roles=DESK,
        form=lambda _user: ReleaseForm,
        run=lambda order, _user, told: services.release(order, told["reason"]),
    ),
    BulkAction(
        name="allocate",
        label=_("Reserve goods"),
        icon="package",
        roles=ALLOCATORS,
        run=lambda order, _user, _told: _reserve(order),
    ),
    BulkAction(
        name="refuse",
        label=_("Refuse"),
        icon="x",
        roles=DESK,
        form=lambda _user: ReasonForm,
        run=lambda order, _user, told: services.refuse(order, told["reason"]),
    ),
    BulkAction(
        name="cancel",
        label=_("Cancel orders"),
        icon="ban",
        tone="bad",
        roles=DESK,
        form=lambda _user: ReasonForm,
        confirm=_("Nothing of them will be delivered, and the sales side is told so. This cannot be undone."),
        run=lambda order, _user, told: services.cancel(order, told["reason"]),
    ),
)


def _reserve(order: Order) -> None:
    """Only for what we are bound to deliver; with nothing free it is said."""
    if order.status != OrderStatus.ACCEPTED:
        raise not_so(order)
    if not any(services.allocate(order).values()):
        raise NothingFree()


ORDERS = Listing(
    name="orders",
    model=Order,
    title=_("Orders"),
    url_name="orders:list",
    rows=_rows,
    filterset=OrderFilter,
    order=("-id",),
    roles=EVERYBODY,
    count=lambda count: ngettext("%(count)s order", "%(count)s orders", count) % {"count": f"{count:,}"},
    placeholder=_("Number, deal or customer"),
    bar=("status", "since", "until"),
    buttons=(Button(_("New order"), "orders:new", roles=DESK),),
    decorate=_with_progress,
    actions=ACTIONS,
    version=lambda order: order.updated_at.isoformat(),
    columns=(
        Column(name="number", label=_("number")),
        Column(name="ordered_on", label=_("ordered"), kind=Kind.DATE, group=True),
        Column(name="party", label=_("customer"), source="party__name", group=True),
        Column(name="deal_number", label=_("deal")),
        Column(
            name="requested_on",
            label=_("wanted by"),
            kind=Kind.DATE,
            group=True,
            edit=Edit(
                field=_day,
                roles=DESK,
                may=_editable,
                save=lambda order, day, _user: services.annotate(order, requested_on=day),
            ),
        ),
        Column(name="status", label=_("status"), kind=Kind.STATUS, group=True),
        Column(name="progress", label=_("where it stands"), value=_standing, cell=_where_it_stands, sort=False),
        Column(name="net", label=_("net"), source="net_total", kind=Kind.MONEY, currency="currency", total=True),
        Column(
            name="gross",
            label=_("gross, expected"),
            source="gross_total",
            kind=Kind.MONEY,
            currency="currency",
            total=True,
            shown=False,
        ),
        Column(name="freight", label=_("freight"), kind=Kind.MONEY, currency="currency", total=True, shown=False),
        Column(name="party_code", label=_("customer's code"), source="party__code", shown=False),
        Column(name="sold_by", label=_("sold by"), group=True, shown=False),
        Column(name="decided_by", label=_("decided by"), group=True, shown=False),
        Column(name="decided_at", label=_("decided"), kind=Kind.MOMENT, shown=False),
        Column(name="completed_at", label=_("completed"), kind=Kind.MOMENT, shown=False),
        Column(name="created_at", label=_("entered"), kind=Kind.MOMENT, shown=False),
        Column(
            name="note",
            label=_("note"),
            wide=True,
            shown=False,
            edit=Edit(
                field=_remark,
                roles=DESK,
                may=_editable,
                save=lambda order, text, _user: services.annotate(order, note=text),
            ),
        ),
        Column(name="currency", label=_("currency"), group=True, shown=False),
    ),
    row_url=lambda order: record_url("orders:detail", order.pk),
    empty=Empty(
        icon="clipboard-list",
        title=_("No orders yet"),
        text=_("A deal won in the CRM becomes an order here by itself; an order of our own starts as a draft."),
        none_title=_("No order fits"),
        none_text=_("Try fewer words, another status or other days."),
    ),
)
