"""The verbs of deposits: heard of, booked, used by invoices, paid back or dismissed."""

from datetime import date as Day
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput, ChangedMeanwhile
from erp.banking.models import Deposit, DepositStatus, Method, Receipt, ReceiptKind
from erp.banking.receipts import name_of, record_receipt
from erp.banking.refusals import (
    DepositDone,
    DepositNotFree,
    NothingLeft,
    checked_amount,
    checked_currency,
    checked_day,
)
from erp.banking.taxing import due_by, part_of, split_deposit
from erp.ledger.services import Line, company, hold_period
from erp.orders.locking import locked
from erp.orders.models import Order, OrderStatus
from erp.parties.services import open_party
from erp.tax.services import tag
from integration.contracts.deals import DepositReported
from integration.contracts.invoices import PaymentReceived
from integration.outbox.emitting import emit


@transaction.atomic
def report_deposit(event: DepositReported) -> Deposit:
    """Put the task on the accountant's desk; once per deposit, whether or not its order is here yet."""
    known = Deposit.objects.filter(pk=event.deposit).first()
    if known is not None:
        return known
    order = Order.objects.filter(deal=event.deal).select_related("party").first()
    party = order.party if order else open_party(event.customer)  # of merged customers each keeps its own orders
    return Deposit.objects.create(
        id=event.deposit,
        company=company(),
        deal=event.deal,
        order=order,
        party=party,
        currency=event.currency,
        reported_amount=event.amount,
        reported_on=event.reported_on,
        reported_by=event.reported_by,
        reference=event.reference,
        due_at=due_by(timezone.now()),
    )


@transaction.atomic
def record_deposit(
    order: Order,
    amount: Decimal,
    date: Day,
    by: Any = None,
    reference: str = "",
    key: str | None = None,
    method: str = Method.BANK,
) -> Deposit:
    """Money the bank shows for an order although nobody reported it: reported and booked in one step."""
    order = locked(order.pk)
    if key and (known := Deposit.objects.filter(receipt__key=key).first()):
        return known
    deposit = Deposit.objects.create(
        company_id=order.company_id,
        deal=order.deal,
        order=order,
        party_id=order.party_id,
        currency=order.currency,
        reported_amount=checked_amount(amount, order.currency),
        reported_on=timezone.localdate(),
        reported_by=name_of(by),
        reference=reference[:250],
        due_at=due_by(timezone.now()),
    )
    return book_deposit(deposit, amount, date, by, method=method, key=key)


@transaction.atomic
def book_deposit(
    deposit: Deposit,
    amount: Decimal,
    date: Day,
    by: Any = None,
    reference: str = "",
    method: str = Method.BANK,
    key: str | None = None,
) -> Deposit:
    """The money is there: Dr bank gross, Cr liability net, Cr output tax where the law taxes it on receipt.

    The amount is what the bank shows, whatever was reported; the rate that of `main_tax_class` on the day of receipt.
    """
    hold_period(date)
    deposit = _locked(deposit)
    if key and deposit.receipt and deposit.receipt.key == key:
        return deposit
    if deposit.status != DepositStatus.REPORTED:
        raise DepositDone(state=deposit.get_status_display())
    checked_currency(deposit.currency, deposit.company)
    amount, date = checked_amount(amount, deposit.currency), checked_day(date)
    if deposit.order is None and deposit.deal:
        deposit.order = Order.objects.filter(deal=deposit.deal).first()
    deposit.tax_class, deposit.rate, deposit.net, deposit.tax = split_deposit(deposit, amount, date)
    taxed = tag(deposit.tax_class, deposit.rate)
    receipt = record_receipt(
        ReceiptKind.DEPOSIT,
        deposit.party,
        amount,
        date,
        [
            Line("customer_deposits", credit=deposit.net, party=deposit.party.code, tax_code=taxed),
            Line("vat_output", credit=deposit.tax, tax_code=taxed),
        ],
        currency=deposit.currency,
        by=by,
        reference=reference or deposit.reference,
        method=method,
        key=key,
    )
    deposit.book(receipt, date, name_of(by))
    _announce(deposit)
    deposit.save()
    return deposit


