"""I1–I7: attempts to break the books with raw SQL, as the process's role and as the owner of the tables."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from erp.ledger.models import Account, Journal, JournalEntry, JournalLine, Period, Series
from erp.ledger.services import post, reverse
from tests.erp.ledger.makers import TODAY, rent, sale
from tests.erp.makers import company

BOOKS = ["ledger_journalentry", "ledger_journalline", "ledger_periodchange"]


@contextmanager
def refused(sqlstate: str) -> Iterator[None]:
    """The database says no, and says why by this SQLSTATE."""
    with pytest.raises((DatabaseError, psycopg.DatabaseError)) as caught:
        yield
    error = caught.value.__cause__ or caught.value
    assert error.sqlstate == sqlstate, error


def as_app(statement: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


ENTRY = """INSERT INTO public.ledger_journalentry (id, company_id, journal_id, period_id, number, series, year,
  sequence, date, text, total, key, digest, source_type, posted_by, posted_at, transaction)
  SELECT %s, company_id, journal_id, period_id, 'GEN-2026-000002', series, year, 2, date, 'by hand', total, %s, '', '',
         '', now(), pg_current_xact_id()::text::bigint FROM public.ledger_journalentry LIMIT 1"""
LINE = """INSERT INTO public.ledger_journalline (entry_id, position, account_id, date, debit, credit, currency, party,
  tax_code, text) SELECT entry_id, 9, account_id, date, debit, credit, currency, party, tax_code, text
  FROM public.ledger_journalline LIMIT 1"""


@pytest.mark.django_db
class TestTheProcessRole:
    """May read the books, and write through the function only."""

    @pytest.mark.parametrize("table", [*BOOKS, "ledger_series"])
    @pytest.mark.parametrize(
        "statement", ["UPDATE public.{} SET id = id", "DELETE FROM public.{}", "TRUNCATE public.{} CASCADE"]
    )
    def test_changes_nothing_that_was_posted(self, table, statement):
        company()
        post(rent())

        with refused("42501"):
            as_app(statement.format(table))

    def test_inserts_no_entry_line_or_number_by_hand(self):
        company()
        post(rent())

        with refused("42501"):
            as_app(ENTRY, uuid4(), "by hand")
        with refused("42501"):
            as_app(LINE)
        with refused("42501"):
            as_app("UPDATE public.ledger_series SET last = 99")
        with refused("42501"):
            as_app("SELECT public.ledger_next_number(%s, 'GEN', 2026::smallint)", company().pk)

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE public.ledger_period SET status = 'open'",
            "DELETE FROM public.ledger_period",
            "UPDATE public.ledger_fiscalyear SET ends_on = ends_on",
            "DELETE FROM public.ledger_fiscalyear",
        ],
    )
    def test_moves_no_period_by_hand(self, statement):
        company()

        with refused("42501"):
            as_app(statement)

    @pytest.mark.parametrize(
        "statement",
        [
            "ALTER TABLE public.ledger_journalline DISABLE TRIGGER ALL",
            "DROP TRIGGER ledger_lines_guard ON public.ledger_journalline",
            "SET session_replication_role = replica",
            "CREATE TEMP TABLE ledger_period (id uuid)",
            "CREATE FUNCTION public.ledger_post(text) RETURNS text LANGUAGE sql AS 'SELECT 1'",
        ],
    )
    def test_cannot_take_the_guards_away(self, statement):
        with refused("42501"):
            as_app(statement)

    def test_cannot_change_the_ground_under_posted_entries(self):
        company()
        post(rent())

        for statement in (
            "UPDATE public.ledger_account SET type = 'asset' WHERE code = '6100'",
            "UPDATE public.ledger_journal SET prefix = 'XXX' WHERE code = 'general'",
            "UPDATE public.ledger_company SET base_currency = 'USD'",
        ):
            with refused("HM038"):
                as_app(statement)

    def test_cannot_make_periods_overlap(self):
        company()
        period = Period.objects.first()
        period.pk, period.number, period.starts_on = uuid4(), 13, period.ends_on

        with refused("HM042"), transaction.atomic():
            period.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
class TestTheOwner:
    """Owns the tables, and is held by the triggers all the same."""

    def test_neither_changes_nor_deletes_nor_truncates(self, as_owner):
        company()
        post(rent())
        as_owner.execute(
            "SELECT * FROM public.ledger_set_period(%s, 'closing', 'alice', '')",
            [Period.objects.get(starts_on="2026-01-01").pk],
        )

        for statement in ("UPDATE public.{} SET id = id", "DELETE FROM public.{}", "TRUNCATE public.{} CASCADE"):
            for table in BOOKS:
                with refused("HM010"):
                    as_owner.execute(statement.format(table))

    def test_writes_no_entry_or_line_past_the_function(self, as_owner):
        company()
        post(rent())

        with refused("HM035"):
            as_owner.execute(ENTRY, [uuid4(), "by hand"])
        with refused("HM035"):
            as_owner.execute(LINE)
        as_owner.execute("SET heming.posting = 'on'")
        with refused("HM035"):
            as_owner.execute(LINE)

    def test_moves_no_counter_out_of_step(self, as_owner):
        company()
        post(rent())

        for statement in (
            "UPDATE public.ledger_series SET last = last + 2",
            "UPDATE public.ledger_series SET last = last - 1",
            "UPDATE public.ledger_series SET year = 2027",
            "DELETE FROM public.ledger_series",
            "UPDATE public.ledger_series SET last = last + 1",  # a number without an entry, seen at COMMIT
        ):
            with refused("HM037"):
                as_owner.execute(statement)
        assert Series.objects.get().last == 1

    def test_takes_away_no_account_and_no_journal_that_entries_rest_on(self, as_owner):
        company()
        used = post(rent()).lines.first().account
        unused = Account.objects.exclude(pk__in=JournalLine.objects.values("account")).filter(is_group=False).last()

        for table, row in (("account", used.pk), ("journal", Journal.objects.get(entries__isnull=False).pk)):
            with refused("HM038"):
                as_owner.execute(f"DELETE FROM public.ledger_{table} WHERE id = %s", [row])
            with refused("HM010"):
                as_owner.execute(f"TRUNCATE public.ledger_{table} CASCADE")
        as_owner.execute("DELETE FROM public.ledger_account WHERE id = %s", [unused.pk])

    def test_waits_for_who_posts_to_an_account_and_keeps_it(self, as_owner):
        company()
        used = Account.objects.get(code="6100")

        with transaction.atomic():
            post(rent())
            with refused("55P03"):  # lock_not_available: whoever posts holds the account
                as_owner.execute("SET lock_timeout = '100ms'")
                as_owner.execute("DELETE FROM public.ledger_account WHERE id = %s", [used.pk])

        assert Account.objects.filter(pk=used.pk).exists()

    def test_moves_no_period_past_its_function(self, as_owner):
        company()

        for statement in (
            "UPDATE public.ledger_period SET status = 'closing'",
            "UPDATE public.ledger_period SET ends_on = ends_on + 1",
            "DELETE FROM public.ledger_period",
        ):
            with refused("HM042"):
                as_owner.execute(statement)


BROKEN = """CREATE OR REPLACE FUNCTION public.ledger_post(body jsonb) RETURNS SETOF public.ledger_journalentry
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE e public.ledger_journalentry; o public.ledger_journalentry; l public.ledger_journalline;
  lines public.ledger_journalline[];
