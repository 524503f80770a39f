"""The ground faults are tried on: a deployment of its own, people who work on its sides, and the means to strike it."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import psycopg

from chaos.effects import TRADES, tally
from chaos.people import INJECTED, People
from chaos.proxy import Proxy
from deploy import control, environment
from deploy.demo.deployment import QUEUES
from deploy.environment import SIDES
from deploy.postgres import Cluster
from deploy.trials import own_deployment, say

SETTLE_SECONDS = 90.0
CUSTOMERS = 4
CHANGES = 24  # of a round
TRADERS = tuple(trade.side for trade in TRADES)
PAUSE = 0.04  # between two changes, so that a strike falls among them
WIRE = ("crm", "erp", "integration")


def wait(condition: Callable[[], object], seconds: float, pause: float = 0.01) -> bool:
    """Look again and again until it is so; False when it was not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(pause)
    return False


@dataclass
class Report:
    """What a fault did to the business."""

    fault: str
    rounds: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    recovery_s: float = 0.0
    more: dict[str, Any] = field(default_factory=dict)

    def recovered(self, seconds: float) -> None:
        """One round more, and how long it took until all was well."""
        self.rounds += 1
        self.recovery_s = max(self.recovery_s, seconds)
        say(f"{self.fault} {self.rounds}: well again after {seconds:.1f} s")

    def line(self) -> str:
        """One JSON line."""
        told = {name: getattr(self, name) for name in ("fault", "rounds", "lost", "doubled", "reordered")}
        return json.dumps({**told, "recovery_s": round(self.recovery_s, 1), **self.more}, separators=(",", ":"))

    @property
    def holds(self) -> bool:
        """Nothing lost, doubled or reordered, and soon well again."""
        held = not (self.lost or self.doubled or self.reordered) and self.recovery_s <= 30 and self.rounds > 0
        return held and not self.more.get("failed")


