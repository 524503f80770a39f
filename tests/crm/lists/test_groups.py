"""Groups of a list: whole or not there, and the page says when there are more of them."""

import re

import pytest

from base.listing import grouping
from crm.pipeline.models import Deal
from tests.crm.makers import account, deal, offered, user

pytestmark = pytest.mark.django_db
MORE = "There are more groups; narrow the list"


@pytest.fixture
def page(client):
    """Three companies; the second's deals are in two currencies, so its group is two lines of the query."""
    offered()
    boss = user("manager", name="boss")
    for name, currencies in (("Alfreds", ["EUR"]), ("Berglunds", ["EUR", "USD"]), ("Chops", ["EUR"])):
        company = account(name, owner=boss)
        for currency in currencies:
            Deal.objects.filter(pk=deal(("CHAI", "5"), of=company, by=boss).pk).update(currency=currency)
    client.force_login(boss)
    return client


def groups_shown(page):
    """Each company with how many deals it has, in the order of the page."""
    body = page.get("/pipeline/list/?view=all&columns=company,net&group=company").context["groups"]
    found = re.findall(r'</svg>([A-Z][a-z]+) <span class="count">(\d+)', body)
    return [f"{name} {count}" for name, count in found], MORE in body


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (4, (["Alfreds 1", "Berglunds 2", "Chops 1"], False)),
        (3, (["Alfreds 1", "Berglunds 2"], True)),
        (2, (["Alfreds 1"], True)),
        (1, (["Alfreds 1"], True)),
    ],
)
def test_groups_are_cut_at_a_groups_border_and_the_page_says_so(page, monkeypatch, lines, shown):
    monkeypatch.setattr(grouping, "LINES_MAX", lines)

    assert groups_shown(page) == shown
