"""A dozen open deals to try things with, on the demo accounts, priced from the catalogue that the ERP has published."""

import time
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from base import context
from crm.accounts.models import Account
from crm.catalogue.models import PriceVersion, Product
from crm.catalogue.services import prices_on
from crm.pipeline import approvals, services
from crm.pipeline.models import Deal, Letterhead
from crm.pipeline.pricing import NewLine
from crm.pipeline.reports import default_pipeline

NAMESPACE = UUID("0192f2d3-4f6e-7a55-9a55-6a1f6c0f7e22")
LOOK_EVERY_S = 0.5
# (title, stage, days until the next step or None, next step, days in stage, lines as (product, quantity, discount))
DEALS: list[tuple[str, int, int | None, str, int, list[tuple[int, str, str]]]] = [
    ("Autumn order", 0, -2, "Call about the offer", 9, [(0, "24", "0"), (10, "12", "0.05")]),
    ("Cheese week", 1, 0, "Send samples", 4, [(11, "30", "0.1"), (30, "18", "0.1")]),
    (
        "Christmas range",
        3,
        1,
        "Agree on the delivery day",
        2,
        [(18, "40", "0"), (19, "36", "0.05"), (47, "60", "0.15")],
    ),
    ("Trial delivery", 0, None, "", 21, [(1, "6", "0")]),
    ("Restaurant opening", 2, 3, "Visit with the price list", 6, [(37, "20", "0"), (39, "48", "0.1")]),
    (
        "Monthly standing order",
        3,
        0,
        "Ask for the signature",
        1,
        [(2, "50", "0.15"), (40, "70", "0.2"), (59, "25", "0.1")],
    ),
    ("Seafood weekend", 1, 6, "Call the chef", 3, [(12, "15", "0"), (36, "10", "0")]),
    ("Winter teas", 0, 2, "First visit", 5, [(0, "60", "0.1")]),
    ("Hotel breakfast", 2, -1, "Answer about the discount", 12, [(22, "80", "0.3"), (6, "30", "0")]),
    ("Sweets for the counter", 1, None, "", 30, [(15, "24", "0"), (25, "24", "0"), (26, "12", "0")]),
    ("Second order", 2, 8, "Wait for the budget", 2, [(55, "16", "0.05")]),
    ("Wine and cheese", 3, 4, "Bring the contract", 7, [(38, "12", "0"), (58, "12", "0.1")]),
]
ASKING = "Hotel breakfast"  # its discount is beyond the limit: a manager is asked
LETTERHEAD = {
    "name": "Northwind Traders GmbH",
    "address": "Hafenstraße 12\n20457 Hamburg",
    "email": "sales@northwind.example",
    "small_print": "DE123456788",
}


class Command(BaseCommand):
    help = "Make a dozen open demo deals once the demo accounts and the ERP's price list are there. May be run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wait", type=float, default=15.0, help="seconds to wait for the catalogue")

    def handle(self, *args: Any, **options: Any) -> None:
        products = self._catalogue(options["wait"])
        accounts = list(Account.objects.order_by("name_key", "id")[: 7 * len(DEALS) : 7])
        if not products or not accounts:
            self.stdout.write("no catalogue or no accounts yet: no demo deals")
            return
        sellers = list(get_user_model().objects.filter(groups__name="rep", is_active=True).order_by("id"))
        if not sellers:
            self.stdout.write("nobody sells here yet: no demo deals")
            return
        with context.acting("demo"), transaction.atomic():
            Letterhead.objects.get_or_create(defaults=LETTERHEAD)
            made = sum(self._deal(number, accounts, products, sellers) for number in range(len(DEALS)))
        self.stdout.write(f"{made} new demo deals")

    def _catalogue(self, seconds: float) -> list[Product]:
        """The priced products; they arrive over the wire, so give them a moment when accounts wait for deals."""
        deadline = time.monotonic() + seconds
        while not PriceVersion.objects.exists() and Account.objects.exists() and time.monotonic() < deadline:
            time.sleep(LOOK_EVERY_S)
        products = list(Product.objects.offered().order_by("sku"))
        priced = prices_on([product.sku for product in products], timezone.localdate())
        return [product for product in products if product.sku in priced]

    def _deal(self, number: int, accounts: list[Account], products: list[Product], sellers: list[Any]) -> bool:
        """One deal, unless it is there; three of four belong to the first seller."""
        title, stage, days, step, age, lines = DEALS[number]
        key = uuid5(NAMESPACE, f"deal {number}")
        if Deal.objects.filter(pk=key).exists():
            return False
        today = timezone.localdate()
        deal = services.create_deal(
            accounts[number % len(accounts)],
            by=sellers[0] if number % 4 else sellers[-1],
            id=key,
            title=title,
            stage=default_pipeline().stages.order_by("position")[stage],
            next_step=step,
            next_step_on=None if days is None else today + timedelta(days=days),
            requested_on=today + timedelta(days=21 + number),
            lines=[
                NewLine(products[product % len(products)].sku, Decimal(quantity), Decimal(discount))
                for product, quantity, discount in lines
            ],
        )
        if title == ASKING:
            approvals.ask(deal, by=deal.owner, why="A rival offers 28 %", id=uuid5(NAMESPACE, "approval"))
        Deal.objects.filter(pk=key).update(stage_since=timezone.now() - timedelta(days=age))
        return True
