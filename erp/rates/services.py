"""The verbs of exchange rates, and what others ask: the rate of a day, and an amount at it.

The company's own currency is worth one, and asks the database nothing.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import transaction

from base.ids import uuid7
from base.money import exponent, round_money
from base.refusals import BadInput
from base.roles import require
from erp.ledger.models import Company
from erp.ledger.services import base_currency, company
from erp.rates import refusals
from erp.rates.models import DECIMALS, LIMIT, ExchangeRate
from erp.rates.roles import KEEPERS

ONE = Decimal(1)
WORDS = ("rate", "source")


@transaction.atomic
def set_rate(
    currency: str, day: date, rate: Decimal, by: Any, source: str = "", id: UUID | None = None
) -> ExchangeRate:
    """What a currency is worth from that day on; the very same again is no news, another one of that day is refused."""
    require(by, *KEEPERS)
    ours, currency = company(), currency.strip().upper()
    if currency == ours.base_currency:
        raise refusals.RateOfOurs(currency=currency)
    rate = checked(rate)
    # Of two who set a day's rate at once one is first, and the other one is told.
    made, fresh = ExchangeRate.objects.get_or_create(
        company=ours, currency=currency, day=day, defaults={"id": id or uuid7(), "rate": rate, "source": source[:80]}
    )
    if not fresh and made.rate != rate:
        raise refusals.RateKnown(currency=currency, day=day, rate=plain(made.rate))
    return made


@transaction.atomic
def change_rate(found: ExchangeRate, by: Any, **changes: Any) -> ExchangeRate:
    """Put a rate or its source right; what was booked at it stays as it was booked."""
    require(by, *KEEPERS)
    assert set(changes) <= set(WORDS), changes
    found = ExchangeRate.objects.select_for_update().get(pk=found.pk)
    if "rate" in changes:
        changes["rate"] = checked(changes["rate"])
    changed = {name: value for name, value in changes.items() if getattr(found, name) != value}
    for name, value in changed.items():
        setattr(found, name, value)
    if changed:
        found.save()
    return found


@transaction.atomic
def remove_rate(found: ExchangeRate, by: Any) -> None:
    """Take back a rate entered by mistake; the history keeps it, and so does what was booked at it."""
    require(by, *KEEPERS)
    ExchangeRate.objects.select_for_update().get(pk=found.pk).delete()


def rate_on(currency: str, day: date, of: Company | None = None) -> Decimal:
    """The newest rate on the day or before it; one for our own currency; refused where there is none."""
    ours = of or company()
    if currency == ours.base_currency:
        return ONE
    found = ExchangeRate.objects.filter(company=ours).known_on(currency, day).values_list("rate", flat=True).first()
    if found is None:
        raise refusals.RateMissing(currency=currency, day=day)
    return found


def is_known(currency: str, day: date, of: Company | None = None) -> bool:
    """Could something of that day be booked in this currency?"""
    if not currency:
        return False
    try:
        rate_on(currency, day, of)
    except refusals.RateMissing:
        return False
    return True


def in_house(amount: Decimal, rate: Decimal | None, house: str = "") -> Decimal:
    """The amount in the currency of the books, rounded as that is rounded; without a rate it is in it already."""
    return amount if rate is None else round_money(amount * rate, house or base_currency())


def share(amount: Decimal, of: Decimal, worth: Decimal, house: str = "") -> Decimal:
    """Which part of the worth of an item goes with a part of the item; the last part takes what is left to the cent.

    The database asks for the same figure (public.house_share), so it is computed exactly.

    >>> share(Decimal("40"), Decimal("120"), Decimal("100"), "EUR")
    Decimal('33.33')
    >>> share(Decimal("80"), Decimal("80"), Decimal("66.67"), "EUR")
    Decimal('66.67')
    """
    if amount == of:
        return worth
    unit = 10 ** exponent(house or base_currency())
    units = Fraction(worth) * Fraction(amount) / Fraction(of) * unit
    return min(worth, Decimal(int(units + Fraction(1, 2))).quantize(ONE) / unit)


def plain(rate: Decimal) -> str:
    """A rate as people write it.

    >>> plain(Decimal("1.0800000000")), plain(Decimal("7"))
    ('1.08', '7')
    """
    return f"{rate.normalize():f}"


def checked(rate: Decimal) -> Decimal:
    """A rate that is one, at the digits that are kept."""
    if not (rate.is_finite() and 0 < rate < LIMIT):
        raise refusals.BadRate
    fine = rate.quantize(ONE.scaleb(-DECIMALS))
    if fine != rate:
        raise BadInput(why=refusals.TOO_FINE.format(digits=DECIMALS), field="rate")
    return fine
