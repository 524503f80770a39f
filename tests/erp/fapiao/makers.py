"""A company in China, what it invoiced, and what the tax bureau answers."""

import json
import os
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from erp.einvoice.services import set_letterhead
from erp.fapiao import services
from erp.fapiao.models import Fapiao
from erp.invoices import services as invoicing
from erp.invoices.models import Invoice
from erp.ledger.models import Company
from erp.ledger.seeding import seed_company
from tests.erp.invoices.makers import shipped_order
from tests.erp.makers import user
from tests.erp.orders.makers import TODAY, customer

D = Decimal
SELLER, BUYER = "91110000600037341L", "91310115MA1K3L7Y64"
TEA, TEA_TWICE = ("CHAI", "5", "20.00"), ("CHAI", "10", "20.00")
_numbers = count(1)


def china() -> Company:
    """The books of a company in China, with its tax number on the letterhead."""
    ours = seed_company(currency="CNY", jurisdiction="CN", chart="small-enterprise-cn", name="北风贸易")
    set_letterhead(ours, legal_name="北风贸易有限公司", country="CN", tax_number=SELLER)
    return ours


def accountant(name: str = "li") -> Any:
    """Who asks."""
    return user("accountant", name=name)


def invoiced(*lines: tuple[str, str, str], tax_id: str = "", **more: Any) -> Invoice:
    """Five boxes of tea by default: 100.00 net, 113.00 gross."""
    buyer = customer("上海客户有限公司", tax_id=tax_id)
    told = {"currency": "CNY", "customer": buyer, **more}
    order = shipped_order(*(lines or (TEA,)), **told)
    return invoicing.issue(order, date=TODAY)


def requested(invoice: Invoice | None = None, kind: str = "ordinary", **more: Any) -> Fapiao:
    """Asked for, and not sent yet."""
    return services.request(invoice or invoiced(), kind, accountant(), **more)


def digital() -> str:
    """A number that no other one has."""
    return f"2531{next(_numbers):016d}"


def issued(invoice: Invoice | None = None, **more: Any) -> Fapiao:
    """Issued by the bureau."""
    return services.issue(requested(invoice, **more), digital(), TODAY)


def credited(invoice: Invoice, quantity: str, **more: Any) -> Invoice:
    """So much of the tea came back."""
    line = invoice.order.lines.get(sku="CHAI")
    return invoicing.credit(invoice.order, [(line, D(quantity))], "Broken", date=TODAY, **more)


def answer(folder: Path, name: str, told: Any, age: float = 60) -> Path:
    """A file from the provider, written a minute ago."""
    path = folder / "incoming" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(told if isinstance(told, bytes) else json.dumps(told).encode())
    then = path.stat().st_mtime - age
    os.utime(path, (then, then))
    return path


def yes(fapiao: Fapiao, **more: Any) -> dict[str, Any]:
    """The bureau issued it."""
    told = {"request": str(fapiao.pk), "result": "issued", "number": digital(), "issued_on": TODAY.isoformat()}
    return {**told, **more}
