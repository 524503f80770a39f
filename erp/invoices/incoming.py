"""What customers paid, from files: for an invoice, an order, an opening item, or whatever of theirs is open."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy

from base.exchange import Column, Item, Text, YesNo, register
from base.refusals import Refused
from erp.banking import services as banking
from erp.banking.importing import MoneyResource
from erp.banking.models import Deposit, Receipt, ReceiptKind
from erp.banking.roles import ACCOUNTANTS
from erp.invoices import credits, refusals, services
from erp.invoices.models import Allocation, Invoice
from erp.ledger.services import company
from erp.openings import services as openings
from erp.openings.models import OpeningItem
from erp.orders.locking import locked
from erp.orders.models import Order
from erp.parties.models import Party


class DepositWaits(Refused):
    """Somebody heard of other money for the order: a person looks at both."""

    message = gettext_lazy("A deposit of {amount} for {order} waits to be booked. Book it at its task, or dismiss it.")
    field = "document"


class NothingOpen(Refused):
    """Money that nobody asked for is a deposit on an order, or a person's question."""

    message = gettext_lazy("{party} had nothing open on {date}. Say the order that it is a deposit for.")
    field = "party"


@register
class ReceiptResource(MoneyResource):
    """Money of customers; what no document is named for settles what was open on its day, by the due days."""

    key = "receipts"
    label = gettext_lazy("Receipts")
    about = gettext_lazy(
        "What customers paid, booked at once: for the invoice or opening item it names, as a deposit for an order, or "
        "else for what they have open, the oldest first."
    )
    icon = "cash"
    roles = ACCOUNTANTS
    kinds = (ReceiptKind.PAYMENT, ReceiptKind.DEPOSIT)
    said_once = ("keep_rest",)
    asked_anew = ("keep_rest",)

    party = Column(
        gettext_lazy("Customer"), sample="C00001",
        names="customername customercode payer debtor taxid 客户 客户名称 客户编号 付款人 付款方",
        help=gettext_lazy("By code, tax id, reference or name; needed where no document is named."),
    )  # fmt: skip
    document = Column(
        gettext_lazy("Pays"), Text(60),
        names="invoice invoiceno invoicenumber document order ordernumber 发票号码 发票号 单据号 订单号",
        help=gettext_lazy("Number of an invoice, an opening item, or an order that it is a deposit for."),
    )  # fmt: skip
    keep_rest = Column(
        gettext_lazy("What is more stays as credit"), YesNo(),
        help=gettext_lazy("“yes”: money beyond what is open stays as the customer's credit; otherwise it is refused."),
    )  # fmt: skip

    def parties(self) -> QuerySet[Party]:
        return Party.objects.customers()

    def documents(self, numbers: set[str]) -> list[Any]:
        before = OpeningItem.objects.receivables().standing().alias(folded=Upper("number"))
        kinds: tuple[Any, ...] = (
            Invoice.objects.filter(number__in=numbers).select_related("item"),
            Order.objects.filter(number__in=numbers),
            before.filter(folded__in=numbers),
        )
        found = [rows.filter(company=company()).select_related("party").order_by("pk") for rows in kinds]
        return [one for rows in found for one in rows]

    def rows(self) -> QuerySet[Receipt]:
        return super().rows().select_related("deposit__order").prefetch_related("allocations__invoice")

    def settled_by(self, record: Receipt) -> list[str]:
        deposit: Deposit | None = getattr(record, "deposit", None)
        if deposit is not None:
            return [deposit.order.number] if deposit.order else []
        uses: tuple[Any, ...] = (*record.allocations.all(), *record.opening_allocations.all())
        return [str((one.invoice if isinstance(one, Allocation) else one.item).number) for one in uses]

    def hold(self, items: Sequence[Item]) -> None:
        """Orders by their keys, then customers: as with the use of a credit."""
        documents = [item.values.get("document") for item in items]
        unnamed = {item.values["party"].pk for item in items if not item.values.get("document")}
        orders = {one.order_id for one in documents if isinstance(one, Invoice)}
        orders |= {one.pk for one in documents if isinstance(one, Order)}
        orders |= set(Invoice.objects.invoices().unsettled().filter(party__in=unnamed).values_list("order", flat=True))
        for order in sorted(orders):
            locked(order)
        before = {one.pk: one for one in documents if isinstance(one, OpeningItem)}
        before |= {one.pk: one for one in OpeningItem.objects.receivables().unsettled().filter(party__in=unnamed)}
        for one in sorted(before.values(), key=lambda one: (one.party_id, one.pk)):
            openings.locked(one)

    def book(self, told: dict[str, Any], key: str) -> Receipt:
        document = told.get("document")
        how = {"by": self.user, "reference": told["reference"], "method": told["method"], "key": key}
        if isinstance(document, Order):
            return _deposit(document, told, how)
        if document:
            return _pay(document, told["amount"], told["date"], keep_rest=told.get("keep_rest", False), **how)
        return _pay_oldest(told, how)


def _deposit(order: Order, told: dict[str, Any], how: dict[str, Any]) -> Receipt:
    """The deposit that somebody reported, if it is this money; otherwise one that nobody did."""
    amount, day = told["amount"], told["date"]
    waiting = list(Deposit.objects.waiting().filter(order=order).order_by("pk"))
    meant = next((one for one in waiting if one.reported_amount == amount), None)
    if meant is None and waiting:
        raise DepositWaits(amount=f"{waiting[0].reported_amount} {waiting[0].currency}", order=order.number)
    if meant is not None:
        booked = banking.book_deposit(meant, amount, day, **how)
    else:
        booked = banking.record_deposit(order, amount, day, **how)
    assert booked.receipt is not None
    return booked.receipt


def _pay(document: Any, amount: Decimal, day: Any, **how: Any) -> Receipt:
    pay = services.take_payment if isinstance(document, Invoice) else openings.settle
    return pay(document, amount, day, **how)


def _pay_oldest(told: dict[str, Any], how: dict[str, Any]) -> Receipt:
    """The document due first takes the money, and what is more goes on to the next ones."""
    party, amount, day = told["party"], told["amount"], told["date"]
    base = company().base_currency
    invoices = Invoice.objects.invoices().unsettled().filter(party=party, currency=base, date__lte=day)
    before = OpeningItem.objects.receivables().unsettled().filter(party=party, currency=base, opened_on__lte=day)
    open_items: list[Any] = sorted([*invoices.select_related("item"), *before], key=lambda one: (one.due, one.pk))
    if not open_items:
        raise NothingOpen(party=party.name, date=day)
    asked = sum((one.open_amount for one in open_items), Decimal(0))
    if amount > asked and not told.get("keep_rest"):
        raise refusals.MoreThanOpen(number=party.name, open=asked, amount=amount)
    receipt = _pay(open_items[0], amount, day, keep_rest=True, **how)
    if amount > open_items[0].open_amount and len(open_items) > 1:
        credits.use_rest(receipt, how["by"])
    return receipt
