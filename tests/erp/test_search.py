"""Search over the back office: each role finds what its lists show, and no more."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from base import search
from base.tokens.services import create_token
from tests.erp.invoices.makers import invoice_of
from tests.erp.makers import user

pytestmark = pytest.mark.django_db

EVERYWHERE = {"parties", "products", "orders", "shipments"}


@pytest.fixture(autouse=True)
def trade() -> None:
    """One whole sale to Alfreds."""
    invoice_of(("CHAI", "5", "18.00"))


def kinds(who: Any, text: str = "alfreds") -> set[str]:
    return {group.key for group in search.search(who, text, 5)}


@pytest.mark.parametrize(
    ("role", "text", "expected"),
    [
        ("warehouse", "alfreds", {"parties", "orders", "shipments"}),
        ("order_desk", "alfreds", {"parties", "orders", "shipments", "invoices"}),
        ("accountant", "alfreds", {"parties", "orders", "shipments", "invoices", "entries"}),
        ("auditor", "chai", {"products", "entries"}),
        ("auditor", "receivable", {"chart"}),
        ("warehouse", "receivable", set()),
    ],
)
def test_each_role_finds_what_its_lists_show(role: str, text: str, expected: set[str]) -> None:
    assert kinds(user(role), text) == expected


def test_without_a_role_nothing_is_found() -> None:
    assert kinds(user()) == set()


def test_no_hit_tells_a_price_or_a_credit_limit() -> None:
    told = " ".join(hit.note for group in search.search(user("admin"), "alfreds", 5) for hit in group.hits)

    assert "18.00" not in told
    assert "90.00" not in told


def test_a_number_finds_its_document() -> None:
    invoice = invoice_of(("TEA", "2", "9.00"))

    (group,) = (group for group in search.search(user("accountant"), invoice.number, 5) if group.key == "invoices")

    assert [(hit.title, hit.url) for hit in group.hits] == [(invoice.number, invoice.get_absolute_url())]


# ---- the same over REST


def asked(who: Any, query: str, *scopes: str) -> Any:
    _token, secret = create_token(who, "looks", list(scopes) or ["*:read"], 1)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client.get(f"/api/v1/search/{query}")


@pytest.mark.parametrize("role", ["warehouse", "order_desk", "accountant", "auditor"])
def test_a_program_finds_what_its_user_finds(role: str) -> None:
    found = asked(user(role), "?q=alfreds").json()

    assert {group["key"] for group in found} == kinds(user(role))
    (party,) = next(group for group in found if group["key"] == "parties")["hits"]
    assert party["title"].endswith(" Alfreds Futterkiste")
    assert party["url"] == f"/parties/{party['id']}/"


def test_a_token_finds_only_what_its_scopes_let_it_read() -> None:
    found = asked(user("accountant"), "?q=alfreds", "search:read", "orders:read").json()

    assert [group["key"] for group in found] == ["orders"]
    assert asked(user("order_desk"), "?q=alfreds", "search:read").json() == []
    assert asked(user("warehouse"), "?q=alfreds", "orders:read").status_code == 403


def test_without_a_role_a_browser_finds_nothing_over_rest_either() -> None:
    client = APIClient()
    assert client.get("/api/v1/search/?q=alfreds").status_code == 401
    client.force_login(user())
    assert client.get("/api/v1/search/?q=alfreds").json() == []


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [("", 422, "q"), ("?q=", 422, "q"), (f"?q={'x' * 101}", 422, "q"), ("?q=%00", 422, "q"), ("?w=alfreds", 400, "w")],
)
def test_a_bad_question_is_a_problem(query: str, status: int, field: str) -> None:
    answer = asked(user("accountant"), query)

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["errors"][0]["field"] == field
