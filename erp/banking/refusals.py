"""What the bank desk refuses."""

from datetime import date as Day
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.money import round_money
from base.refusals import BadInput, Refused
from erp.rates.booking import foreign_rate
from erp.rates.services import in_house


class ForeignCurrency(Refused):
    """The books of this company take money in their own currency."""

    message = _("This is in {currency}; the books are kept in {base}. Enter what the bank booked in {base}.")
    status = 422


class BookedDiffers(Refused):
    """Money in the books' own currency is booked as it is."""

    message = _("{currency} are booked as they are: only another currency is booked at another amount.")
    status = 422
    field = "booked"


class FutureDate(Refused):
    """Money and documents are dated today or before."""

    message = _("{date} is still to come. Give the day it happened.")
    status = 422
    field = "date"


class DepositNotFree(Refused):
    """The order is being delivered; its next invoice takes the deposit."""

    message = _("{order} is being delivered and will use this deposit. Cancel the order first, or credit its invoice.")


class DepositDone(Refused):
    """The deposit's state does not allow this step."""

    message = _("This deposit is {state} already; nothing was done.")


class NothingLeft(Refused):
    """Everything was used or paid back."""

    message = _("Nothing of this is left to pay back.")


def checked_amount(amount: Decimal, currency: str, field: str = "amount") -> Decimal:
    """A positive amount, no finer than the currency."""
    if not amount.is_finite() or amount <= 0:
        raise BadInput(why=_("The amount must be above zero."), field=field)
    if round_money(amount, currency) != amount:
        raise BadInput(why=_("The amount is finer than {currency} has digits.").format(currency=currency), field=field)
    if amount >= Decimal("1e15"):
        raise BadInput(why=_("The amount is too large."), field=field)
    return round_money(amount, currency)


def checked_day(day: Day, field: str = "date") -> Day:
    """A day that is not in the future."""
    if day > timezone.localdate():
        raise FutureDate(date=day, field=field)
    return day


def booked_for(
    amount: Decimal, currency: str, day: Day, company: Any, told: Decimal | None, field: str = "booked"
) -> Decimal | None:
    """What the bank books, in the currency of the books, for an amount in another one: what it says, or by the rate of
    the day. None for what is in ours, where nothing else can be said.
    """
    rate = foreign_rate(currency, day, company) if told is None else None
    if currency == company.base_currency:
        if told not in (None, amount):
            raise BookedDiffers(currency=currency, field=field)
        return None
    money = in_house(amount, rate, company.base_currency) if told is None else told
    return checked_amount(money, company.base_currency, field)


def checked_currency(currency: str, company: Any) -> None:
    """The document's currency is that of the books."""
    if currency != company.base_currency:
        raise ForeignCurrency(currency=currency, base=company.base_currency)
