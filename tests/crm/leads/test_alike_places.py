"""The same person is found by name and address, typed differently; the same name elsewhere is perhaps the same."""

import pytest

from crm.accounts import services as accounts
from crm.accounts.models import Account
from crm.leads import matching
from crm.leads import services as leads
from tests.crm.makers import account, user

pytestmark = pytest.mark.django_db
ANNA = {"street": "6 Tullaroop Street", "city": "St James", "postal_code": "4011"}


def found(**typed):
    return [(one.kind, one.reason, one.sure) for one in matching.find(user("manager"), matching.Known.of(**typed))]


@pytest.mark.parametrize(
    "typed",
    [
        {"person": "Waller, Anna", **ANNA},
        {"person": "Ana Waler", "street": "Tullaroop Street 6", "city": "Saint James", "postal_code": "4011"},
        {"person": "Anna Waller", "street": "6 Tularoop Street", "city": "St James", "postal_code": "4101"},
        {"person": "Waller", **ANNA},
    ],
)
def test_slips_in_name_and_address_do_not_hide_somebody(typed):
    account("Anna Waller", kind="person", **ANNA)

    assert found(**typed) == [("account", "place", True)]


def test_the_same_name_elsewhere_is_perhaps_the_same():
    account("Anna Waller", kind="person", **ANNA)

    assert found(person="Anna Waller", street="Hauptstr. 99", city="Wien", postal_code="1010") == [
        ("account", "name", False)
    ]
    assert found(person="Anna Waller") == [("account", "name", True)]  # nothing says otherwise


def test_neighbours_and_namesakes_of_a_town_are_others():
    account("Anna Waller", kind="person", **ANNA)

    assert found(person="Peter Moos", **ANNA) == []
    assert found(person="Hanna Maller", street="77 Ring Road", city="St James", postal_code="4011") == []


def test_leads_are_found_so_too():
    lead = leads.create_lead(person="Anna Waller", **ANNA)

    assert found(person="Ana Waler", **ANNA) == [("lead", "place", True)]
    assert matching.find(user("manager"), matching.Known.of(person="Ana Waler", **ANNA), but=lead.pk) == []


def test_a_new_address_is_a_new_place_to_be_found_at():
    some = account("Anna Waller", kind="person", **ANNA)

    accounts.update_account(some, street="Hauptstr. 99", city="Wien", postal_code="1010")

    moved = {"street": "Hauptstr 99", "city": "Wien", "postal_code": "1010"}
    assert found(person="Ana Waler", **moved) == [("account", "place", True)]
    assert "wal/1010" in Account.objects.get().like_keys


def test_the_page_and_the_api_hear_the_address(client):
    account("Anna Waller", kind="person", **ANNA)
    client.force_login(user("manager"))
    typed = {"person": "Ana Waler", **ANNA}

    page = client.get("/leads/alike/", typed).content.decode()
    (match,) = client.get("/api/v1/leads/alike/", typed).json()

    assert "same name and address" in page
    assert (match["name"], match["reason"]) == ("Anna Waller", "place")
