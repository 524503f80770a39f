"""Vouchers that come again: on their days, once, to the cent; and accruals that are taken back."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from base.refusals import BadInput, NotAllowed
from erp.access.models import Notice
from erp.ledger import refusals, services, vouchers
from erp.ledger.models import JournalEntry, Period, Voucher
from erp.recurring import services as recurring
from erp.recurring.models import RecurringLine, RecurringVoucher
from erp.recurring.rhythm import Every, day_of, share
from erp.recurring.tasks import bring
from tests.erp.ledger.makers import line
from tests.erp.ledger.test_rivals import rivals
from tests.erp.makers import company, user
from tests.erp.recurring.makers import RENT, pattern

pytestmark = pytest.mark.django_db
CENTS = [line("6100", "0.11"), line("1010", credit="0.11")]


TODAY = date(2026, 11, 26)


@pytest.fixture
def alice():
    """An accountant."""
    company()
    return user("accountant")


def write(by, told, lines=RENT, today=TODAY, **more):
    return recurring.write(by, told, lines, today=today, **more)


def days(one):
    return [str(day) for day in one.occurrences.order_by("number").values_list("date", flat=True)]


def test_what_is_due_is_written_as_drafts_and_the_rest_on_its_days(alice):
    rent = write(alice, pattern(first_on=date(2026, 9, 30)))

    assert days(rent) == ["2026-09-30", "2026-10-30"]
    assert [one.status for one in Voucher.objects.all()] == ["draft"] * 2
    assert [one.text for one in Voucher.objects.order_by("date")] == ["Rent 2026-09", "Rent 2026-10"]
    rent.refresh_from_db()
    assert (rent.written, rent.next_on) == (2, date(2026, 11, 30))
    assert not JournalEntry.objects.exists()
    assert Notice.objects.get(user=alice).text == "A recurring voucher waits to be posted: Rent"


def test_the_month_end_stays_the_month_end():
    assert [str(day_of(date(2027, 12, 31), "month", number)) for number in (1, 2, 3, 4)] == [
        "2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31",
    ]  # fmt: skip
    assert str(day_of(date(2026, 11, 30), "quarter", 2)) == "2027-02-28"
    assert str(day_of(date(2028, 2, 29), "year", 2)) == "2029-02-28"


def test_the_clock_writes_each_day_once_whoever_comes(alice):
    rent = write(alice, pattern())

    assert [recurring.bring_all(date(2027, 1, 31)) for _turn in range(2)] == [3, 0]
    assert days(rent) == ["2026-10-31", "2026-11-30", "2026-12-31", "2027-01-31"]


def test_every_night_the_worker_does_both(alice):
    """By today's real date: as many drafts as have become due since August, and what was accrued in September."""
    began = date(2026, 8, 31)
    write(alice, pattern(first_on=began), today=began)
    accrued = vouchers.write(alice, "general", date(2026, 9, 30), "Power", RENT, reverse_on=date(2026, 10, 1))
    vouchers.post(accrued, alice, today=date(2026, 9, 30))
    due = sum(day_of(began, Every.MONTH, number) <= timezone.localdate() for number in range(2, 1000))

    assert bring() == f"{due} drafts written, 1 accruals reversed"
    assert bring() == "0 drafts written, 0 accruals reversed"