class Ground:
    """A deployment under fire."""

    def __init__(self, deployment: "Place", proxies: dict[str, Proxy]) -> None:
        self.deployment, self.proxies = deployment, proxies
        self.var: Path = deployment.var
        for side, proxy in proxies.items():
            proxy.port, proxy.var = port_of(deployment.url(side)), self.var
        (self.var / "chaos").mkdir(exist_ok=True)
        self.cluster = Cluster(self.var / "postgres")
        self.clocks = Clocks(self)
        self.people = {side: People(side, self.var) for side in TRADERS}
        self._links: dict[str, psycopg.Connection[Any]] = {}

    # -- business ----------------------------------------------------------------------------------------------------

    def begin(self, do: str, tag: str, side: str = "crm", **more: Any) -> None:
        """Let a side's people start on something; `finish` waits for them."""
        self.people[side].begin(do, tag, **more)

    def finish(self) -> None:
        """Wait until people have done what they were asked to."""
        for people in self.people.values():
            people.finish()

    def work(self, do: str, tag: str, side: str = "crm", **more: Any) -> dict[str, Any]:
        """Begin and finish, on one side; what was acknowledged."""
        self.begin(do, tag, side, **more)
        return self.people[side].finish()

    def trade(self, tag: str, count: int, *sides: str) -> None:
        """So many changes on each of these sides, or on both."""
        for side in sides or TRADERS:
            self.begin("change", tag, side, count=count)
        self.finish()

    def open(self, tag: str, count: int = CUSTOMERS) -> None:
        """So many customers and as many products, known to both sides."""
        for side in TRADERS:
            self.begin("open", tag, side, count=count)
        self.finish()
        self.settle()

    def settle(self, within: float = SETTLE_SECONDS) -> float:
        """Wait until all that was said is done; how long it took."""
        began = time.monotonic()
        quiet = 0
        while quiet < 2 and time.monotonic() - began < within:
            quiet = 0 if self.open_rows() else quiet + 1  # an answer may be on its way behind the back of one look
            time.sleep(0.05)
        return time.monotonic() - began

    def open_rows(self) -> dict[str, int]:
        """What is not done yet, by queue; a database that is away has something to do."""
        found: dict[str, int] = {}
        for side, table in QUEUES:
            try:
                if not (link := self._links.get(side)) or link.closed:
                    url = self.deployment.database_url(side)
                    link = self._links[side] = psycopg.connect(url, autocommit=True, connect_timeout=5)
                row = link.execute(f"SELECT count(*) FROM {table} WHERE state <> 'done'".encode()).fetchone()
                count = int(row[0]) if row else 0
            except psycopg.Error:
                if broken := self._links.pop(side, None):
                    broken.close()
                count = 1
            if count:
                found[f"{side} {table}"] = count
        return found

    def count(self, tag: str, report: Report) -> None:
        """Hold what was said on each side against what became of it on the other."""
        for trade in TRADES:
            found = tally(self.rows, trade, f"{tag} %", self.people[trade.side].said(tag))
            report.lost += found.lost
            report.doubled += found.doubled
            report.reordered += found.reordered

    # -- the machine -------------------------------------------------------------------------------------------------

    def rows(self, side: str, statement: str, parameters: list[Any] | None = None) -> list[Any]:
        """Ask a side's database, patiently."""
        for again in range(300):
            try:
                with psycopg.connect(self.deployment.database_url(side)) as database:
                    return database.execute(statement.encode(), parameters or None).fetchall()
            except psycopg.OperationalError:
                if again == 299:
                    raise
                time.sleep(0.1)
        return []

    def pid(self, side: str, kind: str) -> int | None:
        """The process the supervisor runs."""
        for one in control.ask(self.var, do="status")["processes"]:
            if (one["side"], one["process"]) == (side, kind):
                return one["pid"]
        return None

    def kill(self, side: str, kind: str, child: int | None = None) -> bool:
        """kill -9, its main process or one of its children."""
        pid = self.pid(side, kind)
        if pid is not None and child is not None:
            children = children_of(pid)
            pid = children[child % len(children)] if children else pid
        if pid is None:
            return False
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def order_death(self, side: str, stage: str, who: str) -> None:
        """Let the next process of the side that comes to the stage die there, `alone` or the `whole` of it."""
        path = self.var / "chaos" / f"kill-{side}"
        (self.var / "chaos" / f"killed-{side}").unlink(missing_ok=True)
        path.with_suffix(".new").write_text(f"{stage} {who}")
        path.with_suffix(".new").rename(path)

    def await_death(self, side: str, within: float = 30.0) -> bool:
        """Has it died? Otherwise the order is taken back."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if (self.var / "chaos" / f"killed-{side}").exists():
                return True
            time.sleep(0.02)
        (self.var / "chaos" / f"kill-{side}").unlink(missing_ok=True)
        return False

    def down(self, side: str) -> None:
        """Stop a side's processes."""
        control.ask(self.var, do="down", side=side)

    def up(self, side: str) -> None:
        """Start them again; they answer when this returns."""
        answer = control.ask(self.var, do="up", side=side)
        if not answer["ok"]:
            raise RuntimeError(answer["error"])

    def as_superuser(self, *statements: str, database: str = "postgres") -> None:
        """What only the machine's owner may do."""
        url = urlsplit(self.cluster.superuser_url())._replace(path=f"/{database}").geturl()
        with psycopg.connect(url, autocommit=True) as server:
            for statement in statements:
                server.execute(statement.encode())

    def as_owner(self, side: str, statement: str, *values: Any) -> None:
        """Change a side's tables by hand."""
        with psycopg.connect(environment.read(self.var, side)[f"{side.upper()}_OWNER_DATABASE_URL"]) as database:
            database.execute(statement.encode(), values or None)

    def drop_connections(self, database: str) -> None:
        """Everybody has to connect to it anew."""
        self.as_superuser(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")

    def close(self) -> None:
        """Send the people home."""
        for link in self._links.values():
            link.close()
        for people in self.people.values():
            people.close()


class Clocks:
    """The sides' clocks: what their processes read and what their databases tell them."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._bent: set[str] = set()

    def bend(self, *sides: str) -> None:
        """From now on these databases tell the time of ours; the processes do from the beginning."""
        for side in sides or SIDES:
            self.ground.as_superuser(*_bent_clock(side), database=side)
            self.ground.drop_connections(side)
            self._bent.add(side)

    def set(self, seconds: float, *sides: str) -> None:
        """Set the clocks of these sides wrong by so much."""
        for side in sides or SIDES:
            if side not in self._bent:
                self.bend(side)
            self.ground.as_superuser(f"UPDATE chaos.clock SET shift = '{seconds} seconds'", database=side)
            path = self.ground.var / "chaos" / f"clock-{side}"
            path.with_suffix(".new").write_text(str(seconds))
            path.with_suffix(".new").rename(path)

    def told(self, side: str) -> float:
        """By how much the side's database is off, as its processes hear it."""
        asked = "SELECT extract(epoch FROM clock_timestamp() - pg_catalog.clock_timestamp())"
        return float(self.ground.rows(side, asked)[0][0])


def _bent_clock(side: str) -> list[str]:
    """Functions of PostgreSQL's names that the side's role finds first, also where a column takes its default."""
    made = [
        "CREATE SCHEMA IF NOT EXISTS chaos",
        "CREATE TABLE IF NOT EXISTS chaos.clock (shift interval NOT NULL)",
        "INSERT INTO chaos.clock SELECT '0 s' WHERE NOT EXISTS (SELECT FROM chaos.clock)",
        f"GRANT USAGE ON SCHEMA chaos TO {side}_app, {side}_owner",
        f"GRANT SELECT ON chaos.clock TO {side}_app, {side}_owner",
    ]
    for name in ("clock_timestamp", "statement_timestamp", "transaction_timestamp", "now"):
        made.append(
            f"CREATE OR REPLACE FUNCTION chaos.{name}() RETURNS timestamptz LANGUAGE sql VOLATILE AS "
            f"'SELECT pg_catalog.{name}() + shift FROM chaos.clock'"
        )
    made.append("""DO $$ DECLARE d record; BEGIN
      FOR d IN SELECT adrelid::regclass AS held, attname FROM pg_attrdef
               JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
               WHERE pg_get_expr(adbin, adrelid) = 'statement_timestamp()' LOOP
        EXECUTE format('ALTER TABLE %s ALTER %I SET DEFAULT chaos.statement_timestamp()', d.held, d.attname);
      END LOOP; END $$""")
    path = f"ALTER ROLE {side}_app IN DATABASE {side} SET search_path = chaos, public, pg_catalog"
    return [*made, path]


def port_of(url: str) -> int:
    """Where an address listens."""
    return int(url.rpartition(":")[2])


def children_of(pid: int) -> list[int]:
    """The direct children of a process."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


@contextmanager
def standing_still(ground: Ground, *processes: tuple[str, str], children_only: bool = False) -> Iterator[None]:
    """These do nothing meanwhile, nor do their children; or only these do nothing."""
    family: list[int] = []
    for side, kind in processes:
        pid = ground.pid(side, kind)
        assert pid is not None, f"the {kind} of {side} runs"
        family += [*(() if children_only else (pid,)), *children_of(pid)]
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(family):
            os.kill(pid, signal.SIGCONT)


class Place(Protocol):
    """A running deployment."""

    var: Path

    def url(self, side: str) -> str: ...

    def database_url(self, side: str) -> str: ...


@contextmanager
def under_fire() -> Iterator[tuple[dict[str, str], dict[str, Proxy]]]:
    """What a deployment is started with so that it can be struck, and the proxies between its sides."""
    proxies = {side: Proxy() for side in WIRE}
    settings = {f"{side.upper()}_WIRE_URL": f"http://127.0.0.1:{proxy.listen()}" for side, proxy in proxies.items()}
    settings["HEMING_INJECT"] = str(INJECTED)
    try:
        yield settings, proxies
    finally:
        for proxy in proxies.values():
            proxy.close()


@contextmanager
def ground() -> Iterator[Ground]:
    """A deployment of its own to be struck."""
    with under_fire() as (settings, proxies), own_deployment(settings | {"HANDLER_SECONDS": "1"}) as deployment:
        say(f"the deployment stands in {deployment.var}")
        here = Ground(deployment, proxies)
        try:
            yield here
        finally:
            here.close()


Fault = Callable[[Ground, str, int], Report]
