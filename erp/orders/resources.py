"""Orders of our own from files."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.exchange import Column, Day, ImportResource, Item, Number, Text, register
from base.exchange.resources import Key, words_by
from erp.orders import services
from erp.orders.drafting import NewLine
from erp.orders.models import Order
from erp.orders.roles import DESK
from erp.parties.models import Party

_NAMES = UUID("52f5c3a7-6f1d-5a9a-9b5e-7d0a3a0d8d41")
_ZERO = Decimal(0)


@register
class OrderResource(ImportResource):
    """Orders that do not come from a deal: rows with the same reference are one order, a draft to be confirmed."""

    key = "orders"
    label = gettext_lazy("Orders")
    about = gettext_lazy(
        "Orders that come from no deal. Rows with the same reference are one order, a draft to confirm."
    )
    icon = "clipboard-list"
    model = Order
    roles = DESK
    match_on = (("reference",),)
    document = "reference"
    updatable = False
    parts = ("lines",)

    reference = Column(
        gettext_lazy("Reference"),
        Text(80),
        names="orderid ordernumber order number po ponumber 订单号 订单编号",
        required=True,
        sample="PO-4711",
        match=True,
    )
    party = Column(
        gettext_lazy("Customer"), names="customerid customercode customername company 客户 客户编号 客户名称", required=True, sample="C00001",
        help=gettext_lazy("Code, reference or name of a customer that is here."),
    )  # fmt: skip
    ordered_on = Column(
        gettext_lazy("Ordered on"),
        Day(),
        names="orderdate date 订单日期 日期",
        help=gettext_lazy("Today, if left out."),
        sample="2026-03-01",
    )
    requested_on = Column(
        gettext_lazy("Wanted by"), Day(), names="requireddate deliverydate 要求日期 交货日期", sample="2026-03-15"
    )
    freight = Column(gettext_lazy("Freight"), Number(2, 0), names="shipping 运费", tier="price")
    note = Column(gettext_lazy("Note"), Text(2000, lines=True), names="remark comment 备注")
    sku = Column(
        gettext_lazy("SKU"),
        Text(40),
        names="productid product item itemcode 编码 商品编码 货号",
        required=True,
        sample="CHAI",
        line=True,
    )
    quantity = Column(gettext_lazy("Quantity"), Number(4), names="qty 数量", required=True, sample=12, line=True)
    unit_price = Column(
        gettext_lazy("Unit price"),
        Number(6, 0),
        names="price 单价",
        help=gettext_lazy("The list price of the day, if left out."),
        line=True,
        tier="price",
    )
    discount = Column(
        gettext_lazy("Discount"),
        Number(6, 0, 1),
        names="rebate 折扣",
        help=gettext_lazy("As a fraction: 0.05 is five per cent."),
        line=True,
        tier="price",
    )

    def rows(self) -> QuerySet[Order]:
        return Order.objects.select_related("party").prefetch_related("lines")

    def prepare(self, items: Sequence[Item]) -> None:
        texts = {text for item in items if isinstance(text := item.values.get("party"), str)}
        named = Q(code__in=texts) | Q(external_ref__in=texts) | Q(name__in=texts)
        self.resolve(items, "party", words_by(Party.objects.customers().filter(named), "code", "external_ref", "name"))

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        there = [(line.sku, line.quantity) for line in record.lines.all()]
        if there != [(line["sku"], line["quantity"]) for line in item.lines]:
            item.refuse("reference", _("It is here already with other lines."))
        now = self.current(record)
        told = {name: value for name, value in item.values.items() if name != "reference"}
        return {name: value for name, value in told.items() if now.get(name) != value}

    def render(self, name: str, value: Any) -> str:
        return value.code if name == "party" and value is not None else super().render(name, value)

    def find(self, keys: Any, match_on: Sequence[str]) -> dict[Key, list[Any]]:
        wanted = {_identity(key[0]): key for key in keys}
        return {wanted[order.pk]: [order] for order in self.rows().filter(pk__in=wanted)}

    def create(self, items: Sequence[Item]) -> list[Any]:
        return [self._draft(item) for item in items]

    def _draft(self, item: Item) -> Order:
        told = item.values
        return services.create_order(
            told["party"],
            [
                NewLine(line["sku"], line["quantity"], line.get("unit_price"), line.get("discount", _ZERO))
                for line in item.lines
            ],
            ordered_on=told.get("ordered_on") or timezone.localdate(),
            requested_on=told.get("requested_on"),
            freight=told.get("freight", _ZERO),
            note=told.get("note", ""),
            id=_identity(told["reference"]),
        )

    def remove(self, record: Any) -> None:
        services.cancel(record, _("The import was undone."))

    def named(self, record: Any) -> str:
        return str(record.number)


def _identity(reference: str) -> UUID:
    """The same reference is the same order."""
    return uuid5(_NAMES, reference)
