"""The verbs of invoices: issue, take a payment, credit, refund; each once, each with its entry."""

from collections.abc import Sequence
from datetime import date as Day
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput
from base.whole import verb
from erp.banking import services as banking
from erp.banking.models import Deposit, Method, Receipt, ReceiptKind
from erp.banking.receipts import name_of, record_receipt
from erp.banking.refusals import booked_for, checked_amount, checked_day
from erp.invoices import margins, refusals
from erp.invoices.drafting import ZERO, credit_line, deposit_line, freight_line, goods_line, round_taxes
from erp.invoices.foreign import parting, settling_lines
from erp.invoices.issuing import new_document, write
from erp.invoices.models import Allocation, Invoice, InvoiceKind, InvoiceLine, LineKind
from erp.invoices.refusals import invoice_rules
from erp.invoices.telling import tell_credited, tell_issued, tell_paid
from erp.ledger.services import Line, hold_period
from erp.orders import services as orders
from erp.orders.locking import locked
from erp.orders.models import Order, OrderLine
from erp.parties.services import due_plan
from erp.rates.booking import foreign_rate


@verb
def issue(order: Order, by: Any = None, date: Day | None = None, key: str | None = None) -> Invoice:
    """Invoice everything of the order that is shipped and not yet invoiced.

    A second call finds nothing to invoice and is refused; with the same `key` it gets the same invoice.
    """
    on = checked_day(date or timezone.localdate())
    hold_period(on)
    order = locked(order.pk)
    if key and (known := _known(key, InvoiceKind.INVOICE, order, date)):
        return known
    rate = foreign_rate(order.currency, on, order.company)
    ordered = order.lines.select_related("product").order_by("position")
    shipped = [line for line in ordered if line.quantity_to_invoice > 0]
    if not shipped:
        raise refusals.NothingToInvoice(order=order.number)

    with_freight = not order.freight_invoiced
    lines = [goods_line(line, order, on) for line in shipped]
    if with_freight and order.freight:
        lines.append(freight_line(order, on))
    round_taxes(lines, order)
    lines += _use_deposits(order, sum((line.gross for line in lines), ZERO))
    asked = sum((line.gross for line in lines), ZERO)
    parts = due_plan(order.party, on, asked, order.currency)
    invoice = new_document(
        InvoiceKind.INVOICE,
        order,
        date=on,
        due=parts[0].due,
        key=key,
        issued_by=name_of(by),
        rate=rate,
    )
    spans = {line.pk: (line.quantity_invoiced, line.quantity_shipped) for line in shipped}
    write(invoice, lines, [(pk, *span) for pk, span in spans.items()], parts)
    orders.record_invoiced(order, {line.pk: line.quantity_to_invoice for line in shipped}, freight=with_freight)
    tell_issued(invoice)
    margins.tell_invoiced(invoice, lines, spans)
    settle(invoice)
    return invoice


@verb
def take_payment(
    invoice: Invoice,
    amount: Decimal,
    date: Day,
    reference: str = "",
    by: Any = None,
    method: str = Method.BANK,
    key: str | None = None,
    keep_rest: bool = False,
    booked: Decimal | None = None,
) -> Receipt:
    """Money for an invoice: Dr bank, Cr receivable.

    More than is open is refused, for a person must ask what it is for; with `keep_rest` it stays as the customer's
    credit, which settles other invoices later or is paid back (credits.py).

    Of a foreign invoice the amount is in its currency, `booked` what the bank took for it in that of the books (by the
    rate of the day, if nobody says it), and what that is more or less than the invoice was worth a gain or a loss; what
    is more than open is always refused.
    """
    hold_period(date)
    order = locked(invoice.order_id)
    if key and (known := Receipt.objects.filter(key=key).first()):
        return known
    invoice = _fresh(invoice, order)
    if invoice.is_credit_note:
        raise refusals.NotPayable(number=invoice.number)
    amount = checked_amount(amount, invoice.currency)
    if checked_day(date) < invoice.date:
        raise refusals.PaidBeforeInvoice(number=invoice.number, date=invoice.date)
    settled = min(amount, invoice.open_amount)
    if amount > settled and not (keep_rest and settled and invoice.rate is None):
        raise refusals.MoreThanOpen(number=invoice.number, open=invoice.open_amount, amount=amount)
    money = booked_for(amount, invoice.currency, date, invoice.company, booked)
    against = [Line("receivable", credit=amount, party=invoice.party.code)]
    if money is not None:
        against = settling_lines(invoice, amount, money)
    receipt = record_receipt(
        ReceiptKind.PAYMENT,
        invoice.party,
        amount,
        date,
        against,
        house_amount=money,
        currency=invoice.currency,
        by=by,
        reference=reference or invoice.number,
        method=method,
        key=key,
        excess=amount - settled,
    )
    allocate(invoice, settled, date, receipt=receipt)
    tell_paid(invoice, receipt)
    settle(invoice)
    return receipt


