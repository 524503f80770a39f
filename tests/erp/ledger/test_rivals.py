"""I5, I6, I7 under rivals: each in a thread with a connection of its own, committing for real."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from base.refusals import Refused
from erp.ledger import refusals
from erp.ledger.models import JournalEntry, Period, PeriodChange, Series
from erp.ledger.services import hold_period, post, reverse, set_period
from tests.erp.ledger.makers import TODAY, rent
from tests.erp.makers import company

pytestmark = pytest.mark.django_db(transaction=True)


def rivals(count: int, work: Callable[[int], Any]) -> list[Any]:
    """All start together; each answers with its result or its refusal."""
    start = Barrier(count)

    def one(number: int) -> Any:
        try:
            start.wait()
            return work(number)
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def november() -> Period:
    return Period.objects.get(starts_on="2026-11-01")


def test_eight_rivals_leave_no_gap_even_when_every_third_gives_up():
    company()

    def work(number: int) -> None:
        for turn in range(15):
            with transaction.atomic():
                post(rent("1.00", f"{number}:{turn}"))
                if turn % 3 == 0:
                    transaction.set_rollback(True)

    rivals(8, work)

    sequences = sorted(JournalEntry.objects.values_list("sequence", flat=True))
    assert sequences == list(range(1, 81))
    assert Series.objects.get().last == 80


def test_rivals_with_the_same_key_get_the_same_entry():
    company()

    entries = rivals(8, lambda number: post(rent()))

    assert len({entry.pk for entry in entries}) == 1
    assert JournalEntry.objects.count() == 1


def test_of_rivals_that_reverse_with_different_reasons_one_wins():
    company()
    entry = post(rent())

    answers = rivals(4, lambda number: reverse(entry, TODAY, f"Reason {number}"))

    assert sorted(type(answer).__name__ for answer in answers) == ["AlreadyReversed"] * 3 + ["JournalEntry"]
    assert JournalEntry.objects.filter(reverses=entry).count() == 1


def test_closing_waits_for_who_posts_and_who_posts_later_is_refused():
    company()
    period = november()

    def work(number: int) -> Any:
        if number == 0:
            with transaction.atomic():
                post(rent("1.00", "before"))
                time.sleep(0.3)
            return time.monotonic()
        time.sleep(0.1)
        if number == 1:
            set_period(period, "closed", "alice")
            return time.monotonic()
        time.sleep(0.05)
        return post(rent("1.00", "after"))

    posted, closed, late = rivals(3, work)

    assert closed > posted
    assert isinstance(late, refusals.PeriodClosed)
    assert list(JournalEntry.objects.values_list("key", flat=True)) == ["before"]


def test_close_against_post_never_lets_an_entry_in_after_the_close():
    company()
    period = november()

    def work(number: int) -> Any:
        if number == 0:
            time.sleep(0.02)
            return set_period(period, "closed", "alice")
        return [post(rent("1.00", f"{number}:{turn}")) for turn in range(40)]

    rivals(5, work)

    closed_at = PeriodChange.objects.get().changed_at
    assert JournalEntry.objects.filter(posted_at__gt=closed_at).count() == 0
    assert Period.objects.get(pk=period.pk).status == "closed"


def test_a_held_period_is_not_closed_before_its_holder_is_done():
    company()
    period = november()

    def work(number: int) -> float:
        if number == 0:
            with transaction.atomic():
                hold_period(date(2026, 11, 5))
                time.sleep(0.3)
                post(rent(date=date(2026, 11, 5)))
            return time.monotonic()
        time.sleep(0.1)
        set_period(period, "closed", "alice")
        return time.monotonic()

    posted, closed = rivals(2, work)

    assert closed > posted


def test_whoever_waits_in_line_is_answered_only_when_it_is_on_disk():
    """The series is let go before the flush; the answer is not (docs/adr/0013)."""
    company()
    waited = []

    def look(execute: Callable[..., Any], sql: str, params: Any, many: bool, facts: dict[str, Any]) -> Any:
        if "pg_logical_emit_message" not in sql:
            return execute(sql, params, many, facts)
        raw = connection.connection
        (committed,) = raw.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
        answer = execute(sql, params, many, facts)
        waited.append(raw.execute("SELECT pg_current_wal_flush_lsn() >= %s", [committed]).fetchone()[0])
        return answer

    def work(number: int) -> None:
        with connection.execute_wrapper(look):
            for turn in range(10):
                with transaction.atomic():  # as documents do
                    post(rent("1.00", f"{number}:{turn}"))

    rivals(1, work)
    assert waited == []  # alone: PostgreSQL's own commit waits
    rivals(8, lambda number: work(number + 1))

    assert waited
    assert all(waited)
    assert sorted(JournalEntry.objects.values_list("sequence", flat=True)) == list(range(1, 91))


def test_who_posts_in_one_statement_is_answered_only_when_it_is_on_disk():
    company()
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7104 AND NOT granted"
    written, on_disk = "SELECT pg_current_wal_insert_lsn()", "SELECT pg_current_wal_flush_lsn() > %s::pg_lsn"
    first_has_it = Event()

    def work(number: int) -> Any:
        with connection.cursor() as cursor:
            if number:
                first_has_it.wait(10)
                (before,) = cursor.execute(written).fetchone()
                post(rent("1.00", "second"))
                return cursor.execute(on_disk, [before]).fetchone()[0]
            with transaction.atomic():
                post(rent("1.00", "first"))
                first_has_it.set()
                until = time.monotonic() + 10
                while not cursor.execute(waiting).fetchone()[0] and time.monotonic() < until:
                    time.sleep(0.01)
                transaction.set_rollback(True)  # leaves nothing on its way to the disk but the second one's
        return None

    assert rivals(2, work) == [None, True]
    assert JournalEntry.objects.get().key == "second"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE public.ledger_account SET type = 'asset' WHERE code = '6100'",
        "DELETE FROM public.ledger_account WHERE code = '6100'",
        "UPDATE public.ledger_journal SET prefix = 'OTH' WHERE code = 'general'",
        "UPDATE public.ledger_company SET base_currency = 'USD'",
    ],
)
def test_the_ground_does_not_change_under_who_is_posting(change):
    """Whoever comes second sees the first: the change waits for the commit and is refused then."""
    company()

    def work(number: int) -> str:
        if number == 0:
            with transaction.atomic():
                post(rent())
                time.sleep(0.3)
            return ""
        time.sleep(0.1)
        return _refused(change)

    assert rivals(2, work) == ["", "HM038"]
    assert JournalEntry.objects.count() == 1


def test_who_posts_onto_ground_that_goes_waits_and_is_refused():
    company()
    gone = "DELETE FROM public.ledger_account WHERE code = '6100'"

    def work(number: int) -> Any:
        if number == 0:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(gone)
                time.sleep(0.3)
            return None
        time.sleep(0.1)
        return post(rent())

    _deleted, answer = rivals(2, work)

    assert isinstance(answer, refusals.AccountUnknown)
    assert not JournalEntry.objects.exists()


def test_the_books_are_written_in_no_other_isolation():
    """An older look at the database would not see who was there first."""
    company()
    for statement in (
        "DELETE FROM public.ledger_account WHERE code = '6100'",
        "SELECT public.ledger_stand_on_ground()",
    ):
        assert _refused(f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; {statement}") in ("HM036", "42501")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with pytest.raises(refusals.BooksProtected):
            post(rent())
    assert not JournalEntry.objects.exists()


def _refused(statement: str) -> str:
    """The SQLSTATE with which the database says no to the process role; empty when it does not."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return str(getattr(error.__cause__, "sqlstate", ""))
    return ""
