"""Many rows in one statement: the same rows as one by one, the same refusals, the same history."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from base import context
from base.bulk import insert_many
from base.recording import keep_made
from crm.accounts.models import Account, Contact
from crm.pipeline.models import Deal
from tests.crm.makers import account, deal, user

pytestmark = pytest.mark.django_db


def kept(row):
    """All that the table has of it, but for what is its own."""
    own = {"id", "created_at", "updated_at", "number"}
    found = type(row).objects.get(pk=row.pk)
    fields = [field for field in row._meta.concrete_fields if field.name not in own]
    return {field.attname: getattr(found, field.attname) for field in fields}


def test_rows_are_as_if_each_had_been_saved():
    told = {
        "name": "和明 “Ä” \\ 'x' \t%s", "tags": ["vip", 'with "quotes" {braces}'], "custom": {},
        "email": "a@b.example", "owner": user("rep"),
    }  # fmt: skip
    one = account(**told)
    two = Account(**told | {name: getattr(one, name) for name in ("name", "tags", "name_match", "like_keys")})
    insert_many([two])

    assert kept(two) == kept(one)
    assert two.name_key == one.name_key
    assert (two._state.adding, two.created_at) == (False, Account.objects.get(pk=two.pk).created_at)


def test_days_amounts_and_nothing_come_through_exactly():
    first = deal()
    most = Decimal("12345678901234567.89")
    told = {"account": first.account, "stage": first.stage, "owner": first.owner, "requested_on": date(2026, 2, 28)}
    made = Deal(number="D99999", net_total=most, **told)
    insert_many([made])

    found = Deal.objects.get(pk=made.pk)
    assert (found.net_total, found.requested_on, found.ordered_on) == (most, date(2026, 2, 28), None)


def test_all_or_none_and_the_refusal_is_the_databases():
    for bad, refusal in (
        (Account(name=""), IntegrityError),
        (Account(name="x" * 300), DataError),
        (Account(name="nul \x00"), DataError),
    ):
        with pytest.raises(refusal), transaction.atomic():
            insert_many([Account(name="good"), bad])
    assert not Account.objects.exists()


def test_one_statement_however_many():
    mine = account("A")
    people = [Contact(account=mine, name=f"Person {number}") for number in range(300)]
    with CaptureQueriesContext(connection) as asked:
        insert_many(people)
    assert len(asked) == 1
    assert Contact.objects.count() == 300


def test_what_the_server_cannot_read_from_json_is_a_mistake_of_ours():
    class Picture(models.Model):
        bytes = models.BinaryField()

        class Meta:
            app_label = "accounts"
            managed = False

    with pytest.raises(TypeError, match="cannot be inserted this way"):
        insert_many([Picture(pk=1, bytes=b"")])
    with pytest.raises(TypeError, match="cannot be inserted this way"):
        insert_many([Account(name=3j)])


def test_the_history_is_the_one_that_saving_writes():
    by = user("rep")
    said = context.reason.set("import list.csv")
    try:
        account("One", tags=["a"], owner=by)
        two = Account(name="Two", name_match="two", tags=["a"], owner=by)
        three = Account(name="Three", owner=None)
        insert_many([two, three])
        with CaptureQueriesContext(connection) as asked:
            keep_made([two, three])
    finally:
        context.reason.reset(said)

    assert len(asked) == 1
    rows = Account.history.order_by("history_id")
    own = {"id", "created_at", "updated_at", "name", "history_id", "history_date"}
    first, second, third = (
        {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name not in own}
        for row in rows
    )
    assert second == first
    assert (third["owner_id"], [row.name for row in rows]) == (None, ["One", "Two", "Three"])
    assert all(row.history_date for row in rows)
    keep_made([])
