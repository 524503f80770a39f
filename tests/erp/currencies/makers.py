"""Documents in dollars."""

from decimal import Decimal
from typing import Any

from erp.bills import services as bills
from erp.bills.models import Bill
from erp.invoices import services as invoices
from erp.invoices.models import Invoice
from erp.ledger.models import JournalEntry
from erp.products.services import set_price
from tests.erp.bills.makers import line, supplier
from tests.erp.invoices.makers import ship
from tests.erp.makers import user
from tests.erp.orders.makers import TODAY, make_order, offer
from tests.erp.rates.makers import rate

D = Decimal


def dollars(quantity: str = "5", price: str = "20.00", worth: str = "0.90", sku: str = "CHAI", **more: Any) -> Invoice:
    """An invoice of 100.00 net, 119.00 gross, in dollars, each worth 0.90 of ours."""
    rate(worth, TODAY)
    product = offer(sku, price, tax_class="standard")
    set_price(product, D(price), TODAY.replace(year=2020), "USD")
    order = make_order((sku, quantity, price), currency="USD", **more)
    assert order.status == "accepted", order.reason
    ship(order)
    return invoices.issue(order, date=TODAY)


def dollar_bill(
    amount: str = "100.00", worth: str = "0.90", number: str = "U-1", post: bool = True, **more: Any
) -> Bill:
    """A bill of 100.00 net, 119.00 to pay, in dollars."""
    rate(worth, TODAY)
    told = {"party": supplier(), "number": number, "date": TODAY, "lines": [line(amount)], "by": user("accountant")}
    bill = bills.write(**{**told, **more}, currency="USD")
    return bills.post(bill, user("accountant")) if post else bill


def stands(entry: JournalEntry) -> list[tuple[str, Decimal, Decimal | None]]:
    """The entry as (role, debit less credit, foreign amount); nothing where a line is not foreign."""
    rows = entry.lines.select_related("account").order_by("position")
    return [(one.account.role or one.account.code, one.amount, one.foreign_amount) for one in rows]
