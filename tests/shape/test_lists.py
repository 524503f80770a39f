"""Every list of every side answers to what its own page offers."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from base.listing.listing import all_listings


@pytest.mark.django_db
def test_every_list_can_be_searched():
    browser = Client(raise_request_exception=False)
    browser.force_login(get_user_model().objects.create(username="root", is_superuser=True))

    broken = [one.name for one in all_listings() if browser.get(one.url, {"q": "words here"}).status_code >= 500]

    assert broken == []


@pytest.mark.django_db
def test_a_choice_that_a_record_lacks_is_in_the_openapi_document(client):
    schemas = client.get("/api/schema/").json()["components"]["schemas"]

    lacking = schemas.get("Account", {}).get("properties", {}).get("credit_band")

    assert lacking is None or {"$ref": "#/components/schemas/BlankEnum"} in lacking["oneOf"]


@pytest.mark.django_db
def test_a_token_in_the_address_is_no_fault_of_ours():
    browser = Client(raise_request_exception=False)
    browser.force_login(get_user_model().objects.create(username="root", is_superuser=True))

    asked = {"csrfmiddlewaretoken": "x", "q": "tea"}
    broken = [one.name for one in all_listings() if browser.get(one.url, asked).status_code >= 500]

    assert broken == []
