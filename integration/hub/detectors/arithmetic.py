"""Lines and totals that do not add up."""

from decimal import Decimal

from integration.contracts.deals import DealWon
from integration.contracts.invoices import InvoiceCredited, InvoiceIssued
from integration.hub.detectors.base import Finding, Told, finding

CENT = Decimal("0.01")


def lines_and_total(told: Told) -> Finding | None:
    """The promised total is the lines' sum; an invoice's gross is net and tax. Pauses the record."""
    fact = told.fact
    if isinstance(fact, DealWon):
        total = sum((line.net_amount for line in fact.lines), Decimal(0))
        if total != fact.net_total:
            return finding("total", ("net_total", f"{fact.net_total:f}", f"{total:f}"))
        for line in fact.lines:
            worth = line.quantity * line.unit_price * (1 - line.discount)
            if abs(worth - line.net_amount) > Decimal("0.5"):
                return finding(
                    "total", (f"lines.{line.position}.net_amount", f"{line.net_amount:f}", f"{round(worth, 2):f}")
                )
    elif isinstance(fact, InvoiceIssued | InvoiceCredited) and fact.net + fact.tax != fact.gross:
        return finding("total", ("gross", f"{fact.gross:f}", f"{fact.net + fact.tax:f}"))
    return None
