"""What a whole order costs: processor time of the ERP's processes per order-to-cash cycle, through the API.

A cycle is what its people do: the rep wins a deal, the order arrives, the parcel leaves, the invoice goes out, the
money comes in. Counted is what web server, relay and worker of the ERP and all their children took, as the kernel
says, and nothing of PostgreSQL, which is nobody's process; the other sides' work is not the ERP's.
"""

import os
import statistics
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import psycopg

from deploy import control
from deploy.demo import facts, northwind
from deploy.demo.actors import Accountant, OrderDesk, Rep, Warehouse
from deploy.demo.deployment import Deployment
from deploy.demo.northwind import Price
from deploy.demo.waiting import until
from deploy.trials import Figure, own_deployment, say

WARM_UP, ORDERS, TURNS = 12, 60, 6
CALM_SECONDS, CALM_MS, CALM_AT_LAST = 4.0, 150.0, 120.0
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def figures() -> Iterator[Figure]:
    """Orders one after the other; whoever waits looks into the database, for asking the API would be counted too."""
    with own_deployment() as deployment:
        people = People(deployment)
        people.prepare()
        for _ in range(WARM_UP):
            people.cycle()
        facts.settled(deployment)
        _wait_for_calm(deployment)
        costs, size = [], ORDERS // TURNS
        for _ in range(TURNS):
            before, began = cpu_ms(deployment), time.monotonic()
            for _ in range(size):
                people.cycle()
            facts.settled(deployment)
            costs.append((cpu_ms(deployment) - before) / size)
            say(f"{costs[-1]:.0f} ms an order, {(time.monotonic() - began) / size:.2f} s each")
    yield Figure("erp_cpu_ms", value=statistics.median(costs), unit="ms/order", at_most=120)


def _wait_for_calm(deployment: Deployment) -> None:
    """A worker's first tasks load what the later ones find loaded: seconds of processor time, and no order's."""
    deadline = time.monotonic() + CALM_AT_LAST
    while time.monotonic() < deadline:
        before = cpu_ms(deployment)
        time.sleep(CALM_SECONDS)
        if cpu_ms(deployment) - before < CALM_MS:
            return
    say("the ERP's processes are busy by themselves")


class People:
    """Who has a hand in an order, and the one product they trade in."""

    def __init__(self, deployment: Deployment) -> None:
        self.rep, self.desk = Rep(deployment), OrderDesk(deployment)
        self.warehouse, self.accountant = Warehouse(deployment), Accountant(deployment)
        self.product = northwind.products()[0]
        self.account = ""
        self.crm = psycopg.connect(deployment.database_url("crm"), autocommit=True)
        self.erp = psycopg.connect(deployment.database_url("erp"), autocommit=True)

    def prepare(self) -> None:
        """A product with a price and goods, a customer."""
        supplier = self.accountant.open_supplier(northwind.suppliers()[0])
        price = Price(self.product.sku, Decimal("10.00"), date(2020, 1, 1))
        self.desk.offer(self.product, supplier, [price], "standard")
        self.warehouse.receive(self.product.sku, 100_000, Decimal("6.00"), "Bench")
        self.account = self.rep.meet(northwind.customers()[0])
        known = "SELECT 1 FROM catalogue_priceversion LIMIT 1"
        until(lambda: self.crm.execute(known).fetchone(), "the price to arrive in the CRM", 120)

    def cycle(self) -> None:
        """From the promise to the money."""
        lines = [{"sku": self.product.sku, "quantity": "3"}]
        today = date.today()
        deal = self.rep.propose(self.account, "Bench", today, today, Decimal(0), lines)["id"]
        self.rep.win(deal)
        arrived = "SELECT id FROM orders_order WHERE deal = %s AND status = 'accepted'"
        row = until(lambda: self.erp.execute(arrived, [deal]).fetchone(), f"the order of deal {deal}", 60)
        order = str(row[0])
        self.warehouse.ship(order, "Speedy Express", f"SE-{order[-12:]}", [(self.product.sku, Decimal(3))])
        self.accountant.take_payment(self.accountant.invoice(order))


def cpu_ms(deployment: Deployment, side: str = "erp") -> float:
    """User and system time so far of the side's processes with all their children, dead ones included."""
    rows = control.ask(deployment.var, do="status")["processes"]
    parents = _parents()
    roots = {row["pid"] for row in rows if row["side"] == side and row["pid"]}
    family = {pid for pid in parents if _descends(pid, roots, parents)}
    return sum(_ticks(pid) for pid in family) * TICK_MS


def _parents() -> dict[int, int]:
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found[int(folder.name)] = int(_stat(int(folder.name))[1])
        except OSError:
            continue
    return found


def _descends(pid: int, roots: set[int], parents: dict[int, int]) -> bool:
    while pid and pid not in roots:
        pid = parents.get(pid, 0)
    return pid != 0


def _ticks(pid: int) -> int:
    """Its own, and those of children that it has waited for."""
    try:
        return sum(map(int, _stat(pid)[11:15]))
    except OSError:
        return 0


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
