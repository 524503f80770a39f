"""Deals from files: open ones, and the history of those that were won or lost."""

from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID, uuid5

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.exchange import Column, Day, Item, Number, Person, Text, register
from base.exchange.resources import Key, nearest, words_by
from base.refusals import BadInput
from crm.accounts.resources import account_column, accounts_called
from crm.accounts.tag_files import TaggedResource, tags_column
from crm.catalogue.models import Product
from crm.pipeline import services, taking_over
from crm.pipeline.models import WRITERS, Deal, DealLine, DealStatus, Stage
from crm.pipeline.pricing import NewLine

_NAMES = UUID("0d9f4e55-1c1e-5d7e-8a51-60cbb1d4a6a1")
_STEPS = ("title", "owner", "started_on", "ordered_on", "requested_on", "next_step", "next_step_on",
          "tags", "custom")  # fmt: skip
_WON = ("won", "closed won", "赢单", "已赢单", "成交")
_LOST = ("lost", "closed lost", "输单", "丢单", "已输单")


@register
class DealResource(TaggedResource):
    """Open deals, and closed ones as history; rows with the same reference are one deal with several lines."""

    custom_of = "deal"

    key = "deals"
    label = gettext_lazy("Deals")
    about = gettext_lazy(
        "Open deals, and won and lost ones as history that the ERP is not told of. Rows with the same reference are one "
        "deal with several lines."
    )
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
        help=gettext_lazy("A stage of the board, or “won” or “lost”."),
        sample="",
    )
    owner = Column(gettext_lazy("Owner"), Person(), names="salesagent salesperson rep 负责人 业务员 销售员")
    started_on = Column(
        gettext_lazy("First talk on"),
        Day(),
        names="engagedate startdate opened createddate createdat 开始日期 创建日期",
    )
    closed_on = Column(
        gettext_lazy("Closed on"),
        Day(),
        names="closedate closed closingdate 关闭日期 成交日期",
        help=gettext_lazy("When it was won or lost."),
    )
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
    tags = tags_column()
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

    @cached_property
    def _stages(self) -> list[Stage]:
        return list(Stage.objects.select_related("pipeline").order_by("pipeline__position", "position"))

    @cached_property
    def _catalogue(self) -> dict[str, Product]:
        """Products under their names and SKUs."""
        return {word.casefold(): one for one in Product.objects.all() for word in (one.name, one.sku)}

    def prepare(self, items: Sequence[Item]) -> None:
        self.spell(items)
        self.resolve(items, "account", accounts_called(items, self.user))
        stages = words_by(self._stages, "name")
        for item in items:
            self._stage(item, stages)
            self._closing(item)
            self._products(item)

    def _stage(self, item: Item, stages: dict[str, list[Stage]]) -> None:
        told = item.values.get("stage")
        if not isinstance(told, str) or isinstance(told, DealStatus):
            return
        word = told.casefold()
        if word in stages:
            item.values["stage"] = stages[word][0]
        elif word in _LOST:
            item.values["stage"] = DealStatus.LOST
        elif word in _WON:
            item.values["stage"] = DealStatus.WON
        else:
            near = nearest(told, stages)
            item.wonder("stage", told, str(stages[near][0]) if near else "")
            allowed = ", ".join(str(found[0]) for found in stages.values())
            item.refuse(
                "stage", _("“{text}” is no stage here; these are: {allowed}.").format(text=told, allowed=allowed)
            )

    def _closing(self, item: Item) -> None:
        """A closed deal was closed on some day that has been; an open one has no such day yet."""
        told, day, began = item.values.get("stage"), item.values.get("closed_on"), item.values.get("started_on")
        if told not in (DealStatus.WON, DealStatus.LOST):
            if day is not None:
                del item.values["closed_on"]
                item.note("closed_on", _("Left out, for the deal is open."))
        elif day is None and told == DealStatus.WON:
            item.refuse("closed_on", _("When was it won?"))
        elif day is not None and day > timezone.localdate():
            item.refuse("closed_on", _("This day is still to come."))
        elif day is not None and began is not None and began > day:
            item.refuse("closed_on", _("It was closed before it began."))

    def _products(self, item: Item) -> None:
        """Names become SKUs; what the catalogue does not know is said, with the nearest that it knows."""
        item.lines = [
            line for line in item.lines if line.get("sku") or set(line) - {"unit_price"} or line.get("unit_price")
        ]
        for line in item.lines:
            told = line.get("sku", "")
            if product := self._catalogue.get(told.casefold()):
                line["sku"] = product.sku
                self._price(item, line.get("unit_price"))
                continue
            near = self._near(told)
            item.wonder("sku", told, near)
            text = (
                _("“{text}” is not in the catalogue; is it “{near}”?")
                if near
                else _("“{text}” is not in the catalogue.")
            )
            item.refuse("sku", text.format(text=told, near=near))

    def _price(self, item: Item, price: Decimal | None) -> None:
        """Say how a price that is left out, or nothing, is understood."""
        if price is None:
            item.note("unit_price", _("Empty, the list price of the day is taken."))
        elif not price:
            lost = item.values.get("stage") == DealStatus.LOST
            item.note("unit_price", _("0 for a lost deal, kept as it is.") if lost else _("0, kept as it is."))

    def _near(self, told: str) -> str:
        if told not in self._slips:
            near = nearest(told, self._catalogue)
            self._slips[told] = self._catalogue[near].name if near else ""
        return self._slips[told]

    @cached_property
    def _slips(self) -> dict[str, str]:
        return {}

    def current(self, record: Any) -> dict[str, Any]:
        is_open = record.status == DealStatus.OPEN
        stage = record.stage if is_open else DealStatus(record.status)
        closed_on = timezone.localdate(record.closed_at) if record.closed_at and not is_open else None
        return {**super().current(record), "reference": None, "stage": stage, "closed_on": closed_on}

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        if item.lines and not _same(item.lines, list(record.lines.all())):
            item.refuse("reference", _("It is here already with other lines; change them on its page."))
        self._refuse_moves(item, record)
        now = self.current(record)
        told = {name: value for name, value in item.values.items() if name != "reference"}
        return {name: value for name, value in told.items() if now.get(name) != value}

    def _refuse_moves(self, item: Item, record: Any) -> None:
        """A deal that is here is closed here: a win is a promise, and a closed deal stays."""
        told = item.values.get("stage")
        if told is None or record.status == told:
            return
        if record.status != DealStatus.OPEN:
            item.refuse(
                "stage",
                _("It is {state} here; an import does not change that.").format(state=record.get_status_display()),
            )
        elif told == DealStatus.WON:
            item.refuse(
                "stage", _("Winning a deal is a promise to the customer, and the ERP delivers it: win it on its page.")
            )

    def render(self, name: str, value: Any) -> str:
        if isinstance(value, str) and value in DealStatus and name == "stage":
            return str(DealStatus(value).label)
        if name in ("account", "stage") and value is not None:
            return str(value.name)
        return super().render(name, value)

    def may_change(self, record: Any) -> bool:
        return bool(record.writable_by(self.user))

    def find(self, keys: Any, match_on: Sequence[str]) -> dict[Key, list[Any]]:
        wanted = {uuid5(_NAMES, key[0]): key for key in keys}
        return {wanted[deal.pk]: [deal] for deal in self.rows().filter(pk__in=wanted)}

    def create(self, items: Sequence[Item]) -> list[Any]:
        return taking_over.take_over([self._found(item) for item in items])

    def _found(self, item: Item) -> taking_over.FoundDeal:
        told = self.folded(item.values)
        stage = told.get("stage")
        closed = stage in (DealStatus.WON, DealStatus.LOST)
        lines = [
            NewLine(
                line["sku"], line.get("quantity", Decimal(1)), line.get("discount", Decimal(0)), line.get("unit_price")
            )
            for line in item.lines
        ]
        first, last = (
            self._stages[0],
            [one for one in self._stages if one.pipeline_id == self._stages[0].pipeline_id][-1],
        )
        return taking_over.FoundDeal(
            id=uuid5(_NAMES, told["reference"]),
            account=told["account"],
            owner=told.get("owner", self.user),
            stage=stage if isinstance(stage, Stage) else last if stage == DealStatus.WON else first,
            status=str(stage) if closed else DealStatus.OPEN,
            closed_on=told.get("closed_on") or timezone.localdate() if closed else None,
            close_reason=self._why(told) if stage == DealStatus.LOST else "",
            lines=lines,
            told={name: told[name] for name in _STEPS if name in told and name != "owner"},
        )

    def _why(self, told: dict[str, Any]) -> str:
        return told.get("close_reason") or _("Lost before it came here")

    def update(self, record: Any, changes: dict[str, Any]) -> Any:
        if "account" in changes:
            raise BadInput(why=_("A deal stays with its account."), field="account")
        folded = self.folded(changes)
        steps = {name: folded[name] for name in _STEPS if name in folded}
        if steps:
            record = services.change_deal(record, **steps)
        stage = changes.get("stage")
        if stage == DealStatus.LOST:
            return services.lose(record, self._why(changes))
        return services.move(record, stage) if isinstance(stage, Stage) else record

    def remove(self, record: Any) -> None:
        taking_over.take_back(record)


def _same(told: Sequence[dict[str, Any]], there: Sequence[DealLine]) -> bool:
    """Do the rows say the lines that are there? A price that is left out is whatever it is."""
    return len(told) == len(there) and all(
        (line.sku, line.quantity, line.unit_price)
        == (row["sku"], row.get("quantity", 1), row.get("unit_price", line.unit_price))
        for row, line in zip(told, there, strict=True)
    )
