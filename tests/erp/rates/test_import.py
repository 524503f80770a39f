"""Exchange rates from files: made once, put right, taken back."""

from datetime import date
from decimal import Decimal

import pytest

from erp.rates.models import ExchangeRate
from tests.erp.makers import company, user
from tests.importing import imported, media, reasons, undone

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

D = Decimal
TEXT = """Currency,Date,Rate,Source
USD,2026-10-31,0.9213,ECB
usd,2026-11-15,0.95,ECB
CNY,2026-10-31,0.1287654321,ECB
"""


def told():
    return [(one.currency, one.day, one.rate) for one in ExchangeRate.objects.order_by("currency", "day")]


def test_rates_come_once_and_are_taken_back():
    company()
    first = imported("exchange-rates", TEXT, user("accountant"))
    again = imported("exchange-rates", TEXT, user("accountant"))

    assert told() == [
        ("CNY", date(2026, 10, 31), D("0.1287654321")),
        ("USD", date(2026, 10, 31), D("0.9213")),
        ("USD", date(2026, 11, 15), D("0.95")),
    ]
    assert (first.counts, again.counts) == ({"new": 3}, {"unchanged": 3})
    undone(first)
    assert told() == []


def test_a_rate_of_a_day_is_put_right_by_the_next_file():
    company()
    imported("exchange-rates", TEXT, user("accountant"))
    second = imported("exchange-rates", TEXT.replace("0.95", "0.96"), user("accountant"))

    assert second.counts == {"update": 1, "unchanged": 2}
    assert told()[-1] == ("USD", date(2026, 11, 15), D("0.96"))
    undone(second)
    assert told()[-1] == ("USD", date(2026, 11, 15), D("0.95"))


def test_what_is_no_rate_is_refused_row_by_row():
    company()
    bad = "Currency,Date,Rate\nEUR,2026-10-31,1\nUSD,2026-10-31,0\nU$,2026-10-31,1\nUSD,2026-11-01,0.9\n"

    found = reasons(imported("exchange-rates", bad, user("admin")))

    assert [(row, [name for name, _why in why]) for row, why in found] == [
        (2, ["currency"]),
        (3, ["rate"]),
        (4, ["currency"]),
    ]
