"""Posting and reversing through the one function of the database."""

import doctest
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection, transaction

from base import context
from base.refusals import BadInput
from erp.ledger import refusals, services
from erp.ledger.models import Account, JournalEntry
from erp.ledger.reports import account_balance, trial_balance
from erp.ledger.services import account, post, reverse, reverse_by_hand
from tests.erp.ledger.makers import TODAY, line, rent, sale
from tests.erp.makers import company

pytestmark = pytest.mark.django_db


def test_an_entry_is_numbered_and_written_with_its_lines():
    company()
    invoice = uuid4()

    with context.acting("alice"):
        entry = post(sale(source=("invoice", invoice)))

    assert entry.number == "SAL-2026-000001"
    assert (entry.total, entry.posted_by, entry.source_id) == (Decimal("119.00"), "alice", invoice)
    lines = entry.lines.values_list("position", "account__role", "debit", "credit", "party", "due", "currency")
    assert list(lines) == [
        (1, "receivable", Decimal("119.00"), Decimal("0.00"), "C00001", date(2026, 12, 23), "EUR"),
        (2, "sales", Decimal("0.00"), Decimal("100.00"), "", None, "EUR"),
        (3, "vat_output", Decimal("0.00"), Decimal("19.00"), "", None, "EUR"),
    ]
    connection.check_constraints()


def test_posting_takes_one_query(django_assert_num_queries):
    company()
    services.company()

    with django_assert_num_queries(1):
        post(rent())


def test_each_journal_and_year_counts_by_itself():
    company()

    numbers = [
        post(rent(key="a")).number,
        post(sale(key="b")).number,
        post(rent(key="c")).number,
        post(rent(key="d", date=date(1996, 7, 4))).number,
    ]

    assert numbers == ["GEN-2026-000001", "SAL-2026-000001", "GEN-2026-000002", "GEN-1996-000001"]


def test_january_stays_postable_in_february():
    company()
    post(rent(key="a", date=date(2026, 2, 1)))

    assert post(rent(key="b", date=date(2026, 1, 31))).number == "GEN-2026-000002"


def test_the_same_key_and_body_give_the_same_entry():
    company()

    first, second = post(sale()), post(sale())

    assert first == second
    assert JournalEntry.objects.count() == 1


def test_amounts_written_differently_are_the_same_body():
    company()

    first = post(rent("900.00"))

    assert post(rent("900")) == first
    assert post(rent("9E+2")) == first


@pytest.mark.parametrize(
    ("other", "what", "was", "now"),
    [
        ({"text": "Other"}, "text", "Rent", "Other"),
        ({"date": date(2026, 11, 24)}, "date", "2026-11-23", "2026-11-24"),
        ({"journal": "cash"}, "journal", "general", "cash"),
        ({"lines": [line("6100", "901"), line("bank", credit="901")]}, "debit", "900.00", "901.00"),
        ({"lines": [line("6200", "900"), line("bank", credit="900")]}, "account", "6100", "6200"),
        ({"lines": [line("6100", "900", party="S00001"), line("bank", credit="900")]}, "party", "", "S00001"),
        (
            {"lines": [line("6100", "900"), line("bank", credit="400"), line("bank", credit="500")]},
            "credit",
            "900.00",
            "400.00",
        ),
    ],
)
def test_the_same_key_with_another_body_is_refused_naming_the_difference(other, what, was, now):
    company()
    post(rent())

    with pytest.raises(refusals.KeyReused) as refused, transaction.atomic():
        post(rent(**other))

    facts = refused.value.facts
    assert (facts["number"], str(facts["what"]), facts["was"], facts["now"]) == ("GEN-2026-000001", what, was, now)
    assert JournalEntry.objects.count() == 1


def test_an_account_may_be_named_by_role_or_by_code():
    company()
    first = post(rent())

    assert post(rent(lines=[line("6100", "900"), line("1010", credit="900")])) == first


def test_lines_without_an_amount_are_left_out():
    company()

    entry = post(rent(lines=[line("6100", "9"), line("6200"), line("bank", credit="9")]))

    assert entry.lines.count() == 2


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"lines": [line("6100", "900"), line("bank", credit="899.99")]}, refusals.NotBalanced),
        ({"lines": []}, refusals.TooFewLines),
        ({"lines": [line("6100"), line("bank")]}, refusals.TooFewLines),
        ({"lines": [line("9999", "1"), line("bank", credit="1")]}, refusals.AccountUnknown),
        ({"lines": [line("60 00", "1"), line("bank", credit="1")]}, refusals.AccountUnknown),
        ({"lines": [line("1", "1"), line("bank", credit="1")]}, refusals.AccountClosed),
        ({"lines": [line("6100", "-1"), line("bank", credit="-1")]}, refusals.DebitOrCredit),
        ({"lines": [line("6100", "1", "1"), line("bank", "1", "1")]}, refusals.DebitOrCredit),
        ({"lines": [line("6100", "0.001"), line("bank", credit="0.001")]}, refusals.TooFine),
        ({"lines": [line("6100", "1e17"), line("bank", credit="1e17")]}, refusals.DebitOrCredit),
        ({"lines": [line("6100", "NaN"), line("bank", credit="NaN")]}, BadInput),
        ({"lines": [line("6100", "Infinity"), line("bank", credit="Infinity")]}, BadInput),
        ({"journal": "diary"}, refusals.JournalUnknown),
        ({"date": date(2030, 1, 1)}, refusals.PeriodMissing),
    ],
)
def test_what_breaks_a_rule_is_refused_and_leaves_no_trace(change, refusal):
    company()

    with pytest.raises(refusal) as refused, transaction.atomic():
        post(rent(**change))

    assert str(refused.value)
    assert JournalEntry.objects.count() == 0
    assert post(rent()).number == "GEN-2026-000001"


