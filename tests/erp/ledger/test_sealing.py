"""I8: whatever is changed in sealed books is found, and whoever changes seals too is found by what the hub keeps."""

import json
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from erp.ledger import sealing
from erp.ledger.models import JournalEntry, JournalLine, Seal
from erp.ledger.services import post, reverse
from integration.contracts.books import BooksSealed
from integration.outbox.models import Message
from tests import environment
from tests.erp.ledger.makers import TODAY, rent, sale
from tests.erp.ledger.test_invariants import refused
from tests.erp.ledger.test_rivals import rivals
from tests.erp.makers import company


def books() -> None:
    """Five entries in two series, sealed in batches of two."""
    company()
    first = post(rent("100.00", "a"))
    post(rent("200.00", "b"))
    post(sale("119.00", "c"))
    reverse(first, TODAY, "twice")
    sealing.seal(most=2)
    post(rent("1.00", "d"))


def by_force(statement: str, *values: Any) -> None:
    """As somebody with all rights over the server, triggers off."""
    with psycopg.connect(_superuser_url(), autocommit=True) as database:
        database.execute("SET session_replication_role = replica")
        database.execute(statement.encode(), values or None)


def _superuser_url() -> str:
    return environment.superuser_url(str(connection.settings_dict["NAME"]))


def told() -> list[dict[str, Any]]:
    return [json.loads(bytes(one.body))["data"] for one in Message.objects.filter(type=BooksSealed.type).order_by("id")]


@pytest.mark.django_db
def test_a_chain_over_all_series():
    books()

    assert [(one.position, one.series, one.first_sequence, one.last_sequence) for one in Seal.objects.all()] == [
        (1, "GEN", 1, 2),
        (2, "SAL", 1, 1),
        (3, "GEN", 3, 3),
    ]
    found = sealing.verify()
    assert (found.seals, found.entries, found.unsealed, found.broken) == (3, 4, 1, ())
    assert [one.entries for one in sealing.seal()] == [1]
    assert sealing.seal() == []
    assert sealing.verify().unsealed == 0


@pytest.mark.django_db
def test_each_head_is_told_to_the_hub_in_the_same_transaction():
    books()

    assert [(one["position"], one["head"], one["previous"]) for one in told()] == [
        (one.position, one.head, one.previous) for one in Seal.objects.all()
    ]
    with transaction.atomic():
        sealing.seal()
        transaction.set_rollback(True)
    assert len(told()) == 3


ENTRY = {
    "text": "'x'", "date": "date + 1", "total": "total + 1", "key": "'x'", "posted_by": "'mallory'",
    "posted_at": "posted_at - interval '1 microsecond'", "source_type": "'x'", "number": "'GEN-2026-999999'",
    "journal_id": "(SELECT id FROM public.ledger_journal WHERE prefix = 'CSH')",
}  # fmt: skip
LINE = {
    "debit": "debit + 0.01", "credit": "credit + 0.01", "party": "'C00009'", "due": "date", "tax_code": "'x'",
    "text": "'x'", "currency": "'USD'", "foreign_amount": "1", "date": "date + 1", "position": "position + 5",
    "account_id": "(SELECT id FROM public.ledger_account WHERE role = 'inventory')",
}  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("table", "column", "value"),
    [*[("entry", *pair) for pair in ENTRY.items()], *[("line", *pair) for pair in LINE.items()]],
)
def test_a_change_of_any_column_is_found(table, column, value):
    books()
    entry = JournalEntry.objects.get(key="b")
    side = "credit" if column == "credit" else "debit"
    row = entry if table == "entry" else entry.lines.exclude(**{side: 0}).get()

    by_force(f"UPDATE public.ledger_journal{table} SET {column} = {value} WHERE id = %s", row.pk)

    broken = sealing.verify().broken
    assert [(one.seal[:5], one.why) for one in broken] == [("1: GE", "its entries are not what was sealed")]


@pytest.mark.django_db(transaction=True)
def test_an_entry_taken_away_or_put_in_is_found():
    books()
    entry = JournalEntry.objects.get(key="c")

    by_force("DELETE FROM public.ledger_journalline WHERE entry_id = %s", entry.pk)
    assert [one.why for one in sealing.verify().broken] == ["its entries are not what was sealed"]
    by_force("DELETE FROM public.ledger_journalentry WHERE id = %s", entry.pk)
    assert [one.why for one in sealing.verify().broken] == ["covers 1 entries, of which 0 are there"]


@pytest.mark.django_db(transaction=True)
def test_who_rewrites_the_seals_too_is_found_by_what_the_hub_keeps(tmp_path):
    """Seals computed anew hold among themselves; the heads told before do not."""
    books()
    kept = tmp_path / "heads"
    kept.write_text("\n".join(json.dumps(one) for one in told()))
    by_force("UPDATE public.ledger_journalline SET debit = debit + 1 WHERE debit = 200")
    by_force("UPDATE public.ledger_journalline SET credit = credit + 1 WHERE credit = 200")
    by_force("TRUNCATE public.ledger_seal")
    sealing.seal(most=2)

    assert sealing.verify().broken == ()
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_books", heads=kept, stdout=out)
    assert "is not the head that the hub keeps" in out.getvalue()
    by_force("DELETE FROM public.ledger_seal WHERE position = 3")
    with pytest.raises(SystemExit):
        call_command("verify_books", heads=kept, stdout=out)
    assert "was told to the hub and is not there any more" in out.getvalue()


@pytest.mark.django_db
def test_the_command_says_what_it_walked(tmp_path):
    books()
    kept, out = tmp_path / "heads", StringIO()
    kept.write_text("\n".join(json.dumps(one) for one in told()))

    call_command("verify_books", heads=kept, stdout=out)

    assert out.getvalue().startswith("3 seals over 4 entries, 1 not sealed yet, 0 broken, 3 heads of the hub compared;")


@pytest.mark.django_db
@pytest.mark.parametrize("content", ["not json", "{}", '{"company": "NORTHWIND", "position": "x", "head": ""}'])
def test_a_file_that_is_no_list_of_heads_is_named(tmp_path, content):
    company()
    file = tmp_path / "heads"
    file.write_text(content)

    with pytest.raises(CommandError, match="heads"):
        call_command("verify_books", heads=file)


@pytest.mark.django_db
def test_nobody_writes_a_seal_by_hand(as_owner):
    books()
    with refused("42501"), transaction.atomic():
        Seal.objects.update(entries=1)
    with refused("42501"), transaction.atomic():
        Seal(**{**Seal.objects.values().first(), "id": None, "position": 9}).save(force_insert=True)
    for statement in ("UPDATE public.ledger_seal SET head = ''", "DELETE FROM public.ledger_seal"):
        with refused("HM010"):
            as_owner.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_rivals_seal_and_post_and_the_chain_has_neither_gap_nor_fork():
    company()

    def work(number: int) -> None:
        for turn in range(8):
            if number < 3:
                sealing.seal(most=3)
            else:
                post(rent("1.00", f"{number}:{turn}"))

    assert rivals(8, work) == [None] * 8
    sealing.seal()

    found = sealing.verify()
    assert (found.entries, found.unsealed, found.broken) == (40, 0, ())
    assert JournalLine.objects.count() == 80
