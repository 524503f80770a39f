"""Rates of the dollar and others."""

from datetime import date
from decimal import Decimal

from erp.rates.models import ExchangeRate
from erp.rates.services import set_rate
from tests.erp.makers import company, user

DAY = date(2026, 11, 20)


def rate(worth: str, day: date = DAY, currency: str = "USD", source: str = "") -> ExchangeRate:
    """`rate("0.90")`: a dollar is worth 0.90 of ours."""
    company()
    return set_rate(currency, day, Decimal(worth), user("accountant"), source)
