"""Bills of suppliers and what was paid of them, from files."""

from collections.abc import Sequence
from datetime import date as CalendarDay
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Upper
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.exchange import Column, Day, ImportResource, Item, Number, Text, YesNo, register
from base.exchange.resources import Key, words_by
from erp.banking.importing import MoneyResource, called, keep_currency
from erp.banking.models import Receipt, ReceiptKind
from erp.bills import refusals, services
from erp.bills.models import Bill, BillStatus
from erp.bills.roles import WRITERS
from erp.bills.services import NewLine
from erp.ledger.dimensions import KINDS
from erp.ledger.models import Account
from erp.ledger.resources import refuse_unknown
from erp.ledger.services import company
from erp.openings import services as openings
from erp.openings.models import OpeningItem
from erp.parties.models import Party
from erp.rates.services import is_known
from erp.tax.models import TaxClass, Treatment
from erp.tax.services import RateUnknown, rate, treatment

HEAD = ("date", "due", "inclusive", "note", "currency")


@register
class BillResource(ImportResource):
    """Rows with one number of one supplier are one bill: a draft, which people post."""

    key = "bills"
    label = gettext_lazy("Bills")
    about = gettext_lazy(
        "What suppliers ask of you. Rows with one number of one supplier are one bill. It becomes a draft; posting stays "
        "with people."
    )
    icon = "file-import"
    model = Bill
    roles = WRITERS
    match_on = (("number",),)
    document = "number"
    document_of = ("party",)
    updatable = False
    parts = ("lines",)
    said_once = ("party", "account", "tax_class", "inclusive")

    party = Column(
        gettext_lazy("Supplier"), names="suppliername suppliercode vendor vendorname creditor taxid vatid 供应商 供应商名称 "
        "供应商编号 销售方 销售方名称 销售方税号", required=True, sample="S00001",
        help=gettext_lazy("By code, tax id, reference or name."),
    )  # fmt: skip
    number = Column(
        gettext_lazy("Supplier's number"), Text(60),
        names="invoice invoiceno invoicenumber bill billnumber document documentnumber 发票号码 发票号 单据号 账单号",
        required=True, sample="R-2026-117", match=True,
    )  # fmt: skip
    date = Column(
        gettext_lazy("Date"), Day(), names="invoicedate billdate documentdate 开票日期 日期 单据日期", required=True,
        sample="2026-01-05",
    )  # fmt: skip
    due = Column(
        gettext_lazy("Due"), Day(), names="duedate payby 到期日", sample="2026-02-04",
        help=gettext_lazy("By the supplier's payment terms, if left out."),
    )  # fmt: skip
    inclusive = Column(
        gettext_lazy("Amounts include the tax"), YesNo(), names="gross taxincluded 含税", sample="no",
        help=gettext_lazy("“no”, if left out: amounts are net, and the tax comes on top."),
    )  # fmt: skip
    note = Column(gettext_lazy("Note"), Text(250), names="remark comment memo 备注")
    currency = Column(
        gettext_lazy("Currency"), Text(3), names="ccy 币种", help=gettext_lazy("That of the books, if left out."),
    )  # fmt: skip
    payable = Column(
        gettext_lazy("To pay"), Number(2), names="total grosstotal amountdue 价税合计 应付金额", sample=Decimal("119.00"),
        help=gettext_lazy("Of the whole bill, if the file says it: its lines with their tax must come to that."),
    )  # fmt: skip
    account = Column(
        gettext_lazy("Account"), Text(20), names="accountcode code expenseaccount 科目代码 科目编码 科目", required=True,
        sample="6200", line=True,
    )  # fmt: skip
    text = Column(
        gettext_lazy("Text"), Text(250), names="description item linetext 摘要 项目名称 货物名称", sample="Printer paper",
        line=True,
    )  # fmt: skip
    amount = Column(
        gettext_lazy("Amount"), Number(2), names="net netamount lineamount 金额 不含税金额", required=True,
        sample=Decimal("100.00"), line=True, tier="cost",
    )  # fmt: skip
    tax_class = Column(
        gettext_lazy("Tax class"), Text(40), names="tax taxcode taxrate vat vatrate vatclass 税类 税率", sample="standard", line=True,
        help=gettext_lazy("“standard”, if left out. A rate is understood too, such as 19%."),
    )  # fmt: skip

    cost_centre = Column(gettext_lazy("Cost centre"), Text(20), names="costcentre costcenter 成本中心", line=True)
    project = Column(gettext_lazy("Project"), Text(20), names="projectcode 项目", line=True)

    def rows(self) -> QuerySet[Bill]:
        standing = Bill.objects.filter(company=company()).exclude(status=BillStatus.DISCARDED)
        return standing.select_related("party").prefetch_related("lines__account")

    def prepare(self, items: Sequence[Item]) -> None:
        self.resolve(items, "party", called(Party.objects.suppliers(), items))
        codes = {text for item in items for line in item.lines if isinstance(text := line.get("account"), str)}
        accounts = Account.objects.filter(company=company(), code__in=codes)
        self.resolve(items, "account", words_by(accounts, "code"), line=True)
        refuse_unknown(items)
        classes = words_by(TaxClass.objects.order_by("pk"), "code", "name", "name_zh")
        for item in items:
            self._currency(item)
            if not item.lines:
                item.refuse("amount", refusals.NoLines())
            for line in item.lines:
                self._tax(item, line, classes)

    def _currency(self, item: Item) -> None:
        """That of the books, or one that has a rate on the day of the bill."""
        told = item.values.get("currency", "").upper()
        day = item.values.get("date")
        if isinstance(day, CalendarDay) and is_known(told, day):
            item.values["currency"] = told
        else:
            keep_currency(item)

    def _tax(self, item: Item, line: dict[str, Any], classes: dict[str, list[Any]]) -> None:
        """The class by its code or name, or by the rate that the supplier has put on the bill."""
        text = line.get("tax_class", "standard")
        found = classes.get(text.casefold()) or _taxed_at(text, item.values.get("date"), classes)
        if len(found) == 1:
            line["tax_class"] = found[0].code
        elif found:
            item.refuse("tax_class", _("“{text}” fits several; use a code that fits one.").format(text=text))
        else:
            item.wonder("tax_class", text)
            item.refuse("tax_class", _("“{text}” is not known here.").format(text=text))

    def key_of(self, values: dict[str, Any], match_on: Sequence[str]) -> Key | None:
        party, number = values.get("party"), values.get("number")
        return (party.pk, number.upper()) if isinstance(party, Party) and number else None

    def find(self, keys: Any, match_on: Sequence[str]) -> dict[Key, list[Any]]:
        wanted = set(keys)
        rows = self.rows().alias(folded=Upper("number"))
        found = rows.filter(party__in={key[0] for key in wanted}, folded__in={key[1] for key in wanted})
        return {key: [one] for one in found if (key := (one.party_id, one.number.upper())) in wanted}

    def current(self, record: Any) -> dict[str, Any]:
        return {name: getattr(record, name) for name in ("party", "number", "payable", *HEAD)}

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        there = [(line.account_id, line.amount, line.tax_class) for line in record.lines.all()]
        if there != [(line["account"].pk, line["amount"], line["tax_class"]) for line in item.lines]:
            item.refuse("number", _("It is here already with other lines."))
        now = self.current(record)
        told = {name: value for name, value in item.values.items() if name in (*HEAD, "payable")}
        return {name: value for name, value in told.items() if now[name] != value}

    def render(self, name: str, value: Any) -> str:
        return value.code if name == "party" and value is not None else super().render(name, value)

    def create(self, items: Sequence[Item]) -> list[Any]:
        services.hold_suppliers(item.values["party"] for item in items)
        return [self._write(item) for item in items]

    def _write(self, item: Item) -> Bill:
        told = item.values
        lines = [
            NewLine(
                line["account"], line["amount"], line["tax_class"], line.get("text", ""),
                **{kind: line.get(kind) or None for kind in KINDS},
            )
            for line in item.lines
        ]  # fmt: skip
        head = {name: told[name] for name in HEAD if name in told and name != "date"}
        bill = services.write(told["party"], told["number"], told["date"], lines, self.user, **head)
        if told.get("payable", bill.payable) != bill.payable:
            raise refusals.ToPayDiffers(lines=bill.payable, told=told["payable"])
        return bill

    def remove(self, record: Any) -> None:
        services.discard(record, self.user)

    def named(self, record: Any) -> str:
        return f"{record.number} · {record.party.name}"


