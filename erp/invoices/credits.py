"""What customers paid too much: it settles other invoices, the oldest first, or is paid back."""

from datetime import date as Day
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput
from erp.banking.models import Receipt, ReceiptKind
from erp.banking.receipts import record_receipt
from erp.banking.refusals import checked_day
from erp.invoices import refusals
from erp.invoices.models import Invoice
from erp.invoices.refusals import invoice_rules
from erp.invoices.services import allocate, settle
from erp.ledger.services import Line, hold_period
from erp.openings import services as openings
from erp.openings.models import OpeningItem
from erp.orders import services as orders
from erp.orders.locking import locked


@transaction.atomic
def use_rest(receipt: Receipt, by: Any = None, invoice: Invoice | None = None) -> list[Invoice | OpeningItem]:
    """Settle with what is left of a payment: the invoice named, or what the customer has open, by the due days.

    Nothing is posted: the money stands on the receivables account since it came.
    """
    found = Invoice.objects.invoices().unsettled().filter(party=receipt.party_id, currency=receipt.currency)
    if invoice is not None:
        found = found.filter(pk=invoice.pk)
    held = {order: locked(order) for order in sorted(set(found.values_list("order_id", flat=True)))}
    before = [] if invoice is not None else openings.locked_of(receipt.party_id, receipt.currency)
    receipt = _fresh(receipt)
    rest = receipt.rest
    if rest <= 0:
        raise refusals.NoRest(number=receipt.number)
    settled: list[Invoice | OpeningItem] = []
    today = timezone.localdate()
    invoices = list(found.filter(order__in=list(held)).select_related("item", "party__company").order_by("due", "id"))
    for one in invoices:
        one.order = held[one.order_id]
    for one in sorted([*before, *invoices], key=lambda one: (one.due, one.pk)):
        if rest <= 0:
            break
        amount = min(rest, one.open_amount)
        if amount > 0:
            _use(receipt, one, amount, max(today, receipt.date))
            settled.append(one)
            rest -= amount
    if not settled:
        raise refusals.NothingOpen(party=receipt.party.name)
    return settled


@transaction.atomic
def refund_rest(receipt: Receipt, date: Day, by: Any = None, reference: str = "", key: str | None = None) -> Receipt:
    """Pay back what is left of a payment: Dr receivable, Cr bank. The database sees that it goes back once."""
    hold_period(date)
    if key and (known := Receipt.objects.filter(key=key).first()):
        return known
    receipt = _fresh(receipt)
    if (rest := receipt.rest) <= 0:
        raise refusals.NoRest(number=receipt.number)
    if checked_day(date) < receipt.date:
        raise BadInput(why=_("The refund cannot come before the payment."), field="date")
    with invoice_rules():
        refund = record_receipt(
            ReceiptKind.REFUND,
            receipt.party,
            rest,
            date,
            [Line("receivable", debit=rest, party=receipt.party.code)],
            currency=receipt.currency,
            by=by,
            reference=reference or receipt.number,
            key=key,
            refunds=receipt,
        )
    orders.band_credit(receipt.party)
    return refund


def _use(receipt: Receipt, one: Invoice | OpeningItem, amount: Decimal, date: Day) -> None:
    if isinstance(one, OpeningItem):
        openings.allocate(one, amount, date, receipt)
        return
    allocate(one, amount, date, receipt=receipt)
    settle(one)


def _fresh(receipt: Receipt) -> Receipt:
    """The payment as it stands now."""
    return Receipt.objects.select_related("party__company").get(pk=receipt.pk)
