"""The lists of stock and of all moves."""

from typing import Any

from django.db.models import Case, DecimalField, ExpressionWrapper, F, QuerySet, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Empty, Kind, Listing
from base.ui import url_of
from erp.inventory.filters import BalanceFilter, MoveFilter
from erp.inventory.models import StockBalance, StockMove
from erp.inventory.roles import KEEPERS, READERS
from erp.ledger.services import base_currency

_QUANTITY: "DecimalField[Any, Any]" = DecimalField(max_digits=18, decimal_places=4)
_VALUE: "DecimalField[Any, Any]" = DecimalField(max_digits=19, decimal_places=2)
_PAGES = {"shipment": "shipping:detail", "return": "returns:detail"}


def with_free(rows: QuerySet[StockBalance]) -> QuerySet[StockBalance]:
    """With what may still be promised."""
    free = ExpressionWrapper(F("on_hand") - F("reserved"), output_field=_QUANTITY)
    return rows.select_related("product", "location").annotate(free=free)


def with_sign(rows: QuerySet[StockMove]) -> QuerySet[StockMove]:
    """With quantity and value as our own locations see them: in above zero, out below."""
    out = {"from_location__internal": True, "to_location__internal": False}
    return rows.select_related("product", "from_location", "to_location", "entry").annotate(
        signed_units=Case(When(**out, then=-F("quantity")), default=F("quantity"), output_field=_QUANTITY),
        signed_worth=Case(When(**out, then=-F("value")), default=F("value"), output_field=_VALUE),
    )


def _source(move: StockMove) -> str:
    """The document that moved the goods."""
    name = _PAGES.get(move.source_type)
    return url_of(name, move.source_id) if name and move.source_id else ""


STOCK = Listing(
    name="stock",
    model=StockBalance,
    title=_("Stock"),
    url_name="inventory:stock",
    rows=lambda user: with_free(StockBalance.objects.visible_to(user)),
    filterset=BalanceFilter,
    order=("product__sku", "pk"),
    roles=(*KEEPERS, *READERS),
    count=lambda count: ngettext("%(count)s balance", "%(count)s balances", count) % {"count": f"{count:,}"},
    placeholder=_("SKU, name or category"),
    bar=("show", "category"),
    buttons=(
        Button(_("All moves"), "inventory:all_moves", icon="arrows-exchange", tone=""),
        Button(_("Receive goods"), "inventory:receive", icon="package-import", roles=KEEPERS),
    ),
    template="erp/inventory/stock.html",
    row_url=lambda balance: reverse("inventory:moves", args=[balance.product_id]),
    columns=(
        Column(name="sku", label=_("SKU"), source="product__sku"),
        Column(name="name", label=_("name"), source="product__name"),
        Column(name="on_hand", label=_("on hand"), kind=Kind.QUANTITY),
        Column(name="reserved", label=_("reserved"), kind=Kind.QUANTITY),
        Column(name="available", label=_("available"), source="free", kind=Kind.QUANTITY),
        Column(name="unit", label=_("unit"), source="product__unit", group=True),
        Column(name="location", label=_("location"), source="location__code", group=True),
        Column(
            name="unit_cost", label=_("unit cost"), kind=Kind.MONEY, currency=base_currency, sort=False,
            value=lambda balance: balance.unit_cost,
        ),
        Column(name="value", label=_("value"), kind=Kind.MONEY, currency=base_currency, total=True),
        Column(name="category", label=_("category"), source="product__category", group=True, shown=False),
        Column(name="status", label=_("status"), source="product__status", kind=Kind.STATUS, group=True, shown=False),
        Column(name="supplier", label=_("supplier"), source="product__supplier__name", group=True, shown=False,
               needs=("product__supplier",)),
    ),
    empty=Empty(
        icon="building-warehouse",
        title=_("Nothing in stock yet"),
        text=_("What is received lies here, with what is reserved of it for orders."),
        none_title=_("Nothing fits"),
        none_text=_("Try fewer words or another choice."),
        button=Button(_("Receive goods"), "inventory:receive", roles=KEEPERS),
    ),
)  # fmt: skip

MOVES = Listing(
    name="moves",
    model=StockMove,
    title=_("Moves of goods"),
    url_name="inventory:all_moves",
    rows=lambda user: with_sign(StockMove.objects.visible_to(user)),
    filterset=MoveFilter,
    order=("-position",),
    roles=(*KEEPERS, *READERS),
    count=lambda count: ngettext("%(count)s move", "%(count)s moves", count) % {"count": f"{count:,}"},
    placeholder=_("SKU, name or reference"),
    bar=("reason", "start", "end"),
    row_url=lambda move: reverse("inventory:moves", args=[move.product_id]),
    columns=(
        Column(name="sku", label=_("SKU"), source="product__sku", group=True),
        Column(name="date", label=_("date"), source="effective_on", kind=Kind.DATE, group=True),
        Column(name="reason", label=_("reason"), kind=Kind.CHOICE, group=True),
        Column(name="reference", label=_("reference"), url=_source),
        Column(name="from", label=_("from"), source="from_location__code", group=True),
        Column(name="to", label=_("to"), source="to_location__code", group=True),
        Column(name="quantity", label=_("quantity"), source="signed_units", kind=Kind.QUANTITY),
        Column(name="on_hand", label=_("on hand"), source="on_hand_after", kind=Kind.QUANTITY),
        Column(name="unit_cost", label=_("unit cost"), kind=Kind.MONEY, currency=base_currency),
        Column(name="value", label=_("value"), source="signed_worth", kind=Kind.MONEY, currency=base_currency,
               total=True, fields=("value",)),
        Column(name="value_after", label=_("value after"), kind=Kind.MONEY, currency=base_currency, shown=False),
        Column(name="entry", label=_("entry"), source="entry__number",
               url=lambda move: url_of("ledger:entry", move.entry_id) if move.entry_id else ""),
        Column(name="by", label=_("by"), source="recorded_by", group=True),
        Column(name="product", label=_("name"), source="product__name", shown=False),
        Column(name="recorded_at", label=_("recorded"), kind=Kind.MOMENT, shown=False),
    ),
    empty=Empty(
        icon="building-warehouse",
        title=_("No moves yet"),
        text=_("Each receipt, shipment and return appears here with the balance after it."),
        none_title=_("No move fits"),
        none_text=_("Try fewer words, another reason or a longer time."),
    ),
)  # fmt: skip