BEGIN
  SELECT * INTO o FROM public.ledger_journalentry ORDER BY posted_at DESC LIMIT 1;
  e := o; e.id := uuidv7(); e.key := 'broken'; e.transaction := pg_current_xact_id()::text::bigint;
  IF {counts} THEN
    UPDATE public.ledger_series SET last = last + 1 WHERE code = o.series RETURNING last INTO e.sequence;
    e.number := 'GEN-2026-00000' || e.sequence;
  END IF;
  {entry}
  IF NOT {lines_first} THEN INSERT INTO public.ledger_journalentry SELECT (e).*; END IF;
  FOR l IN SELECT * FROM public.ledger_journalline WHERE entry_id = o.id ORDER BY position LOOP
    l.id := nextval('public.ledger_journalline_id_seq');
    IF {new_entry} THEN l.entry_id := e.id; ELSE l.position := l.position + 10; END IF;
    {line}
    lines := lines || l;
  END LOOP;
  INSERT INTO public.ledger_journalline SELECT * FROM unnest(lines);
  {after_lines}
  IF {new_entry} AND {lines_first} THEN INSERT INTO public.ledger_journalentry SELECT (e).*; END IF;
  RETURN NEXT e;
END $fn$"""


def broken(**fault: str) -> str:
    """A posting function with a fault."""
    parts = {"counts": "true", "new_entry": "true", "entry": "", "line": "", "lines_first": "true", "after_lines": ""}
    return BROKEN.format(**parts | fault)


# Lines for an entry that somebody else is about to commit.
JOINING = """CREATE OR REPLACE FUNCTION public.ledger_post(body jsonb) RETURNS SETOF public.ledger_journalentry
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  INSERT INTO public.ledger_journalline (entry_id, position, account_id, date, debit, credit, currency, party, tax_code,
                                         text)
    SELECT (body->>'entry')::uuid, 10 + n, account.id, (body->>'date')::date, 2 - n, n - 1, 'EUR', '', '', ''
    FROM (SELECT id FROM public.ledger_account WHERE code = '6100') account, generate_series(1, 2) AS n;
