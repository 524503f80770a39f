"""Cost centres, projects, and rent that they bear."""

from datetime import date
from typing import Any

from erp.ledger import dimensioning, services
from erp.ledger.models import Account, Dimension, JournalLine
from erp.ledger.services import Posting
from tests.erp.ledger.makers import TODAY, line, rent
from tests.erp.makers import company, user


def named(code: str = "S10", kind: str = "cost_centre", **more: Any) -> Dimension:
    company()
    return dimensioning.open_dimension(
        by=user("accountant", name="alice"), kind=kind, code=code, name=f"Name of {code}", **more
    )


def bearing(amount: str = "900.00", key: str = "rent:1", **named_on_the_rent: Any) -> Posting:
    """Rent that a cost centre bears or a project is for."""
    return rent(amount, key, lines=[line("6100", amount, **named_on_the_rent), line("bank", credit=amount)])


def in_december(**named_on_the_rent: Any) -> Posting:
    lines = [line("6100", "1", **named_on_the_rent), line("bank", credit="1")]
    return rent(key="december", date=date(2026, 12, 1), lines=lines)


def asks(code: str = "6100", kind: str = "cost_centre", since: date | None = TODAY) -> Account:
    account = Account.objects.get(code=code)
    setattr(account, f"{kind}_from", since)
    return services.save_account(account, user("accountant", name="alice"))


def on_lines(entry: Any) -> list[tuple[str | None, str | None]]:
    lines = JournalLine.objects.filter(entry=getattr(entry, "pk", entry)).order_by("position")
    return list(lines.values_list("cost_centre__code", "project__code"))
