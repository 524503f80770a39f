"""Deals from files."""

import difflib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.exchange import Column, Day, ImportResource, Item, Number, Person, Text, register
from base.exchange.resources import Key, words_by
from base.refusals import BadInput
from crm.accounts.resources import account_column, accounts_called
from crm.catalogue.models import Product
from crm.pipeline import services
from crm.pipeline.models import WRITERS, Deal, DealStatus, Stage
from crm.pipeline.services import NewLine

_NAMES = UUID("0d9f4e55-1c1e-5d7e-8a51-60cbb1d4a6a1")
_STEPS = ("title", "owner", "ordered_on", "requested_on", "next_step", "next_step_on")
_WON = ("won", "closed won", "赢单", "已赢单", "成交")
_LOST = ("lost", "closed lost", "输单", "丢单", "已输单")


@register
class DealResource(ImportResource):
    """Deals that are open or were lost; rows with the same reference are one deal with several lines."""

    key = "deals"
    label = gettext_lazy("Deals")
    about = gettext_lazy("Open and lost deals. Rows with the same reference are one deal with several lines.")
    icon = "layout-kanban"
    model = Deal
    roles = WRITERS
    match_on = (("reference",),)
    document = "reference"
    parts = ("lines",)

    reference = Column(
        gettext_lazy("Reference"),
        Text(80),
        names="id opportunityid opportunity dealid dealnumber 商机编号 编号",
        required=True,
        sample="OP-4711",
        match=True,
    )
    account = account_column()
    title = Column(
        gettext_lazy("Title"), names="name subject opportunityname 商机名称 主题", sample="Tea for the canteen"
    )
    stage = Column(
        gettext_lazy("Stage"),
        names="dealstage status 阶段 销售阶段",
        help=gettext_lazy("A stage of the board, or “lost”."),
        sample="",
    )
    owner = Column(gettext_lazy("Owner"), Person(), names="salesagent salesperson rep 负责人 业务员 销售员")
    ordered_on = Column(
        gettext_lazy("Ordered on"),
        Day(),
        names="orderdate 下单日期",
        help=gettext_lazy("The day whose price list counts."),
    )
    requested_on = Column(gettext_lazy("Wanted by"), Day(), names="requireddate 要求日期 交货日期", sample="2026-05-01")
    next_step = Column(gettext_lazy("Next step"), names="todo 下一步 跟进内容", sample="Call Maria")
    next_step_on = Column(
        gettext_lazy("Next step on"), Day(), names="nextstepdate duedate 下一步日期 跟进日期", sample="2026-04-02"
    )
    close_reason = Column(
        gettext_lazy("Why lost"), names="lossreason lostreason 输单原因", help=gettext_lazy("For lost deals.")
    )
    sku = Column(
        gettext_lazy("Product"),
        Text(100),
        names="sku productid productname item 产品 商品 编码",
        help=gettext_lazy("SKU or name of a product of the catalogue."),
        sample="CHAI",
        line=True,
    )
    quantity = Column(
        gettext_lazy("Quantity"),
        Number(4),
        names="qty 数量",
        help=gettext_lazy("One, if left out."),
        sample=12,
        line=True,
    )
    unit_price = Column(
        gettext_lazy("Unit price"),
        Number(6, 0),
        names="price value amount closevalue dealvalue 单价 金额",
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

    def rows(self) -> QuerySet[Deal]:
        return Deal.objects.visible_to(self.user).select_related("account", "owner", "stage").prefetch_related("lines")

    def prepare(self, items: Sequence[Item]) -> None:
        self.resolve(items, "account", accounts_called(items, self.user))
        stages = words_by(Stage.objects.all(), "name")
        for item in items:
            self._stage(item, stages)
        self._products(items)

    def _stage(self, item: Item, stages: dict[str, list[Stage]]) -> None:
        told = item.values.get("stage")
        if not isinstance(told, str):
            return
        word = told.casefold()
        if word in stages:
            item.values["stage"] = stages[word][0]
        elif word in _LOST:
            item.values["stage"] = DealStatus.LOST
        elif word in _WON:
            item.refuse(
                "stage", _("Winning a deal is a promise to the customer, and the ERP delivers it: win it on its page.")
            )
        else:
            allowed = ", ".join(str(found[0]) for found in stages.values())
            item.refuse(
                "stage", _("“{text}” is no stage here; these are: {allowed}.").format(text=told, allowed=allowed)
            )

    def _products(self, items: Sequence[Item]) -> None:
        """Names become SKUs; what the catalogue does not know is said, with the nearest that it knows."""
        products = list(Product.objects.all()) if any(line.get("sku") for item in items for line in item.lines) else []
        by_word = {word.casefold(): one for one in products for word in (one.name, one.sku)}
        for item in items:
            item.lines = [
                line for line in item.lines if line.get("sku") or set(line) - {"unit_price"} or line.get("unit_price")
            ]
            for line in item.lines:
                told = line.get("sku", "")
                if told.casefold() in by_word:
                    line["sku"] = by_word[told.casefold()].sku
                    continue
                near = difflib.get_close_matches(told.casefold(), by_word, 1, 0.7)
                text = (
                    _("“{text}” is not in the catalogue; is it “{near}”?")
                    if near
                    else _("“{text}” is not in the catalogue.")
                )
                item.refuse("sku", text.format(text=told, near=by_word[near[0]].name if near else ""))

    def current(self, record: Any) -> dict[str, Any]:
        stage = DealStatus.LOST if record.status == DealStatus.LOST else record.stage
        return {**super().current(record), "reference": None, "stage": stage}

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        there = [(line.sku, line.quantity) for line in record.lines.all()]
        if item.lines and there != [(line["sku"], line.get("quantity", 1)) for line in item.lines]:
            item.refuse("reference", _("It is here already with other lines; change them on its page."))
        now = self.current(record)
        told = {name: value for name, value in item.values.items() if name != "reference"}
        return {name: value for name, value in told.items() if now.get(name) != value}

    def render(self, name: str, value: Any) -> str:
        if name in ("account", "stage") and value is not None:
            return str(getattr(value, "name", None) or DealStatus(value).label)
        return super().render(name, value)

    def may_change(self, record: Any) -> bool:
        return bool(record.writable_by(self.user))

    def find(self, keys: Any, match_on: Sequence[str]) -> dict[Key, list[Any]]:
        wanted = {uuid5(_NAMES, key[0]): key for key in keys}
        return {wanted[deal.pk]: [deal] for deal in self.rows().filter(pk__in=wanted)}

    def create(self, items: Sequence[Item]) -> list[Any]:
        return [self._open(item) for item in items]

    def _open(self, item: Item) -> Deal:
        told = item.values
        stage = told.get("stage")
        lines = [
            NewLine(
                line["sku"], line.get("quantity", Decimal(1)), line.get("discount", Decimal(0)), line.get("unit_price")
            )
            for line in item.lines
        ]
        deal = services.create_deal(
            told["account"],
            by=self.user,
            lines=lines,
            stage=stage if isinstance(stage, Stage) else None,
            id=uuid5(_NAMES, told["reference"]),
            **{name: told[name] for name in _STEPS if name in told},
        )
        return services.lose(deal, self._why(told)) if stage == DealStatus.LOST else deal

    def _why(self, told: dict[str, Any]) -> str:
        return told.get("close_reason") or _("Lost before it came here")

    def update(self, record: Any, changes: dict[str, Any]) -> Any:
        if "account" in changes:
            raise BadInput(why=_("A deal stays with its account."), field="account")
        steps = {name: changes[name] for name in _STEPS if name in changes}
        if steps:
            record = services.change_deal(record, **steps)
        stage = changes.get("stage")
        if stage == DealStatus.LOST:
            return services.lose(record, self._why(changes))
        return services.move(record, stage) if isinstance(stage, Stage) else record

    def remove(self, record: Any) -> None:
        services.remove_deal(record)
