"""The checklist is computed; what must be done holds the period open; the year's result is transferred once."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from base.refusals import NotAllowed
from erp.banking import services as deposits
from erp.ledger import closing, refusals, sealing, vouchers
from erp.ledger.models import FiscalYear, JournalEntry, Period, Seal
from erp.ledger.reports import balances, trial_balance
from erp.ledger.services import post, reverse_by_hand, set_period
from erp.proof import services as proof
from erp.proof.models import Run
from erp.statements import services as statements
from tests.erp.invoices.makers import reported, shipped_order
from tests.erp.ledger.makers import TODAY, line, rent, sale
from tests.erp.makers import company, user

pytestmark = pytest.mark.django_db
D = Decimal


def november() -> Period:
    company()
    return Period.objects.get(starts_on="2026-11-01")


def left(period: Period) -> dict[str, int]:
    return {one.check.code: one.found.count for one in closing.checklist(period) if not one.done}


def test_nothing_done_nothing_left():
    assert left(november()) == {}


def test_a_voucher_that_nobody_posted_holds_the_period():
    period, alice = november(), user("accountant")
    draft = vouchers.write(alice, "general", TODAY, "Rent", [line("6100", "9"), line("1010", credit="9")])

    assert left(period) == {"vouchers": 1}
    with pytest.raises(refusals.ChecklistOpen, match="vouchers not posted"):
        closing.close(period, alice, "closed")
    vouchers.discard(draft, alice)
    assert closing.close(period, alice, "closed").status == "closed"


def test_an_earlier_open_period_with_entries_holds_the_later_one():
    period = november()
    post(rent(date=date(2026, 9, 1)))
    post(rent(key="other", date=date(2026, 10, 1)))

    assert left(period) == {"earlier": 2}


def test_begin_to_close_asks_for_nothing():
    period, alice = november(), user("accountant")
    vouchers.write(alice, "general", TODAY, "Rent", [line("6100", "9"), line("1010", credit="9")])

    assert closing.close(period, alice, "closing").status == "closing"


def test_what_should_be_done_may_be_left_with_a_reason(monkeypatch):
    period, alice = november(), user("accountant")
    soft = closing.Check("soft", "letters not sent", lambda _period: closing.Count(2), must=False)
    monkeypatch.setitem(closing._checks, "soft", soft)

    with pytest.raises(refusals.ReasonMissing):
        closing.close(period, alice, "closed")
    assert closing.close(period, alice, "closed", "they go out tomorrow").status == "closed"
    assert period.changes.get().reason == "they go out tomorrow"


def test_closing_for_good_seals_first():
    period, alice = november(), user("accountant")
    post(rent())
    closing.close(period, alice, "closed")

    closing.close(period, alice, "hard")

    assert Seal.objects.count() == 1
    assert sealing.verify().unsealed == 0


def test_only_who_keeps_the_books_closes():
    for verb in (lambda who: closing.close(november(), who, "closing"), lambda who: closing.end_year(year(), who)):
        with pytest.raises(NotAllowed):
            verb(user("auditor"))


def year(number: int = 2025) -> FiscalYear:
    company()
    return FiscalYear.objects.get(year=number)


def a_year() -> None:
    post(sale("1190.00", "sale", date=date(2025, 3, 1)))
    post(rent("300.00", "rent", date=date(2025, 12, 30)))
    for period in year().periods.order_by("starts_on")[:11]:
        set_period(period, "closed", "alice")


def test_the_result_goes_to_retained_earnings_once():
    alice, ours = user("accountant"), company()
    a_year()

    entry = closing.end_year(year(), alice)

    accounts = {one.role or one.code: one.pk for one in ours.accounts.all()}
    standing = balances(ours, date(2025, 12, 31))
    assert standing[accounts["sales"]] == standing[accounts["6100"]] == 0
    assert standing[accounts["retained_earnings"]] == D("-871.00")
    assert closing.end_year(year(), alice) == entry
    assert JournalEntry.objects.filter(source_type="year_end").count() == 1
    assert trial_balance(ours, TODAY).difference == 0


def test_statements_show_the_year_as_before_its_transfer():
    alice, ours = user("accountant"), company()
    a_year()
    statements.seed(ours)
    layout = statements.layout(ours, "profit-and-loss")
    asked = statements.columns(layout, date(2025, 12, 31))

    def result() -> Decimal:
        return statements.draw_up(layout, asked).figure("NI").amounts[0]

    assert result() == D("871.00")
    entry = closing.end_year(year(), alice)
    assert result() == D("871.00")
    reverse_by_hand(entry, date(2025, 12, 31), "an invoice was missing")
    assert result() == D("871.00")
    sheet = statements.layout(ours, "balance-sheet")
    drawn = statements.draw_up(sheet, statements.columns(sheet, TODAY))
    assert drawn.broken == []
    again = closing.end_year(year(), alice)
    assert again != entry
    assert result() == D("871.00")


def test_a_year_with_an_open_month_is_not_ended():
    company()
    post(sale("1190.00", date=date(2025, 3, 1)))

    with pytest.raises(refusals.YearStays, match="2025-01 is not closed yet"):
        closing.end_year(year(), user("accountant"))


def test_a_year_in_which_nothing_moved_has_no_result():
    for period in year().periods.order_by("starts_on")[:11]:
        set_period(period, "closed", "alice")

    with pytest.raises(refusals.YearStays, match="No income or expense account has moved"):
        closing.end_year(year(), user("accountant"))


def test_the_page_shows_what_is_left_and_closes(client: Client):
    period, alice = november(), user("accountant")
    client.force_login(alice)
    vouchers.write(alice, "general", TODAY, "Rent", [line("6100", "9"), line("1010", credit="9")])
    page = reverse("ledger:period", args=[period.pk])

    told = client.get(page).content.decode()
    assert "Vouchers not posted" in told
    assert reverse("ledger:vouchers") in told
    answer = client.post(reverse("ledger:set_period", args=[period.pk]), {"status": "closed"})
    period.refresh_from_db()
    assert (answer.status_code, period.status) == (409, "open")
    assert client.post(reverse("ledger:set_period", args=[period.pk]), {"status": "x"}).status_code in (400, 422)


def test_what_sales_and_shipping_left_is_counted():
    period = november()
    deposits.report_deposit(reported(reported_on=TODAY))
    shipped_order(("CHAI", "5", "20.00"))

    assert left(period) == {"deposits": 1, "to_invoice": 1}
    assert left(Period.objects.get(starts_on="2026-10-01")) == {}
    with transaction.atomic(), pytest.raises(refusals.ChecklistOpen):
        closing.close(period, user("accountant"), "closed")


def test_books_that_the_proof_found_broken_are_not_closed():
    period = november()
    proof.prove()
    assert left(period) == {}
    Run.objects.update(broken=1)

    assert left(period) == {"proof": 1}
