"""The ground faults are tried on: a deployment of its own, people who work in its CRM, and how effects are counted."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg

from chaos.proxy import Proxy
from deploy import control, prepare
from deploy.environment import ROOT, SIDES
from deploy.postgres import Cluster
from deploy.trials import own_deployment, say

SETTLE_SECONDS = 90.0
WIRE = ("crm", "erp", "integration")

_SAID = """SELECT aggregate, convert_from(body, 'UTF8')::json -> 'data' -> 'snapshot' ->> 'name' FROM outbox_message
WHERE type LIKE 'crm.customer.%%' AND convert_from(body, 'UTF8')::json -> 'data' -> 'snapshot' ->> 'name' LIKE %s
ORDER BY aggregate, position"""
_DONE = """SELECT 'customer:' || customer, name FROM parties_historicalparty
WHERE name LIKE %s ORDER BY customer, history_id"""
_OPENED = """SELECT aggregate, count(*) FROM outbox_message WHERE type = 'erp.party.opened.v1' GROUP BY 1"""


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

    def __init__(self, deployment: Any, proxies: dict[str, Proxy]) -> None:
        self.deployment, self.proxies = deployment, proxies
        self.var: Path = deployment.var
        for side, proxy in proxies.items():
            proxy.port = int(deployment._sides[side]["url"].rpartition(":")[2])
        (self.var / "chaos").mkdir(exist_ok=True)
        self.cluster = Cluster(self.var / "postgres")
        self._emitter = self._start_emitter()
        self._owed = 0

    def _start_emitter(self) -> "subprocess.Popen[str]":
        environ = {**prepare.process_environment(self.var, "crm"), "DJANGO_SETTINGS_MODULE": "crm.settings"}
        emitter = subprocess.Popen(
            [sys.executable, "-m", "chaos.emitter"],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(self.var / "log" / "chaos-emitter.log").open("ab"),
            text=True,
        )
        assert emitter.stdout is not None
        emitter.stdout.readline()
        return emitter

    # -- business ----------------------------------------------------------------------------------------------------

    def begin(self, do: str, tag: str, **more: Any) -> None:
        """Let people start on something; `finish` waits for them."""
        assert self._emitter.stdin is not None
        self._emitter.stdin.write(json.dumps({"do": do, "tag": tag, **more}) + "\n")
        self._emitter.stdin.flush()
        self._owed += 1

    def finish(self) -> dict[str, int]:
        """Wait until people have done what they were asked to."""
        assert self._emitter.stdout is not None
        answer: dict[str, int] = {}
        while self._owed:
            answer = json.loads(self._emitter.stdout.readline())
            self._owed -= 1
        return answer

    def work(self, do: str, tag: str, **more: Any) -> dict[str, int]:
        """Begin and finish."""
        self.begin(do, tag, **more)
        return self.finish()

    def settle(self, within: float = SETTLE_SECONDS, but: int = 0) -> float:
        """Wait until all that was said is done; how long it took. `but` so many may be parked."""
        began = time.monotonic()
        while time.monotonic() - began < within:
            try:
                open_rows = self.deployment.queues()
                if all(" parked" in name for name in open_rows) and sum(open_rows.values()) <= but:
                    break
            except psycopg.Error:
                pass
            time.sleep(0.1)
        return time.monotonic() - began

    def count(self, tag: str, report: Report) -> None:
        """Hold what was said in the CRM against what became of it in the ERP."""
        pattern = f"{tag} %"
        said = self._by_aggregate("crm", _SAID, pattern)
        done = self._by_aggregate("erp", _DONE, pattern)
        opened = dict(self.rows("erp", _OPENED))
        for aggregate, names in said.items():
            seen = done.get(aggregate, [])
            repeats = sum(count - 1 for count in Counter(seen).values())
            places = [names.index(name) for name in dict.fromkeys(seen) if name in names]
            report.lost += len(set(names) - set(seen))
            report.doubled += repeats + max(0, opened.get(aggregate, 0) - 1)
            report.reordered += sum(later < earlier for earlier, later in pairwise(places))

    def _by_aggregate(self, side: str, statement: str, pattern: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for aggregate, name in self.rows(side, statement, [pattern]):
            found.setdefault(aggregate, []).append(name)
        return found

    # -- the machine -------------------------------------------------------------------------------------------------

    def rows(self, side: str, statement: str, parameters: list[Any] | None = None) -> list[Any]:
        """Ask a side's database, patiently."""
        for again in range(300):
            try:
                with psycopg.connect(self.deployment._sides[side]["database_url"]) as database:
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

    def clock(self, seconds: float, *sides: str) -> None:
        """Set the clocks of these sides wrong by so much."""
        for side in sides or SIDES:
            (self.var / "chaos" / f"clock-{side}").write_text(str(seconds))

    def down(self, side: str) -> None:
        """Stop a side's processes."""
        control.ask(self.var, do="down", side=side)

    def up(self, side: str) -> None:
        """Start them again."""
        control.ask(self.var, do="up", side=side)

    def close(self) -> None:
        """Send the people home."""
        self._emitter.kill()
        self._emitter.wait()


def children_of(pid: int) -> list[int]:
    """The direct children of a process."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


@contextmanager
def ground() -> Iterator[Ground]:
    """A deployment whose sides reach each other through proxies that can misbehave."""
    proxies = {side: Proxy() for side in WIRE}
    settings = {f"{side.upper()}_WIRE_URL": f"http://127.0.0.1:{proxy.listen()}" for side, proxy in proxies.items()}
    settings |= {"HEMING_INJECT": str(ROOT / "chaos" / "inject"), "HANDLER_SECONDS": "2"}
    with own_deployment(settings) as deployment:
        say(f"the deployment stands in {deployment.var}")
        here = Ground(deployment, proxies)
        try:
            yield here
        finally:
            here.close()
            for proxy in proxies.values():
                proxy.close()


Fault = Callable[[Ground, str, int], Report]
