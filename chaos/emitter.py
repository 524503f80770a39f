"""People at work on one side: `python -m chaos.emitter crm|erp`, told by JSON lines what to do, runs as its process.

    {"do": "open", "tag": "a", "count": 5}     five customers with a won deal each; at the ERP five products on offer
    {"do": "change", "tag": "a", "count": 40}  forty new names, each record in turn; each its own transaction, or so
                                               many `together`; `among` the first so many only
    {"do": "name", "tag": "a", "name": "…"}    one record of that name
    {"do": "said", "tag": "a"}                 every name that the database acknowledged, by record, in order
    {"do": "task", "tag": "a", "count": 9}     nine tasks for the side's worker

Each answer says how many were acknowledged by the database.
"""

import json
import os
import sys
import time
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from importlib import import_module
from typing import Any, Protocol
from uuid import UUID, uuid5

from deploy import environment

GOODS_FROM = date(2020, 1, 1)


@dataclass
class Record:
    """A customer or a product: what it was called at first, and every name it has had."""

    key: UUID
    base: str
    version: int = 0
    said: list[str] = field(default_factory=list)


class Trade(Protocol):
    """What people of a side do, within a transaction."""

    def open(self, key: UUID, name: str) -> None: ...

    def promise(self, key: UUID) -> None: ...

    def rename(self, key: UUID, name: str) -> None: ...

    def named(self, key: UUID) -> str: ...


class Customers:
    """The CRM's people open customers and correct their names."""

    def open(self, key: UUID, name: str) -> None:
        """The same key again is the same customer."""
        from crm.accounts import services

        services.register(services.create_account(name=name, id=key))

    def promise(self, key: UUID) -> None:
        """A deal is won: the ERP owes the customer an order. The same key again is the same deal."""
        from django.contrib.auth import get_user_model

        from crm.accounts.models import Account
        from crm.pipeline import services
        from crm.pipeline.pricing import NewLine

        rep = get_user_model().objects.order_by("pk").first()
        line = NewLine("WORK", Decimal(1), unit_price=Decimal(10), description="An hour of it")
        deal = services.create_deal(Account.objects.get(pk=key), by=rep, lines=[line], id=uuid5(key, "deal"))
        services.win(deal, by=rep)

    def rename(self, key: UUID, name: str) -> None:
        """The ERP is told."""
        from crm.accounts import services
        from crm.accounts.models import Account

        services.update_account(Account.objects.get(pk=key), name=name)

    def named(self, key: UUID) -> str:
        """By its key."""
        return str(key)


class Products:
    """The ERP's people put products on offer and correct their names."""

    def open(self, key: UUID, name: str) -> None:
        """The same key again is the same product."""
        from erp.products import services
        from erp.products.models import ProductStatus

        price = services.DatedPrice(Decimal(10), GOODS_FROM)
        product = services.create_product(
            sku=self.named(key), name=name, unit="pcs", tax_class="standard", prices=[price], id=key
        )
        if product.status != ProductStatus.PUBLISHED:
            services.publish(product)

    def promise(self, key: UUID) -> None:
        """Its price was published with it."""

    def rename(self, key: UUID, name: str) -> None:
        """The CRM is told."""
        from erp.products import services
        from erp.products.models import Product

        services.change_product(Product.objects.get(pk=key), name=name)

    def named(self, key: UUID) -> str:
        """By the name that both sides share."""
        return f"X{key.hex[-16:].upper()}"


TRADES: dict[str, type[Trade]] = {"crm": Customers, "erp": Products}


def main(side: str) -> None:
    """Do what standard input says, until it ends."""
    os.environ["DJANGO_SETTINGS_MODULE"] = f"{side}.settings"
    os.environ.update(environment.read(environment.var_dir(), side))
    os.environ.pop(f"{side.upper()}_OWNER_DATABASE_URL", None)
    import django

    django.setup()
    people = People(side)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(people.do(json.loads(line))), flush=True)


class People:
    """Those who work on a side, and what they have said."""

    def __init__(self, side: str) -> None:
        self.side, self.trade = side, TRADES[side]()
        self.records: dict[str, list[Record]] = {}

    def do(self, told: dict[str, Any]) -> dict[str, Any]:
        """One line's work."""
        records = self.records.setdefault(told["tag"], [])
        if told["do"] == "said":
            return {"said": {self.trade.named(record.key): record.said for record in records}}
        if told["do"] == "task":
            return self._leave_tasks(told["count"])
        done = failed = 0
        count, together = told.get("count", 1), told.get("together", 1)
        for start in range(0, count, together):
            numbers = range(start, min(start + together, count))
            if told["do"] == "change":
                ok = self._change(records, numbers, told)
            else:
                ok = self._open(records, told.get("name") or f"{told['tag']} {len(records)}", told["do"] == "open")
            done, failed = done + ok * len(numbers), failed + (not ok) * len(numbers)
            time.sleep(told.get("pause", 0.0))
        return {"done": done, "failed": failed}

    def _leave_tasks(self, count: int) -> dict[str, Any]:
        """Something harmless, which the worker does every minute anyhow."""
        app = import_module(f"{self.side}.celery").app
        for _task in range(count):
            app.send_task("base.resume_jobs")
        return {"done": count}

    def _open(self, records: list[Record], name: str, trades: bool) -> bool:
        from base.ids import uuid7

        record = Record(uuid7(), name, said=[name])

        def work() -> None:
            self.trade.open(record.key, name)
            if trades:
                self.trade.promise(record.key)

        if _try(work):
            records.append(record)
            return True
        return False

    def _change(self, records: list[Record], numbers: range, told: dict[str, Any]) -> bool:
        changes = []
        for number in numbers:
            record = records[number % min(len(records), told.get("among", len(records)))]
            record.version += 1
            # The spare is something that does not fit a page many times over.
            spare = " " + "x" * 150 if told.get("spare") else ""
            changes.append((record, f"{record.base} v{record.version}{spare}"))

        def work() -> None:
            for record, name in changes:
                self.trade.rename(record.key, name)

        if not _try(work, tries=told.get("tries", 600)):
            return False
        for record, name in changes:
            record.said.append(name)
        return True


def _try(work: Any, tries: int = 600) -> bool:
    """Like a patient person: again, until the database has said yes."""
    from django.db import DatabaseError, InterfaceError, connection, transaction

    for _again in range(tries):
        try:
            with transaction.atomic():
                work()
            return True
        except (DatabaseError, InterfaceError):
            connection.close()
            time.sleep(0.1)
    return False


if __name__ == "__main__":
    main(sys.argv[1])
