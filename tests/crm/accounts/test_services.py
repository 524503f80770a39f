import pytest

from crm.accounts import services
from tests.helpers import emitted

pytestmark = pytest.mark.django_db


def test_an_account_needs_only_a_name():
    account = services.create_account(name="  Ernst   Handel ")

    assert (account.name, account.registered, account.owner) == ("Ernst Handel", False, None)
    assert emitted() == []
