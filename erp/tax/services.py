"""What tax applies: looked up by class, place and day; computed by pure functions."""

import time
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from base.money import exponent, round_money
from base.refusals import Refused
from erp.ledger import services as ledger
from erp.ledger.models import Company
from erp.tax.expressions import tag as tag
from erp.tax.models import (
    Basis,
    Regime,
    Rounding,
    SupplyKind,
    TaxClass,
    TaxedOn,
    TaxPointRule,
    TaxProfile,
    TaxRate,
    Treatment,
)

CACHE_S = 30  # how long a process trusts the table of rates it has read


class RateUnknown(Refused):
    """No rate of that class is known for the place and day."""

    message = _("No rate of tax class “{tax_class}” is known in {jurisdiction} for {date}.")
    status = 422
    field = "tax_class"


class PointRuleUnknown(Refused):
    """Nobody has said when such a supply is taxed there."""

    message = _("It is not known when a supply of the kind {supply_kind} is taxed in {jurisdiction} on {date}.")
    status = 422


class RateStands(Refused):
    """A rate once written stays; a change is a new one from its day."""

    message = _("A rate from {date} stands already; enter the new one from the day it applies.")
    field = "valid_from"


def rate(tax_class: str, on: date, jurisdiction: str | None = None) -> Decimal:
    """The fraction that the class is taxed at on that day, where the company is or in `jurisdiction`.

    A company taxed by another regime than the general one has that one's rates, where there are any.
    """
    ours = ledger.company()
    place = jurisdiction or ours.jurisdiction
    regimes = [str(Regime.GENERAL)]
    if place == ours.jurisdiction and (regime := profile_of(ours).regime) != Regime.GENERAL:
        regimes.insert(0, regime)
    for regime in regimes:
        for valid_from, fraction in _rates().get((tax_class, place, regime), ()):
            if valid_from <= on:
                return fraction
    raise RateUnknown(tax_class=tax_class, jurisdiction=place, date=on)


def profile_of(company: Company) -> TaxProfile:
    """How the company is taxed: as it said, or in the general way."""
    known: TaxProfile | None = _remembered(f"profile:{company.pk}", lambda: _profile(company))
    assert known is not None
    return known


def _profile(company: Company) -> TaxProfile:
    found = TaxProfile.objects.select_related("form").filter(company=company).first()
    return found or TaxProfile(company=company)


def point_rule(company: Company, on: date, supply_kind: str = SupplyKind.GOODS) -> TaxPointRule:
    """The rule for a supply of that kind on that day, by the company's basis."""
    bases = {profile_of(company).basis, Basis.ACCRUAL}
    rules = TaxPointRule.objects.filter(
        jurisdiction=company.jurisdiction, supply_kind=supply_kind, basis__in=bases, valid_from__lte=on
    )
    for rule in sorted(rules, key=lambda one: (one.basis == Basis.ACCRUAL, -one.valid_from.toordinal())):
        return rule
    raise PointRuleUnknown(supply_kind=supply_kind, jurisdiction=company.jurisdiction, date=on)


def deposit_taxed_on_receipt(company: Company, on: date, supply_kind: str = SupplyKind.GOODS) -> bool:
    """Is a deposit that comes in on that day taxed at once (and not when the supply is made)?"""
    return bool(point_rule(company, on, supply_kind).taxed_on == TaxedOn.RECEIPT)


def treatment(tax_class: str) -> str:
    """Who owes the tax of the class."""
    known: dict[str, str] = _remembered("treatments", lambda: dict(TaxClass.objects.values_list("code", "treatment")))
    return known.get(tax_class, Treatment.NORMAL)


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


def taxes_on(nets: Sequence[tuple[Decimal, Decimal]], currency: str, rounding: str = Rounding.LINE) -> list[Decimal]:
    """The tax of each line, given as (net, rate).

    Rounded for the document, all lines of a rate together have the rounded tax of their sum; the cents between go to
    the lines that lost most by rounding, so that the lines still add up.

    >>> lines = [(Decimal("0.33"), Decimal("0.19"))] * 4
    >>> [str(tax) for tax in taxes_on(lines, "EUR")]
    ['0.06', '0.06', '0.06', '0.06']
    >>> [str(tax) for tax in taxes_on(lines, "EUR", "document")]
    ['0.07', '0.06', '0.06', '0.06']
    """
    taxes = [tax_on(net, fraction, currency) for net, fraction in nets]
    if rounding != Rounding.DOCUMENT:
        return taxes
    cent = Decimal(1).scaleb(-exponent(currency))
    for fraction in {one for _net, one in nets}:
        same = [index for index, (_net, one) in enumerate(nets) if one == fraction]
        wanted = tax_on(sum((nets[index][0] for index in same), Decimal(0)), fraction, currency)
        missing = wanted - sum((taxes[index] for index in same), Decimal(0))
        step = cent if missing > 0 else -cent
        lost = sorted(same, key=lambda index: (taxes[index] - nets[index][0] * fraction) * step)
        for index in lost[: int(abs(missing) / cent)]:
            taxes[index] += step
    return taxes


def forget() -> None:
    """Read rates and profiles anew."""
    _cache.clear()


_cache: dict[str, tuple[float, Any]] = {}


def _remembered(name: str, read: Callable[[], Any]) -> Any:
    stamp, known = _cache.get(name, (0.0, None))
    if known is None or time.monotonic() - stamp > CACHE_S:
        known = read()
        _cache[name] = (time.monotonic(), known)
    return known


def _rates() -> dict[tuple[str, str, str], list[tuple[date, Decimal]]]:
    """Every rate by class, place and regime, newest first; there are a few dozen, and they change every few years."""

    def read() -> dict[tuple[str, str, str], list[tuple[date, Decimal]]]:
        known: dict[tuple[str, str, str], list[tuple[date, Decimal]]] = {}
        rows = TaxRate.objects.order_by("-valid_from").values_list(
            "tax_class__code", "jurisdiction", "regime", "valid_from", "rate"
        )
        for code, jurisdiction, regime, valid_from, fraction in rows:
            known.setdefault((code, jurisdiction, regime), []).append((valid_from, fraction.normalize()))
        return known

    known: dict[tuple[str, str, str], list[tuple[date, Decimal]]] = _remembered("rates", read)
    return known
