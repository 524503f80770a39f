"""Patterns as examples."""

from datetime import date
from typing import Any

from erp.recurring import services
from erp.recurring.models import RecurringVoucher
from erp.recurring.rhythm import Every
from erp.recurring.services import Pattern
from tests.erp.ledger.makers import line

RENT = [line("6100", "900.00"), line("1010", credit="900.00")]


def pattern(**more: Any) -> Pattern:
    """The rent, every month's end since October."""
    told = {
        "name": "Rent",
        "journal": "general",
        "text": "Rent {month}",
        "every": Every.MONTH,
        "first_on": date(2026, 10, 31),
    }
    return Pattern(**{**told, **more})


def rent(by: Any, **more: Any) -> RecurringVoucher:
    """It, as somebody wrote it."""
    return services.write(by, pattern(**more), RENT)
