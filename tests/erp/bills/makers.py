"""Suppliers and their bills."""

from datetime import date
from decimal import Decimal
from typing import Any

from erp.bills import services
from erp.bills.models import Bill
from erp.bills.services import NewLine
from erp.ledger.services import account
from erp.parties.models import Party
from erp.parties.services import open_supplier
from tests.erp.makers import company, user

D = Decimal
DAY = date(2026, 11, 20)


def supplier(name: str = "Pens & Paper") -> Party:
    """Somebody who bills us."""
    company()
    return Party.objects.filter(name=name).first() or open_supplier(name)


def line(amount: str, tax_class: str = "standard", code: str = "6200", text: str = "") -> NewLine:
    """`line("100.00")`: office supplies at the standard rate."""
    company()
    return NewLine(account(code), D(amount), tax_class, text)


def bill_of(*lines: NewLine, number: str = "R-1", by: Any = None, **more: Any) -> Bill:
    """A draft: 100.00 at the standard rate unless told otherwise."""
    party = more.pop("party", None) or supplier()
    day = more.pop("date", DAY)
    return services.write(party, number, day, lines or (line("100.00"),), by or user("accountant"), **more)


def posted(*lines: NewLine, **more: Any) -> Bill:
    """The same, in the books."""
    bill = bill_of(*lines, **more)
    return services.post(bill, user("accountant"))
