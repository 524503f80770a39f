"""The first company."""

import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from erp.ledger import seeding, services
from erp.ledger.models import Account, Company, Journal, Period
from erp.statements import services as statements
from erp.statements.expressions import Accounts
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
    assert counts[1:] == (6, 84)


def test_every_role_that_documents_use_has_an_account():
    company()
    roles = set(Account.objects.exclude(role=None).values_list("role", flat=True))

    assert roles >= {
        "bank", "receivable", "customer_deposits", "vat_output", "inventory", "grni", "cogs", "sales", "freight_income",
        "returns_clearing", "rounding", "opening_equity", "inventory_adjustment", "exchange_gain", "exchange_loss",
    }  # fmt: skip


@pytest.mark.parametrize("chart", seeding.charts())
def test_an_account_that_came_before_its_role_takes_it_unless_another_one_has_it(chart):
    ours = seeding.seed_company("OURS", "Ours", chart=chart)
    gain, loss = (Account.objects.get(company=ours, role=role) for role in ("exchange_gain", "exchange_loss"))
    Account.objects.filter(pk__in=[gain.pk, loss.pk]).update(role=None)
    Account.objects.filter(company=ours, role="bank").update(role="exchange_gain")

    seeding.seed_company("OURS", "Ours", chart=chart)

    gain.refresh_from_db()
    loss.refresh_from_db()
    assert (gain.role, loss.role) == (None, "exchange_loss")


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


@pytest.mark.parametrize("chart", seeding.charts())
def test_a_chart_has_an_account_for_every_role_and_a_row_for_every_account(chart):
    """Whoever sets up with another chart has the same documents, and statements that leave nothing out."""
    made = seeding.seed_company("OWN", "Our own", "CNY", "CN", chart)
    layouts = {one.code: one for one in statements.seed(made)}
    accounts = list(Account.objects.filter(company=made))
    company()  # the demo company keeps its chart

    assert [
        one.code for one in accounts if one.parent and (one.parent.type != one.type or not one.parent.is_group)
    ] == []
    roles = {one.role: one.control for one in accounts if one.role}
    assert roles == dict(
        Account.objects.filter(company__code=seeding.DEMO).exclude(role=None).values_list("role", "control")
    )
    for code, kinds in (
        ("balance-sheet", ("asset", "liability", "equity")),
        ("profit-and-loss", ("income", "expense")),
    ):
        counted = [Accounts.read(row.counts) for row in layouts[code].rows.filter(kind="accounts")]
        rows = {one.code: sum(row.has(one.code) for row in counted) for one in accounts
                if one.type in kinds and not one.is_group}  # fmt: skip
        assert set(rows.values()) == {1}, {code: times for code, times in rows.items() if times != 1}
    assert all(one.name and one.name_zh for one in accounts)


def test_our_own_company_is_set_up_with_the_chart_that_is_chosen():
    own = {"code": "ACME", "name": "Acme", "currency": "CNY", "jurisdiction": "CN", "chart": "small-enterprise-cn"}

    call_command("seed_company", stdout=StringIO(), **own)
    call_command("seed_company", stdout=StringIO())  # every start: what is there stays

    made = Company.objects.get()
    assert (made.code, made.base_currency, made.chart) == ("ACME", "CNY", "small-enterprise-cn")
    assert services.account("bank").code == "1002"
    assert services.account("1122").control
    assert made.fiscal_years.count() == 3


def test_an_unknown_chart_is_refused():
    with pytest.raises(CommandError, match="The chart “none”"):
        call_command("seed_company", code="ACME", name="Acme", chart="none", stdout=StringIO())

    assert not Company.objects.exists()