END $fn$"""

# What a faulty posting function might do, and what refuses it.
FAULTS: list[tuple[dict[str, str], str]] = [
    ({"line": "IF l.position = 1 THEN l.debit := l.debit + 1; END IF;"}, "HM021"),
    ({"line": "CONTINUE WHEN l.position = 2;"}, "HM022"),
    ({"line": "CONTINUE;"}, "HM022"),
    ({"line": "l.debit := 1; l.credit := 1;"}, "23514"),
    ({"line": "l.debit := 0; l.credit := 0;"}, "23514"),
    ({"line": "IF l.debit > 0 THEN l.debit := 'NaN'; ELSE l.credit := 'NaN'; END IF;"}, "23514"),
    ({"line": "l.debit := -l.debit; l.credit := -l.credit;", "entry": "e.total := -e.total;"}, "HM027"),
    ({"line": "l.foreign_amount := l.credit - l.debit;"}, "23514"),
    ({"line": "l.date := l.date + 1;"}, "HM036"),
    ({"line": "SELECT id INTO l.account_id FROM public.ledger_account WHERE code = '6';"}, "HM026"),
    ({"new_entry": "false", "counts": "false"}, "HM036"),
    ({"entry": "e.total := 1;"}, "HM021"),
    ({"entry": "e.date := '2027-01-01';"}, "HM036"),
    ({"entry": "e.date := '2030-01-01';"}, "HM023"),
    ({"entry": "e.sequence := 7;"}, "HM037"),
    ({"entry": "e.number := 'GEN-2026-000009';"}, "HM037"),
    ({"entry": "e.series := 'XXX';"}, "HM036"),
    ({"entry": "e.key := o.key;"}, "23505"),
    ({"counts": "false"}, "23505"),
    ({"entry": "SELECT id INTO e.journal_id FROM public.ledger_journal WHERE code = 'sales';"}, "HM036"),
    ({"entry": "e.reverses_id := o.id;"}, "HM039"),
    ({"entry": "e.reverses_id := o.id; e.date := o.date - 1;", "line": "l.date := e.date;"}, "HM032"),
    ({"entry": "e.transaction := o.transaction;"}, "HM036"),
    ({"lines_first": "false"}, "HM022"),
    ({"line": "l.position := l.position + 1;"}, "HM036"),
    ({"line": "l.entry_id := uuidv7();"}, "HM036"),
    ({"line": "l.account_id := uuidv7();"}, "HM036"),
    ({"entry": "e.journal_id := uuidv7();"}, "HM036"),
    ({"entry": "e.period_id := uuidv7();"}, "HM036"),
    ({"after_lines": "RETURN;", "counts": "false"}, "HM036"),  # lines without their entry, seen at COMMIT
]


@pytest.mark.django_db(transaction=True)
class TestTheSecondBelt:
    """Even a posting function with a fault cannot bring wrong books about."""

    def test_holds_what_the_function_let_through(self, as_owner):
        company()
        post(rent())

        for fault, sqlstate in FAULTS:
            as_owner.execute(broken(**fault))
            with refused(sqlstate):
                as_app("SELECT * FROM public.ledger_post('{}')")
            assert (JournalEntry.objects.count(), JournalLine.objects.count()) == (1, 2), fault

    def test_lets_a_right_entry_pass(self, as_owner):
        company()
        post(rent())
        as_owner.execute(broken())

        as_app("SELECT * FROM public.ledger_post('{}')")

        assert JournalEntry.objects.count() == 2

    def test_refuses_a_second_reversal_and_a_reversal_of_a_reversal(self, as_owner):
        company()
        undone = reverse(post(sale()), TODAY, "Wrong customer")
        as_owner.execute(broken(entry="e.number := 'SAL-2026-000003';"))

        with refused("23505"):
            as_app("SELECT * FROM public.ledger_post('{}')")
        as_owner.execute(broken(entry=f"e.number := 'SAL-2026-000003'; e.reverses_id := '{undone.pk}';"))
        with refused("HM031"):
            as_app("SELECT * FROM public.ledger_post('{}')")

    def test_lets_no_lines_join_an_entry_that_another_transaction_is_writing(self, as_owner):
        company()
        committed = Event()

        def join(entry: JournalEntry) -> None:
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    facts = json.dumps({"entry": str(entry.pk), "date": entry.date.isoformat()})
                    cursor.execute("SELECT * FROM public.ledger_post(%s::jsonb)", [facts])
                    assert committed.wait(30)
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                entry = post(rent())
                as_owner.execute(JOINING)
                joining = pool.submit(join, entry)
                time.sleep(1)
            committed.set()
            with refused("HM036"):
                joining.result()
        assert entry.lines.count() == 2
