"""Groups of a list: whole or not there, and the page says when there are more of them."""

import copy
import re

import pytest

from base.ids import uuid7
from base.listing.grouping import LINES_MAX
from crm.accounts.models import Account
from crm.pipeline.models import Deal
from tests.crm.makers import account, deal, offered, user

pytestmark = pytest.mark.django_db
MORE = "There are more groups; narrow the list"
LAST = f"Company {LINES_MAX:03}"


@pytest.fixture
def page(client):
    """As many companies as a page has lines for, with a deal each."""
    offered()
    boss = user("manager", name="boss")
    first = account("Company 001", owner=boss)
    many = [first, *(another(first, name=f"Company {number:03}") for number in range(2, LINES_MAX + 1))]
    Account.objects.bulk_create(many[1:])
    sold = deal(("CHAI", "5"), of=first, by=boss)
    Deal.objects.bulk_create(another(sold, account=company, number=f"D-{company.name[-3:]}") for company in many[1:])
    client.force_login(boss)
    return client


def another(record, **differs):
    """The like of it, under a key of its own."""
    made = copy.copy(record)
    made.pk = uuid7()
    for name, value in differs.items():
        setattr(made, name, value)
    return made


def groups_shown(page):
    """The companies with how many deals they have, in the page's order; and whether it says that there are more."""
    body = page.get("/pipeline/list/?view=all&columns=company,net&group=company").context["groups"]
    return re.findall(r'</svg>(Company \d+) <span class="count">(\d+)', body), MORE in body


def test_as_many_groups_as_fit_are_all_there(page):
    shown, has_more = groups_shown(page)

    assert (len(shown), shown[-1], has_more) == (LINES_MAX, (LAST, "1"), False)


def test_a_group_that_fits_in_part_only_is_left_out_and_the_page_says_so(page):
    last = Deal.objects.get(account__name=LAST)
    another(last, currency="USD", number="D-USD").save(force_insert=True)  # a line for each currency

    shown, has_more = groups_shown(page)

    assert (len(shown), shown[-1], has_more) == (LINES_MAX - 1, (f"Company {LINES_MAX - 1:03}", "1"), True)


def test_a_group_in_two_currencies_is_one_group(page):
    Deal.objects.filter(account__name=LAST).update(currency="USD", account=Account.objects.get(name="Company 001"))

    shown, has_more = groups_shown(page)

    assert (len(shown), shown[0], shown[-1], has_more) == (
        LINES_MAX - 1, ("Company 001", "2"), (f"Company {LINES_MAX - 1:03}", "1"), False,
    )  # fmt: skip
