import pytest
from django.db import connection, transaction

from base.ids import uuid7
from integration.outbox.models import Message


@pytest.mark.django_db
def test_the_app_role_connects():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("integration_app",)
    assert Message.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_behind():
    with transaction.atomic():
        Message.objects.create(id=uuid7(), type="x", aggregate="a", position=1, lane=0, body=b"")
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_after_a_real_commit_the_next_test_starts_clean():
    assert Message.objects.count() == 0