@transaction.atomic
def credit(
    order: Order,
    lines: Sequence[tuple[OrderLine | UUID, Decimal]],
    reason: str,
    by: Any = None,
    return_request: UUID | None = None,
    date: Day | None = None,
    key: str | None = None,
) -> Invoice:
    """A credit note: goods taken off the order's invoices, the oldest first, at those invoices' prices and rates.

    It is set off against what is open of the order's invoices; the rest can be paid back with `refund`.
    """
    on = checked_day(date or timezone.localdate())
    hold_period(on)
    order = locked(order.pk)
    if key and (known := _known(key, InvoiceKind.CREDIT_NOTE, order, date)):
        return known
    if not reason.strip():
        raise BadInput(why=_("Say why the goods are credited."), field="reason")
    drafted: list[InvoiceLine] = []
    steps: list[tuple[Any, Decimal, Decimal]] = []
    for order_line, quantity in _merged(lines).items():
        for original, credited, part in _parts_to_credit(order, order_line, quantity):
            drafted.append(credit_line(original, credited, part, order.currency))
            steps.append((original.pk, credited, credited + part))
    if not drafted:
        raise BadInput(why=_("Choose what is credited."), field="lines")
    note = new_document(
        InvoiceKind.CREDIT_NOTE,
        order,
        date=on,
        due=on,
        key=key,
        reason=reason.strip()[:400],
        return_request=return_request,
        issued_by=name_of(by),
        rate=drafted[0].credits.invoice.rate if drafted[0].credits else None,
    )
    write(note, drafted, steps)
    _set_off(note, drafted)
    tell_credited(note)
    margins.tell_credited(note, drafted)
    settle(note)
    return note


@verb
def refund(
    credit_note: Invoice,
    date: Day,
    by: Any = None,
    reference: str = "",
    key: str | None = None,
    booked: Decimal | None = None,
) -> Receipt:
    """Pay out what of a credit note was not set off: Dr receivable, Cr bank (`booked` as with a payment)."""
    hold_period(date)
    order = locked(credit_note.order_id)
    if key and (known := Receipt.objects.filter(key=key).first()):
        return known
    note = _fresh(credit_note, order)
    if not note.is_credit_note:
        raise refusals.NotRefundable(number=note.number)
    amount = note.open_amount
    if not amount:
        raise refusals.NothingLeftToRefund(number=note.number)
    if checked_day(date) < note.date:
        raise BadInput(why=_("The refund cannot come before the credit note."), field="date")
    money = booked_for(amount, note.currency, date, note.company, booked)
    against = [Line("receivable", debit=amount, party=note.party.code)]
    if money is not None:
        against = settling_lines(note, amount, money)
    receipt = record_receipt(
        ReceiptKind.REFUND,
        note.party,
        amount,
        date,
        against,
        house_amount=money,
        currency=note.currency,
        by=by,
        reference=reference or note.number,
        key=key,
    )
    allocate(note, amount, date, receipt=receipt)
    settle(note)
    return receipt


def _known(key: str, kind: str, order: Order, date: Day | None) -> Invoice | None:
    """What was issued under the key; refuses, naming the difference, when that was something else."""
    known = Invoice.objects.select_related("item", "order").filter(key=key).first()
    if known is None:
        return None
    told = [
        (_("kind"), known.get_kind_display(), InvoiceKind(kind).label),
        (_("order"), known.order.number, order.number),
        (_("date"), known.date, date or known.date),
    ]
    for what, was, now in told:
        if was != now:
            raise refusals.KeyUsed(number=known.number, what=what, was=was, now=now)
    return known


