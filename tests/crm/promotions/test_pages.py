"""The pages and the API of promotions."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from base.days import house_day
from crm.promotions.models import Promotion
from tests.crm.makers import deal, offered, user
from tests.crm.promotions.makers import promotion

D = Decimal
HTMX = {"HTTP_HX_REQUEST": "true"}
pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"promotions:{name}", args=args)


def form(**told):
    today = house_day()
    facts = {"name": "Spring", "discount": "12.5", "first_day": today, "last_day": today, "audience": "all"}
    return {**facts, **told}


def test_a_manager_decides_one_on_the_sheet(client):
    offered()
    client.force_login(user("manager"))

    assert "Spring" in client.get(url("new"), **HTMX).content.decode()
    answer = client.post(url("new"), form(skus="CHAI, ", countries="France， Norway"), **HTMX)

    made = Promotion.objects.get()
    assert answer.headers["HX-Redirect"] == made.get_absolute_url()
    assert (made.discount, made.skus, made.countries) == (D("0.125"), ["CHAI"], ["france", "norway"])
    page = client.get(made.get_absolute_url()).content.decode()
    assert "12.5" in page
    assert "Stop now" in page


def test_what_cannot_be_is_said_at_the_field(client):
    client.force_login(user("manager"))

    answer = client.post(url("new"), form(discount="60", skus="NONE"), **HTMX)

    assert answer.status_code == 422
    assert "at most 25 %" in answer.content.decode()
    assert Promotion.objects.count() == 0


def test_a_manager_edits_stops_and_takes_that_back(client):
    spring = promotion()
    client.force_login(spring.decided_by)

    client.post(url("edit", spring.pk), form(name="Late spring", discount="15"))
    client.post(url("stop", spring.pk))
    stopped = Promotion.objects.get()
    page = client.get(url("detail", spring.pk)).content.decode()
    client.post(url("resume", spring.pk))

    assert (stopped.name, stopped.discount, stopped.state) == ("Late spring", D("0.15"), "ended")
    assert "Let it run again" in page
    assert "Stop now" not in page
    assert Promotion.objects.get().state == "running"


def test_a_rep_reads_only(client):
    spring = promotion()
    client.force_login(user("rep"))

    assert "Spring" in client.get(url("list")).content.decode()
    page = client.get(url("detail", spring.pk)).content.decode()
    assert "Spring" in page
    assert "Stop now" not in page
    for name, args in (("new", ()), ("edit", (spring.pk,)), ("stop", (spring.pk,)), ("resume", (spring.pk,))):
        assert client.post(url(name, *args), form()).status_code == 403
    assert Promotion.objects.get().state == "running"


def test_the_list_is_empty_and_teaches(client):
    client.force_login(user("manager"))

    assert "No promotion yet" in client.get(url("list")).content.decode()


def test_the_list_by_where_they_stand(client):
    boss, today = user("manager"), house_day()
    promotion(name="Now")
    promotion(name="Soon", first_day=today + timedelta(days=3), last_day=today + timedelta(days=4))
    promotion(name="Over")
    Promotion.objects.filter(name="Over").update(stopped_at="2026-01-01T00:00Z", stopped_by=boss)
    client.force_login(boss)

    for state, name in (("running", "Now"), ("coming", "Soon"), ("ended", "Over")):
        told = client.get(url("list"), {"state": state}).content.decode()
        assert [one for one in ("Now", "Soon", "Over") if f">{one}<" in told] == [name]


def test_over_rest():
    offered()
    api, boss = APIClient(), user("manager")
    api.force_login(boss)
    today = str(house_day())
    told = {"name": "Spring", "discount": "0.1", "first_day": today, "last_day": today, "skus": ["CHAI"]}

    made = api.post("/api/v1/promotions/", told, format="json")
    one = f"/api/v1/promotions/{made.json()['id']}/"
    deep = api.patch(one, {"discount": "0.9"}, format="json")
    stopped = api.post(f"{one}stop/")
    found = api.get("/api/v1/promotions/", {"state": "ended", "sku": "CHAI"}).json()["results"]
    again = api.post(f"{one}resume/")

    assert (made.status_code, made.json()["state"], made.json()["decided_by"]) == (201, "running", boss.username)
    assert (deep.status_code, deep.json()["code"]) == (422, "too-deep")
    assert (stopped.json()["state"], len(found), again.json()["state"]) == ("ended", 1, "running")
    api.force_login(user("rep"))
    assert api.post("/api/v1/promotions/", told, format="json").status_code == 403
    assert api.get(one).json()["name"] == "Spring"


def test_a_line_over_rest_has_it_and_is_priced_anew():
    offered()
    spring, some, api = promotion(), deal(), APIClient()
    api.force_login(some.owner)

    line = api.post(f"/api/v1/deals/{some.pk}/lines/", {"sku": "CHAI", "quantity": "5"}, format="json").json()
    Promotion.objects.filter(pk=spring.pk).update(last_day=house_day() - timedelta(days=1), first_day="2020-01-01")
    anew = api.post(f"/api/v1/deal-lines/{line['id']}/anew/").json()

    assert (line["promotion"], line["promotion_name"], line["net_amount"]) == (str(spring.pk), "Spring", "81.00")
    assert (anew["promotion"], anew["promotion_name"], anew["net_amount"]) == (None, "", "90.00")
