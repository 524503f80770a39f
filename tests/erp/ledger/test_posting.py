"""Posting through the one function of the database."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from base import context
from erp.ledger.services import Line, Posting, post
from tests.erp.makers import company

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def sale(amount="119.00", key="sale:1", **options):
    net = Decimal(amount) - Decimal("19.00")
    told = {
        "journal": "sales",
        "date": TODAY,
        "text": "Ten chairs",
        "key": key,
        "lines": [
            Line("receivable", debit=Decimal(amount), party="C00001", due=date(2026, 12, 23)),
            Line("sales", credit=net, tax_code="standard"),
            Line("vat_output", credit=Decimal("19.00"), tax_code="standard"),
        ],
    }
    return Posting(**{**told, **options})


def test_an_entry_is_numbered_and_written_with_its_lines():
    company()
    invoice = uuid4()

    with context.acting("alice"):
        entry = post(sale(source=("invoice", invoice)))

    assert entry.number == "SAL-2026-000001"
    assert (entry.total, entry.posted_by, entry.source_id) == (Decimal("119.00"), "alice", invoice)
    lines = entry.lines.values_list("position", "account__role", "debit", "credit", "party", "due", "currency")
    assert list(lines) == [
        (1, "receivable", Decimal("119.00"), Decimal("0.00"), "C00001", date(2026, 12, 23), "EUR"),
        (2, "sales", Decimal("0.00"), Decimal("100.00"), "", None, "EUR"),
        (3, "vat_output", Decimal("0.00"), Decimal("19.00"), "", None, "EUR"),
    ]
