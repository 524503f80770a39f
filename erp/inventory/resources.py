"""Opening stock from files."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from base.exchange import Column, Day, ImportResource, Item, Number, Text, register
from base.exchange.resources import Key, words_by
from base.refusals import Refused
from erp.inventory import services
from erp.inventory.models import MAIN, Location, StockMove
from erp.inventory.roles import KEEPERS
from erp.products.models import Product

OPENING = "opening_stock"
_NAMES = UUID("c7a1f0b0-3f0e-5a77-9d0d-0a6f4f5e2b11")


class MovesStay(Refused):
    """What moved in the books of stock is not taken back, only corrected."""

    message = gettext_lazy("Stock moves stay; count {sku} and correct the difference.")


@register
class OpeningStockResource(ImportResource):
    """What lay in the warehouse when the books here began, once for each product and place."""

    key = "opening-stock"
    label = gettext_lazy("Opening stock")
    about = gettext_lazy("What lies in the warehouse when you begin, once for each product and place.")
    icon = "building-warehouse"
    model = StockMove
    roles = KEEPERS
    match_on = (("product",),)
    updatable = False

    product = Column(
        gettext_lazy("SKU"), names="productid productnumber itemnumber code itemcode 编码 物料编码 商品编码 货号", required=True,
        sample="CHAI", match=True,
    )  # fmt: skip
    quantity = Column(
        gettext_lazy("Quantity"),
        Number(4),
        names="unitsinstock stock onhand qty 数量 库存 期初数量",
        required=True,
        sample=39,
    )
    unit_cost = Column(
        gettext_lazy("Unit cost"), Number(6, 0), names="cost standardcost unitprice costprice 成本 单位成本", required=True,
        sample=Decimal("9.50"), tier="cost",
    )  # fmt: skip
    effective_on = Column(
        gettext_lazy("Effective"),
        Day(),
        names="date on asof 日期",
        help=gettext_lazy("Today, if left out."),
        sample="2026-01-01",
    )
    location = Column(gettext_lazy("Location"), Text(20), names="warehouse locationid 仓库 库位", sample=MAIN)

    def rows(self) -> QuerySet[StockMove]:
        return StockMove.objects.filter(source_type=OPENING).select_related("product", "to_location")

    def prepare(self, items: Sequence[Item]) -> None:
        texts = {text for item in items if isinstance(text := item.values.get("product"), str)}
        self.resolve(items, "product", words_by(Product.objects.filter(sku__in=texts), "sku"))
        places = words_by(Location.objects.all(), "code")
        for item in items:
            item.values.setdefault("location", MAIN)
            if not item.values.get("quantity"):
                item.refuse("quantity", gettext_lazy("There is nothing to open with."))
            elif item.values["quantity"] < 0:
                item.refuse("quantity", gettext_lazy("Stock cannot be below zero."))
        self.resolve(items, "location", places)

    def current(self, record: Any) -> dict[str, Any]:
        return {**super().current(record), "location": record.to_location}

    def render(self, name: str, value: Any) -> str:
        if name in ("product", "location") and value is not None:
            return str(value.sku if name == "product" else value.code)
        return super().render(name, value)

    def key_of(self, values: dict[str, Any], match_on: Sequence[str]) -> Key | None:
        if not values.get("product") or not values.get("location"):
            return None
        return (values["product"].pk, values["location"].pk)

    def find(self, keys: Any, match_on: Sequence[str]) -> dict[Key, list[Any]]:
        wanted = {_identity(key): key for key in keys}
        moves = self.rows().filter(source_id__in=wanted)
        return {wanted[move.source_id]: [move] for move in moves if move.source_id is not None}

    def create(self, items: Sequence[Item]) -> list[Any]:
        moves = []
        for item in items:
            told = item.values
            identity = _identity((told["product"].pk, told["location"].pk))
            moves.append(
                services.receive(
                    told["product"],
                    told["quantity"],
                    told.get("unit_cost"),
                    told.get("effective_on") or timezone.localdate(),
                    (OPENING, identity),
                    location=told["location"].code,
                    reference=str(self.label),
                    posting=identity,
                )
            )
        return moves

    def remove(self, record: Any) -> None:
        raise MovesStay(sku=record.product.sku)

    def named(self, record: Any) -> str:
        return str(record.product.sku)


def _identity(key: Key) -> UUID:
    """One opening for each product and place, however often it is sent."""
    return uuid5(_NAMES, ":".join(str(part) for part in key))
