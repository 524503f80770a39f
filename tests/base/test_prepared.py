"""What a connection is asked again and again, the server parses once."""

import pytest
from django.contrib.auth import get_user_model
from django.db import DataError, connection, transaction

from base.apps import STATEMENTS_KEPT
from base.settings import PREPARED_AFTER

pytestmark = pytest.mark.django_db

PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s"


def prepared(like):
    with connection.cursor() as cursor:
        cursor.execute(PREPARED, [like])
        return cursor.fetchone()[0]


def test_a_query_of_djangos_is_prepared_after_a_few_calls():
    for number in range(PREPARED_AFTER + 2):
        get_user_model().objects.filter(username=f"nobody {number}", email="").exists()

    assert prepared('%"username" = $1%"email"%') + prepared('%"email"%"username" = $_%') == 1
    assert connection.connection.prepared_max == STATEMENTS_KEPT


def test_its_errors_are_djangos_and_it_is_undone_with_the_transaction():
    double = "SELECT %s::int * 2"
    for number in range(PREPARED_AFTER + 2):
        with connection.cursor() as cursor:
            assert cursor.execute(double, [number]).fetchone() == (2 * number,)

    with pytest.raises(DataError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(double, ["many"])
    with connection.cursor() as cursor:
        assert cursor.execute(double, [4]).fetchone() == (8,)
