"""How a deposit is taxed: one rule, and arithmetic that comes out exact however a deposit is used up."""

from datetime import date as Day
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from base.money import round_money
from erp.banking.models import Deposit
from erp.orders.models import Order
from erp.tax.models import SupplyKind
from erp.tax.services import deposit_taxed_on_receipt, net_and_tax, rate

DESK_CLOSES = time(18)


def main_tax_class(order: Order | None) -> str:
    """The tax class of a deposit on the order.

    It is the one class that all lines share; when they differ, or no order is known, the standard class, so that no
    tax is paid too late. Goods keep their own classes, and the invoice sets the difference right.
    """
    classes = set(order.lines.values_list("tax_class", flat=True)) if order is not None else set()
    return classes.pop() if len(classes) == 1 and "" not in classes else "standard"


def split_deposit(deposit: Deposit, amount: Decimal, on: Day) -> tuple[str, Decimal, Decimal, Decimal]:
    """Tax class, rate, net and tax of the money that came in on that day; untaxed where the supply is what is taxed."""
    if not deposit_taxed_on_receipt(deposit.company, on, SupplyKind.GOODS):
        return "", Decimal(0), amount, Decimal(0)
    tax_class = main_tax_class(deposit.order)
    fraction = rate(tax_class, on, deposit.company.jurisdiction)
    return tax_class, fraction, *net_and_tax(amount, fraction, deposit.currency)


def part_of(amount: Decimal, remaining: Decimal, remaining_tax: Decimal, currency: str) -> tuple[Decimal, Decimal]:
    """Net and tax of a part that is used; the last part carries what rounding left.

    >>> part_of(Decimal("33.33"), Decimal("100.00"), Decimal("15.97"), "EUR")
    (Decimal('28.01'), Decimal('5.32'))
    >>> part_of(Decimal("66.67"), Decimal("66.67"), Decimal("10.65"), "EUR")
    (Decimal('56.02'), Decimal('10.65'))
    """
    tax = remaining_tax if amount == remaining else round_money(remaining_tax * amount / remaining, currency)
    return amount - tax, tax


def due_by(reported: datetime) -> datetime:
    """The end of the working day on which a report comes in; after hours and at weekends, of the next one.

    >>> from datetime import UTC
    >>> due_by(datetime(2026, 11, 23, 9, 0, tzinfo=UTC)).isoformat()
    '2026-11-23T18:00:00+00:00'
    >>> due_by(datetime(2026, 11, 27, 19, 0, tzinfo=UTC)).isoformat()
    '2026-11-30T18:00:00+00:00'
    """
    zone = timezone.get_current_timezone()
    local = reported.astimezone(zone)
    day = local.date() + timedelta(days=1 if local.time() >= DESK_CLOSES else 0)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return datetime.combine(day, DESK_CLOSES, tzinfo=zone)
