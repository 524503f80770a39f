import pytest
from rest_framework.test import APIClient

from crm.accounts import services
from crm.accounts.models import Account, Contact
from integration.contracts.customers import CustomerUpdated
from tests.crm.makers import account, deal, user
from tests.helpers import emitted

pytestmark = pytest.mark.django_db


def api(*roles: str, name: str = "") -> APIClient:
    client = APIClient()
    client.force_authenticate(user(*roles, name=name))
    return client


ALFKI = {
    "name": "Alfreds Futterkiste",
    "external_ref": "ALFKI",
    "street": "Obere Str. 57",
    "postal_code": "12209",
    "city": "Berlin",
    "country": "Germany",
    "contacts": [{"name": "Maria Anders", "title": "Sales Representative", "phone": "030-0074321"}],
}


def test_an_account_comes_with_address_reference_and_first_contact():
    answer = api("rep").post("/api/v1/accounts/", ALFKI)

    assert answer.status_code == 201, answer.json()
    made = Account.objects.get()
    assert (str(made.pk), made.city, made.owner.username) == (answer.json()["id"], "Berlin", "rep")
    assert [contact.name for contact in made.contacts.all()] == ["Maria Anders"]


def test_the_same_call_twice_makes_one_account():
    rep = api("rep")
    first = rep.post("/api/v1/accounts/", ALFKI, headers={"Idempotency-Key": "one"})
    again = rep.post("/api/v1/accounts/", ALFKI, headers={"Idempotency-Key": "one"})

    assert (first.status_code, again.json()) == (201, first.json())
    assert Account.objects.count() == 1


def test_a_reference_that_is_taken_is_a_problem_at_its_field():
    rep = api("rep")
    rep.post("/api/v1/accounts/", ALFKI)
    answer = rep.post("/api/v1/accounts/", ALFKI)

    assert (answer.status_code, answer.json()["code"]) == (409, "reference-taken")
    assert answer.json()["errors"][0]["field"] == "external_ref"


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "X", "email": "no"}, {"name": "X", "website": "ftp://x"}])
def test_bad_input_changes_nothing(body):
    answer = api("rep").post("/api/v1/accounts/", body)

    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert not Account.objects.exists()


def test_a_change_keeps_what_is_not_given():
    rep = api("rep")
    made = rep.post("/api/v1/accounts/", ALFKI).json()
    answer = rep.patch(f"/api/v1/accounts/{made['id']}/", {"city": "Potsdam", "version": 1})

    assert (answer.status_code, answer.json()["city"], answer.json()["version"]) == (200, "Potsdam", 2)
    assert answer.json()["street"] == "Obere Str. 57"
    assert rep.patch(f"/api/v1/accounts/{made['id']}/", {"city": "Jena", "version": 1}).status_code == 409


def test_the_erps_word_cannot_be_written():
    rep = api("rep")
    made = rep.post("/api/v1/accounts/", {**ALFKI, "credit_band": "open", "registered": True, "party_code": "C1"})

    assert (made.json()["credit_band"], made.json()["registered"], made.json()["party_code"]) == ("", False, "")


def test_a_rep_reads_but_does_not_change_a_colleagues_account():
    theirs = account(owner=user("rep", name="other"))
    rep = api("rep", name="me")
    deal(of=theirs, by=user("rep", name="me"))

    assert rep.get(f"/api/v1/accounts/{theirs.pk}/").status_code == 200
    assert rep.patch(f"/api/v1/accounts/{theirs.pk}/", {"city": "X"}).status_code == 403
    assert rep.post("/api/v1/contacts/", {"account": str(theirs.pk), "name": "X"}).status_code == 403


def test_without_a_role_there_is_nothing():
    assert api().get("/api/v1/accounts/").status_code == 403
    assert APIClient().get("/api/v1/accounts/").status_code == 401


def test_the_list_is_searched_and_filtered():
    account("Alfreds", country="Germany", external_ref="ALFKI")
    account("Ernst", country="Austria", contacts=[{"name": "Roland Mendel"}])
    rep = api("rep")

    def names(**query):
        return [row["name"] for row in rep.get("/api/v1/accounts/", query).json()["results"]]

    assert names() == ["Ernst", "Alfreds"]
    assert names(search="mendel") == ["Ernst"]
    assert names(country="Germany") == ["Alfreds"]
    assert names(external_ref="ALFKI") == ["Alfreds"]
    assert names(registered="true") == []


def test_contacts_come_and_go():
    rep, mine = api("rep"), account()
    made = rep.post("/api/v1/contacts/", {"account": str(mine.pk), "name": "Maria Anders"})
    at = f"/api/v1/contacts/{made.json()['id']}/"

    assert made.status_code == 201
    assert rep.patch(at, {"title": "Owner"}).json()["title"] == "Owner"
    assert rep.patch(at, {"account": str(account("Other").pk)}).status_code == 422
    assert [row["name"] for row in rep.get(f"/api/v1/contacts/?account={mine.pk}").json()["results"]] == [
        "Maria Anders"
    ]
    assert rep.delete(at).status_code == 204
    assert not Contact.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three_accounts(django_assert_num_queries, count):
    for number in range(count):
        services.create_account(name=f"Account {number}", contacts=[{"name": "A"}, {"name": "B"}])
    rep = api("rep")

    with django_assert_num_queries(3):
        rep.get("/api/v1/accounts/")


def test_a_change_of_a_customer_is_told_to_the_erp():
    known = services.register(account())

    answer = api("manager").patch(f"/api/v1/accounts/{known.pk}/", {"city": "Berlin"})

    assert (answer.status_code, answer.json()["city"]) == (200, "Berlin")
    assert [fact.changed for fact in emitted(CustomerUpdated)] == [("city",)]


@pytest.mark.parametrize("path", ["accounts", "contacts", "products", "timeline", "deals", "tickets"])
def test_nobody_without_a_role_sees_anything(path):
    assert api().get(f"/api/v1/{path}/").status_code == 403
    assert APIClient().get(f"/api/v1/{path}/").status_code == 401
