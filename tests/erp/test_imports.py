"""Masters, openings and documents of the ERP from files: made, made again, taken back."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from erp.inventory.models import StockBalance, StockMove
from erp.inventory.services import receive
from erp.ledger.models import Account, JournalLine, Voucher
from erp.ledger.reports import account_balance
from erp.orders.models import Order
from erp.parties.models import Party
from erp.products.models import Price, Product
from erp.products.services import publish
from erp.recurring import services as recurring
from erp.recurring.models import RecurringVoucher
from tests.erp.makers import company, user
from tests.erp.openings.makers import broken
from tests.importing import imported, media, reasons, tried, undone, uploaded

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

SUPPLIERS = (
    "SupplierID,CompanyName,City,Payment terms (days)\n1,Exotic Liquids,London,14\n2,Cajun Delights,New Orleans,\n"
)
PRODUCTS = "ProductID,ProductName,SupplierID,QuantityPerUnit,tax\nP1,Chai,1,box,standard\nP2,Chang,2,bottle,standard\n"
PRICES = "ProductID,UnitPrice,from\nP1,18,2026-01-01\nP2,19.5,2026-01-01\n"


@pytest.fixture(autouse=True)
def books() -> None:
    company()


@pytest.fixture
def anna() -> Any:
    return user("accountant", "order_desk", "warehouse", name="anna")


def again(key: str, text: str, by: Any) -> dict[str, int]:
    counts: dict[str, int] = imported(key, text, by).counts
    return counts


def test_suppliers(anna: Any) -> None:
    imp = imported("suppliers", SUPPLIERS, anna)
    party = Party.objects.get(name="Exotic Liquids")

    assert (imp.counts, party.kind, party.external_ref, party.payment_terms_days) == ({"new": 2}, "supplier", "1", 14)
    assert again("suppliers", SUPPLIERS, anna) == {"unchanged": 2}
    assert again("suppliers", SUPPLIERS.replace("14", "30").replace("London", "Leeds"), anna) == {
        "update": 1, "unchanged": 1,
    }  # fmt: skip
    assert party.history.first().history_change_reason == "import file.csv"
    undone(imp)
    assert Party.objects.count() == 1  # the other changed since


def test_customers_from_the_crm_are_named_there(anna: Any) -> None:
    text = "Reference,Name,Credit limit\nALFKI,Alfreds,1000\n"
    imp = imported("customers", text, anna)
    party = Party.objects.get()
    Party.objects.update(customer="00000000-0000-7000-8000-000000000001")

    other = imported("customers", text.replace("Alfreds", "Else"), anna)

    assert (imp.counts, party.code[0], party.credit_limit) == ({"new": 1}, "C", Decimal("1000.00"))
    assert (other.counts, Party.objects.get().name) == ({"error": 1}, "Alfreds")
    assert again("customers", text.replace("1000", "2000"), anna) == {"update": 1}


def test_products_and_prices(anna: Any) -> None:
    imported("suppliers", SUPPLIERS, anna)
    imp = imported("products", PRODUCTS + "P 3,Bad,1,box,standard\nP4,Tax,1,box,none\nP5,Whose,99,box,standard\n", anna)
    prices = imported("prices", PRICES + "P9,1,2026-01-01\n", anna)

    assert imp.counts == {"new": 2, "error": 3}
    assert [told[0][0] for _row, told in reasons(imp)] == ["sku", "tax_class", "supplier"]
    assert Product.objects.get(sku="P1").supplier.name == "Exotic Liquids"
    assert (prices.counts, Price.objects.get(product__sku="P2").amount) == ({"new": 2, "error": 1}, Decimal("19.5"))
    assert (again("products", PRODUCTS, anna), again("prices", PRICES, anna)) == ({"unchanged": 2}, {"unchanged": 2})
    assert again("prices", PRICES.replace("18", "20"), anna) == {"unchanged": 1, "error": 1}
    assert again("prices", "sku,price\nP1,18\nP2,20\n", anna) == {"unchanged": 1, "new": 1}
    assert list(undone(imp).rows.exclude(undone=None).values_list("undone", flat=True)) == [False, False]
    assert undone(prices).rows.filter(undone=False).count() == 2


def test_a_product_made_by_mistake_is_taken_back(anna: Any) -> None:
    imported("suppliers", SUPPLIERS, anna)
    imp = imported("products", PRODUCTS, anna)

    undone(imp)

    assert Product.objects.count() == 0


def test_opening_stock_is_booked_once(anna: Any) -> None:
    imported("suppliers", SUPPLIERS, anna)
    imported("products", PRODUCTS, anna)
    text = "sku,UnitsInStock,cost,date\nP1,39,9.5,2026-01-01\nP2,0,1,2026-01-01\nP9,1,1,2026-01-01\n"

    imp = imported("opening-stock", text, anna)

    balance = StockBalance.objects.get()
    assert imp.counts == {"new": 1, "error": 2}
    assert (balance.on_hand, balance.value) == (39, Decimal("370.50"))
    assert again("opening-stock", text, anna) == {"unchanged": 1, "error": 2}
    assert again("opening-stock", text.replace("39", "40"), anna) == {"error": 3}
    assert undone(imp).rows.get(outcome="new").undo_note == "Stock moves stay; count P1 and correct the difference."
    assert StockMove.objects.count() == 1


def test_lines_of_delivery_notes_are_booked_once_and_never_over_what_was_typed_in(anna: Any) -> None:
    imported("suppliers", SUPPLIERS, anna)
    imported("products", PRODUCTS, anna)
    text = "Delivery note,sku,qty,cost,date\nDN-1,P1,10,2.5,2026-01-05\nDN-1,P2,4,,2026-01-05\nDN-1,P1,1,1,2026-01-05\n"

    imp = imported("goods-received", text, anna)

    assert imp.counts == {"new": 1, "error": 1, "duplicate": 1}
    assert [told for _row, told in reasons(imp)] == [
        [["unit_cost", "Goods that come in need a cost of zero or more."]], [["reference", "The same as row 2."]],
    ]  # fmt: skip
    assert again("goods-received", text, anna) == {"unchanged": 1, "error": 1, "duplicate": 1}
    receive(Product.objects.get(sku="P2"), Decimal(4), Decimal(3), date(2026, 1, 5), reference="DN-1")
    assert again("goods-received", text, anna) == {"unchanged": 1, "duplicate": 2}
    assert [(one.product.sku, one.on_hand, one.value) for one in StockBalance.objects.order_by("product__sku")] == [
        ("P1", 10, Decimal("25.00")), ("P2", 4, Decimal("12.00")),
    ]  # fmt: skip
    assert undone(imp).rows.get(outcome="new").undo_note == "Stock moves stay; count P1 and correct the difference."
    assert broken() == []


def test_cost_is_no_column_for_who_may_not_see_it() -> None:
    imp = uploaded("opening-stock", "sku,quantity,cost\nP1,1,1\n", user("warehouse"))

    assert imp.mapping == {"sku": "product", "quantity": "quantity"}


def test_a_chart_with_headings_in_any_place_of_the_file(anna: Any) -> None:
    text = "科目代码,名称,类别,上级科目,是否汇总\n66X,Costs,损益类,,是\n66X1,Travel,损益类,66X,否\n"
    text += "66X2,Odd,?,66X,否\n66X3,Lost,费用类,77Z,否\n"

    plan = tried("chart", text, anna)
    imp = imported("chart", text, anna)

    assert plan.counts == imp.counts == {"new": 2, "error": 2}
    assert Account.objects.get(code="66X1").parent.code == "66X"
    assert again("chart", text, anna) == {"unchanged": 2, "error": 2}
    assert again("chart", text.replace("Travel", "Trips"), anna) == {"update": 1, "unchanged": 1, "error": 2}
    undone(imp)
    assert not Account.objects.filter(code="66X1", name="Travel").exists()


VOUCHER = """voucher,date,text,account,debit,credit
O1,2026-01-01,Opening,1001,"1,000.00",
O1,,,3001,,1000
O2,2026-01-01,Not even,1001,5,
O2,,,3001,,4
O3,2026-01-01,Unknown,nothing,1,
O3,,,3001,,1
"""


def test_rows_with_one_reference_are_one_voucher(anna: Any) -> None:
    codes = list(Account.objects.filter(is_group=False, control=False).values_list("code", flat=True)[:2])
    text = VOUCHER.replace("1001", codes[0]).replace("3001", codes[1])

    imp = imported("vouchers", text, anna)

    voucher = Voucher.objects.get()
    assert imp.counts == {"new": 1, "error": 2}
    assert [told for _row, told in reasons(imp)] == [
        [["debit", "Debits and credits differ by 1.00."]],
        [["account", "“nothing” is not known here."]],
    ]
    assert (voucher.text, voucher.total, voucher.status, voucher.created_by) == ("Opening", 1000, "draft", anna)
    assert again("vouchers", text, anna) == {"unchanged": 1, "error": 2}
    assert again("vouchers", text.replace('"1,000.00"', "900").replace(",1000", ",900"), anna) == {"error": 3}
    undone(imp)
    assert Voucher.objects.get().status == "discarded"


def test_a_line_of_a_voucher_says_its_tax(anna: Any) -> None:
    text = "voucher,date,text,account,debit,credit,tax\nT1,2026-01-01,Pens,6200,100,,standard:19\n"
    text += "T1,,,1400,19,,standard:19\nT1,,,1010,,119,\n"

    assert imported("vouchers", text, anna).counts == {"new": 1}

    assert [line.tax_code for line in Voucher.objects.get().lines.order_by("position")] == ["standard:19"] * 2 + [""]


PATTERNS = """name,text,first day,how often,times,spread,account,debit,credit
Rent,Rent {month},2099-01-31,monthly,,no,6100,900,
,,,,,,1010,,900
Insurance,Insurance {year},2099-01-01,month,12,yes,6100,1200,
,,,,,,1010,,1200
Odd,Odd,2099-01-01,month,,no,6100,1,
,,,,,,1010,,2
Late,Late,2001-01-01,month,,no,6100,1,
,,,,,,1010,,1
"""


def test_rows_with_one_name_are_one_recurring_voucher(anna: Any) -> None:
    imp = imported("recurring-vouchers", PATTERNS, anna)

    rent = RecurringVoucher.objects.get(name="Rent")
    assert imp.counts == {"new": 2, "error": 2}
    assert [told for _row, told in reasons(imp)] == [
        [["debit", "Debits and credits differ by -1.00."]], [["first_on", "That is too long ago."]],
    ]  # fmt: skip
    assert (rent.every, rent.total, rent.next_on, rent.created_by) == ("month", 900, date(2099, 1, 31), anna)
    assert again("recurring-vouchers", PATTERNS, anna) == {"unchanged": 2, "error": 2}
    assert again("recurring-vouchers", PATTERNS.replace("900", "950"), anna) == {"unchanged": 1, "error": 3}
    recurring.take(rent, anna)
    undone(imp)
    assert [one.name for one in RecurringVoucher.objects.all()] == ["Rent"]
    assert imp.rows.get(undone=False).undo_note == "It was changed since the import."


def test_what_is_due_comes_with_its_pattern(anna: Any) -> None:
    text = PATTERNS.splitlines()[0] + "\nRent,Rent {month},2026-10-31,monthly,2,no,6100,900,\n,,,,,,1010,,900\n"

    imp = imported("recurring-vouchers", text, anna)

    assert [one.text for one in Voucher.objects.order_by("text")] == ["Rent 2026-10"]
    assert again("recurring-vouchers", text, anna) == {"unchanged": 1}
    assert undone(imp).rows.get().undo_note == "It is used: Vouchers of recurring ones."


def test_rows_with_one_reference_are_one_order(anna: Any) -> None:
    imported("suppliers", SUPPLIERS, anna)
    imported("products", PRODUCTS, anna)
    imported("prices", PRICES, anna)
    publish(Product.objects.get(sku="P1"))
    imported("customers", "Reference,Name\nALFKI,Alfreds\n", anna)
    text = (
        "OrderID,CustomerID,OrderDate,ProductID,Quantity,UnitPrice\n1,ALFKI,2026-02-01,P1,2,\n1,ALFKI,2026-02-01,P1,3,17\n"
        "2,ALFKI,2026-02-01,P2,1,\n1,ALFKI,2026-02-01,P1,9,\n3,NOBODY,2026-02-01,P1,1,\n"
    )

    imp = imported("orders", text, anna)

    order = Order.objects.get()
    assert imp.counts == {"new": 1, "error": 3}
    assert [row for row, _told in reasons(imp)] == [4, 5, 6]
    assert (order.status, order.net_total, order.lines.count()) == ("draft", Decimal("87.00"), 2)
    assert again("orders", text, anna) == {"unchanged": 1, "error": 3}
    undone(imp)
    assert Order.objects.get().status == "cancelled"


def test_sales_of_a_shop_are_booked_line_by_line_or_refused_with_a_reason(anna: Any) -> None:
    head = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    text = head + (
        "536365,85123A,HEART,6,2026-01-05 08:26:00,2.55,17850.0,United Kingdom\n"
        "536365,85123A,HEART,6,2026-01-05 08:26:00,2.55,17850.0,United Kingdom\n"
        "536365,POST,POSTAGE,1,2026-01-05 08:26:00,18.00,,United Kingdom\n"
        "C536379,85123A,HEART,-2,2026-01-06 09:41:00,2.55,17850.0,United Kingdom\n"
        "536589,21777,,-10,2026-01-07 16:50:00,0,,United Kingdom\n"
        "536590,21777,lost,-10,2026-01-07 16:50:00,1.00,,United Kingdom\n"
        "A563185,B,Adjust bad debt,1,2026-01-12 14:50:00,-11062.06,,United Kingdom\n"
        "536591,21777,BAG,x,2026-01-07,1.00,,United Kingdom\n"
        "536592,21777,BAG,1,1990-01-07,1.00,,United Kingdom\n"
    )

    imp = imported("shop-sales", text, anna)

    assert imp.counts == {"new": 3, "duplicate": 1, "error": 5}
    assert [told[0][0] for _row, told in reasons(imp)] == ["document", "price", "quantity", "price", "quantity", "date"]
    booked = JournalLine.objects.order_by("entry__sequence", "position")
    taxed = "standard:19"
    assert [(line.account.code, line.amount, line.tax_code) for line in booked] == [
        ("1250", Decimal("18.21"), ""), ("4000", Decimal("-15.30"), taxed), ("2200", Decimal("-2.91"), taxed),
        ("1250", Decimal("21.42"), ""), ("4100", Decimal("-18.00"), taxed), ("2200", Decimal("-3.42"), taxed),
        ("1250", Decimal("-6.07"), ""), ("4200", Decimal("5.10"), taxed), ("2200", Decimal("0.97"), taxed),
    ]  # fmt: skip
    assert again("shop-sales", text, anna) == {"unchanged": 3, "duplicate": 1, "error": 5}
    undone(imp)
    assert account_balance("sales") == Decimal("0.00")
    assert again("shop-sales", text, anna) == {"duplicate": 1, "error": 8}
