"""Exchange rates: of a day, the newest on or before it; never nothing, never two of one day."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from base.refusals import BadInput, NotAllowed
from erp.rates import refusals
from erp.rates.models import ExchangeRate
from erp.rates.services import change_rate, in_house, rate_on, remove_rate, set_rate, share
from tests.erp.invoices.makers import rivals
from tests.erp.ledger.test_invariants import as_app, refused
from tests.erp.makers import company, user
from tests.erp.rates.makers import DAY, rate

D = Decimal
PUT = """INSERT INTO public.rates_exchangerate (id, company_id, currency, day, rate, source, created_at, updated_at)
  SELECT uuidv7(), id, %s, %s, %s, '', now(), now() FROM public.ledger_company"""


@pytest.mark.django_db
class TestTheRateOfADay:
    def test_it_is_the_newest_on_it_or_before(self):
        rate("0.90", date(2026, 10, 31))
        rate("0.95", date(2026, 11, 15))
        rate("7.80", date(2026, 11, 1), "CNY")

        assert rate_on("USD", date(2026, 10, 31)) == D("0.90")
        assert rate_on("USD", date(2026, 11, 14)) == D("0.90")
        assert rate_on("USD", date(2026, 11, 15)) == D("0.95")
        assert rate_on("EUR", date(1996, 1, 1)) == 1

    def test_without_one_it_is_refused_and_says_so(self):
        rate("0.90", date(2026, 10, 31))

        with pytest.raises(refusals.RateMissing, match="no exchange rate of USD on 2026-10-30"):
            rate_on("USD", date(2026, 10, 30))
        with pytest.raises(refusals.RateMissing):
            rate_on("GBP", date(2026, 12, 1))

    def test_our_own_currency_asks_nobody(self, django_assert_num_queries):
        company()
        rate_on("EUR", DAY)

        with django_assert_num_queries(0):
            assert rate_on("EUR", DAY) == 1


@pytest.mark.django_db
class TestKeeping:
    def test_a_day_has_one_rate_and_the_same_again_is_no_news(self):
        first = rate("0.90")

        assert rate("0.9000") == first
        with pytest.raises(refusals.RateKnown, match=r"already: 0\.9\."):
            rate("0.91")

    def test_nonsense_is_refused(self):
        company()
        for worth in ("0", "-1", "NaN", "1e9"):
            with pytest.raises(refusals.BadRate):
                set_rate("USD", DAY, D(worth), user("accountant"))
        with pytest.raises(BadInput, match="10 digits"):
            set_rate("USD", DAY, D("0.12345678901"), user("accountant"))
        with pytest.raises(refusals.RateOfOurs):
            set_rate("eur", DAY, D(1), user("accountant"))

    def test_what_is_put_right_or_removed_keeps_its_history(self):
        found = rate("9.00")
        change_rate(found, user("accountant"), rate=D("0.90"), source="ECB")
        remove_rate(ExchangeRate.objects.get(), user("accountant"))

        told = [(one.history_type, one.rate) for one in ExchangeRate.history.order_by("history_id")]
        assert told == [("+", D("9.00")), ("~", D("0.90")), ("-", D("0.90"))]

    def test_only_who_keeps_the_books_keeps_the_rates(self):
        company()
        for role in ("auditor", "order_desk", "warehouse"):
            with pytest.raises(NotAllowed):
                set_rate("USD", DAY, D("0.9"), user(role))


@pytest.mark.django_db
class TestTheDatabase:
    @pytest.mark.parametrize("worth", ["0", "-0.9", "NaN"])
    def test_refuses_what_is_no_rate(self, worth):
        company()
        with refused("23514"):
            as_app(PUT, "USD", DAY, worth)

    def test_refuses_two_of_one_day_and_a_rate_of_our_own(self):
        found = rate("0.90")
        with refused("23505"):
            as_app(PUT, "USD", DAY, "0.91")
        with refused("HM110"):
            as_app(PUT, "EUR", DAY, "1")
        with refused("HM110"):
            as_app("UPDATE public.rates_exchangerate SET day = day - 1 WHERE id = %s", found.pk)
        with refused("23514"):
            as_app(PUT, "usd", DAY, "1")

    @pytest.mark.parametrize(
        ("amount", "of", "worth"),
        [("40.00", "120.00", "100.00"), ("0.01", "0.03", "0.02"), ("1.00", "8.00", "1.00"), ("5.00", "5.00", "4.33"),
         ("99999999999999999.98", "99999999999999999.99", "77777777777777777.77"), ("0.01", "3.00", "0.01")],
    )  # fmt: skip
    def test_shares_an_items_worth_as_we_do(self, amount, of, worth):
        company()
        with connection.cursor() as cursor:
            cursor.execute("SELECT public.house_share(%s, %s, %s, 2)", [D(amount), D(of), D(worth)])
            (told,) = cursor.fetchone()

        assert told == share(D(amount), D(of), D(worth), "EUR")


@pytest.mark.django_db(transaction=True)
def test_of_two_rates_for_one_day_at_once_one_stays():
    company()
    somebody = user("accountant")

    told = rivals(4, lambda number: set_rate("USD", DAY, D(f"0.9{number}"), somebody))

    assert sum(isinstance(one, ExchangeRate) for one in told) == 1
    assert sum(isinstance(one, refusals.RateKnown) for one in told) == 3


def test_amounts_are_rounded_as_the_books_are():
    assert in_house(D("119.00"), D("0.9123"), "EUR") == D("108.56")
    assert in_house(D("1.00"), D("150.5"), "JPY") == D("151")
    assert in_house(D("1.00"), None, "EUR") == D("1.00")


@pytest.mark.django_db
class TestPages:
    def test_rates_are_entered_changed_removed_and_looked_at(self, client):
        company()
        client.force_login(user("accountant"))
        answer = client.post("/rates/new/", {"currency": "usd", "day": "2026-11-20", "rate": "0.91", "source": "ECB"})
        found = ExchangeRate.objects.get()
        again = client.post("/rates/new/", {"currency": "USD", "day": "2026-11-20", "rate": "0.92"})
        client.post(found.get_absolute_url(), {"rate": "0.93", "source": "ECB"})

        assert (answer.status_code, again.status_code, found.rate) == (302, 422, D("0.91"))
        assert "already: 0.91" in again.content.decode()
        assert "0.93" in client.get("/rates/").content.decode()
        assert client.get(found.get_absolute_url()).status_code == 200
        client.post(f"/rates/{found.pk}/remove/")
        assert not ExchangeRate.objects.exists()

    def test_who_may_look_changes_nothing(self):
        found = rate("0.90")
        for role, status in (("auditor", 200), ("order_desk", 200), ("warehouse", 403)):
            page = Client()
            page.force_login(user(role))
            assert page.get("/rates/").status_code == status
            assert page.get("/rates/new/").status_code == 403
            page.post(found.get_absolute_url(), {"rate": "0.5"})
        found.refresh_from_db()
        assert found.rate == D("0.90")


@pytest.mark.django_db
class TestTheApi:
    def test_rates_are_kept_and_asked_for(self):
        company()
        api = APIClient()
        api.force_authenticate(user("accountant"))
        made = api.post("/api/v1/exchange-rates/", {"currency": "USD", "day": "2026-11-20", "rate": "0.9"}, "json")
        twice = api.post("/api/v1/exchange-rates/", {"currency": "USD", "day": "2026-11-20", "rate": "0.8"}, "json")
        of_day = api.get("/api/v1/exchange-rates/of-day/?currency=USD&day=2026-11-27")
        none = api.get("/api/v1/exchange-rates/of-day/?currency=USD&day=2026-11-19")
        api.patch(f"/api/v1/exchange-rates/{made.json()['id']}/", {"rate": "0.95"}, "json")

        assert (made.status_code, twice.status_code, none.status_code) == (201, 409, 422)
        assert (of_day.json()["rate"], of_day.json()["base"]) == ("0.9000000000", "EUR")
        assert api.get("/api/v1/exchange-rates/").json()["results"][0]["rate"] == "0.9500000000"
        assert api.delete(f"/api/v1/exchange-rates/{made.json()['id']}/").status_code == 204

    def test_the_order_desk_reads(self):
        rate("0.90")
        api, told = APIClient(), {"currency": "GBP", "day": "2026-11-20", "rate": "1"}
        api.force_authenticate(user("order_desk"))

        assert api.get("/api/v1/exchange-rates/").status_code == 200
        assert api.post("/api/v1/exchange-rates/", told, "json").status_code == 403