@transaction.atomic
def dismiss(deposit: Deposit, reason: str, by: Any = None) -> Deposit:
    """No money came, or the report was wrong; the task ends with the reason kept."""
    deposit = _locked(deposit)
    if not reason.strip():
        raise BadInput(why=_("Say why the deposit is dismissed."), field="reason")
    if deposit.status != DepositStatus.REPORTED:
        raise DepositDone(state=deposit.get_status_display())
    deposit.booked_by = name_of(by)
    deposit.dismiss(reason.strip()[:400])
    deposit.save()
    return deposit


@transaction.atomic
def refund_deposit(deposit: Deposit, date: Day, by: Any = None, reference: str = "", key: str | None = None) -> Receipt:
    """Pay back what invoices have not used; its tax is reversed on the day of the refund, not in the past.

    While the order is being delivered the deposit belongs to its next invoice and stays.
    """
    hold_period(date)
    order = locked(deposit.order_id) if deposit.order_id else None
    deposit = _locked(deposit)
    if deposit.order_id != (order.pk if order else None):
        raise ChangedMeanwhile
    if key and deposit.refund and deposit.refund.key == key:
        return deposit.refund
    if deposit.status != DepositStatus.BOOKED:
        raise DepositDone(state=deposit.get_status_display())
    if order is not None and order.status == OrderStatus.ACCEPTED:
        raise DepositNotFree(order=order.number)
    if deposit.remaining <= 0:
        raise NothingLeft
    assert deposit.booked_on is not None
    if checked_day(date) < deposit.booked_on:
        raise BadInput(why=_("The refund cannot come before the deposit."), field="date")
    tax, taxed = deposit.remaining_tax, tag(deposit.tax_class, deposit.rate)
    receipt = record_receipt(
        ReceiptKind.REFUND,
        deposit.party,
        deposit.remaining,
        date,
        [
            Line("customer_deposits", debit=deposit.remaining - tax, party=deposit.party.code, tax_code=taxed),
            Line("vat_output", debit=tax, tax_code=taxed),
        ],
        currency=deposit.currency,
        by=by,
        reference=reference,
        key=key,
    )
    deposit.pay_back(receipt)
    deposit.save()
    return receipt


def use(deposit: Deposit, amount: Decimal) -> tuple[Decimal, Decimal]:
    """Take a part of a booked deposit for an invoice; its net and tax. The caller holds order and deposit rows."""
    assert 0 < amount <= deposit.remaining, "an invoice takes no more than is left"
    net, tax = part_of(amount, deposit.remaining, deposit.remaining_tax, deposit.currency)
    deposit.consumed_amount += amount
    deposit.consumed_tax += tax
    if not deposit.remaining:
        deposit.use_up()
    deposit.save()
    return net, tax


@transaction.atomic(savepoint=False)
def link_deposits(order: Order) -> None:
    """Deposits that came before their order now belong to it; those booked already are told to the sales side."""
    if order.deal is None:
        return
    waiting = Deposit.objects.select_for_update(of=("self",)).filter(deal=order.deal, order=None).order_by("id")
    for deposit in waiting.select_related("party", "receipt"):
        deposit.order = order
        if deposit.receipt is None:  # what is booked stays where it was booked
            deposit.party = order.party
        _announce(deposit)
        deposit.save()


def _announce(deposit: Deposit) -> None:
    """Tell of the money, once, as soon as its order is known: the fact is one of the order's."""
    if deposit.order is None or deposit.receipt is None or deposit.announced_at is not None:
        return
    deposit.announced_at = timezone.now()
    emit(
        PaymentReceived(
            order=deposit.order.pk,
            deal=deposit.deal,
            customer=deposit.party.customer,
            currency=deposit.currency,
            receipt=deposit.receipt.pk,
            number=deposit.receipt.number,
            kind="deposit",
            amount=deposit.receipt.amount,
            received_on=deposit.receipt.date,
            deposit=deposit.pk,
        )
    )


def _locked(deposit: Deposit) -> Deposit:
    """The deposit as it stands now, held until the transaction ends."""
    rows = Deposit.objects.select_for_update(of=("self",))
    return rows.select_related("company", "party__company", "order", "receipt", "refund").get(pk=deposit.pk)
