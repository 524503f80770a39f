"""Somebody to sell to: Northwind's customers with their contacts, shared out among the reps."""

import csv
from itertools import cycle
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.db import transaction

from base import context
from base.env import ROOT
from crm.accounts import services
from crm.accounts.models import Account

CUSTOMERS = ROOT / "demo" / "northwind" / "customers.csv"
JUNK = {
    "Val2",
    "VALON",
}  # two rows that somebody typed to try something; the source has them, a demo does not need them


class Command(BaseCommand):
    help = "Load the demo customers from demo/northwind, owned by the reps in turn. May be run again."

    def handle(self, *args: Any, **options: Any) -> None:
        if not CUSTOMERS.is_file():
            self.stdout.write("no demo/northwind: nothing to load")
            return
        with CUSTOMERS.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        with context.acting("demo"), transaction.atomic():
            added, skipped = load(rows)
        self.stdout.write(f"{added} new customers, {skipped} junk rows left out")


def load(rows: list[dict[str, str]]) -> tuple[int, int]:
    """Make the accounts that are not there yet; how many were new, and how many rows were junk."""
    reps = get_user_model().objects.filter(groups__name="rep", is_active=True).order_by("username")
    owners = cycle(list(reps) or [None])
    known = set(Account.objects.exclude(external_ref=None).values_list("external_ref", flat=True))
    added = skipped = 0
    for row in rows:
        reference, owner = row["CustomerID"].strip(), next(owners)
        if reference in JUNK:
            skipped += 1
        elif reference not in known:
            _make(row, reference, owner)
            added += 1
    return added, skipped


def _make(row: dict[str, str], reference: str, owner: Any) -> None:
    services.create_account(
        name=row["CompanyName"],
        external_ref=reference,
        owner=owner,
        phone=row["Phone"],
        street=row["Address"],
        postal_code=row["PostalCode"],
        city=row["City"],
        region=row["Region"],
        country=row["Country"],
        contacts=[{"name": row["ContactName"], "title": row["ContactTitle"], "phone": row["Phone"]}],
    )
