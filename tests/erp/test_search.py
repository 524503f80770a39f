"""Search over the back office: each role finds what its lists show, and no more."""

from typing import Any

import pytest

from base import search
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
