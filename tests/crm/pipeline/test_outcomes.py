"""What became of all deals: exact sums by owner, product and quarter, each with the list that shows its deals."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from crm.pipeline import outcomes
from crm.pipeline import services as pipeline
from crm.pipeline.models import Deal
from tests.crm.makers import account, deal, offered, user
from tests.helpers import page_queries

pytestmark = pytest.mark.django_db
D = Decimal
PAGE = reverse("pipeline:outcomes")


@pytest.fixture
def world():
    """Anna won 90 and has 180 open, Bert lost 45 in another quarter; nobody's deal has two products."""
    anna, bert = user("rep", name="anna"), user("rep", name="bert")
    offered()
    offered("CHANG")
    known = account("Ernst Handel")
    pipeline.win(deal(("CHAI", "5"), of=known, by=anna), anna)
    deal(("CHAI", "10"), of=known, by=anna)
    lost = pipeline.lose(deal(("CHAI", "5", "0", "9"), of=known, by=bert), "too dear")
    Deal.objects.filter(pk=lost.pk).update(closed_at=datetime(2017, 12, 31, 12, tzinfo=UTC))
    deal(("CHAI", "1"), ("CHANG", "2"), of=known, by=bert, owner=None)
    return user("manager", name="boss")


def told(by, user):
    rows, total = outcomes.outcomes(Deal.objects.visible_to(user), by, "EUR")
    figures = {row.label: {state: (one.count, one.net) for state, one in row.cells.items()} for row in rows}
    return figures, {state: (one.count, one.net) for state, one in total.cells.items()}


def test_every_way_has_the_same_exact_total(world):
    owners, all_owners = told("owner", world)
    products, all_products = told("product", world)
    quarters, all_quarters = told("quarter", world)

    assert owners == {
        "anna": {"won": (1, D("90.00")), "open": (1, D("180.00"))},
        "bert": {"lost": (1, D("45.00"))},
        "Nobody": {"open": (1, D("54.00"))},
    }
    assert products["CHANG"] == {"open": (1, D("36.00"))}
    assert products["CHAI"]["open"] == (2, D("198.00"))
    assert quarters["2017-Q4"] == {"lost": (1, D("45.00"))}
    assert quarters["Not closed yet"] == {"open": (2, D("234.00"))}
    assert all_owners == all_products == all_quarters
    assert all_owners == {"won": (1, D("90.00")), "open": (2, D("234.00")), "lost": (1, D("45.00"))}


@pytest.mark.parametrize("by", outcomes.WAYS)
def test_each_figure_leads_to_its_deals(client, world, by):
    client.force_login(world)
    rows, total = outcomes.outcomes(Deal.objects.visible_to(world), by, "EUR")

    for row in [*rows, total]:
        for cell in row.cells.values():
            listed = client.get("/api/v1/deals/?" + cell.url.partition("?")[2]).json()["results"]
            assert len(listed) == cell.count
            if by != "product":
                assert sum(D(one["net_total"]) for one in listed) == cell.net


def test_the_figures_of_who_has_left_lead_to_their_deals_and_not_to_all(client, world):
    user("rep", name="bert").__class__.objects.filter(username="bert").update(is_active=False)
    client.force_login(world)
    rows, _total = outcomes.outcomes(Deal.objects.visible_to(world), "owner", "EUR")
    cell = next(row for row in rows if row.key == "bert").cells["lost"]

    shown = client.get(cell.url)

    assert [deal.owner.username for deal in shown.context["page"].rows] == ["bert"]
    assert len(client.get("/api/v1/deals/?" + cell.url.partition("?")[2]).json()["results"]) == cell.count == 1


def test_one_sees_what_one_may(client, world):
    stranger = user("rep", name="stranger")
    Deal.objects.filter(owner=None).update(owner=user("rep", name="anna"))
    Deal.objects.first().account.__class__.objects.update(owner=user("rep", name="anna"))

    assert told("owner", stranger) == ({}, {})


def test_the_page_and_the_api_say_the_same(client, world, django_assert_max_num_queries):
    client.force_login(world)
    with django_assert_max_num_queries(page_queries(4)):
        page = client.get(f"{PAGE}?by=quarter")
    api = client.get("/api/v1/deals/outcomes/?by=quarter&currency=EUR")

    assert page.context["total"].net == D("369.00")
    assert [row["key"] for row in api.json()] == [*(row.key for row in page.context["rows"]), ""]
    assert client.get("/api/v1/deals/outcomes/?by=colour").status_code == 422
    assert client.get(f"{PAGE}?by=colour&currency=NONE").status_code == 200


def test_without_deals_the_page_says_what_it_will_be(client):
    client.force_login(user("rep"))

    assert "Nothing to draw yet" in client.get(PAGE).content.decode()
