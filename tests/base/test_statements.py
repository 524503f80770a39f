"""What a connection is asked again and again, the server parses once, and anew when a migration changed it."""

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import DataError, connection, transaction

from base import statements
from base.settings import PREPARED_AFTER

CALLS = PREPARED_AFTER + 2


def ask(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()


def prepared(*parts):
    return ask("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", f"%{'%'.join(parts)}%")[0]


@pytest.mark.django_db
def test_a_query_of_djangos_is_prepared_after_a_few_calls():
    for number in range(CALLS):
        get_user_model().objects.filter(username=f"nobody {number}", is_staff=True).exists()

    assert prepared("is_staff", "username", "LIMIT") + prepared("username", "is_staff", "LIMIT") >= 1
    assert connection.connection.prepared_max == statements.KEPT


@pytest.mark.django_db
def test_its_errors_are_djangos_and_it_is_undone_with_the_transaction():
    double = "SELECT %s::int * 2"
    assert [ask(double, number) for number in range(CALLS)] == [(2 * number,) for number in range(CALLS)]

    with pytest.raises(DataError), transaction.atomic():
        ask(double, "many")
    assert ask(double, 4) == (8,)


@pytest.fixture
def widened(as_owner):
    """A column that a release makes wider while the processes of the one before still run."""
    table = apps.get_model("access", "RememberedCall")._meta.db_table

    def widen(length):
        as_owner.execute(f"ALTER TABLE {table} ALTER COLUMN path TYPE varchar({length})")

    query = f"SELECT path FROM {table} WHERE status = %s"
    for _call in range(CALLS):
        ask(query, 200)
    yield query, widen
    widen(500)


@pytest.mark.django_db(transaction=True)
def test_a_table_that_changed_meanwhile_is_asked_anew(widened):
    query, widen = widened
    widen(600)

    assert ask(query, 200) is None


@pytest.mark.django_db(transaction=True)
def test_within_a_transaction_the_caller_is_asked_to_come_again_and_nothing_stays_broken(widened):
    query, widen = widened
    widen(600)

    with pytest.raises(statements.BeingUpdated) as refusal, transaction.atomic():
        ask(query, 200)
    connection.close_if_unusable_or_obsolete()

    assert refusal.value.status == 503
    assert ask(query, 200) is None
