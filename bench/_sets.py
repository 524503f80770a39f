"""Entries posted in sets, all rules on, against COPY of the very rows they made into the same tables, triggers off."""

import io
import random
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from deploy import environment
from deploy.postgres import Cluster
from deploy.trials import say

SET, ROUNDS = 10_000, 4
_TABLES = ("ledger_journalentry", "ledger_journalline")


def rates(var: Path) -> tuple[float, float]:
    """Entries per second in sets and by COPY, in turns; each round's rows are taken out, so that both find the same."""
    from erp.ledger.sets import post_set

    database = urlsplit(environment.read(var, "erp")["ERP_OWNER_DATABASE_URL"]).path.strip("/")
    ours, theirs = [], []
    with psycopg.connect(Cluster(var / "postgres").superuser_url(database), autocommit=True) as server:
        server.execute("SET session_replication_role = replica")
        for number in range(ROUNDS + 1):
            postings = _postings(f"import:{number}")
            began = time.perf_counter()
            outcomes = post_set(postings)
            ours.append(time.perf_counter() - began)
            if not all(one.fresh for one in outcomes):
                raise RuntimeError(next(one.refusal for one in outcomes if one.refusal))
            theirs.append(_copied_again(server, f"import:{number}:%"))
    say(f"sets of {SET}: {min(ours[1:]):.2f} s, COPY {min(theirs[1:]):.2f} s")
    return SET * ROUNDS / sum(ours[1:]), SET * ROUNDS / sum(theirs[1:])


def _copied_again(server: psycopg.Connection[Any], keys: str) -> float:
    """Seconds of writing these entries and their lines by COPY, after they were taken out."""
    of = f"(SELECT id FROM public.ledger_journalentry WHERE key LIKE '{keys}')"
    rows = {
        "ledger_journalentry": f"SELECT * FROM public.ledger_journalentry WHERE id IN {of} ORDER BY sequence",
        "ledger_journalline": f"SELECT * FROM public.ledger_journalline WHERE entry_id IN {of} ORDER BY id",
    }
    kept = {}
    for table in _TABLES:
        with io.BytesIO() as file, server.cursor().copy(f"COPY ({rows[table]}) TO STDOUT".encode()) as copy:
            for part in copy:
                file.write(part)
            kept[table] = file.getvalue()
    for table, column in (("ledger_journalline", "entry_id"), ("ledger_journalentry", "id")):
        server.execute(f"DELETE FROM public.{table} WHERE {column} IN {of}".encode())
    server.execute("VACUUM public.ledger_journalentry, public.ledger_journalline")
    began = time.perf_counter()
    with server.transaction():
        for table in _TABLES:
            with server.cursor().copy(f"COPY public.{table} FROM STDIN".encode()) as copy:
                copy.write(kept[table])
    return time.perf_counter() - began


def _postings(prefix: str) -> list[Any]:
    """Rent and the like, of two lines each, over three months."""
    from erp.ledger.models import Account
    from erp.ledger.services import Line, Posting

    dice = random.Random(prefix)
    accounts = sorted(Account.objects.filter(is_group=False, control=False).values_list("code", flat=True))
    made = []
    for number in range(SET):
        debit, credit = dice.sample(accounts, 2)
        amount = Decimal(dice.randint(1, 1_000_000)) / 100
        day = date(2026, 1, 1) + timedelta(days=number * 90 // SET)
        lines = [Line(debit, debit=amount), Line(credit, credit=amount)]
        made.append(Posting("general", day, f"No. {number}", f"{prefix}:{number}", lines))
    return made
