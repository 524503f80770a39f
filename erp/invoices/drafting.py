"""What stands on a document before it has a number: lines, sums, the ledger's lines. Nothing is written here."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date as Day
from decimal import Decimal

from django.utils.translation import gettext as _

from base.money import line_net, round_money
from erp.banking.models import Deposit
from erp.invoices.models import Invoice, InvoiceLine, LineKind
from erp.ledger.services import Line
from erp.orders.models import Order, OrderLine
from erp.orders.services import FREIGHT_TAX_CLASS
from erp.rates.booking import in_books
from erp.tax.services import profile_of, rate, tag, tax_on, taxes_on

ZERO = Decimal("0.00")


def goods_line(line: OrderLine, order: Order, on: Day) -> InvoiceLine:
    """What of an order's line is shipped and not invoiced, at the promised price and the rate of the day.

    The net is what the line comes to up to now less what it came to before, so that however many parts it is shipped
    in, the invoices add up to the promise to the cent.
    """
    before = line_net(line.quantity_invoiced, line.unit_price, line.discount, order.currency)
    until = line_net(line.quantity_shipped, line.unit_price, line.discount, order.currency)
    fraction = rate(line.tax_class, on, order.company.jurisdiction)
    return InvoiceLine(
        kind=LineKind.GOODS,
        order_line=line,
        sku=line.sku,
        description=line.description,
        quantity=line.quantity_to_invoice,
        unit_price=line.unit_price,
        discount=line.discount,
        net=until - before,
        tax_class=line.tax_class,
        rate=fraction,
        tax=tax_on(until - before, fraction, order.currency),
    )


def freight_line(order: Order, on: Day) -> InvoiceLine:
    """The whole freight, once, at the rate that the order was calculated with."""
    fraction = rate(FREIGHT_TAX_CLASS, on, order.company.jurisdiction)
    return InvoiceLine(
        kind=LineKind.FREIGHT,
        description=_("Freight"),
        quantity=Decimal(1),
        unit_price=order.freight,
        net=order.freight,
        tax_class=FREIGHT_TAX_CLASS,
        rate=fraction,
        tax=tax_on(order.freight, fraction, order.currency),
    )


def deposit_line(deposit: Deposit, net: Decimal, tax: Decimal) -> InvoiceLine:
    """A deposit taken off, with the tax it was booked with."""
    assert deposit.receipt is not None
    assert deposit.booked_on is not None
    return InvoiceLine(
        kind=LineKind.DEPOSIT,
        deposit=deposit,
        description=_("Deposit {number} of {date}").format(
            number=deposit.receipt.number, date=deposit.booked_on.isoformat()
        ),
        quantity=Decimal(1),
        unit_price=-net,
        net=-net,
        tax_class=deposit.tax_class,
        rate=deposit.rate,
        tax=-tax,
    )


def round_taxes(lines: Sequence[InvoiceLine], order: Order) -> None:
    """Each line's tax, rounded as the company has it: by line, or so that each rate's sum is right."""
    nets = [(line.net, line.rate) for line in lines]
    for line, tax in zip(lines, taxes_on(nets, order.currency, profile_of(order.company).rounding), strict=True):
        line.tax = tax


def credit_line(original: InvoiceLine, credited: Decimal, quantity: Decimal, currency: str) -> InvoiceLine:
    """A part of an invoice's line taken back at its own price and rate; the last part carries the exact rest."""

    def share(amount: Decimal) -> Decimal:
        until = round_money(amount * (credited + quantity) / original.quantity, currency)
        return until - round_money(amount * credited / original.quantity, currency)

    return InvoiceLine(
        kind=original.kind,
        order_line_id=original.order_line_id,
        credits=original,
        sku=original.sku,
        description=original.description,
        quantity=quantity,
        unit_price=original.unit_price,
        discount=original.discount,
        net=share(original.net),
        tax_class=original.tax_class,
        rate=original.rate,
        tax=share(original.tax),
    )


def digest_of(steps: Iterable[tuple[object, Decimal, Decimal]]) -> str:
    """The business key of a document: which quantities went from where to where. The same step is never taken twice.

    >>> digest_of([("a", Decimal("0"), Decimal("2.0"))]) == digest_of([("a", Decimal("0.00"), Decimal("2"))])
    True
    """
    told = sorted(f"{key}:{before.normalize():f}>{after.normalize():f}" for key, before, after in steps)
    return hashlib.sha256(";".join(told).encode()).hexdigest()


def add_up(invoice: Invoice, lines: Sequence[InvoiceLine]) -> None:
    """Positions and sums."""
    for position, line in enumerate(lines, start=1):
        line.invoice, line.position = invoice, position
    supplied = [line for line in lines if line.kind != LineKind.DEPOSIT]
    invoice.net = sum((line.net for line in supplied), ZERO)
    invoice.tax = sum((line.tax for line in supplied), ZERO)
    invoice.gross = invoice.net + invoice.tax
    invoice.deposits_used = -sum((line.gross for line in lines if line.kind == LineKind.DEPOSIT), ZERO)
    invoice.payable = invoice.gross - invoice.deposits_used


def entry_lines(invoice: Invoice, lines: Sequence[InvoiceLine]) -> list[Line]:
    """How the document stands in the books; a credit note turns the sides and goes to sales returns.

    Tax of deposits is set off against the tax of the goods, per class and rate: only the difference is new. Net amounts
    carry the tax they are the base of, so that the VAT return can be read from the books.

    What is foreign is booked at the document's rate, and what a credit note takes back at that of its invoice.
    """
    sums: dict[tuple[str, str, Decimal | None], Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        taxed, worth = tag(line.tax_class, line.rate), _worth(invoice, line)
        sums[_role(invoice, line), taxed, worth] += line.net
        sums["vat_output", taxed, worth] += line.tax
    party = invoice.party.code
    owed = _side("receivable", -invoice.payable, invoice.is_credit_note, party=party, due=invoice.due)
    booked: list[tuple[Line, Decimal | None]] = []
    for (role, tax_code, worth), amount in sorted(sums.items(), key=lambda one: (*one[0][:2], one[0][2] or ZERO)):
        of_party = party if role == "customer_deposits" else None
        side = _side(role, amount, invoice.is_credit_note, tax_code=tax_code or None, party=of_party)
        booked.append((side, worth))
    rates = {worth for _line, worth in booked}
    told = [(owed, invoice.rate if len(rates) == 1 else None), *booked]
    told = [(line, worth) for line, worth in told if line.debit or line.credit]
    if invoice.rate is None:
        return [line for line, _worth in told]
    return in_books(told, invoice.currency, invoice.company)


def _worth(invoice: Invoice, line: InvoiceLine) -> Decimal | None:
    """The exchange rate of a line: what it takes back was booked at its own."""
    return line.credits.invoice.rate if line.credits is not None else invoice.rate


def _role(invoice: Invoice, line: InvoiceLine) -> str:
    if line.kind == LineKind.DEPOSIT:
        return "customer_deposits"
    if line.kind == LineKind.FREIGHT:
        return "freight_income"
    return "sales_returns" if invoice.is_credit_note else "sales"


def _side(
    role: str,
    credit: Decimal,
    turned: bool,
    tax_code: str | None = None,
    party: str | None = None,
    due: Day | None = None,
) -> Line:
    """A line on the side that the sign asks for: no negative amounts in the books."""
    credit = -credit if turned else credit
    debit, credit = (-credit, ZERO) if credit < 0 else (ZERO, credit)
    return Line(role, debit=debit, credit=credit, party=party, due=due, tax_code=tax_code)
