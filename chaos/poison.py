"""Poisoned events: their handler raises, kills its process or never returns. They end parked, beside all others."""

import os
import signal
import time

from chaos.ground import CUSTOMERS, Ground, Report, children_of, wait
from deploy.trials import say

EACH = 250  # ordinary events for each round's three poisoned ones


def poison(ground: Ground, name: str, rounds: int) -> Report:
    """Events whose handler raises, kills its process or never returns: parked, and the others hardly notice."""
    tag = "beside"  # those who have nothing to do with it
    ground.work("open", tag, count=CUSTOMERS * 4)
    ground.settle()
    names = [f"poison {kind} {tag} {number}" for number in range(rounds) for kind in ("exception", "kill", "loop")]
    clean = _drain(ground, tag, EACH * rounds // 2, [])
    poisoned = _drain(ground, tag, EACH * rounds, names)
    clean += _drain(ground, tag, EACH * rounds // 2, [])
    began = time.monotonic()
    wait(lambda: _parked(ground) == len(names), 60 + 20 * rounds, pause=0.1)
    say(f"poison: all is parked {time.monotonic() - began:.0f} s later")
    report = Report(name, rounds=rounds)
    ground.count(tag, report)
    parked, slowdown = _parked(ground), poisoned / clean - 1
    report.more = {
        "parked": parked,
        "poison": len(names),
        "slowdown": round(slowdown, 3),
        "failed": parked != len(names) or slowdown > 0.10,
    }
    ground.as_owner("erp", "UPDATE inbox_incoming SET state = 'done' WHERE state = 'parked'")
    return report


def _parked(ground: Ground) -> int:
    return int(ground.rows("erp", "SELECT count(*) FROM inbox_incoming WHERE state = 'parked' AND attempts >= 5")[0][0])


def _drain(ground: Ground, tag: str, volume: int, poisoned: list[str]) -> float:
    """Let much wait in the ERP, poison in between, and see how long it takes over all the rest."""
    relay = ground.pid("erp", "relay")
    assert relay is not None
    family = [relay, *children_of(relay)]
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    waiting = list(poisoned)
    step = volume // max(1, len(poisoned))
    for _part in range(volume // step):
        if waiting:
            ground.begin("name", "poisoners", name=waiting.pop())
        ground.begin("change", tag, count=step, together=20)
    ground.finish()
    wait(lambda: not [name for name in ground.open_rows() if name != "erp inbox_incoming"], 300, pause=0.1)
    for pid in reversed(family):
        os.kill(pid, signal.SIGCONT)
    began = time.monotonic()
    wait(lambda: not _waiting_of(ground, tag), 300, pause=0.1)
    seconds = time.monotonic() - began
    say(f"poison: {volume} events with {len(poisoned)} poisoned ones among them: {seconds:.1f} s")
    return seconds


def _waiting_of(ground: Ground, tag: str) -> int:
    """How many of the ordinary ones wait: their records were the first of this name to be opened."""
    statement = """SELECT count(*) FROM inbox_incoming i WHERE i.state = 'waiting' AND EXISTS (
      SELECT FROM parties_party p WHERE i.aggregate = 'crm>erp customer:' || p.customer AND p.name LIKE %s)"""
    return int(ground.rows("erp", statement, [f"{tag} %"])[0][0])
