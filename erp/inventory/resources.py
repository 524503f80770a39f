"""Opening stock and goods received from files."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID, uuid5

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.exchange import Column, Day, ImportResource, Item, Number, Text, register
from base.exchange.resources import Key, words_by
from base.refusals import Refused
from erp.inventory import services
from erp.inventory.models import MAIN, Location, Reason, StockMove
from erp.inventory.roles import KEEPERS
from erp.products.models import Product

OPENING = "opening_stock"
RECEIVED = "goods_received"
_NAMES = UUID("c7a1f0b0-3f0e-5a77-9d0d-0a6f4f5e2b11")


class MovesStay(Refused):
    """What moved in the books of stock is not taken back, only corrected."""

    message = gettext_lazy("Stock moves stay; count {sku} and correct the difference.")


class StockResource(ImportResource):
    """Goods that come to lie in a place of ours: once, and for good."""

    model = StockMove
    roles = KEEPERS
    updatable = False
    source: ClassVar[str]

    product = Column(
        gettext_lazy("SKU"), names="productid productnumber itemnumber code itemcode 编码 物料编码 商品编码 货号", required=True,
        sample="CHAI", match=True,
    )  # fmt: skip
    quantity = Column(
        gettext_lazy("Quantity"),
        Number(4),
        names="unitsinstock stock onhand qty received 数量 库存 期初数量 入库数量",
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
        names="date on asof receivedon 日期 入库日期",
        help=gettext_lazy("Today, if left out."),
        sample="2026-01-01",
    )
    location = Column(gettext_lazy("Location"), Text(20), names="warehouse locationid 仓库 库位", sample=MAIN)

    def rows(self) -> QuerySet[StockMove]:
        return StockMove.objects.filter(source_type=self.source).select_related("product", "to_location")

    def prepare(self, items: Sequence[Item]) -> None:
        texts = {text for item in items if isinstance(text := item.values.get("product"), str)}
        self.resolve(items, "product", words_by(Product.objects.filter(sku__in=texts), "sku"))
        places = words_by(Location.objects.all(), "code")
        for item in items:
            item.values.setdefault("location", MAIN)
            if not item.values.get("quantity"):
                item.refuse("quantity", self.nothing)
            elif item.values["quantity"] < 0:
                item.refuse("quantity", gettext_lazy("Stock cannot be below zero."))
        self.resolve(items, "location", places)

    @property
    def nothing(self) -> str:
        """Why a row without a quantity is refused."""
        return _("There is nothing to open with.")

    def current(self, record: Any) -> dict[str, Any]:
        return {**super().current(record), "location": record.to_location}

    def render(self, name: str, value: Any) -> str:
        if name in ("product", "location") and value is not None:
            return str(value.sku if name == "product" else value.code)
        return super().render(name, value)

    def find(self, keys: Any, match_on: Sequence[str]) -> dict[Key, list[Any]]:
        wanted = {_identity(key): key for key in keys}
        moves = self.rows().filter(source_id__in=wanted)
        return {wanted[move.source_id]: [move] for move in moves if move.source_id is not None}

    def create(self, items: Sequence[Item]) -> list[Any]:
        moves = []
        for item in items:
            told, key = item.values, self.key_of(item.values, self.match_on[0])
            assert key is not None, "a row without a key is refused before"
            identity = _identity(key)
            moves.append(
                services.receive(
                    told["product"],
                    told["quantity"],
                    told.get("unit_cost"),
                    told.get("effective_on") or timezone.localdate(),
                    (self.source, identity),
                    location=told["location"].code,
                    reference=told.get("reference", str(self.label)),
                    posting=identity,
                )
            )
        return moves

    def remove(self, record: Any) -> None:
        raise MovesStay(sku=record.product.sku)

    def named(self, record: Any) -> str:
        return str(record.product.sku)


@register
class OpeningStockResource(StockResource):
    """What lay in the warehouse when the books here began, once for each product and place."""

    key = "opening-stock"
    label = gettext_lazy("Opening stock")
    about = gettext_lazy("What lies in the warehouse when you begin, once for each product and place.")
    icon = "building-warehouse"
    match_on = (("product",),)
    source = OPENING

    def key_of(self, values: dict[str, Any], match_on: Sequence[str]) -> Key | None:
        if not values.get("product") or not values.get("location"):
            return None
        return (values["product"].pk, values["location"].pk)


@register
class GoodsReceivedResource(StockResource):
    """Delivery notes: what came, once for each note, product and place."""

    key = "goods-received"
    label = gettext_lazy("Goods received")
    about = gettext_lazy("What suppliers delivered: lines of delivery notes, booked into stock at once.")
    icon = "package-import"
    match_on = (("reference", "product"),)
    has_lookalikes = True
    source = RECEIVED

    reference = Column(
        gettext_lazy("Delivery note"), Text(120), names="deliverynote reference note asn document 送货单号 入库单号 单据号",
        required=True, sample="DN-4711", match=True,
    )  # fmt: skip
    unit_cost = Column(
        gettext_lazy("Unit cost"), Number(6, 0), names="cost unitprice costprice 成本 单位成本 单价", sample=Decimal("9.50"),
        tier="cost", help=gettext_lazy("As last time, if left out."),
    )  # fmt: skip

    @property
    def nothing(self) -> str:
        return _("Nothing came.")

    def key_of(self, values: dict[str, Any], match_on: Sequence[str]) -> Key | None:
        if not values.get("product") or not values.get("location") or not values.get("reference"):
            return None
        return (values["reference"].upper(), values["product"].pk, values["location"].pk)

    def lookalikes(self, items: Sequence[Item]) -> None:
        """Somebody typed the delivery note in already."""
        notes = {item.values["reference"] for item in items}
        by_hand = StockMove.objects.filter(reason=Reason.RECEIPT, reference__in=notes).exclude(source_type=RECEIVED)
        known = set(by_hand.values_list("reference", "product"))
        for item in items:
            told = item.values
            if (told["reference"], told["product"].pk) in known:
                item.outcome = "duplicate"
                item.reasons.append(("reference", _("This product of the delivery note is in stock already.")))


def _identity(key: Key) -> UUID:
    """One move for what the key names, however often it is sent."""
    return uuid5(_NAMES, ":".join(str(part) for part in key))
