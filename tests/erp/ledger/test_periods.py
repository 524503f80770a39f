"""Open, closing, closed."""

from datetime import date

import pytest
from django.db import transaction

from erp.ledger import refusals
from erp.ledger.models import Period
from erp.ledger.services import post, reverse, set_period
from tests.erp.ledger.makers import rent, sale
from tests.erp.makers import company

pytestmark = pytest.mark.django_db


def november() -> Period:
    company()
    return Period.objects.get(starts_on="2026-11-01")


def test_while_closing_only_the_general_journal_posts():
    period = set_period(november(), "closing", "alice")

    assert period.status == "closing"
    assert post(rent()).period == period
    with pytest.raises(refusals.PeriodClosed) as refused, transaction.atomic():
        post(sale())
    assert refused.value.facts["period"] == "2026-11"
    assert str(refused.value) == "The period 2026-11 is closing: no entry can be dated 2026-11-23."


def test_a_closed_period_takes_nothing():
    set_period(november(), "closed", "alice")

    with pytest.raises(refusals.PeriodClosed), transaction.atomic():
        post(rent())
    assert post(rent(date=date(2026, 12, 1))).number == "GEN-2026-000001"


def test_what_stands_in_a_closed_period_is_reversed_in_an_open_one():
    period = november()
    entry = post(rent())
    set_period(period, "closed", "alice")

    with pytest.raises(refusals.PeriodClosed), transaction.atomic():
        reverse(entry, entry.date, "Wrong amount")
    assert reverse(entry, date(2026, 12, 1), "Wrong amount").date == date(2026, 12, 1)


@pytest.mark.parametrize("status", ["open", "closing", "closed"])
def test_closed_for_good_is_for_good(status):
    period = set_period(set_period(november(), "closed", "alice"), "hard", "alice")

    with pytest.raises(refusals.PeriodStays), transaction.atomic():
        set_period(period, status, "bob", "Forgot an entry")
    with pytest.raises(refusals.PeriodClosed), transaction.atomic():
        post(rent())


def test_what_is_closed_goes_back_to_closing_by_a_second_person_with_a_reason():
    period = set_period(november(), "closed", "alice")

    for by, reason in (("alice", "Forgot an entry"), ("bob", "")):
        with pytest.raises(refusals.SecondPersonNeeded), transaction.atomic():
            set_period(period, "closing", by, reason)
    with pytest.raises(refusals.PeriodStays), transaction.atomic():
        set_period(period, "open", "bob", "Forgot an entry")
    assert set_period(period, "closing", "bob", "Forgot an entry").status == "closing"
    assert post(rent()).period == period


def test_periods_are_closed_for_good_in_their_order():
    company()
    post(rent(date=date(2026, 10, 5)))
    october, last = Period.objects.get(starts_on="2026-10-01"), set_period(november(), "closed", "alice")

    with pytest.raises(refusals.EarlierNotClosed), transaction.atomic():
        set_period(last, "hard", "alice")
    set_period(set_period(october, "closed", "alice"), "hard", "alice")
    assert set_period(last, "hard", "alice").status == "hard"


def test_a_second_person_opens_again_with_a_reason():
    period = set_period(november(), "closing", "alice")

    with pytest.raises(refusals.SecondPersonNeeded), transaction.atomic():
        set_period(period, "open", "alice", "Forgot an invoice")
    with pytest.raises(refusals.SecondPersonNeeded), transaction.atomic():
        set_period(period, "open", "bob", " ")
    assert set_period(period, "open", "bob", "Forgot an invoice").status == "open"
    assert list(period.changes.values_list("was", "became", "changed_by", "reason")) == [
        ("open", "closing", "alice", ""),
        ("closing", "open", "bob", "Forgot an invoice"),
    ]


def test_setting_a_status_again_changes_nothing():
    period = set_period(november(), "closing", "alice")

    set_period(period, "closing", "alice")

    assert period.changes.count() == 1
