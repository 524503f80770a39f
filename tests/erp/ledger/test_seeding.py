"""The first company."""

import time
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import translation

from erp.ledger.models import Account, Journal, Period
from tests.erp.makers import company

pytestmark = pytest.mark.django_db


def test_seeding_again_changes_nothing():
    first = company()
    counts = (Account.objects.count(), Journal.objects.count(), Period.objects.count())
    Account.objects.filter(code="6100").update(name="Rent of the hall")

    call_command("seed_company", verbosity=0, stdout=StringIO())

    assert company() == first
    assert (Account.objects.count(), Journal.objects.count(), Period.objects.count()) == counts
    assert Account.objects.get(code="6100").name == "Rent of the hall"
    assert counts[1:] == (5, 84)


def test_every_role_that_documents_use_has_an_account():
    company()
    roles = set(Account.objects.exclude(role=None).values_list("role", flat=True))

    assert roles >= {
        "bank", "receivable", "customer_deposits", "vat_output", "inventory", "grni", "cogs", "sales", "freight_income",
        "returns_clearing", "rounding", "opening_equity", "inventory_adjustment",
    }  # fmt: skip


def test_seeding_is_quick_enough_for_every_test():
    company()
    before = time.monotonic()
    company()

    assert time.monotonic() - before < 0.3


def test_accounts_are_named_in_the_readers_language():
    company()
    receivable = Account.objects.get(role="receivable")

    with translation.override("zh-hans"):
        assert str(receivable) == "1200 应收账款"
    assert str(receivable) == "1200 Accounts receivable"


def test_headings_take_no_entries_and_every_other_account_has_a_heading():
    company()

    assert not Account.objects.filter(is_group=False, parent=None).exists()
    assert not Account.objects.filter(parent__is_group=False).exists()
