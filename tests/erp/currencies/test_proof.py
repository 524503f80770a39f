"""The proof finds what is wrong with foreign items, however that came to be."""

from datetime import timedelta
from decimal import Decimal

import pytest

from erp.bills import services as bills
from erp.invoices import services as invoices
from erp.revaluation.services import revalue
from tests.erp.currencies.makers import dollar_bill, dollars
from tests.erp.currencies.test_documents import holds
from tests.erp.makers import user
from tests.erp.orders.makers import TODAY
from tests.erp.proof.test_proof import missed_of
from tests.erp.rates.makers import rate

D = Decimal
LATER = TODAY + timedelta(days=2)
ITEM = "UPDATE invoices_openitem SET house_open = house_open + 1 WHERE house_open IS NOT NULL"
BILL = "UPDATE bills_bill SET {0} = {0} + 1 WHERE rate IS NOT NULL"
BREAKS = {
    "FX items": [BILL.format("house_open")],
    "FX lines": [BILL.format("open_amount")],
    "FX entries": ["UPDATE ledger_journalline SET foreign_amount = NULL WHERE currency = 'USD'"],
    "FX receipts": ["UPDATE banking_receipt SET house_amount = house_amount + 1 WHERE house_amount IS NOT NULL"],
    "FX revaluations": ["UPDATE revaluation_revaluationline SET after = after + 1"],
    "I9 receivables": [ITEM],
    "I9 payables": [BILL.format("house_open")],
}


@pytest.mark.django_db(transaction=True)
def test_what_breaks_a_rule_of_foreign_items_is_found():
    invoice, bill, somebody = dollars(), dollar_bill(), user("accountant")
    rate("1.00", TODAY + timedelta(days=1))
    revalue(TODAY + timedelta(days=1), somebody)
    invoices.take_payment(invoice, D("19.00"), LATER, booked=D("18.00"))
    bills.pay(bill, D("19.00"), LATER, somebody, booked=D("20.00"))
    holds()

    assert missed_of(BREAKS) == []
