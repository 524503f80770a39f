"""Tags that only the ERP's templates have: amounts of the books are in the company's currency, whichever that is."""

from decimal import Decimal

from django import template
from django.utils.safestring import SafeString

from base.templatetags.ui import money
from erp.ledger.services import base_currency as currency_of_the_books

register = template.Library()


@register.simple_tag
def base_money(amount: Decimal | None, dash: bool | None = None, sign: bool = False) -> SafeString:
    """An amount in the base currency, which is said."""
    return money(amount, currency_of_the_books(), dash=dash, sign=sign)


@register.simple_tag
def base_currency(shown: bool = True) -> str:
    """The currency of the books, for the head of a table; none over a table that shows no amounts."""
    return currency_of_the_books() if shown else ""
