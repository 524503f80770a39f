"""Every list of every side answers to what its own page offers."""

import json
import os
import subprocess
import sys

import pytest
from django.contrib.auth import get_user_model
from django.http import QueryDict
from django.test import Client
from django.urls import URLResolver, get_resolver

from base.listing.api import ListingPagination
from base.listing.listing import all_listings
from tests.lists import names


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


def _viewsets(patterns=None):
    """Every viewset of this side's API that answers as a list of ours does."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from _viewsets(pattern.url_patterns)
        elif hasattr(getattr(pattern.callback, "cls", None), "listing"):
            yield pattern.callback.cls


def test_every_list_has_its_resource_with_the_same_filters():
    told = {viewset.listing: viewset for viewset in _viewsets()}

    for listing in all_listings():
        of = listing.cut_of or listing
        assert of in told, f"{listing.name} has no resource of the API"
        missing = set(listing.filterset.base_filters) - set(told[of].filterset_class.base_filters)
        assert missing == set(), f"{listing.name}: the API does not know {sorted(missing)}"
        assert issubclass(told[of].pagination_class, ListingPagination), listing.name
        if listing.cut_of:
            assert set(QueryDict(listing.cut_by)) <= set(told[of].filterset_class.base_filters), listing.name


def test_a_worker_knows_every_list_without_having_seen_a_page():
    """It exports and changes many rows by the list's name, and never reads the addresses of pages."""
    told = "import json, django; django.setup(); from base.listing.listing import all_listings as known\n"
    told += "print(json.dumps(sorted(one.name for one in known())))"
    worker = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True, text=True, env=os.environ)

    assert json.loads(worker.stdout) == names()
