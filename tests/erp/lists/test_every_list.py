"""Every list of the ERP with every column: shown, sorted, grouped, summed, exported, and not to everybody."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from base.listing.listing import listing_of
from erp.orders.models import Order
from tests.erp.makers import company, user
from tests.erp.orders.makers import make_order, offer
from tests.filled import fill_lists
from tests.lists import formulas_exported, names, printed

pytestmark = pytest.mark.django_db
NAMES = names()


def browser(*roles):
    company()
    client = Client()
    client.force_login(user(*roles))
    return client


def filled():
    """Something in nearly every list."""
    fill_lists(user("admin"))


@pytest.mark.parametrize("name", NAMES)
def test_every_column_is_shown_sorted_grouped_and_exported(name):
    filled()
    listing, page = listing_of(name), browser("admin")
    every = ",".join(column.name for column in listing.columns)
    queries = [f"view=all&columns={every}", "q=a"]
    queries += [f"view=all&ordering=-{column.name},{listing.columns[0].name}" for column in listing.columns]
    queries += [f"view=all&group={column.name}&columns={every}" for column in listing.columns if column.group]

    for query in queries:
        answer = page.get(f"{listing.url}?{query}")
        assert answer.status_code == 200, query
    lines = b"".join(page.get(f"/lists/{name}/export/csv/?view=all&columns={every}").streaming_content)
    assert len(lines.splitlines()) > 1 or name in ("returns", "received", "fapiaos")  # these are for China
    assert printed(name, get_user_model().objects.get(pk=page.session["_auth_user_id"])) >= len(lines.splitlines()) - 1


def test_what_is_hidden_is_not_shown_sorted_grouped_filtered_summed_or_exported():
    offer()
    make_order(("CHAI", "2", "18.00"))
    page = browser("warehouse")

    shown = page.get("/orders/?columns=number,net,gross&ordering=-net&group=net")
    narrowed = page.get("/orders/?net_min=1")
    exported = b"".join(page.get("/lists/orders/export/csv/?columns=number,net").streaming_content).decode("utf-8-sig")
    api = page.get("/api/v1/orders/?ordering=-net")

    assert "36.00" not in shown.content.decode()
    assert ([one.name for one in shown.context["asked"].columns], shown.context["asked"].sorts) == (["number"], [])
    assert (narrowed.status_code, api.status_code) == (403, 403)
    assert exported.split() == ["Number", Order.objects.get().number]


def test_the_api_sorts_and_narrows_as_the_page_does_and_pages_to_the_end():
    offer()
    for quantity in ("3", "1", "2"):
        make_order(("CHAI", quantity, "18.00"))
    page = browser("accountant")

    found, url = [], "/api/v1/orders/?ordering=-net&page_size=1&status=accepted"
    while url:
        answer = page.get(url).json()
        found += [row["net_total"] for row in answer["results"]]
        url = answer["next"]

    assert found == ["54.00", "36.00", "18.00"]
    assert page.get("/api/v1/orders/?ordering=nonsense").status_code == 422


def test_nobody_reaches_a_list_that_is_not_theirs():
    page = browser("warehouse")

    assert page.get("/lists/journal/export/csv/").status_code == 403
    assert page.get("/lists/nothing/export/csv/").status_code == 404
    assert page.post("/lists/journal/views/", {"name": "Mine", "state": ""}).status_code == 403


def test_no_list_exports_a_formula():
    filled()

    assert formulas_exported(browser("admin")) == []
