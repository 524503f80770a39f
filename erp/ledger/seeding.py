"""The first company with its chart, journals and periods, so that books can be kept from the first minute.

Identities are derived from codes (UUIDv5): seeding twice, or in two processes, makes the same rows once.
"""

import csv
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.fields import house_currency
from base.money import exponent
from base.refusals import NotFound
from erp.ledger.models import Account, Company, FiscalYear, Journal, Period

NAMESPACE = UUID("6f6c9f0e-6a2c-5d0b-9c0b-8f1d2a3b4c5d")
CHARTS = Path(__file__).resolve().parent / "data"
JOURNALS = [
    ("general", "GEN", "General journal", "总账凭证"),
    ("sales", "SAL", "Sales journal", "销售凭证"),
    ("cash", "CSH", "Cash journal", "资金凭证"),
    ("stock", "STK", "Stock journal", "存货凭证"),
    ("purchases", "PUR", "Purchases journal", "采购凭证"),
    ("opening", "OPN", "Opening journal", "期初凭证"),
]
DEMO = "NORTHWIND"
YOUNG_ROLES = ("exchange_gain", "exchange_loss")  # some charts had these accounts before documents knew them
YEARS = (1996, 1997, 1998, 2024, 2025, 2026, 2027)


def charts() -> list[str]:
    """The charts that come with the product; each has its statements beside it (erp/statements/data)."""
    return sorted(path.stem for path in CHARTS.glob("*.csv"))


@transaction.atomic
def seed_company(
    code: str = DEMO,
    name: str = "Northwind Traders",
    currency: str = "",
    jurisdiction: str = "DE",
    chart: str = "general",
) -> Company:
    """The company with chart, journals and open monthly periods; what is there already stays as it is.

    The chart is chosen once, when the company is made, and so is the currency: the house's own if none is said.
    """
    if chart not in charts():
        raise NotFound(what=_("The chart “{chart}”").format(chart=chart))
    identity = _id(code, "company")
    ours = currency or house_currency()
    told = {"base_currency": ours, "currency_digits": min(exponent(ours), 2)}
    told |= {"jurisdiction": jurisdiction, "chart": chart}
    Company.objects.bulk_create([Company(id=identity, code=code, name=name, **told)], ignore_conflicts=True)
    company = Company.objects.get(code=code)
    accounts = list(_accounts(company))
    Account.objects.bulk_create(accounts, ignore_conflicts=True)
    _take_roles(company, accounts)
    Journal.objects.bulk_create(
        [
            Journal(id=_id(code, "journal", book), company=company, code=book, prefix=prefix, name=title, name_zh=zh)
            for book, prefix, title, zh in JOURNALS
        ],
        ignore_conflicts=True,
    )
    known = set(FiscalYear.objects.filter(company=company).values_list("year", flat=True))
    today = timezone.localdate().year
    for year in YEARS if code == DEMO else (today - 1, today, today + 1):
        if year not in known:
            open_year(company, year)
    return company


def open_year(company: Company, year: int) -> FiscalYear:
    """A calendar year of twelve open months."""
    fiscal_year = FiscalYear.objects.create(
        id=_id(company.code, "year", str(year)),
        company=company,
        year=year,
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
    )
    Period.objects.bulk_create(
        Period(
            id=_id(company.code, "period", f"{year}-{month}"),
            company=company,
            fiscal_year=fiscal_year,
            number=month,
            starts_on=date(year, month, 1),
            ends_on=date(year, month, monthrange(year, month)[1]),
        )
        for month in range(1, 13)
    )
    return fiscal_year


def _accounts(company: Company) -> Iterator[Account]:
    """The chart's rows; headings are those that others name as their parent."""
    with (CHARTS / f"{company.chart}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    headings = {row["parent"] for row in rows}
    for row in rows:
        yield Account(
            id=_id(company.code, "account", row["code"]),
            company=company,
            code=row["code"],
            name=row["name"],
            name_zh=row["name_zh"],
            initials=row["initials"],
            type=row["type"],
            role=row["role"] or None,
            parent_id=_id(company.code, "account", row["parent"]) if row["parent"] else None,
            is_group=row["code"] in headings,
            control=bool(row["control"]),
        )


def _take_roles(company: Company, pack: list[Account]) -> None:
    """An account that came before its role did takes it now, unless somebody gave the role to another one.

    Older roles are left alone: who took one away meant it.
    """
    young = {one.code: one.role for one in pack if one.role in YOUNG_ROLES}
    there = Account.objects.filter(company=company)
    given = set(there.filter(role__in=YOUNG_ROLES).values_list("role", flat=True))
    for code, role in young.items():
        if role not in given:
            free = there.filter(code=code, role=None, is_group=False, cost_centre_from=None, project_from=None)
            free.update(role=role)


def _id(company: str, *parts: str) -> UUID:
    return uuid5(NAMESPACE, ":".join((company, *parts)))
