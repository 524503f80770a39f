"""Folded balances are what all lines say, whatever is posted meanwhile."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import transaction
from django.db.models import Max, Sum

from erp.ledger import sealing
from erp.ledger.models import DaySum, FoldMark, JournalEntry, JournalLine, MonthSum
from erp.ledger.reports import Sums, balances, sums, trial_balance
from erp.ledger.services import post, reverse
from tests.erp.ledger.makers import TODAY, line, rent, sale
from tests.erp.ledger.test_invariants import refused
from tests.erp.ledger.test_rivals import rivals
from tests.erp.makers import company

DAYS = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 23))


def by_hand(until: date) -> dict[UUID, tuple[Decimal, Decimal]]:
    """Every line added up."""
    lines = JournalLine.objects.filter(date__lte=until).values_list("account").order_by()
    return {pk: (debit, credit) for pk, debit, credit in lines.annotate(Sum("debit"), Sum("credit"))}


def told(until: date) -> dict[UUID, tuple[Decimal, Decimal]]:
    return {pk: (row.debit, row.credit) for pk, row in sums(company(), until).items()}


def some_entries() -> Iterator[JournalEntry]:
    for number, day in enumerate(DAYS):
        yield post(rent(f"{number + 1}00.00", f"rent:{number}", date=day))
        yield post(sale(f"{number + 2}19.00", f"sale:{number}", date=day))


@pytest.mark.django_db
def test_sums_are_those_of_all_lines_whether_folded_or_not():
    company()
    for _entry in some_entries():
        for day in (*DAYS, date(2025, 12, 30), date(2026, 11, 30)):
            assert told(day) == by_hand(day)
        sealing.fold(most=1)
        for day in DAYS:
            assert told(day) == by_hand(day)
    post(rent("7.00", "later", date=DAYS[0]))  # behind the mark, before most days

    assert [told(day) for day in DAYS] == [by_hand(day) for day in DAYS]
    assert sealing.fold() == 1
    assert sealing.fold() == 0
    assert [told(day) for day in DAYS] == [by_hand(day) for day in DAYS]


@pytest.mark.django_db
def test_openings_and_movements():
    company()
    list(some_entries())
    sealing.fold()

    rows = {row.account.role: row for row in trial_balance(company(), TODAY, date(2026, 11, 1)).rows}

    assert rows["bank"].opening == Decimal("-600.00")
    assert (rows["bank"].debit, rows["bank"].credit) == (Decimal("0.00"), Decimal("900.00"))
    assert rows["bank"].closing == Decimal("-1500.00")


@pytest.mark.django_db
def test_as_it_was_known_then():
    """What came later is not in it, though its date lies before."""
    company()
    first = post(rent("100.00", "a", date=DAYS[0]))
    known = first.posted_at
    post(rent("50.00", "b", date=DAYS[0]))
    reverse(first, TODAY, "twice")
    sealing.fold()

    def bank(**more):
        return next(row.closing for row in trial_balance(company(), TODAY, **more).rows if row.account.role == "bank")

    assert bank() == Decimal("-50.00")
    assert bank(known=known) == Decimal("-100.00")
    assert trial_balance(company(), TODAY, known=known).difference == 0


@pytest.mark.django_db
def test_headings_sum_what_is_below():
    made = company()
    list(some_entries())

    top = balances(made)

    accounts = {one.code: one for one in made.accounts.all()}
    for account in accounts.values():
        if account.is_group:
            assert top[account.pk] == sum(top[child.pk] for child in account.children.all())


@pytest.mark.django_db
@pytest.mark.parametrize("model", [DaySum, MonthSum, FoldMark])
def test_the_process_role_writes_no_sum(model):
    company()
    post(rent())
    sealing.fold()

    with refused("42501"), transaction.atomic():
        model.objects.update(id=1)
    with refused("42501"), transaction.atomic():
        model.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_or_doubled_while_eight_post_and_two_fold():
    """The mark follows the commits: what commits late lies behind no mark."""
    company()

    def work(number: int) -> None:
        for turn in range(12):
            if number < 2:
                sealing.fold(most=3)
                assert trial_balance(company(), TODAY).difference == 0
            else:
                with transaction.atomic():
                    post(rent("1.00", f"{number}:{turn}", date=TODAY - timedelta(days=turn)))
                    if turn % 4 == 0:
                        transaction.set_rollback(True)

    assert rivals(10, work) == [None] * 10

    assert told(TODAY) == by_hand(TODAY)
    sealing.fold()
    assert FoldMark.objects.get().sequence == JournalEntry.objects.aggregate(last=Max("sequence"))["last"] == 72
    assert told(TODAY) == by_hand(TODAY)
    assert DaySum.objects.aggregate(all=Sum("debit"))["all"] == Decimal("72.00")
    assert MonthSum.objects.aggregate(all=Sum("debit"))["all"] == Decimal("72.00")


@pytest.mark.django_db
def test_an_account_without_lines_is_not_in_the_sums():
    company()
    post(rent(lines=[line("6100", "5.00"), line("6100", credit="5.00")]))

    assert [(row.debit, row.credit) for row in sums(company(), TODAY).values()] == [(Decimal("5.00"), Decimal("5.00"))]
    assert Sums() == (0, 0, 0, 0)
