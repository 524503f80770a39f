"""Cost centres and projects on lines of bills: typed, sent, imported, and named in the books in any currency."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from rest_framework.test import APIClient

from erp.bills import services
from erp.bills.models import Bill
from erp.bills.services import NewLine
from erp.ledger.services import account
from tests.erp.bills.makers import bill_of, supplier
from tests.erp.ledger.bearers import asks, named, on_lines
from tests.erp.makers import user
from tests.erp.rates.makers import rate
from tests.importing import imported, media, reasons

__all__ = ["media"]
pytestmark = pytest.mark.django_db
GRID = {
    "line-TOTAL_FORMS": "2", "line-INITIAL_FORMS": "0", "line-0-account": "6200", "line-0-amount": "100.00",
    "line-0-tax_class": "standard", "line-1-tax_class": "standard",
}  # fmt: skip


def test_a_bill_typed_with_one_names_it_in_the_books():
    party, page = supplier(), Client()
    page.force_login(user("accountant"))
    assert "line-0-cost_centre" not in page.get("/bills/new/").content.decode()
    named("S10", initials="sal")
    asks("6200", since=date(2026, 1, 1))
    head = {"party": party.code, "number": "R-1", "date": "2026-11-20"}

    wrong = page.post("/bills/new/", {**head, **GRID, "line-0-cost_centre": "S99"})
    page.post("/bills/new/", {**head, **GRID})
    bill = Bill.objects.get()
    page.post(f"/bills/{bill.pk}/post/")
    bill.refresh_from_db()
    assert (wrong.status_code, bill.status) == (422, "draft")
    page.post(f"/bills/{bill.pk}/edit/", {**head, **GRID, "line-0-cost_centre": "SAL", "version": bill.version})
    assert 'value="S10"' in page.get(f"/bills/{bill.pk}/edit/").content.decode()
    page.post(f"/bills/{bill.pk}/post/")

    assert on_lines(Bill.objects.get().entry) == [("S10", None), (None, None), (None, None)]
    assert "S10 Name of S10" in page.get(bill.get_absolute_url()).content.decode()


def test_in_another_currency_too():
    rate("0.90", date(2026, 11, 20))
    named("S10")
    line = NewLine(account("6200"), Decimal("100.00"), cost_centre="S10")

    bill = services.post(bill_of(line, currency="USD"), user("accountant"))

    assert on_lines(bill.entry)[0] == ("S10", None)


def test_over_rest():
    party = supplier()
    named("P7", "project")
    api = APIClient()
    api.force_authenticate(user("accountant"))
    told = {
        "party": party.code, "number": "R-1", "date": "2026-11-20",
        "lines": [{"account": "6200", "amount": "100.00", "project": "P8"}],
    }  # fmt: skip

    wrong = api.post("/api/v1/bills/", told, "json")
    told["lines"][0]["project"] = "P7"
    made = api.post("/api/v1/bills/", told, "json")

    assert wrong.json()["errors"][0]["field"] == "lines.0.project"
    assert [(one["cost_centre"], one["project"]) for one in made.json()["lines"]] == [(None, "P7")]


@pytest.mark.usefixtures("media")
def test_from_a_file():
    party = supplier()
    named("S10")
    rows = (f"{party.code},R-1,2026-11-20,6200,100.00,S10", f"{party.code},R-2,2026-11-20,6200,5.00,S99")
    text = "\n".join(("Supplier,Number,Date,Account,Amount,Cost centre", *rows))

    imp = imported("bills", text, user("accountant"))

    assert Bill.objects.get().lines.get().cost_centre.code == "S10"
    assert [row for row, _why in reasons(imp)] == [3]
