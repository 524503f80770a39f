"""Payment terms from files."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.exchange import Column, ImportResource, Item, Number, Text, Whole, YesNo, register
from erp.ledger.services import company
from erp.terms import services
from erp.terms.models import PaymentTerms
from erp.terms.roles import KEEPERS
from erp.terms.schedule import Step

LINE = ("share", "days", "month_end", "day_of_month")


@register
class PaymentTermsResource(ImportResource):
    """Rows with the same code are one: a row, a line."""

    key = "payment-terms"
    label = gettext_lazy("Payment terms")
    about = gettext_lazy("When customers and suppliers pay. Rows with the same code are the instalments of one.")
    icon = "calendar-due"
    model = PaymentTerms
    roles = KEEPERS
    match_on = (("code",),)
    document = "code"
    updatable = False
    parts = ("lines",)

    code = Column(
        gettext_lazy("Code"), Text(20), names="terms termscode paymentterms 付款条件 付款条件编码", required=True, sample="HALF",
        match=True,
    )  # fmt: skip
    name = Column(
        gettext_lazy("Name"),
        Text(120),
        names="description title 名称",
        required=True,
        sample="Half at once, half in 30 days",
    )
    name_zh = Column(
        gettext_lazy("Name in Chinese"), Text(120), names="namezh chinese 中文名称 中文", sample="首付一半"
    )
    share = Column(
        gettext_lazy("Share, %"), Number(4, 0, 100), names="percent percentage 比例 百分比", line=True, sample=Decimal(50),
        help=gettext_lazy("Empty in the last row: the rest."),
    )  # fmt: skip
    days = Column(gettext_lazy("Days"), Whole(0, 365), names="netdays 天数", line=True, sample=30)
    month_end = Column(
        gettext_lazy("From the end of the month"), YesNo(), names="eom endofmonth 月末 月结", line=True, sample="no"
    )
    day_of_month = Column(gettext_lazy("Put off to the day"), Whole(1, 31), names="dayofmonth 每月日", line=True)

    def rows(self) -> QuerySet[PaymentTerms]:
        return PaymentTerms.objects.with_lines().filter(company=company())

    def prepare(self, items: Sequence[Item]) -> None:
        for item in items:
            if isinstance(item.values.get("code"), str):
                item.values["code"] = item.values["code"].upper()

    def current(self, record: Any) -> dict[str, Any]:
        return {name: getattr(record, name) for name in ("code", "name", "name_zh")}

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        if record.steps != [_step(line) for line in item.lines]:
            item.refuse("code", _("It is here already with other lines."))
        return super().changes(item, record)

    def create(self, items: Sequence[Item]) -> list[Any]:
        return [
            services.write_terms(**item.values, lines=[_step(line) for line in item.lines], by=self.user)
            for item in items
        ]

    def remove(self, record: Any) -> None:
        services.remove_terms(record, self.user)


def _step(told: dict[str, Any]) -> Step:
    given = {name: told[name] for name in LINE if told.get(name) is not None}
    return Step(**given)