@pytest.mark.django_db(transaction=True)
def test_rivals_write_no_day_twice(alice):
    rent = write(alice, pattern(first_on=date(2026, 12, 31)))

    rivals(6, lambda _number: recurring.bring(rent, date(2027, 6, 1)))

    assert days(rent) == ["2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]
    assert Voucher.objects.count() == 6


def test_a_prepaid_year_is_spread_to_the_cent(alice):
    """1,000.00 in twelve parts, and every part balances."""
    lines = [line("6100", "333.34"), line("6200", "666.66"), line("1010", credit="1000.00")]
    one = write(alice, pattern(every=Every.MONTH, first_on=date(2026, 1, 31), times=12, spread=True), lines)
    recurring.bring(one, date(2026, 12, 31))

    told = [[(line.debit, line.credit) for line in found.lines.all()] for found in Voucher.objects.order_by("date")]
    assert len(told) == 12
    assert all(sum(debit - credit for debit, credit in part) == 0 for part in told)
    assert [sum(part[place][side] for part in told) for place, side in ((0, 0), (1, 0), (2, 1))] == [
        Decimal("333.34"), Decimal("666.66"), Decimal("1000.00"),
    ]  # fmt: skip
    one.refresh_from_db()
    assert (one.status, one.next_on) == ("ended", None)


@pytest.mark.parametrize("times", [2, 3, 7, 12, 36])
def test_every_share_balances_and_all_make_the_whole(times):
    lines = [line("a", "100.01"), line("b", "0.77"), line("c", credit="60.39"), line("d", credit="40.39")]
    shares = [share(lines, number, times) for number in range(1, times + 1)]

    assert all(services.imbalance(part) == 0 for part in shares)
    assert [sum(part[place].debit + part[place].credit for part in shares) for place in range(4)] == [
        one.debit + one.credit for one in lines
    ]


def test_a_template_comes_only_when_asked(alice):
    template = write(alice, pattern(every=Every.ASKED))
    assert (days(template), template.next_on) == ([], None)

    voucher = recurring.take(template, alice)

    assert (voucher.date, voucher.status, voucher.total) == (timezone.localdate(), "draft", Decimal("900.00"))
    assert recurring.bring_all(date(2030, 1, 1)) == 0


def test_paused_nothing_comes_and_resumed_what_was_missed(alice):
    rent = write(alice, pattern())
    recurring.pause(rent, alice)
    assert recurring.bring_all(date(2026, 12, 31)) == 0

    recurring.resume(rent, alice, date(2026, 12, 31))
    assert days(rent) == ["2026-10-31", "2026-11-30", "2026-12-31"]
    recurring.end(rent, alice)
    with pytest.raises(recurring.MoveRefused):
        recurring.take(rent, alice)
    with pytest.raises(recurring.MoveRefused):
        recurring.change(rent, alice, pattern(), RENT)


def test_a_change_holds_from_the_next_time_on(alice):
    rent = write(alice, pattern())
    dearer = [line("6100", "950.00"), line("1010", credit="950.00")]

    recurring.change(rent, alice, pattern(text="Office {year}"), dearer)
    recurring.bring(rent, date(2026, 11, 30))

    assert [(one.text, one.total) for one in Voucher.objects.order_by("date")] == [
        ("Rent 2026-10", Decimal("900.00")),
        ("Office 2026", Decimal("950.00")),
    ]
    kept = RecurringLine.history.filter(recurring_id=rent.pk, position=1).order_by("history_id")
    assert [(one.history_type, one.debit) for one in kept] == [("+", 900), ("-", 900), ("+", 950)]
    with pytest.raises(recurring.WrittenAlready):
        recurring.change(rent, alice, pattern(every=Every.YEAR), RENT)
    with pytest.raises(recurring.WrittenAlready):
        recurring.change(rent, alice, pattern(times=1), RENT)


@pytest.mark.parametrize(
    ("more", "lines", "refusal"),
    [
        ({"name": " "}, RENT, BadInput),
        ({"text": " "}, RENT, BadInput),
        ({"journal": "nonsense"}, RENT, refusals.JournalUnknown),
        ({"times": 0}, RENT, BadInput),
        ({"spread": True}, RENT, BadInput),
        ({"spread": True, "times": 1}, RENT, BadInput),
        ({"every": Every.ASKED, "times": 3}, RENT, BadInput),
        ({"first_on": date(1990, 1, 1)}, RENT, BadInput),
        ({}, RENT[:1], refusals.TooFewLines),
        ({}, [line("6100", "1.00"), line("1010", credit="2.00")], refusals.NotBalanced),
        ({}, [line("nope", "1.00"), line("1010", credit="1.00")], refusals.AccountUnknown),
        (
            {"spread": True, "times": 12},
            [line("6100", "0.11"), line("1010", credit="0.11")],
            recurring.TooLittleToSpread,
        ),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(alice, more, lines, refusal):
    with pytest.raises(refusal):
        write(alice, pattern(**more), lines)

    assert (RecurringVoucher.objects.count(), Voucher.objects.count()) == (0, 0)


def test_a_name_is_there_once_and_a_form_sent_twice_is_one(alice):
    identity = uuid4()
    first = write(alice, pattern(), identity=identity)
    assert write(alice, pattern(), identity=identity) == first
    with pytest.raises(recurring.NameTaken):
        write(alice, pattern())


def test_who_only_reads_writes_none(alice):
    with pytest.raises(NotAllowed):
        write(user("auditor", "eve"), pattern())


def test_the_database_keeps_what_came_of_it(alice):
    rent = write(alice, pattern())
    for statement in (
        "UPDATE recurring_occurrence SET date = date + 1",
        "DELETE FROM recurring_occurrence",
        f"INSERT INTO recurring_occurrence (recurring_id, number, date, voucher_id) "
        f"SELECT recurring_id, number, date, '{uuid4()}' FROM recurring_occurrence",
        "UPDATE recurring_recurringvoucher SET times = 0",
        "UPDATE recurring_recurringvoucher SET spread = true",
        "UPDATE recurring_recurringline SET credit = 1, debit = 1",
        "UPDATE ledger_voucher SET reverse_on = date",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert days(rent) == ["2026-10-31"]


class TestAccruals:
    """What a voucher accrues is taken back on its day."""

    def accrual(self, by, day=date(2026, 11, 20), back=date(2026, 12, 1)):
        voucher = vouchers.write(by, "general", day, "Power, not billed yet", RENT, reverse_on=back)
        return vouchers.post(voucher, by, today=TODAY)

    def test_on_its_day_and_once(self, alice):
        voucher = self.accrual(alice)
        assert voucher.entry.reversal is None

        clock = (TODAY, date(2026, 12, 4), date(2026, 12, 5))
        assert [vouchers.take_back_due(today) for today in clock] == [0, 1, 0]

        undone = JournalEntry.objects.get(reverses=voucher.entry)
        assert (undone.date, undone.text) == (date(2026, 12, 1), f"{voucher.entry.number}: Power, not billed yet")

    def test_at_once_when_its_day_is_past(self, alice):
        voucher = self.accrual(alice, date(2026, 10, 31), date(2026, 11, 1))

        assert JournalEntry.objects.get(reverses=voucher.entry).date == date(2026, 11, 1)

    def test_not_before_or_on_the_day_itself(self, alice):
        with pytest.raises(BadInput):
            vouchers.write(alice, "general", date(2026, 11, 20), "x", RENT, reverse_on=date(2026, 11, 20))

    def test_a_closed_month_is_told_to_its_author(self, alice):
        self.accrual(alice)
        services.set_period(Period.objects.get(starts_on="2026-12-01"), "closed", "alice")

        assert vouchers.take_back_due(date(2027, 1, 2)) == 0
        assert "could not be reversed on its day" in Notice.objects.get(user=alice).text

    def test_a_monthly_accrual_comes_back_every_month(self, alice):
        one = write(alice, pattern(reverse_next=True))
        voucher = Voucher.objects.get()
        assert voucher.reverse_on == date(2026, 11, 1)
        posted = vouchers.post(voucher, alice, today=TODAY)

        assert JournalEntry.objects.filter(reverses=posted.entry).count() == 1
        assert days(one) == ["2026-10-31"]


class TestPages:
    """Written in the voucher's grid, looked at with what came of it."""

    @pytest.fixture
    def browser(self, alice):
        client = Client()
        client.force_login(alice)
        return client

    def form(self, **more):
        told = {
            "name": "Rent", "text": "Rent {month}", "journal": "general", "every": "month", "times": "",
            "first_on": timezone.localdate().isoformat(), "line_account": ["6100", "1010"], "line_text": ["", ""],
            "line_debit": ["900", ""], "line_credit": ["", "900"], "line_party": ["", ""], "line_due": ["", ""],
            "line_tax_code": ["", ""],
        }  # fmt: skip
        return {**told, **more}

    def test_written_changed_paused_and_taken(self, browser):
        answer = browser.post("/ledger/vouchers/recurring/new/", self.form(), follow=True)
        one = RecurringVoucher.objects.get()
        assert f"Rent {timezone.localdate():%Y-%m}" in answer.content.decode()

        browser.post(f"/ledger/vouchers/recurring/{one.pk}/edit/", self.form(name="Office rent", times="12"))
        browser.post(f"/ledger/vouchers/recurring/{one.pk}/take/")
        browser.post(f"/ledger/vouchers/recurring/{one.pk}/pause/")

        one.refresh_from_db()
        assert (one.name, one.status, one.written) == ("Office rent", "paused", 2)
        page = browser.get("/ledger/vouchers/recurring/").content.decode()
        assert "Office rent" in page
        assert "2 / 12" in page

    def test_an_error_stands_in_its_cell_and_nothing_typed_is_lost(self, browser):
        answer = browser.post("/ledger/vouchers/recurring/new/", self.form(line_account=["nope", "1010"], name="Mine"))

        assert answer.status_code == 422
        assert "There is no account “nope”." in answer.content.decode()
        assert 'value="Mine"' in answer.content.decode()

    def test_a_voucher_is_repeated(self, browser, alice):
        voucher = vouchers.write(alice, "general", date(2026, 11, 2), "Cleaning", RENT)
        page = browser.get(f"/ledger/vouchers/recurring/new/?voucher={voucher.pk.hex}").content.decode()

        assert 'value="Cleaning"' in page
        assert 'value="6100"' in page
        assert browser.get("/ledger/vouchers/recurring/new/?voucher=nonsense").status_code == 200


def test_over_rest_as_on_the_pages(alice):
    api = APIClient()
    api.force_login(alice)
    body = {
        "name": "Rent", "text": "Rent {month}", "every": "month", "first_on": timezone.localdate().isoformat(),
        "lines": [{"account": "6100", "debit": "900.00"}, {"account": "1010", "credit": "900.00"}],
    }  # fmt: skip

    second = day_of(timezone.localdate(), Every.MONTH, 2).isoformat()
    made = api.post("/api/v1/ledger/recurring/", body, format="json")
    assert (made.status_code, made.json()["written"], made.json()["next_on"]) == (201, 1, second)
    address = f"/api/v1/ledger/recurring/{made.json()['id']}/"
    assert api.put(address, {**body, "name": "Office"}, format="json").json()["name"] == "Office"
    assert api.post(f"{address}take/").json()["date"] == second
    assert api.post(f"{address}pause/").json()["status"] == "paused"
    assert api.post(f"{address}take/").status_code == 409
    assert api.post(f"{address}end/").json()["next_on"] is None
    assert [one["name"] for one in api.get("/api/v1/ledger/recurring/").json()["results"]] == ["Office"]
    wrong = api.post("/api/v1/ledger/recurring/", {**body, "name": "X", "lines": body["lines"][:1]}, format="json")
    assert wrong.status_code == 422
    usual = {name: value for name, value in body.items() if name != "every"}  # what is not said is as on the page
    assert api.post("/api/v1/ledger/recurring/", {**usual, "name": "Y"}, format="json").json()["every"] == "month"
