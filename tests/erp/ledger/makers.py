"""Postings as examples."""

from datetime import date
from decimal import Decimal
from typing import Any

from erp.ledger.services import Line, Posting

TODAY = date(2026, 11, 23)


def line(account: str, debit: str = "0", credit: str = "0", **more: Any) -> Line:
    """`line("bank", "100")` debits, `line("sales", credit="100")` credits."""
    return Line(account, debit=Decimal(debit), credit=Decimal(credit), **more)


def rent(amount: str = "900.00", key: str = "rent:1", **more: Any) -> Posting:
    """Rent paid by bank: an entry without a document behind it."""
    told = {
        "journal": "general",
        "date": TODAY,
        "text": "Rent",
        "key": key,
        "lines": [line("6100", amount), line("bank", credit=amount)],
    }
    return Posting(**{**told, **more})


def sale(gross: str = "119.00", key: str = "sale:1", **more: Any) -> Posting:
    """Goods sold on account, with 19.00 of tax."""
    told = {
        "journal": "sales",
        "date": TODAY,
        "text": "Ten chairs",
        "key": key,
        "lines": [
            line("receivable", gross, party="C00001", due=date(2026, 12, 23)),
            line("sales", credit=str(Decimal(gross) - 19), tax_code="standard"),
            line("vat_output", credit="19.00", tax_code="standard"),
        ],
    }
    return Posting(**{**told, **more})
