"""The account of opening balances: every company is set up with it, and one that lost it is told how to name it."""

from decimal import Decimal
from typing import Any

import pytest

from erp.ledger import seeding
from erp.ledger.models import Account, JournalEntry
from erp.ledger.reports import account_balance
from erp.ledger.services import forget
from tests.erp.openings.makers import BALANCES, balances, broken, items, without_a_place_to_wait
from tests.importing import media, reasons

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
SAID = "No account of the chart is the one for opening balances. An admin names it: an account of equity with the role"
PLAIN = "account,debit,credit\n1010,500.00,\n3000,,500.00\n"


@pytest.mark.parametrize("chart", seeding.charts())
def test_every_chart_sets_a_company_up_with_one_that_takes_entries(chart: str) -> None:
    made = seeding.seed_company("OWN", "Our own", "CNY", "CN", chart)

    found = Account.objects.get(company=made, role="opening_equity")
    assert (found.type, found.is_group, found.active) == ("equity", False, True)


@pytest.mark.parametrize(
    ("bring", "told"),
    [
        (balances, {}),  # receivables wait
        (balances, {"text": PLAIN.replace("3000,,500", "3000,,499")}),  # a difference nobody gave a place
        (balances, {"text": PLAIN.replace("3000,,500", "3000,,499"), "constants": {"difference": "yes"}}),
    ],
)
def test_balances_that_need_it_are_refused_saying_who_names_it(bring: Any, told: dict[str, Any]) -> None:
    without_a_place_to_wait()

    imp = bring(**told)

    assert imp.counts == {"error": 1}
    assert reasons(imp)[0][1][-1][1] == f"{SAID} “opening_equity”."
    assert not JournalEntry.objects.exists()


def test_items_are_refused_and_come_once_it_is_named() -> None:
    theirs = without_a_place_to_wait()

    refused = items()
    assert (refused.counts, {text for _row, why in reasons(refused) for _name, text in why}) == (
        {"error": 3}, {f"{SAID} “opening_equity”."},
    )  # fmt: skip

    Account.objects.filter(pk=theirs.pk).update(role="opening_equity")
    forget()
    assert (balances(BALANCES).counts, items().counts) == ({"new": 1}, {"new": 3})
    assert (account_balance("opening_equity"), broken()) == (Decimal("0.00"), [])


def test_balances_that_need_it_not_come_without_it() -> None:
    without_a_place_to_wait()

    imp = balances(PLAIN)

    assert (imp.counts, broken()) == ({"new": 1}, [])


def test_a_company_without_the_account_gets_it_at_the_next_start() -> None:
    without_a_place_to_wait().delete()
    forget()

    imp = balances(BALANCES)  # sets the company up again, as every start does

    assert (imp.counts, Account.objects.get(role="opening_equity").code) == ({"new": 1}, "3900")
