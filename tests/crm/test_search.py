"""Search from everywhere: what is found, by whom, and how it is asked."""

from typing import Any

import pytest
from django.test import Client

from base import search
from crm.accounts.services import add_contact
from tests.crm.makers import account, deal, offered, user
from tests.crm.tickets.makers import ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def trade() -> None:
    """One of each, all of it with "Alfreds" in what people remember."""
    alfreds = account("Alfreds Futterkiste", city="Berlin")
    add_contact(alfreds, name="Maria Anders", email="maria@alfreds.example")
    offered("ALFREDS-TEA")
    deal(("ALFREDS-TEA", "5"), of=alfreds, title="Autumn order")
    ticket(alfreds, "Broken jars")


def found(who: Any, text: str) -> dict[str, list[str]]:
    return {group.key: [hit.title for hit in group.hits] for group in search.search(who, text, 5)}


def test_all_kinds_of_records_are_found_at_once(trade: None) -> None:
    assert found(user("rep"), "alfreds") == {
        "accounts": ["Alfreds Futterkiste"],
        "contacts": ["Maria Anders"],
        "deals": ["Alfreds Futterkiste"],
        "tickets": ["Broken jars"],
        "products": ["Alfreds-Tea"],
    }


def test_each_word_must_fit(trade: None) -> None:
    assert found(user("rep"), "maria alfreds") == {"accounts": ["Alfreds Futterkiste"], "contacts": ["Maria Anders"]}


def test_who_may_see_nothing_finds_nothing(trade: None) -> None:
    assert found(user(), "alfreds") == {}


@pytest.mark.parametrize("text", ["", " ", "a", "\x00", "\x00a\x00"])
def test_too_little_is_not_looked_for(text: str, trade: None, django_assert_num_queries: Any) -> None:
    rep = user("rep")
    with django_assert_num_queries(0):
        assert found(rep, text) == {}


def test_one_chinese_sign_is_enough() -> None:
    account("和鸣贸易")

    assert found(user("rep"), "鸣") == {"accounts": ["和鸣贸易"]}


@pytest.fixture
def rep() -> Client:
    client = Client()
    client.force_login(user("rep"))
    return client


def test_the_page_shows_hits_as_links_and_leads_to_the_whole_list(rep: Client, settings: Any) -> None:
    for number in range(search.ON_PAGE + 1):
        account(f"Alfreds {number}")

    html = rep.get("/search/?q=alfreds").content.decode()

    assert html.count('class="rows__main"') == search.ON_PAGE
    assert 'href="/accounts/?q=alfreds"' in html


def test_the_palette_gets_the_same_in_brief(trade: None, rep: Client) -> None:
    groups = rep.get("/search/hits/?q=autumn").json()["groups"]

    assert [(group["key"], group["icon"], [hit["title"] for hit in group["hits"]]) for group in groups] == [
        ("deals", "layout-kanban", ["Alfreds Futterkiste"])
    ]


def test_an_empty_search_teaches(rep: Client) -> None:
    assert "What are you looking for?" in rep.get("/search/").content.decode()
    assert "Nothing found" in rep.get("/search/?q=nobody%20like%20this").content.decode()


def test_guests_find_nothing() -> None:
    assert Client().get("/search/hits/?q=alfreds").url.startswith("/login/")


def test_the_palette_offers_only_what_the_role_may_begin() -> None:
    pages = {}
    for role in ("rep", "agent"):
        client = Client()
        client.force_login(user(role))
        pages[role] = client.get("/accounts/").content.decode()

    offered_to_rep, offered_to_agent = (
        'role="option" tabindex="-1" aria-selected="false" href="/pipeline/new/"' in pages[role]
        for role in ("rep", "agent")
    )
    assert (offered_to_rep, offered_to_agent) == (True, False)
