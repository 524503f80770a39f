"""What tax applies: looked up by class, place and day; computed by pure functions."""

import time
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from base.money import round_money
from base.refusals import Refused
from erp.ledger import services as ledger
from erp.ledger.models import Company
from erp.tax.models import DepositRule, SupplyKind, TaxClass, TaxedOn, TaxRate

CACHE_S = 30  # how long a process trusts the table of rates it has read


class RateUnknown(Refused):
    """No rate of that class is known for the place and day."""

    message = _("No rate of tax class “{tax_class}” is known in {jurisdiction} for {date}.")
    status = 422
    field = "tax_class"


class DepositRuleUnknown(Refused):
    """Nobody has said when a deposit is taxed there."""

    message = _("It is not known when a deposit for {supply_kind} is taxed in {jurisdiction} on {date}.")
    status = 422


class RateStands(Refused):
    """A rate once written stays; a change is a new one from its day."""

    message = _("A rate from {date} stands already; enter the new one from the day it applies.")
    field = "valid_from"


def rate(tax_class: str, on: date, jurisdiction: str | None = None) -> Decimal:
    """The fraction that the class is taxed at on that day, where the company is or in `jurisdiction`."""
    place = jurisdiction or ledger.company().jurisdiction
    for valid_from, fraction in _rates().get((tax_class, place), ()):
        if valid_from <= on:
            return fraction
    raise RateUnknown(tax_class=tax_class, jurisdiction=place, date=on)


def deposit_taxed_on_receipt(company: Company, on: date, supply_kind: str = SupplyKind.GOODS) -> bool:
    """Is a deposit that comes in on that day taxed at once (and not when the supply is made)?"""
    rule = (
        DepositRule.objects.filter(jurisdiction=company.jurisdiction, supply_kind=supply_kind, valid_from__lte=on)
        .order_by("-valid_from")
        .first()
    )
    if rule is None:
        raise DepositRuleUnknown(supply_kind=supply_kind, jurisdiction=company.jurisdiction, date=on)
    return bool(rule.taxed_on == TaxedOn.RECEIPT)


@transaction.atomic
def set_rate(tax_class: TaxClass, jurisdiction: str, valid_from: date, fraction: Decimal, source: str = "") -> TaxRate:
    """A new rate from a day on; rates that stand are never overwritten."""
    if TaxRate.objects.filter(tax_class=tax_class, jurisdiction=jurisdiction, valid_from=valid_from).exists():
        raise RateStands(date=valid_from)
    forget()
    return TaxRate.objects.create(
        tax_class=tax_class, jurisdiction=jurisdiction, valid_from=valid_from, rate=fraction, source=source
    )


def tax_on(net: Decimal, fraction: Decimal, currency: str) -> Decimal:
    """The tax of a line, half-up at the currency's exponent.

    >>> tax_on(Decimal("111.72"), Decimal("0.19"), "EUR")
    Decimal('21.23')
    """
    return round_money(net * fraction, currency)


def net_and_tax(gross: Decimal, fraction: Decimal, currency: str) -> tuple[Decimal, Decimal]:
    """Split an amount that includes tax; both parts together are the amount, to the cent.

    >>> net_and_tax(Decimal("100.00"), Decimal("0.19"), "EUR")
    (Decimal('84.03'), Decimal('15.97'))
    >>> net_and_tax(Decimal("100.00"), Decimal("0"), "EUR")
    (Decimal('100.00'), Decimal('0.00'))
    """
    tax = round_money(gross * fraction / (1 + fraction), currency)
    return gross - tax, tax


def forget() -> None:
    """Read the rates anew."""
    _cache.clear()


_cache: dict[str, tuple[float, dict[tuple[str, str], list[tuple[date, Decimal]]]]] = {}


def _rates() -> dict[tuple[str, str], list[tuple[date, Decimal]]]:
    """Every rate by class and place, newest first; there are a few dozen, and they change every few years."""
    stamp, known = _cache.get("rates", (0.0, {}))
    if not known or time.monotonic() - stamp > CACHE_S:
        known = {}
        rows = TaxRate.objects.order_by("-valid_from").values_list(
            "tax_class__code", "jurisdiction", "valid_from", "rate"
        )
        for code, jurisdiction, valid_from, fraction in rows:
            known.setdefault((code, jurisdiction), []).append((valid_from, fraction.normalize()))
        _cache["rates"] = (time.monotonic(), known)
    return known