def test_an_inactive_account_takes_no_entries():
    company()
    Account.objects.filter(code="6100").update(active=False)

    with pytest.raises(refusals.AccountClosed) as refused, transaction.atomic():
        post(rent())

    assert refused.value.line == 1


def test_a_currency_without_cents_takes_none():
    ours = company()
    ours.base_currency, ours.currency_digits = "JPY", 0
    ours.save()

    with pytest.raises(refusals.TooFine), transaction.atomic():
        post(rent("900.50"))
    assert post(rent("900")).total == Decimal("900.00")


def test_a_reversal_mirrors_the_entry_and_leaves_it_as_it_is():
    company()
    entry = post(sale())

    undone = reverse(entry, date(2026, 12, 1), "Wrong customer")

    assert (undone.reverses, undone.number, undone.text) == (entry, "SAL-2026-000002", "Wrong customer")
    assert JournalEntry.objects.get(pk=entry.pk).reversal == undone
    assert list(undone.lines.values_list("account__role", "debit", "credit", "party", "tax_code")) == [
        ("receivable", Decimal("0.00"), Decimal("119.00"), "C00001", ""),
        ("sales", Decimal("100.00"), Decimal("0.00"), "", "standard"),
        ("vat_output", Decimal("19.00"), Decimal("0.00"), "", "standard"),
    ]
    assert account_balance("receivable") == Decimal("0.00")
    connection.check_constraints()


def test_a_company_may_reverse_in_red():
    ours = company()
    ours.red_letter = True
    ours.save()

    undone = reverse(post(rent()), TODAY, "Wrong amount")

    assert list(undone.lines.values_list("debit", "credit")) == [
        (Decimal("-900.00"), Decimal("0.00")),
        (Decimal("0.00"), Decimal("-900.00")),
    ]
    connection.check_constraints()


def test_a_reversal_is_done_once():
    company()
    entry = post(rent())
    undone = reverse(entry, TODAY, "Wrong amount")

    assert reverse(entry, TODAY, "Wrong amount") == undone
    with pytest.raises(refusals.AlreadyReversed) as refused, transaction.atomic():
        reverse(entry, TODAY, "Another reason")
    assert refused.value.facts["reversal"] == undone.number


def test_a_reversal_is_not_reversed():
    company()
    undone = reverse(post(rent()), TODAY, "Wrong amount")

    with pytest.raises(refusals.ReversalOfReversal):
        reverse(undone, TODAY, "It was right after all")


def test_a_reversal_needs_a_reason_and_does_not_come_before_its_entry():
    company()
    entry = post(rent())

    with pytest.raises(BadInput):
        reverse(entry, TODAY, "  ")
    with pytest.raises(refusals.ReversalTooEarly):
        reverse(entry, date(2026, 11, 1), "Wrong amount")


def test_what_a_document_keeps_in_a_control_account_is_undone_at_the_document():
    company()
    entry = post(sale(source=("invoice", uuid4())))

    with pytest.raises(refusals.UndoAtTheSource):
        reverse_by_hand(entry, TODAY, "Wrong customer")
    assert reverse_by_hand(post(rent()), TODAY, "Wrong amount").reverses is not None


def test_the_balance_of_an_account_and_of_a_party_takes_one_query(django_assert_num_queries):
    company()
    post(sale())
    post(sale("219.00", "sale:2"))
    services.company()

    with django_assert_num_queries(1):
        assert account_balance("receivable", party="C00001") == Decimal("338.00")
    assert account_balance("receivable", party="C00002") == Decimal("0.00")
    assert account_balance("sales") == Decimal("-300.00")


def test_the_trial_balance_shows_openings_movements_and_balances():
    ours = company()
    post(rent("100.00", "a", date=date(2025, 12, 31)))
    post(rent("50.00", "b", date=date(2026, 2, 1)))
    post(rent("7.00", "c", date=date(2026, 3, 1)))

    balance = trial_balance(ours, date(2026, 2, 28), start=date(2026, 1, 1))

    assert [(row.account.code, row.opening, row.debit, row.credit, row.closing) for row in balance.rows] == [
        ("1010", Decimal("-100.00"), Decimal("0.00"), Decimal("50.00"), Decimal("-150.00")),
        ("6100", Decimal("100.00"), Decimal("50.00"), Decimal("0.00"), Decimal("150.00")),
    ]
    assert (balance.debit, balance.credit, balance.difference) == (Decimal("50.00"), Decimal("50.00"), Decimal("0.00"))


def test_accounts_are_found_by_role_and_by_code_and_remembered(django_assert_num_queries):
    company()
    assert account("receivable").code == "1200"

    with django_assert_num_queries(0):
        assert account("receivable").name == "Accounts receivable"
    assert account("1200") == account("receivable")


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(services).failed == 0