def _use_deposits(order: Order, payable: Decimal) -> list[InvoiceLine]:
    """Negative lines for the order's booked deposits, oldest first, until they are used up or nothing is payable."""
    if not Deposit.objects.waiting_for(order).exists():
        return []
    banking.link_deposits(order)
    lines = []
    usable = Deposit.objects.usable_for(order).select_for_update(of=("self",)).select_related("receipt")
    for deposit in usable:
        if payable <= 0:
            break
        net, tax = banking.use(deposit, min(payable, deposit.remaining))
        lines.append(deposit_line(deposit, net, tax))
        payable -= net + tax
    return lines


def _merged(lines: Sequence[tuple[OrderLine | UUID, Decimal]]) -> dict[UUID, Decimal]:
    """Quantity by order line; a line named twice counts together."""
    wanted: dict[UUID, Decimal] = {}
    for line, quantity in lines:
        if not quantity.is_finite() or quantity <= 0:
            raise BadInput(why=_("The quantity must be above zero."), field="lines")
        key = line.pk if isinstance(line, OrderLine) else line
        wanted[key] = wanted.get(key, Decimal(0)) + quantity
    return wanted


def _parts_to_credit(order: Order, order_line: UUID, quantity: Decimal) -> list[tuple[InvoiceLine, Decimal, Decimal]]:
    """Which invoice lines give how much: (line, credited before, now), the oldest invoice first."""
    originals = (
        InvoiceLine.objects.filter(
            invoice__order=order, invoice__kind=InvoiceKind.INVOICE, kind=LineKind.GOODS, order_line=order_line
        )
        .annotate(credited=Sum("credited_by__quantity"))
        .select_related("invoice")
        .order_by("invoice_id", "position")
    )
    parts: list[tuple[InvoiceLine, Decimal, Decimal]] = []
    left = quantity
    for original in originals:
        credited = original.credited or Decimal(0)
        part = min(left, original.quantity - credited)
        if part > 0:
            parts.append((original, credited, part))
            left -= part
    if left > 0:
        sku = OrderLine.objects.filter(pk=order_line).values_list("sku", flat=True).first()
        raise refusals.NotInvoiced(sku=sku or order_line, quantity=f"{(quantity - left).normalize():f}")
    return parts


def _set_off(note: Invoice, drafted: Sequence[InvoiceLine]) -> None:
    """Allocate the credit to what is open: first the invoices it takes goods off, then the order's others."""
    credited = {line.credits.invoice_id for line in drafted if line.credits is not None}
    unsettled = Invoice.objects.invoices().unsettled().filter(order=note.order).select_related("item").order_by("id")
    for invoice in sorted(unsettled, key=lambda one: one.pk not in credited):
        amount = min(invoice.open_amount, note.open_amount)
        if amount <= 0:
            break
        allocate(invoice, amount, note.date, credit=note)


def allocate(
    invoice: Invoice, amount: Decimal, date: Day, receipt: Receipt | None = None, credit: Invoice | None = None
) -> None:
    """Settle a part of the document; the database moves the open items, and refuses more than is open."""
    worth = {} if invoice.rate is None else parting(invoice, amount, date, credit)
    with invoice_rules():
        Allocation.objects.create(invoice=invoice, receipt=receipt, credit=credit, amount=amount, date=date, **worth)
    for document, name in ((invoice, "house_amount"), (credit, "credit_house")):
        if document is not None:
            document.item.open_amount -= amount
            if worth:
                document.item.house_open -= worth[name]


def settle(invoice: Invoice) -> None:
    """What follows when money moved: the order may be done, the customer's credit band may change.

    The document's order is the one that the caller locked.
    """
    still_open = not invoice.is_credit_note and invoice.open_amount > 0
    if not still_open and not Invoice.objects.invoices().unsettled().filter(order=invoice.order_id).exists():
        orders.complete_if_done(invoice.order)
    orders.band_credit(invoice.party)


def _fresh(invoice: Invoice, order: Order) -> Invoice:
    """The document with its open item as it stands now, at its order, which the caller holds."""
    found = Invoice.objects.select_related("item").get(pk=invoice.pk)
    found.order, found.party, found.company = order, order.party, order.company
    return found
