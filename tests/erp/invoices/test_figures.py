from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from erp.invoices import figures
from tests.erp.invoices.makers import invoice_of
from tests.erp.makers import company, user

pytestmark = pytest.mark.django_db

NOTHING = [Decimal(0)] * 5


def test_sales_stand_at_their_month() -> None:
    invoice = invoice_of(("CHAI", "5", "18.00"))

    chart = figures.sales_by_month()

    assert chart is not None
    assert sum(chart.series[0].values) == invoice.net
    assert sum(chart.series[1].values) == 0
    assert chart.labels[-1] == timezone.localdate().strftime("%b %Y")


def test_without_invoices_there_is_nothing_to_draw() -> None:
    assert figures.sales_by_month() is None


@pytest.mark.parametrize(
    ("bands", "finding"),
    [
        (["60", "30", "10", "0", "0"], "40 % of the receivables are overdue"),
        (["60", "0", "0", "0", "0"], "Nothing is overdue"),
    ],
)
def test_the_title_of_the_aging_says_what_is_late(bands: list[str], finding: str) -> None:
    amounts = [Decimal(band) for band in bands]
    company()

    chart = figures.aging_bands([*amounts, sum(amounts)])

    assert chart is not None
    assert str(chart.title) == finding


def test_a_program_reads_the_sales_of_a_year() -> None:
    invoice = invoice_of(("CHAI", "5", "18.00"))
    clerk, keeper = Client(), Client()
    clerk.force_login(user("auditor"))
    keeper.force_login(user("order_desk"))

    told = clerk.get("/api/v1/sales/").json()

    assert (told["currency"], len(told["months"])) == ("EUR", 12)
    assert told["months"][-1] == {
        "month": str(timezone.localdate().replace(day=1)), "invoiced": str(invoice.net), "credited": "0.00",
    }  # fmt: skip
    assert keeper.get("/api/v1/sales/").status_code == 403
    assert clerk.get("/api/v1/sales/?months=3").json()["code"] == "unknown-parameter"


def test_nothing_owed_is_no_chart() -> None:
    assert figures.aging_bands([*NOTHING, Decimal(0)]) is None


def test_the_pages_are_for_who_reads_the_books() -> None:
    invoice_of(("CHAI", "5", "18.00"))
    clerk, keeper = Client(), Client()
    clerk.force_login(user("accountant"))
    keeper.force_login(user("warehouse"))

    assert "data-chart" in clerk.get("/invoices/sales/").content.decode()
    assert "data-chart" in clerk.get("/invoices/aging/").content.decode()
    assert keeper.get("/invoices/sales/").status_code == 403
