"""Very many accounts with their people, leads and deals, written past the services by somebody with all rights.

What the services would work out (keys of likeness, place keys) is worked out by their own functions; everything else is
as a new record has it.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from deploy import environment
from deploy.postgres import Cluster


def _words(text: str) -> list[str]:
    return text.split()


SYLLABLES = [
    first + vowel + last for first in "bcdfghjklmnprstvwz" for vowel in "aeiou" for last in ("", "n", "r", "l", "s")
]
TRADES = _words("Logistics Foods Machines Software Textiles Chemicals Optics Paper Energy Tools Steel Wines Seeds")
FORMS = ("GmbH", "AG", "Ltd", "Inc", "S.A.", "B.V.", "有限公司")
HAN = "和明华东光海山江南天地新大中长永福安盛达通利源丰成信德美"
INDUSTRIES = ("Retail", "Health", "Transport", "Building", "Education", "Energy", "Food", "Banking", "Media", "Travel")
COUNTRIES = ("DE", "FR", "IT", "CN", "US", "GB", "AT", "CH", "NL", "ES")
WAYS = _words("strasse weg allee gasse road street avenue lane")


class Customers:
    """The same ones for the same numbers."""

    def __init__(self, seed: int = 7) -> None:
        self.chance = random.Random(seed)
        self.towns = [self._word(2) + "stadt" for _town in range(2000)]
        self.streets = [f"{self._word(2)} {self.chance.choice(WAYS)}" for _street in range(3000)]
        self.first = [self._word(2) for _name in range(300)]

    def _word(self, syllables: int) -> str:
        return "".join(self.chance.choice(SYLLABLES) for _one in range(syllables)).capitalize()

    def one(self) -> dict[str, Any]:
        """What a rep would have typed of an account."""
        chance = self.chance
        if chance.random() < 0.1:
            name = "".join(chance.choice(HAN) for _sign in range(4)) + "有限公司"
        else:
            name = f"{self._word(chance.randint(2, 4))} {chance.choice(TRADES)} {chance.choice(FORMS)}"
        site = self._word(3).lower()
        return {
            "name": name,
            "phone": f"+49 {chance.randrange(30, 999)} {chance.randrange(10**6, 10**8)}",
            "email": f"office@{site}.example",
            "street": f"{chance.choice(self.streets)} {chance.randrange(1, 200)}",
            "postal_code": f"{chance.randrange(10000, 99999)}",
            "city": chance.choice(self.towns),
            "country": chance.choice(COUNTRIES),
            "industry": chance.choice(INDUSTRIES),
            "tier": "vip" if chance.random() < 0.1 else "",
            "person": f"{chance.choice(self.first)} {self._word(3)}",
        }


class Filling:
    """A server of the bench that is filled to a number of customers, and further to a higher one."""

    def __init__(self, var: Path, owners: list[int]) -> None:
        self.var, self.owners, self.customers = var, owners, Customers()
        self.accounts: list[Any] = []
        self.deals = 0

    def grow(self, accounts: int, deals: int) -> None:
        """So many accounts with one person each, a tenth as many leads, and so many open deals."""
        from crm.accounts.models import Account, Contact
        from crm.leads.models import Lead
        from crm.pipeline.models import Deal

        wanted = range(len(self.accounts), accounts)
        with self._server() as server, _without_indexes(server, Account, Contact, Lead, Deal):
            told = [self.customers.one() for _number in wanted]
            rows = [self._account(one) for one in told]
            _copy(server, Account, rows)
            _copy(server, Contact, (self._contact(row, one) for row, one in zip(rows, told, strict=True)))
            _copy(server, Lead, (self._lead(self.customers.one(), number) for number in wanted if number % 10 == 0))
            self.accounts += [row["id"] for row in rows]
            _copy(server, Deal, self._deals(range(self.deals, deals)))
            self.deals = deals
        with self._server() as server:
            server.execute("VACUUM (ANALYZE, FREEZE)")

    def own(self, owner: int) -> Any:
        """An account of this person."""
        from crm.accounts.models import Account

        return Account.objects.filter(owner=owner).values_list("pk", flat=True)[0]

    def _owner(self) -> int | None:
        return self.customers.chance.choice(self.owners) if self.customers.chance.random() < 0.9 else None

    def _account(self, one: dict[str, Any]) -> dict[str, Any]:
        from base.ids import uuid7
        from crm.accounts.likeness import name_match, phone_match
        from crm.accounts.places import Place

        typed = {name: value for name, value in one.items() if name != "person"}
        place = Place.of(one["name"], one["street"], one["city"], one["postal_code"])
        found = {"name_match": name_match(one["name"]), "phone_match": phone_match(one["phone"])}
        return {"id": uuid7(), **typed, **found, "like_keys": place.keys, "owner": self._owner()}

    def _contact(self, account: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
        from base.ids import uuid7
        from crm.accounts.likeness import name_match

        first, last = one["person"].lower().split()
        mail = f"{first}.{last}@{one['email'].partition('@')[2]}"
        found = {"name": one["person"], "name_match": name_match(one["person"])}
        return {"id": uuid7(), "account": account["id"], "email": mail, **found}

    def _lead(self, one: dict[str, Any], _number: int) -> dict[str, Any]:
        from base.ids import uuid7
        from crm.accounts.likeness import name_match, phone_match
        from crm.accounts.places import Place

        typed = {name: value for name, value in one.items() if name not in ("name", "tier")} | {"company": one["name"]}
        found = {"person_match": name_match(one["person"]), "company_match": name_match(one["name"])}
        place = Place.of(one["person"], one["street"], one["city"], one["postal_code"])
        found["phone_match"] = phone_match(one["phone"])
        return {"id": uuid7(), **typed, **found, "like_keys": place.keys, "owner": self._owner()}

    def _deals(self, numbers: range) -> Iterator[dict[str, Any]]:
        from base.ids import uuid7
        from crm.pipeline.models import Stage

        chance, today = self.customers.chance, date.today()
        stages = list(Stage.objects.order_by("position").values_list("pk", flat=True))
        for number in numbers:
            step = {"next_step": "Call", "next_step_on": today + timedelta(days=chance.randrange(-60, 60))}
            yield {
                "id": uuid7(),
                "number": f"B{number:07}",
                "title": f"{chance.choice(TRADES)} for {self.customers._word(2)}",
                "account": chance.choice(self.accounts),
                "owner": chance.choice(self.owners),
                "stage": chance.choice(stages),
                "currency": "EUR",
                "net_total": Decimal(chance.randrange(100, 10**7)) / 100,
                **(step if chance.random() < 0.7 else {}),
            }

    @contextmanager
    def _server(self) -> Iterator[psycopg.Connection[Any]]:
        database = urlsplit(environment.read(self.var, "crm")["CRM_OWNER_DATABASE_URL"]).path.strip("/")
        with psycopg.connect(Cluster(self.var / "postgres").superuser_url(database), autocommit=True) as server:
            for setting in ("session_replication_role = replica", "synchronous_commit = off"):
                server.execute(f"SET {setting}".encode())
            server.execute("SET maintenance_work_mem = '512MB'")
            yield server


def _copy(server: psycopg.Connection[Any], model: Any, rows: Any) -> None:
    """All columns, as a new record has them but for what a row says."""
    from django.db import connection

    fields = [field for field in model._meta.concrete_fields if not field.generated]
    empty = model()
    usual = [field.get_db_prep_save(field.pre_save(empty, True), connection) for field in fields]
    place = {field.name: number for number, field in enumerate(fields)}
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with server.cursor().copy(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'.encode()) as copy:
        for row in rows:
            told = list(usual)
            for name, value in row.items():
                told[place[name]] = value
            copy.write_row(told)


@contextmanager
def _without_indexes(server: psycopg.Connection[Any], *models: Callable[..., Any]) -> Iterator[None]:
    """Indexes that keep no rule are made anew when the rows are there: building one is quicker than growing it."""
    tables = [model._meta.db_table for model in models]  # type: ignore[attr-defined]
    found = server.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " WHERE i.indrelid::regclass::text = ANY(%s) AND NOT i.indisunique",
        [tables],
    ).fetchall()
    for name, _made in found:
        server.execute(f"DROP INDEX {name}".encode())
    yield
    for _name, made in found:
        server.execute(made.encode())
