"""A range to try things with: Northwind's suppliers, products at list price, and what lay in its warehouse."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from base import context
from base.env import ROOT
from base.money import round_money
from erp.einvoice.models import Letterhead
from erp.einvoice.services import set_letterhead
from erp.inventory import services as stock
from erp.ledger.services import base_currency, company
from erp.parties import services as parties
from erp.parties.models import Party
from erp.products import services as products
from erp.products.models import Product
from erp.products.services import DatedPrice
from erp.terms.services import seed_terms

NAMESPACE = UUID("0192f2d3-4f6e-7a55-9a55-6a1f6c0f7e21")
SINCE = date(2024, 1, 1)
COST = Decimal("0.60")  # of the list price
FLOOR_PERCENT = Decimal(70)
LETTERHEAD = {
    "legal_name": "Northwind Traders GmbH",
    "street": "Hafenstraße 12",
    "postal_code": "20457",
    "city": "Hamburg",
    "country": "DE",
    "vat_id": "DE123456788",
    "contact_name": "Nancy Davolio",
    "email": "billing@northwind.example",
    "iban": "DE89370400440532013000",
}
DRINKS = "Beverages"  # taxed at the full rate; other food at the reduced one


class Command(BaseCommand):
    help = "Load the demo range from demo/northwind: terms, suppliers, published products, stock. May be run again."

    def handle(self, *args: Any, **options: Any) -> None:
        folder = ROOT / "demo" / "northwind"
        if not (folder / "products.csv").is_file():
            self.stdout.write("no demo/northwind: nothing to load")
            return
        with context.acting("demo"), transaction.atomic():
            _letterhead()
            seed_terms(company())
            suppliers = _suppliers(_rows(folder, "suppliers"))
            added = _products(folder, suppliers)
        self.stdout.write(f"{len(suppliers)} suppliers, {added} new products")


def _letterhead() -> None:
    """Who the demo company is on its invoices, unless somebody has said so already."""
    ours = company()
    if not Letterhead.objects.filter(company=ours).exists():
        set_letterhead(ours, **LETTERHEAD)


def _suppliers(rows: list[dict[str, str]]) -> dict[str, Party]:
    return {
        row["SupplierID"]: parties.open_supplier(
            row["CompanyName"],
            id=uuid5(NAMESPACE, f"supplier {row['SupplierID']}"),
            phone=row["Phone"],
            street=row["Address"],
            postal_code=row["PostalCode"],
            city=row["City"],
            region=row["Region"],
            country=row["Country"],
        )
        for row in rows
    }


def _products(folder: Path, suppliers: dict[str, Party]) -> int:
    categories = {row["CategoryID"]: row["CategoryName"] for row in _rows(folder, "categories")}
    known = set(Product.objects.values_list("sku", flat=True))
    added = 0
    for row in _rows(folder, "products"):
        sku, price, category = f"NW-{row['ProductID']}", Decimal(row["UnitPrice"]), categories[row["CategoryID"]]
        if sku in known:
            continue
        product = products.create_product(
            sku=sku,
            name=row["ProductName"],
            prices=[DatedPrice(price, SINCE)],
            unit=row["QuantityPerUnit"],
            category=category,
            tax_class="standard" if category == DRINKS else "reduced",
            supplier=suppliers[row["SupplierID"]],
            floor_percent=FLOOR_PERCENT,
        )
        products.publish(product)
        _opening_stock(product, Decimal(row["UnitsInStock"]), price)
        added += 1
    return added


def _opening_stock(product: Product, quantity: Decimal, price: Decimal) -> None:
    posting = uuid5(NAMESPACE, f"opening {product.sku}")  # the same posting again moves nothing
    if quantity:
        cost = round_money(price * COST, base_currency())
        stock.receive(product, quantity, cost, timezone.localdate(), reference="opening stock", posting=posting)


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
