"""Reads for the bank desk's pages."""

from decimal import Decimal
from typing import Any

from django.db.models import DecimalField

ZERO = Decimal("0.00")
_MONEY: "DecimalField[Any, Any]" = DecimalField(max_digits=25, decimal_places=2)
