"""Reads for the bank desk's pages."""

from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, F, Q, QuerySet, Sum, When

from erp.banking.models import Deposit, Receipt, ReceiptKind

ZERO = Decimal("0.00")
_MONEY: "DecimalField[Any, Any]" = DecimalField(max_digits=25, decimal_places=2)


def receipts_total(receipts: QuerySet[Receipt]) -> Decimal:
    """What came in less what went out, over the whole list."""
    signed = Case(When(kind=ReceiptKind.REFUND, then=-F("amount")), default=F("amount"), output_field=_MONEY)
    return receipts.order_by().aggregate(total=Sum(signed))["total"] or ZERO


def deposit_totals(deposits: QuerySet[Deposit]) -> dict[str, Decimal]:
    """What was reported, received and is left, over the whole list."""
    left = F("net") + F("tax") - F("consumed_amount") - F("refunded_amount")
    sums = deposits.order_by().aggregate(
        reported=Sum("reported_amount"),
        received=Sum(F("net") + F("tax"), filter=Q(receipt__isnull=False)),
        left=Sum(left),
        of_tax=Sum("tax"),
    )
    return {name: value or ZERO for name, value in sums.items()}
