"""Statements that the server keeps prepared: on Django's own connection, with all that belongs to it."""

import pytest
from django.db import DataError, connection, transaction

from base.prepared import prepared

pytestmark = pytest.mark.django_db

DOUBLE = "SELECT %s::int * 2"


def test_a_statement_is_parsed_once_a_connection():
    assert [prepared(DOUBLE, [number]).fetchone() for number in (1, 2, 3)] == [(2,), (4,), (6,)]

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%$1::int * 2'")
        assert cursor.fetchone() == (1,)


def test_its_errors_are_djangos_and_it_is_undone_with_the_transaction(django_assert_num_queries):
    with pytest.raises(DataError), transaction.atomic():
        prepared(DOUBLE, ["many"])

    with django_assert_num_queries(1):
        assert prepared(DOUBLE, [4]).fetchone() == (8,)
