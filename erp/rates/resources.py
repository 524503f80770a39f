"""Exchange rates from files."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from base.exchange import Column, Day, ImportResource, Item, Number, Text, register
from base.exchange.resources import Key
from base.refusals import Refused
from erp.ledger.services import base_currency, company
from erp.rates import refusals, services
from erp.rates.models import ISO_CODE, ExchangeRate
from erp.rates.roles import KEEPERS


@register
class ExchangeRateResource(ImportResource):
    """A row, a rate; known again by its currency and day."""

    key = "exchange-rates"
    label = gettext_lazy("Exchange rates")
    about = gettext_lazy("What one unit of a currency is worth in that of the books, day by day.")
    icon = "coins"
    model = ExchangeRate
    roles = KEEPERS
    match_on = (("currency", "day"),)

    currency = Column(
        gettext_lazy("Currency"), Text(3), names="ccy code fromcurrency 币种 货币", required=True, sample="USD", match=True,
    )  # fmt: skip
    day = Column(
        gettext_lazy("Day"), Day(), names="date ratedate validfrom 日期 生效日期", required=True, sample="2026-01-31",
        match=True,
    )  # fmt: skip
    rate = Column(
        gettext_lazy("Exchange rate"), Number(10, 0), names="rate exchangerate value mid closing 汇率 中间价", required=True,
        sample=Decimal("0.92"), help=gettext_lazy("What one unit is worth in the currency of the books."),
    )  # fmt: skip
    source = Column(gettext_lazy("Source"), Text(80), names="publisher provider 来源", sample="ECB")

    def rows(self) -> QuerySet[ExchangeRate]:
        return ExchangeRate.objects.filter(company=company())

    def prepare(self, items: Sequence[Item]) -> None:
        ours = base_currency()
        for item in items:
            told = item.values
            if "currency" in told:
                code = told["currency"] = told["currency"].upper()
                if code == ours:
                    item.refuse("currency", refusals.RateOfOurs(currency=ours))
                elif not ISO_CODE.regex.match(code):  # type: ignore[union-attr]
                    item.refuse("currency", ISO_CODE.message)
            if "rate" in told:
                try:
                    services.checked(told["rate"])
                except Refused as refusal:
                    item.refuse("rate", refusal)

    def key_of(self, values: dict[str, Any], match_on: Sequence[str]) -> Key | None:
        told = values.get("currency"), values.get("day")
        return told if all(told) else None

    def render(self, name: str, value: Any) -> str:
        return services.plain(value) if name == "rate" and value is not None else super().render(name, value)

    def create(self, items: Sequence[Item]) -> list[Any]:
        return [services.set_rate(by=self.user, **item.values) for item in items]

    def update(self, record: Any, changes: dict[str, Any]) -> Any:
        return services.change_rate(record, self.user, **changes)

    def remove(self, record: Any) -> None:
        services.remove_rate(record, self.user)
