"""What lies where, what it is worth, and whether the books agree."""

from decimal import Decimal

from django.db.models import Sum

from erp.inventory.models import StockBalance
from erp.ledger.reports import account_balance


def stock_value() -> Decimal:
    """The worth of all that lies at our own locations, in the base currency."""
    return StockBalance.objects.aggregate(value=Sum("value"))["value"] or Decimal("0.00")


def stock_difference() -> Decimal:
    """Stock value less the inventory account; zero, always."""
    return stock_value() - account_balance("inventory")
