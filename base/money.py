"""Money as a value: an exact amount and its currency travel together, and rounding happens here by name."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Self

from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput, Refused

# Digits after the point, ISO 4217; all others have two.
EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3, "JOD": 3}


class CurrencyMismatch(Refused):
    """Amounts of two currencies met."""

    message = _("{left} and {right} cannot be added: the currencies differ.")
    status = 422


def exponent(currency: str) -> int:
    """How many digits the currency has after the point.

    >>> exponent("EUR"), exponent("JPY")
    (2, 0)
    """
    return EXPONENTS.get(currency, 2)


def round_money(amount: Decimal, currency: str) -> Decimal:
    """The amount at the currency's exponent, half away from zero (DIN 1333; Chinese practice).

    >>> round_money(Decimal("2.345"), "EUR"), round_money(Decimal("-2.345"), "EUR"), round_money(Decimal("2.5"), "JPY")
    (Decimal('2.35'), Decimal('-2.35'), Decimal('3'))
    """
    return amount.quantize(Decimal(1).scaleb(-exponent(currency)), rounding=ROUND_HALF_UP)


def line_net(quantity: Decimal, unit_price: Decimal, discount: Decimal, currency: str) -> Decimal:
    """What a line comes to without tax; `discount` is a fraction of the price.

    >>> line_net(Decimal("12"), Decimal("9.80"), Decimal("0.05"), "EUR")
    Decimal('111.72')
    """
    return round_money(quantity * unit_price * (1 - discount), currency)


def parse_decimal(text: str, field: str | None = None) -> Decimal:
    """A finite decimal number from text, or a refusal in the user's words."""
    try:
        number = Decimal(text.strip())
    except (InvalidOperation, AttributeError):
        raise BadInput(why=_("“{text}” is not a number.").format(text=text), field=field) from None
    if not number.is_finite():
        raise BadInput(why=_("“{text}” is not a number.").format(text=text), field=field)
    return number


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency.

    >>> Money.of("90.00", "EUR") + Money.of("1.50", "EUR")
    Money(amount=Decimal('91.50'), currency='EUR')
    """

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> Self:
        """The amount rounded to the currency's exponent."""
        assert not isinstance(amount, float), "money is never a float"
        return cls(round_money(Decimal(amount), currency), currency)

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(left=self, right=other)
