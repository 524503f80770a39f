"""What a fapiao says, rate by rate: of an invoice, of a credit note, of what is left."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from erp.fapiao.models import DEAD, Fapiao, FapiaoAmount
from erp.invoices.models import Invoice, InvoiceLine, LineKind

ZERO = Decimal("0.00")
Amounts = dict[tuple[str, Decimal], tuple[Decimal, Decimal]]


def of_invoice(invoice: Invoice) -> Amounts:
    """The goods and freight of an invoice; money paid before is not a supply."""
    return _by_rate(invoice.lines.exclude(kind=LineKind.DEPOSIT))


def of_credit_note(note: Invoice, invoice: Invoice) -> Amounts:
    """What a credit note takes off one invoice; it may take off others too."""
    return negative(_by_rate(lines_of_credit_note(note, invoice)))


def left_of(blue: Fapiao) -> Amounts:
    """What issued red letters, and one that is asked for, leave of a blue fapiao."""
    reds = blue.reds.exclude(status__in=DEAD).values("pk")
    return _by_rate(FapiaoAmount.objects.filter(fapiao__in=[blue.pk, *(red["pk"] for red in reds)]))


def lines_of_credit_note(note: Invoice, invoice: Invoice) -> Any:
    """The credit note's lines that take goods off this invoice."""
    return InvoiceLine.objects.filter(invoice=note, credits__invoice=invoice)


def negative(amounts: Amounts) -> Amounts:
    """The same, taken back."""
    return {key: (-net, -tax) for key, (net, tax) in amounts.items()}


def sums(amounts: Amounts) -> tuple[Decimal, Decimal]:
    """Net and tax of all rates."""
    return sum((net for net, _tax in amounts.values()), ZERO), sum((tax for _net, tax in amounts.values()), ZERO)


def told(amounts: Amounts) -> list[dict[str, Any]]:
    """As a page shows them, the highest rate first."""
    rows = sorted(amounts.items(), key=lambda one: (-one[0][1], one[0][0]))
    return [{"tax_class": name, "rate": rate, "net": net, "tax": tax} for (name, rate), (net, tax) in rows]


def _by_rate(rows: Iterable[Any]) -> Amounts:
    """Net and tax by class and rate; where both are zero there is nothing to say."""
    found: defaultdict[tuple[str, Decimal], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for row in rows:
        found[row.tax_class, row.rate][0] += row.net
        found[row.tax_class, row.rate][1] += row.tax
    return {key: (net, tax) for key, (net, tax) in found.items() if net or tax}