@register
class BillPaymentResource(MoneyResource):
    """What left the bank for bills of suppliers, ours and those from before; each row pays one."""

    key = "bill-payments"
    label = gettext_lazy("Payments to suppliers")
    about = gettext_lazy(
        "What you paid of bills, and of suppliers' opening items: each row is one payment of one of them, booked at once."
    )
    icon = "credit-card-pay"
    roles = WRITERS
    kinds = (ReceiptKind.PAID,)
    guarded = ("amount",)

    party = Column(
        gettext_lazy("Supplier"), names="suppliername suppliercode vendor vendorname creditor payee recipient taxid 供应商 "
        "供应商名称 供应商编号 收款人 收款方", sample="S00001",
        help=gettext_lazy("By code, tax id, reference or name; needed where several suppliers use one number."),
    )  # fmt: skip
    document = Column(
        gettext_lazy("Bill"), Text(60), names="number billnumber invoice invoiceno invoicenumber 发票号码 发票号 单据号 账单号",
        required=True, sample="R-2026-117", help=gettext_lazy("The supplier's number of the bill or opening item."),
    )  # fmt: skip

    def parties(self) -> QuerySet[Party]:
        return Party.objects.suppliers()

    def documents(self, numbers: set[str]) -> list[Any]:
        bills = Bill.objects.filter(company=company(), status=BillStatus.POSTED).alias(folded=Upper("number"))
        before = OpeningItem.objects.standing().filter(side="payable").alias(folded=Upper("number"))
        return [
            one
            for rows in (bills, before)
            for one in rows.filter(folded__in=numbers).select_related("party").order_by("pk")
        ]

    def rows(self) -> QuerySet[Receipt]:
        return super().rows().select_related("bill_payment__bill")

    def settled_by(self, record: Receipt) -> list[str]:
        payment = getattr(record, "bill_payment", None)
        opened = [one.item.number for one in record.opening_allocations.all()]
        return [payment.bill.number] if payment else opened

    def hold(self, items: Sequence[Item]) -> None:
        documents = [item.values["document"] for item in items]
        services.hold(one for one in documents if isinstance(one, Bill))
        for one in sorted((one for one in documents if isinstance(one, OpeningItem)), key=lambda one: one.party_id):
            openings.locked(one)

    def book(self, told: dict[str, Any], key: str) -> Receipt:
        document = told["document"]
        pay = services.pay if isinstance(document, Bill) else openings.settle
        return pay(document, told["amount"], told["date"], self.user, told["reference"], told["method"], key=key)


def _taxed_at(text: str, on: Any, classes: dict[str, list[Any]]) -> list[TaxClass]:
    """The classes of that rate on the day, of those whose tax the supplier asks for; none where it is no rate."""
    try:
        fraction = Decimal(text.removesuffix("%").strip().replace(",", "."))
    except ArithmeticError:
        return []
    if not fraction.is_finite() or not isinstance(on, CalendarDay):
        return []
    percents = {fraction / 100, fraction} if fraction < 1 and "%" not in text else {fraction / 100}
    normal = {one for some in classes.values() for one in some if treatment(one.code) == Treatment.NORMAL}
    return [one for one in normal if _rate(one.code, on) in percents]


def _rate(code: str, on: CalendarDay) -> Decimal | None:
    try:
        return rate(code, on)
    except RateUnknown:
        return None
