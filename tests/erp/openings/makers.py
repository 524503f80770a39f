"""A company that comes from another system: its customers, suppliers and files."""

from datetime import date
from decimal import Decimal
from typing import Any

from erp.ledger.models import Account
from erp.ledger.services import forget
from erp.openings.models import OpeningItem
from erp.parties.models import Party
from erp.parties.services import class_party, open_customer, open_supplier
from erp.proof.services import prove
from tests.erp.makers import company, user
from tests.importing import imported

D = Decimal
DAY = date(2026, 1, 1)

BALANCES = """account,debit,credit,text
1010,25000.00,,Current account
1200,1190.00,,
1600,8000.00,,
2000,,595.00,
3000,,33595.00,
"""
ITEMS = """Customer,Invoice,Date,Due,Open
Alfreds,2025-0417,2025-11-20,2025-12-20,1000.00
Alfreds,2025-0501,2025-12-15,2026-01-14,190.00
Pens & Paper,R-77,2025-12-01,2025-12-31,595.00
"""


def alfreds() -> Party:
    """A customer with a credit limit."""
    company()
    known = Party.objects.filter(name="Alfreds").first()
    return known or class_party(open_customer("Alfreds"), credit_limit=D("1500"))


def pens() -> Party:
    """A supplier."""
    company()
    return Party.objects.filter(name="Pens & Paper").first() or open_supplier("Pens & Paper")


def anna() -> Any:
    return user("accountant", name="anna")


def balances(text: str | bytes = BALANCES, by: Any = None, **more: Any) -> Any:
    """The balances file, whose day is said once for all rows."""
    company()
    told = {"day": DAY.isoformat(), **more.pop("constants", {})}
    return imported("opening-balances", text, by or anna(), constants=told, **more)


def items(text: str | bytes = ITEMS, by: Any = None, **more: Any) -> Any:
    """The file of open items."""
    alfreds(), pens()
    told = {"opened_on": DAY.isoformat(), **more.pop("constants", {})}
    return imported("opening-items", text, by or anna(), constants=told, **more)


def item(number: str = "2025-0417") -> OpeningItem:
    """One of them, as it stands now."""
    found: OpeningItem = OpeningItem.objects.standing().select_related("party", "entry").get(number=number)
    return found


def without_a_place_to_wait() -> Account:
    """The account of opening balances, after an admin has taken its role away."""
    company()
    found: Account = Account.objects.get(role="opening_equity")
    Account.objects.filter(pk=found.pk).update(role=None)
    forget()
    return found


def ties(imp: Any) -> dict[str, str]:
    """By the account's code, what is still to come."""
    return {one["what"].split()[0]: one["difference"] for one in imp.report["checked"]["ties"]}


def broken() -> list[str]:
    """Which rules of the books do not hold."""
    return [one.code for one in prove().findings.all() if one.rows or one.error]
