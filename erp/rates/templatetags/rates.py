"""How a rate is written on a page."""

from decimal import Decimal

from django import template

from erp.rates.services import plain

register = template.Library()


@register.simple_tag
def exchange_rate(rate: Decimal | None) -> str:
    """Without the zeros that say nothing."""
    return "" if rate is None else plain(rate)
