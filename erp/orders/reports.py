"""Reads that span orders, the books and terms."""

from decimal import Decimal

from django.db.models import DecimalField, ExpressionWrapper, F, Sum

from base.money import round_money
from erp.ledger.reports import account_balance
from erp.orders.models import OrderLine, OrderStatus
from erp.parties.models import CreditBand, Party

# At which part of the limit the band changes.
WATCH, TIGHT = Decimal("0.6"), Decimal("0.9")


def unbilled(party: Party) -> Decimal:
    """What accepted orders will still bring on invoices, with tax, in the base currency."""
    part = ExpressionWrapper(
        F("net_amount") * (1 + F("tax_rate")) * (F("quantity") - F("quantity_invoiced")) / F("quantity"),
        output_field=DecimalField(max_digits=25, decimal_places=6),
    )
    lines = OrderLine.objects.filter(order__party=party, order__status=OrderStatus.ACCEPTED)
    total = lines.aggregate(total=Sum(part))["total"] or Decimal(0)
    return round_money(total, "EUR")


def exposure(party: Party) -> Decimal:
    """What we would lose if they stopped paying today: open items and what is promised but not billed."""
    return account_balance("receivable", party=party.code) + unbilled(party)


def band(party: Party) -> str:
    """How near the customer is to the limit.

    Without a limit everything is open; on hold everything is stopped.
    """
    if party.on_hold:
        return CreditBand.STOPPED
    if party.credit_limit is None:
        return CreditBand.OPEN
    used = exposure(party)
    if used > party.credit_limit:
        return CreditBand.STOPPED
    if used >= party.credit_limit * TIGHT:
        return CreditBand.TIGHT
    return CreditBand.WATCH if used >= party.credit_limit * WATCH else CreditBand.OPEN
