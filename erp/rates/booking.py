"""How what is foreign stands in the books: each line at its rate, and what an item's worth gains or loses."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from base.refusals import Refused
from erp.ledger.models import Company
from erp.ledger.services import Line, imbalance
from erp.rates.services import in_house, rate_on

ZERO = Decimal("0.00")
GAIN, LOSS, ROUNDING = "exchange_gain", "exchange_loss", "rounding"


class WorthNothing(Refused):
    """An amount so small that the books cannot hold it."""

    message = _("{amount} {currency} come to nothing in the currency of the books.")
    status = 422


def foreign_rate(currency: str, day: date, company: Company) -> Decimal | None:
    """The rate of a document in another currency than the books'; None for one in ours, which asks nobody."""
    return None if currency == company.base_currency else rate_on(currency, day, company)


def in_books(lines: Sequence[tuple[Line, Decimal | None]], currency: str, company: Company) -> list[Line]:
    """Lines of a document in its currency, each with its rate, as the books hold them beside their foreign amounts.

    Each is rounded by itself, the party's too, and what that leaves between them stands on its own account. A line
    without a rate is worth what the others come to.
    """
    house, booked = company.base_currency, []
    for line, rate in lines:
        if rate is None:
            continue
        debit, credit = in_house(line.debit, rate, house), in_house(line.credit, rate, house)
        if debit or credit:
            booked.append(_foreign(line, debit, credit, currency))
        elif line.party:
            raise WorthNothing(amount=line.debit + line.credit, currency=currency)
    rest = imbalance(booked)
    debit, credit = max(-rest, ZERO), max(rest, ZERO)
    if whole := next((line for line, rate in lines if rate is None), None):
        return [_foreign(whole, debit, credit, currency), *booked]
    if rest:
        booked.append(Line(ROUNDING, debit=debit, credit=credit, currency=currency, foreign_amount=ZERO))
    return booked


def _foreign(line: Line, debit: Decimal, credit: Decimal, currency: str) -> Line:
    return replace(line, debit=debit, credit=credit, currency=currency, foreign_amount=line.debit - line.credit)


def settling(
    role: str, party: str, amount: Decimal, worth: Decimal, money: Decimal, currency: str, *, out: bool
) -> list[Line]:
    """Against the bank: the item's part at what it was worth in the books, and what the money was more or less.

    >>> lines = settling("receivable", "C1", Decimal(100), Decimal(90), Decimal(92), "USD", out=False)
    >>> [(one.account, one.credit) for one in lines]
    [('receivable', Decimal('90')), ('exchange_gain', Decimal('2'))]
    """
    if not worth:
        raise WorthNothing(amount=amount, currency=currency)
    gain = worth - money if out else money - worth
    debit, credit, foreign = (worth, ZERO, amount) if out else (ZERO, worth, -amount)
    item = Line(role, debit=debit, credit=credit, party=party, currency=currency, foreign_amount=foreign)
    return [item, *difference(gain, currency)]


def difference(gain: Decimal, currency: str) -> list[Line]:
    """A gain or a loss on the account the chart names for it; nothing where there is none."""
    if gain > 0:
        return [Line(GAIN, credit=gain, currency=currency, foreign_amount=ZERO)]
    return [Line(LOSS, debit=-gain, currency=currency, foreign_amount=ZERO)] if gain else []


def moved(role: str, party: str, amount: Decimal, currency: str, text: str = "") -> Line:
    """What an item is worth changes, and its foreign amount does not: debit above zero."""
    debit, credit = max(amount, ZERO), max(-amount, ZERO)
    return Line(role, debit=debit, credit=credit, party=party, currency=currency, foreign_amount=ZERO, text=text)
