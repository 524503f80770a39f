"""Posting to the books, all rules on, against the same rows written by hand.

Ours is `erp.ledger.services.post` in so many processes, all into one journal. The reference writes what any ledger
must: one entry, two lines, two balances, each a statement of its own in one transaction, as many writers, same server.
Both take their accounts by chance from equally many. They work in turns of seconds.
"""

import multiprocessing
import random
import time
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import uuid4

import psycopg

from deploy import environment
from deploy.trials import Figure, manage, own_server, say

ROUNDS = 6
TURN_S = 2.0
ACCOUNTS = 12
RAW_TABLES = """
CREATE SCHEMA raw;
CREATE TABLE raw.account (id int PRIMARY KEY, balance numeric(19,2) NOT NULL DEFAULT 0);
CREATE TABLE raw.entry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, date date NOT NULL,
                        text varchar(250) NOT NULL, key varchar(200) NOT NULL UNIQUE,
                        posted_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE raw.line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                       entry bigint NOT NULL REFERENCES raw.entry, account int NOT NULL REFERENCES raw.account,
                       debit numeric(19,2) NOT NULL, credit numeric(19,2) NOT NULL);
CREATE INDEX ON raw.line (entry);
CREATE INDEX ON raw.line (account);
"""

Write = Callable[[], None]


def figures() -> Iterator[Figure]:
    """One writer, then eight."""
    with own_server("erp") as var:
        manage(var, "erp", "seed_company")
        before = _deadlocks(var)
        yield from ratios(var)
        time.sleep(1.5)  # the server counts with a delay
        yield Figure("deadlocks", value=_deadlocks(var) - before, unit="deadlocks", at_most=0)


def ratios(var: Path, prefix: str = "") -> Iterator[Figure]:
    """Entries per second, ours and by hand, on a server whose company is seeded."""
    owner = environment.read(var, "erp")["ERP_OWNER_DATABASE_URL"]
    with psycopg.connect(owner, autocommit=True) as database:
        database.execute(RAW_TABLES.encode())
        database.execute("INSERT INTO raw.account (id) SELECT generate_series(1, %s)", [ACCOUNTS])
    for writers in (1, 8):
        ours, raw = _race(writers, owner)
        yield Figure(f"{prefix}c{writers}_ratio", value=ours, reference=raw, unit="entries/s", at_least=0.5)


def _race(writers: int, owner: str) -> tuple[float, float]:
    """Entries per second of both, in turns."""
    ours = [_Writer(_ours_forever) for _ in range(writers)]
    raw = [_Writer(_raw_forever, owner) for _ in range(writers)]
    done = {"ours": 0, "raw": 0}
    for number in range(ROUNDS + 1):
        for name, group in (("ours", ours), ("raw", raw)):
            count = _turn(group, TURN_S if number else 0.5)
            done[name] += count if number else 0  # the first round only warms up
    for writer in (*ours, *raw):
        writer.dismiss()
    seconds = ROUNDS * TURN_S
    say(f"{writers} writers: {done['ours'] / seconds:.0f} entries/s, by hand {done['raw'] / seconds:.0f}")
    return done["ours"] / seconds, done["raw"] / seconds


def _turn(group: list["_Writer"], seconds: float) -> int:
    for writer in group:
        writer.ready()
    until = time.monotonic() + seconds
    for writer in group:
        writer.pipe.send(until)
    return sum(writer.pipe.recv() for writer in group)


class _Writer:
    """A process that writes as fast as it can whenever it is told to, and says how many entries it wrote."""

    def __init__(self, forever: Callable[..., None], *words: str) -> None:
        spawn = multiprocessing.get_context("spawn")
        self.pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=forever, args=(theirs, *words), daemon=True)
        self._process.start()

    def ready(self) -> None:
        """Wait until it has nothing more to do first."""
        self.pipe.send(0.0)
        assert self.pipe.recv() == 0

    def dismiss(self) -> None:
        """Home."""
        self.pipe.send(None)
        self._process.join(10)


def _work(orders: Connection, write: Write) -> None:
    while (until := orders.recv()) is not None:
        count = 0
        while time.monotonic() < until:
            write()
            count += 1
        orders.send(count)


def _ours_forever(orders: Connection) -> None:
    import django

    django.setup()
    from erp.ledger.models import Account
    from erp.ledger.services import Line, Posting, post

    codes = list(Account.objects.filter(is_group=False, control=False, active=True).values_list("code", flat=True))
    chosen, today = sorted(codes)[:ACCOUNTS], date.today()

    def write() -> None:
        debit, credit = random.sample(chosen, 2)
        amount = Decimal(random.randint(1, 100_000)) / 100
        lines = [Line(debit, debit=amount), Line(credit, credit=amount)]
        post(Posting("general", today, "Bench", f"bench:{uuid4()}", lines))

    _work(orders, write)


def _raw_forever(orders: Connection, url: str) -> None:
    with psycopg.connect(url) as database:

        def write() -> None:
            first, second = sorted(random.sample(range(1, ACCOUNTS + 1), 2))  # in one order: no deadlocks
            amount = Decimal(random.randint(1, 100_000)) / 100
            with database.transaction():
                row = database.execute(
                    "INSERT INTO raw.entry (date, text, key) VALUES (current_date, 'Bench', %s) RETURNING id",
                    [f"bench:{uuid4()}"],
                ).fetchone()
                assert row is not None
                line = "INSERT INTO raw.line (entry, account, debit, credit) VALUES (%s, %s, %s, %s)"
                database.execute(line, [row[0], first, amount, 0])
                database.execute(line, [row[0], second, 0, amount])
                balance = "UPDATE raw.account SET balance = balance + %s WHERE id = %s"
                database.execute(balance, [amount, first])
                database.execute(balance, [-amount, second])

        _work(orders, write)


def _deadlocks(var: Path) -> int:
    """What the server counted in the side's database."""
    with psycopg.connect(environment.read(var, "erp")["ERP_OWNER_DATABASE_URL"]) as database:
        row = database.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
        assert row is not None
        return int(row[0])
