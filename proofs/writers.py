"""Fifty processes issue a hundred invoices each, all at once: no error, no gap, no duplicate, no deadlock.

Every invoice goes through the public service, every tenth is asked for twice under its key, and once more for another
order. Meanwhile the worker's part is done beside them: balances are folded and entries sealed.
"""

import logging
import multiprocessing
import os
import time
from datetime import date
from multiprocessing.connection import Connection
from typing import Any

from deploy.trials import Cases, own_server, say

WRITERS = int(os.environ.get("WRITERS", "50"))
EACH = int(os.environ.get("INVOICES", "100"))
AGAIN = 10  # every so many-th is sent again


def check(cases: Cases) -> None:
    """All writers at once, then what stands."""
    with own_server("erp"):
        from proofs._selling import open_shop

        open_shop(WRITERS * EACH)
        told = _race(cases)
        say(f"{len(told['seconds'])} invoices, the slowest took {max(told['seconds']):.2f} s")
        stands(cases, WRITERS * EACH)


def _race(cases: Cases) -> dict[str, list[Any]]:
    """What the writers met."""
    from django.db import connections

    from erp.ledger import sealing

    connections.close_all()
    spawn = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    for _number in range(WRITERS):
        ours, theirs = spawn.Pipe()
        processes.append(spawn.Process(target=_write, args=(theirs, EACH), daemon=True))
        processes[-1].start()
        pipes.append(ours)
    for pipe in pipes:
        pipe.recv()  # their orders are shipped
    say("All orders are shipped; the writers begin.")
    began = time.monotonic()
    for pipe in pipes:
        pipe.send("begin")
    while not all(pipe.poll() for pipe in pipes) and any(process.is_alive() for process in processes):
        sealing.fold()
        sealing.seal()
        time.sleep(0.5)
    told: dict[str, list[Any]] = {"seconds": [], "errors": []}
    for pipe, process in zip(pipes, processes, strict=True):
        answer = pipe.recv() if pipe.poll() else {"errors": [f"a writer ended with {process.exitcode}"]}
        for name, values in answer.items():
            told[name] += values
        process.join(10)
    say(f"{WRITERS * EACH / (time.monotonic() - began):.0f} invoices/s")
    for error in told["errors"]:
        cases.fail(error)
    cases.that(not told["errors"], f"{len(told['errors'])} errors were shown to users")
    return told


def _write(pipe: Connection, count: int) -> None:
    """One writer, in a process of its own: ships, waits for all others, issues."""
    import django

    django.setup()
    logging.disable(logging.INFO)
    from erp.invoices import services
    from erp.invoices.refusals import KeyUsed
    from proofs._selling import shipped_order

    told: dict[str, list[Any]] = {"seconds": [], "errors": []}
    orders = [shipped_order() for _number in range(count)]
    pipe.send("ready")
    pipe.recv()
    for number, order in enumerate(orders):
        began = time.monotonic()
        try:
            invoice = services.issue(order, date=date.today(), key=f"proof:{order.pk}")
            told["seconds"].append(time.monotonic() - began)
            if number % AGAIN == 0 and services.issue(order, key=f"proof:{order.pk}") != invoice:
                told["errors"].append(f"{invoice.number}: the same key gave another document")
            if number % AGAIN == 1:
                services.issue(orders[0], key=f"proof:{order.pk}")
                told["errors"].append(f"{invoice.number}: its key was taken for another order")
        except KeyUsed as refusal:
            if orders[0].number not in str(refusal):
                told["errors"].append(f"the difference is not named: {refusal}")
        except Exception as error:
            told["errors"].append(f"{order.number}: {type(error).__name__}: {error}")
    pipe.send(told)


def stands(cases: Cases, expected: int) -> None:
    """One invoice an order, numbers without gap, balances right, every invariant."""
    from django.db import connection
    from django.db.models import Count

    from erp.invoices.models import Invoice
    from erp.ledger import sealing
    from erp.ledger.models import JournalEntry, Series
    from erp.orders.models import Order
    from erp.proof.models import Finding
    from erp.proof.services import prove

    numbers = sorted(int(number.rsplit("-", 1)[1]) for number in Invoice.objects.values_list("number", flat=True))
    cases.that(numbers == list(range(1, expected + 1)), f"{len(numbers)} numbers up to {numbers[-1:]}, not {expected}")
    wrong = Order.objects.annotate(issued=Count("invoices")).exclude(issued=1).count()
    cases.that(not wrong, f"{wrong} orders have not exactly one invoice")
    for series in Series._default_manager.all():
        entries = JournalEntry.objects.filter(series=series.code, year=series.year).count()
        cases.that(entries == series.last, f"{series}: {entries} entries, the counter says {series.last}")
    sealing.fold()
    sealing.seal()
    sealed = sealing.verify()
    cases.that(not sealed.broken and not sealed.unsealed, f"seals: {sealed}")
    run = prove()
    for finding in Finding._default_manager.filter(run=run):
        cases.that(finding.holds, f"{finding.code}: {finding.rows} rows, {finding.sample[:3]} {finding.error}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        (deadlocks,) = cursor.fetchone()
    cases.that(deadlocks == 0, f"{deadlocks} deadlocks")
