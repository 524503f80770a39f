"""What a shop sold, line by line, from its file into the books; what customers paid comes by `incoming`."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.exchange import Column, Day, ImportResource, Item, Number, Text, register
from base.exchange.resources import Key
from base.money import round_money
from erp.invoices.incoming import ReceiptResource
from erp.ledger import services as ledger
from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import Line, Posting
from erp.ledger.sets import post_set
from erp.tax.services import rate, tag, tax_on

__all__ = ["ReceiptResource", "ShopSaleResource"]
SOURCE = "shop_sale"
_NAMES = UUID("0d4f4b0e-8f2c-5a57-9d0f-3a5f5d6a7c11")
_KEY = ("document", "sku", "quantity", "price", "date")
# What shops write where no goods are meant, and where it belongs.
NOT_GOODS = {
    "POST": "freight_income",
    "DOT": "freight_income",
    "C2": "freight_income",
    "BANK CHARGES": "bank_charges",
    "AMAZONFEE": "bank_charges",
}
CREDIT = "C"


class _DayOf(Day):
    """A day; the time of the day, if there is one, is left out."""

    def clean(self, value: Any, row: Any = None, **_options: Any) -> Any:
        return super().clean(
            re.sub(r"[T ]\d{1,2}:\d\d(:\d\d(\.\d+)?)?$", "", value) if isinstance(value, str) else value
        )


@register
class ShopSaleResource(ImportResource):
    """Lines of a shop's own documents: each is posted once, turnover and tax against what the shop still has to hand over.

    The documents stay the shop's: they get no number of ours and are no open items here.
    """

    key = "shop-sales"
    label = gettext_lazy("Sales of a shop")
    about = gettext_lazy(
        "Lines of the invoices and credit notes that a shop or a till issued by itself. Each is posted to the books, net of "
        "tax; documents whose number begins with C take back."
    )
    icon = "shopping-cart"
    model = JournalEntry
    roles = ("accountant", "admin")
    match_on = (("document", "sku"),)
    parts = ("lines",)
    updatable = False

    document = Column(
        gettext_lazy("Document"), Text(40), names="invoiceno invoice receipt 单据号", required=True, sample="536365",
        match=True,
    )  # fmt: skip
    sku = Column(
        gettext_lazy("Item"), Text(40), names="stockcode code article 货号", required=True, sample="85123A", match=True
    )
    description = Column(gettext_lazy("Description"), Text(120), names="text name 名称", sample="White lantern")
    quantity = Column(gettext_lazy("Quantity"), Number(3), names="qty pieces 数量", required=True, sample=Decimal(6))
    date = Column(gettext_lazy("Date"), _DayOf(), names="invoicedate day 日期", required=True, sample="2026-01-05")
    price = Column(
        gettext_lazy("Unit price"), Number(4), names="unitprice netprice 单价", required=True, sample=Decimal("2.55")
    )  # fmt: skip
    customer = Column(gettext_lazy("Customer"), Text(40), names="customerid buyer 客户", sample="17850")
    tax_class = Column(
        gettext_lazy("Tax class"), Text(20), names="taxclass tax 税类",
        help=gettext_lazy("“standard”, if left out."), sample="standard",
    )  # fmt: skip
    account = Column(
        gettext_lazy("Against"), Text(20), names="contra paidto 对方科目",
        help=gettext_lazy("Code of the account that the shop's money is awaited on; 1250, if left out."), sample="1250",
    )  # fmt: skip

    def rows(self) -> QuerySet[JournalEntry]:
        return JournalEntry.objects.filter(company=ledger.company(), source_type=SOURCE, reverses=None).select_related(
            "reversed_by"
        )

    def prepare(self, items: Sequence[Item]) -> None:
        """What is no sale is refused, line by line, and says why."""
        known = Account.objects.filter(company=ledger.company(), control=False, is_group=False, active=True)
        codes = set(known.values_list("code", flat=True))
        for item in items:
            told = item.values
            told.setdefault("account", "1250")
            told.setdefault("tax_class", "standard")
            takes_back = told["document"].upper().startswith(CREDIT)
            if not told["price"]:
                item.refuse("price", _("It is zero: nothing was sold."))
            elif told["price"] < 0:
                item.refuse("price", _("It is below zero: an adjustment, not a sale."))
            elif not told["quantity"]:
                item.refuse("quantity", _("It is zero: nothing was sold."))
            elif (told["quantity"] < 0) != takes_back:
                if takes_back:
                    item.refuse("document", _("A credit note sells nothing."))
                else:
                    item.refuse("quantity", _("Goods come back without a credit note."))
            elif told["account"] not in codes:
                item.refuse("account", _("“{text}” is not known here.").format(text=told["account"]))
            elif not round_money(abs(told["quantity"]) * told["price"], ledger.base_currency()):
                item.refuse("price", _("The line comes to nothing."))

    def current(self, record: Any) -> dict[str, Any]:
        return {}

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        if record.reversal:
            item.refuse("document", _("It was taken back by {number}.").format(number=record.reversal))
        return {}  # whatever tells two lines apart is part of their key

    def key_of(self, values: dict[str, Any], match_on: Sequence[str]) -> Key | None:
        """An item may stand in a document more than once: quantity, price and day tell such lines apart."""
        key = tuple(values.get(name) for name in _KEY)
        return None if None in key or "" in key else key

    def find(self, keys: Any, match_on: Sequence[str]) -> dict[Key, list[Any]]:
        wanted = {_key(*key): key for key in keys}
        return {wanted[entry.key]: [entry] for entry in self.rows().filter(key__in=wanted)}

    def create(self, items: Sequence[Item]) -> list[Any]:
        outcomes = post_set([_posting(item.values) for item in items])
        for one in outcomes:
            if one.refusal:
                raise one.refusal
        found = JournalEntry.objects.in_bulk([one.entry for one in outcomes])
        return [found[one.entry] for one in outcomes]

    def remove(self, record: Any) -> None:
        ledger.reverse(record, record.date, _("Import taken back"))

    def named(self, record: Any) -> str:
        return f"{record.number} {record.text}"


def _key(document: str, sku: str, quantity: Decimal, price: Decimal, day: Any) -> str:
    """By what a line is known again.

    >>> _key("C536", "85123A", Decimal("-6.000"), Decimal("2.5500"), "2010-12-01")
    'shop:C536:85123A:-6:2.55:2010-12-01'
    """
    return f"shop:{document}:{sku}:{quantity.normalize():f}:{price.normalize():f}:{day}"


def _posting(told: dict[str, Any]) -> Posting:
    company = ledger.company()
    net = round_money(abs(told["quantity"]) * told["price"], company.base_currency)
    fraction = rate(told["tax_class"], told["date"], company.jurisdiction)
    tax = tax_on(net, fraction, company.base_currency)
    takes_back = told["quantity"] < 0
    role = NOT_GOODS.get(told["sku"].upper()) or ("sales_returns" if takes_back else "sales")
    code = tag(told["tax_class"], fraction)
    sides = [(told["account"], net + tax, True, None), (role, net, False, code)]
    if tax:
        sides.append(("vat_output", tax, False, code))
    lines = [
        Line(account, debit=amount, tax_code=code)
        if debit != takes_back
        else Line(account, credit=amount, tax_code=code)
        for account, amount, debit, code in sides
    ]
    key = _key(*(told[name] for name in _KEY))
    words = (told["document"], told["sku"], told.get("description", ""), told.get("customer", ""))
    return Posting(
        journal="sales",
        date=told["date"],
        text=" · ".join(word for word in words if word),
        key=key,
        lines=lines,
        source=(SOURCE, uuid5(_NAMES, key)),
        company=company,
    )
