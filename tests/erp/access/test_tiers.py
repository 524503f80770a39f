"""Who sees which figures: every role × every tiered field × every channel, against the side's own table."""

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from rest_framework.test import APIClient

from base.refusals import Refused
from base.tiers import Tier, hidden_fields, hidden_path, refuse_hidden, sees, tiers_of
from erp.access.apps import ROLES
from erp.inventory.models import StockMove
from erp.orders.models import Order
from erp.parties.models import Party
from tests.erp import makers
from tests.erp.orders.makers import make_order, offer

pytestmark = pytest.mark.django_db

TIERED = [model for model in apps.get_models() if tiers_of(model)]
FIELDS = [(model, name, tier) for model in TIERED for name, tier in tiers_of(model).items()]
RECORDS = [found for found in FIELDS if not hasattr(found[0], "instance_type")]


@pytest.mark.parametrize("role", ROLES)
def test_what_is_hidden_is_what_the_side_says(role):
    somebody = makers.user(role)

    told = {(model, name): name not in hidden_fields(somebody, model) for model, name, _tier in FIELDS}

    assert told == {(model, name): role in settings.FIELD_TIERS[tier] for model, name, tier in FIELDS}


def test_nobody_without_a_role_sees_a_tier():
    assert [tier for tier in Tier if sees(makers.user(), tier)] == []


def test_an_inactive_admin_sees_nothing():
    gone = makers.user("admin")
    gone.is_superuser, gone.is_active = True, False

    assert [tier for tier in Tier if sees(gone, tier)] == []


def test_a_history_table_hides_what_its_record_hides():
    assert hidden_fields(makers.user("warehouse"), Party.history.model) == hidden_fields(
        makers.user("warehouse"), Party
    )


@pytest.mark.parametrize(
    ("model", "path", "hidden"),
    [
        (Order, "-net_total", True),
        (Order, "net_total__gte", True),
        (Order, "lines__unit_price__gt", True),
        (Order, "party__credit_limit", True),
        (Order, "party__name", False),
        (Order, "lines__quantity", False),
        (StockMove, "entry__total", True),
        (StockMove, "product__floor_percent", True),
        (StockMove, "made_up__value", False),
    ],
)
def test_lookups_are_followed_to_the_end(model, path, hidden):
    assert hidden_path(makers.user("warehouse"), model, path) is hidden
    assert hidden_path(makers.user("accountant"), model, path) is False


def test_every_name_in_tiers_is_really_there():
    """A renamed column must not lose its tier in silence."""
    annotated = {("Invoice", "open_amount"), ("Product", "list_price"), ("Product", "prices")}
    missing = [
        (model.__name__, name)
        for model, name, _tier in RECORDS
        if not hasattr(model, name) and (model.__name__, name) not in annotated
    ]

    assert missing == []


@pytest.mark.parametrize("role", ROLES)
def test_filter_order_and_export_refuse_what_is_hidden(role):
    somebody = makers.user(role)

    for model, name, tier in RECORDS:
        if role in settings.FIELD_TIERS[tier]:
            refuse_hidden(somebody, model, [f"-{name}"])
            continue
        with pytest.raises(Refused) as refusal:
            refuse_hidden(somebody, model, [f"-{name}"])
        assert refusal.value.status == 403


def _api(somebody) -> APIClient:
    client = APIClient()
    client.force_authenticate(somebody)
    return client


def test_the_api_leaves_hidden_fields_out_of_lists_and_details_and_refuses_them_as_filters():
    offer()
    sold = make_order(("CHAI", "2", "18.00"))
    boss, keeper = _api(makers.user("admin")), _api(makers.user("warehouse"))

    for address in (f"/api/v1/orders/{sold.pk}/", f"/api/v1/parties/{sold.party_id}/"):
        full, part = boss.get(address).json(), keeper.get(address).json()
        model = Order if "orders" in address else Party
        assert set(full) - set(part) == set(full) & set(tiers_of(model))
    assert "unit_price" not in keeper.get(f"/api/v1/orders/{sold.pk}/").json()["lines"][0]
    assert keeper.get("/api/v1/parties/?on_hold=true").status_code == 403
    assert boss.get("/api/v1/parties/?on_hold=true").status_code == 200


def test_setting_a_hidden_field_is_refused_by_name():
    from rest_framework.request import Request
    from rest_framework.test import APIRequestFactory

    from erp.parties.api import TermsSerializer

    request = Request(APIRequestFactory().patch("/"))
    request.user = makers.user("warehouse")
    given = TermsSerializer(data={"credit_limit": "5.00"}, partial=True, context={"request": request})

    with pytest.raises(Refused) as refusal:
        given.is_valid()

    assert refusal.value.field == "credit_limit"


def test_pages_of_the_warehouse_show_no_price():
    offer()
    sold = make_order(("CHAI", "2", "18.00"))
    client = Client()
    client.force_login(makers.user("warehouse"))
    product = sold.lines.get().product

    for address in ("/orders/", sold.get_absolute_url(), "/products/", product.get_absolute_url()):
        page = client.get(address)
        assert (page.status_code, "18.00" in page.content.decode(), "36.00" in page.content.decode()) == (
            200,
            False,
            False,
        )
