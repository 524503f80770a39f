"""Posting in sets: what is true of one entry is true of each of many, and of all of them together."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection, transaction

from erp.ledger import refusals, sealing
from erp.ledger.models import JournalEntry, JournalLine, Period, Series
from erp.ledger.reports import account_balance, trial_balance
from erp.ledger.services import post, set_period
from erp.ledger.sets import Outcome, post_set
from tests.erp.ledger.makers import TODAY, line, rent, sale
from tests.erp.ledger.test_invariants import as_app, refused
from tests.erp.ledger.test_rivals import rivals
from tests.erp.makers import company

D = Decimal


def rents(count: int, prefix: str = "set") -> list:
    return [rent("1.00", f"{prefix}:{number}") for number in range(count)]


def codes(outcomes: list[Outcome]) -> list[str]:
    """Each answer as one word: its number, its refusal, or nothing."""
    return [one.refusal.code if one.refusal else one.number for one in outcomes]


@pytest.mark.django_db
class TestASet:
    def test_is_posted_in_its_order_with_numbers_of_each_series(self):
        company()
        post(rent("5.00", "before"))

        outcomes = post_set([rent("1.00", "a"), sale(key="b"), rent("2.00", "c"), sale(key="d", date=date(2027, 1, 2))])

        assert codes(outcomes) == ["GEN-2026-000002", "SAL-2026-000001", "GEN-2026-000003", "SAL-2027-000001"]
        assert all(one.fresh for one in outcomes)
        assert dict(Series.objects.values_list("code", "last").filter(year=2026)) == {"GEN": 3, "SAL": 1}
        assert account_balance("bank") == D("-8.00")
        connection.check_constraints()

    def test_holds_the_same_as_entries_posted_one_by_one(self):
        company()
        lines = [
            line(
                "6100", "10.00", text='Rent "May", \\ NULL {1,2}', due=TODAY, currency="USD", foreign_amount=D("11.10")
            ),
            line("vat_input", "0.00"),
            line("payable", credit="10.00", party="V00001", tax_code="standard"),
        ]
        told = {"lines": lines, "text": "é; “x” \\N", "source": ("expense", uuid4())}

        one, other = post(rent(key="one", **told)), post_set([rent(key="other", **told)])[0]

        def columns(entry):
            found = JournalEntry.objects.filter(pk=entry)
            head = found.values(
                "journal", "period", "series", "year", "date", "text", "total", "source_type", "source_id"
            )
            names = [field.attname for field in JournalLine._meta.concrete_fields if field.name not in {"id", "entry"}]
            return list(head), list(JournalLine.objects.filter(entry=entry).values(*names))

        assert columns(other.entry) == columns(one.pk)
        assert len(columns(other.entry)[1]) == 2

    def test_sent_again_is_known_and_changes_nothing(self):
        company()
        first = post_set([*rents(3), sale()])

        again = post_set([*rents(3), sale()])

        assert [(one.number, one.fresh) for one in again] == [(one.number, False) for one in first]
        assert [one.entry for one in again] == [one.entry for one in first]
        assert JournalEntry.objects.count() == 4

    def test_knows_what_was_posted_by_itself_and_the_reverse(self):
        company()
        entry = post(sale())
        post_set([rent()])

        assert post_set([sale()])[0].entry == entry.pk
        assert post(rent()).pk == JournalEntry.objects.get(key="rent:1").pk
        assert JournalEntry.objects.count() == 2

    def test_is_refused_as_a_whole_and_says_which_and_why(self):
        company()
        post(rent("7.00", "other body"))
        bad = [
            rent("1.00", "fine"),
            rent(key="unbalanced", lines=[line("6100", "1.00"), line("bank", credit="1.01")]),
            rent(key="one line", lines=[line("6100", "0")]),
            rent(key="nowhere", lines=[line("6100", "1.00"), line("no such", credit="1.00")]),
            rent(key="heading", lines=[line("6", "1.00"), line("bank", credit="1.00")]),
            rent(key="minus", lines=[line("6100", "-1.00"), line("bank", credit="-1.00")]),
            rent(key="too fine", lines=[line("6100", "1.001"), line("bank", credit="1.001")]),
            rent(key="no period", date=date(2031, 1, 1)),
            rent(key="no journal", journal="nothing"),
            rent(key="control", source=("voucher", uuid4()), lines=[line("receivable", "1"), line("bank", credit="1")]),
            rent("8.00", "other body"),
        ]

        outcomes = post_set(bad)

        assert codes(outcomes) == [
            "", "not-balanced", "too-few-lines", "account-unknown", "account-closed", "debit-or-credit", "too-fine",
            "period-missing", "journal-unknown", "control-account", "key-reused",
        ]  # fmt: skip
        assert [str(one.refusal) for one in outcomes if one.refusal][:3] == [
            "Debits 1.00 and credits 1.01 differ by -0.01.",
            "An entry needs at least two lines with an amount.",
            "There is no account “no such”.",
        ]
        assert str(outcomes[-1].refusal) == (
            "This was posted before as GEN-2026-000001, with another debit: 7.00, not 8.00."
        )
        assert (JournalEntry.objects.count(), Series.objects.get().last) == (1, 1)

    def test_leaves_out_what_is_refused_when_asked_to(self):
        company()
        outcomes = post_set([*rents(2), rent(key="bad", journal="nothing"), rent("3.00", "last")], all_or_nothing=False)

        assert codes(outcomes) == ["GEN-2026-000001", "GEN-2026-000002", "journal-unknown", "GEN-2026-000003"]
        assert JournalEntry.objects.count() == Series.objects.get().last == 3

    def test_with_a_key_twice_posts_it_once_or_refuses_it(self):
        company()

        outcomes = post_set([rent(), rent(), rent("1.00")], all_or_nothing=False)

        assert [(one.number, one.fresh) for one in outcomes[:2]] == [
            ("GEN-2026-000001", True),
            ("GEN-2026-000001", False),
        ]
        assert isinstance(outcomes[2].refusal, refusals.KeyTwice)
        assert codes(post_set([rent(key="new"), rent("1.00", "new")])) == ["", "key-twice"]
        assert JournalEntry.objects.count() == 1

    def test_keeps_out_of_closed_periods(self):
        company()
        november = Period.objects.get(starts_on="2026-11-01")
        set_period(november, "closing", "anna")
        mixed = [rent("1.00", "general"), sale()]

        assert codes(post_set(mixed, all_or_nothing=False)) == ["GEN-2026-000001", "period-closed"]
        set_period(november, "closed", "anna")
        (late,) = post_set([rent("1.00", "late")])

        assert str(late.refusal) == "The period 2026-11 is closed: no entry can be dated 2026-11-23."

    def test_is_in_the_balances_before_and_after_it_is_folded(self):
        ours = company()
        post_set(rents(20))

        before = trial_balance(ours, TODAY).rows
        sealing.fold()
        sealing.seal()

        assert [row.closing for row in trial_balance(ours, TODAY).rows] == [row.closing for row in before]
        assert account_balance("bank") == D("-20.00")
        assert sealing.verify().entries == 20

    def test_of_nothing_is_nothing(self):
        company()

        assert post_set([]) == []

    def test_takes_as_many_statements_for_many_as_for_few(self, django_assert_num_queries):
        company()
        post_set([rent()])
        for count in (2, 200):
            with django_assert_num_queries(3):  # SAVEPOINT, the function, RELEASE
                post_set(rents(count, f"{count}"))


LINE = """INSERT INTO public.ledger_journalline (entry_id, position, account_id, date, debit, credit, currency, party,
      tax_code, text)
    SELECT ('0199aaaa-0000-7000-8000-00000000000' || n)::uuid, l.position, account_id, l.date,
           debit + CASE WHEN n = {unbalanced} AND l.position = 1 THEN 1 ELSE 0 END, credit, currency, l.party, tax_code,
           l.text
    FROM public.ledger_journalline l JOIN public.ledger_journalentry e ON e.id = l.entry_id AND e.key = 'rent:1',
         generate_series(1, 3) AS n WHERE n <> {without};"""
ENTRIES = """INSERT INTO public.ledger_journalentry SELECT (jsonb_populate_record(e, jsonb_build_object(
    'id', '0199aaaa-0000-7000-8000-00000000000' || n, 'key', 'broken' || n, 'transaction', pg_current_xact_id()::text,
    'sequence', {sequence}, 'number', 'GEN-2026-' || lpad(({sequence})::text, 6, '0')))).*
    FROM public.ledger_journalentry e, generate_series(1, 3) AS n WHERE e.key = 'rent:1';"""


def broken(unbalanced: int = 0, without: int = 0, sequence: str = "n + 1", counted: str = "last + 3") -> str:
    """A function of sets that writes three entries, with a fault."""
    return f"""CREATE FUNCTION public.ledger_post_set(body text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$ BEGIN
{LINE.format(unbalanced=unbalanced, without=without)}
UPDATE public.ledger_series SET last = {counted} WHERE code = 'GEN';
{ENTRIES.format(sequence=sequence)}
END $fn$"""


FAULTS = [
    (broken(unbalanced=2), "HM021"),
    (broken(without=3), "HM022"),
    (broken(sequence="n"), "23505"),
    (broken(sequence="n + 2"), "HM037"),
    (broken(sequence="2 * n", counted="last + 5"), "HM037"),
    (broken(counted="last + 4", sequence="n + 2"), "HM037"),  # a gap, seen at COMMIT
    (broken(counted="last + 2"), "HM037"),
]


@pytest.mark.django_db(transaction=True)
class TestTheBelt:
    """A function of sets with a fault is held as the other one is; and nobody else may write at all."""

    def test_holds_what_the_function_let_through(self, as_owner):
        company()
        post(rent())

        for fault, sqlstate in FAULTS:
            as_owner.execute(fault)
            with refused(sqlstate):
                as_app("SELECT public.ledger_post_set('')")
            as_owner.execute("DROP FUNCTION public.ledger_post_set(text)")
            assert (JournalEntry.objects.count(), JournalLine.objects.count(), Series.objects.get().last) == (1, 2, 1)

    def test_lets_a_right_set_pass(self, as_owner):
        company()
        post(rent())
        as_owner.execute(broken())

        as_app("SELECT public.ledger_post_set('')")

        as_owner.execute("DROP FUNCTION public.ledger_post_set(text)")
        assert list(JournalEntry.objects.order_by("sequence").values_list("sequence", flat=True)) == [1, 2, 3, 4]

    def test_the_process_role_takes_no_numbers_by_hand(self):
        company()

        with refused("42501"):
            as_app("SELECT public.ledger_take_numbers(%s, 'GEN', 2026::smallint, 5)", company().pk)


@pytest.mark.django_db(transaction=True)
class TestRivals:
    def test_sets_and_single_entries_leave_no_gap(self):
        company()

        def work(number: int) -> None:
            for turn in range(4):
                with transaction.atomic():
                    post_set(rents(10, f"{number}:{turn}"))
                    if number == 0 and turn % 2:
                        transaction.set_rollback(True)
                post(rent("1.00", f"single:{number}:{turn}"))

        rivals(4, work)

        sequences = sorted(JournalEntry.objects.values_list("sequence", flat=True))
        assert sequences == list(range(1, 157))
        assert Series.objects.get().last == 156

    def test_the_same_set_from_many_is_posted_once(self):
        company()

        answers = rivals(5, lambda number: post_set(rents(20)))

        assert len({tuple(one.entry for one in answer) for answer in answers}) == 1
        assert sum(one.fresh for answer in answers for one in answer) == JournalEntry.objects.count() == 20

    def test_a_set_waits_for_who_closes_and_is_refused(self):
        company()
        november = Period.objects.get(starts_on="2026-11-01")

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                set_period(november, "closed", "anna")
                waiting = pool.submit(_in_a_thread_of_its_own)
            outcomes = waiting.result()

        assert codes(outcomes) == ["period-closed"]

    def test_a_key_that_somebody_posts_meanwhile_breaks_the_set_and_nothing_else(self):
        company()

        def work(number: int) -> object:
            return post_set(rents(30)) if number else [post(one) for one in rents(30)]

        rivals(3, work)

        assert JournalEntry.objects.count() == 30
        assert sorted(JournalEntry.objects.values_list("sequence", flat=True)) == list(range(1, 31))


def _in_a_thread_of_its_own() -> list[Outcome]:
    try:
        return post_set([rent()])
    finally:
        connection.close()
