"""Poisoned events: their handler raises, kills its process or never returns. They end parked, beside all others."""

import time
from dataclasses import dataclass

from chaos.ground import Ground, Report, standing_still, wait
from deploy.trials import say

EACH = 4000  # ordinary events that are timed: about ten seconds, in which poison is tried four times of five
TIMED = 3  # poisoned ones among them: one of each kind
FEW = 40  # ordinary events for each three that come after
RECORDS = 80  # as many as spread evenly over the lanes
BESIDE = "beside"  # the tag of those who have nothing to do with it


@dataclass(frozen=True)
class Victim:
    """A side that is given poison, and whose people give it.

    `waiting` counts the ordinary events that wait there: their records were the first of their name to be opened.
    """

    side: str
    teller: str
    waiting: str


VICTIMS = (
    Victim(
        "erp",
        "crm",
        """SELECT count(*) FROM inbox_incoming i WHERE i.state = 'waiting' AND EXISTS (
             SELECT FROM parties_party p WHERE i.aggregate = 'crm>erp customer:' || p.customer AND p.name LIKE %s)""",
    ),
    Victim(
        "crm",
        "erp",
        """SELECT count(*) FROM inbox_incoming i WHERE i.state = 'waiting' AND EXISTS (
             SELECT FROM catalogue_product p WHERE i.aggregate = 'erp>crm product:' || p.sku AND p.name LIKE %s)""",
    ),
)


def poison(ground: Ground, name: str, rounds: int) -> Report:
    """Events whose handler raises, kills its process or never returns: parked, and the others hardly notice. The first
    half of the rounds goes to the ERP, the other to the CRM."""
    ground.open(BESIDE, RECORDS)
    report = Report(name, rounds=rounds)
    shares = {"erp": rounds - rounds // 2, "crm": rounds // 2}
    given = {victim: _names(victim, shares[victim.side]) for victim in VICTIMS if shares[victim.side]}
    slowdowns = [_slowdown(ground, victim, names) for victim, names in given.items()]
    parked = {victim: _await_parked(ground, victim, names) for victim, names in given.items()}
    ground.settle()  # what waited behind them is done
    ground.count(BESIDE, report)
    poisoned = {victim: len(names) for victim, names in given.items()}
    report.more = {
        "parked": sum(parked.values()),
        "poison": sum(poisoned.values()),
        "slowdown": round(max(slowdowns), 3),
        "failed": parked != poisoned or max(slowdowns) > 0.10,
    }
    return report


def _names(victim: Victim, rounds: int) -> list[str]:
    """What the poisoned records of so many rounds are called."""
    kinds = ("exception", "kill", "loop")
    return [f"poison {kind} {victim.side} {number}" for number in range(rounds) for kind in kinds]


def _slowdown(ground: Ground, victim: Victim, names: list[str]) -> float:
    """By how much the others were slower with the first of these among them; the rest comes after, all at once.

    First without poison: what is tried again later would still be at work beside those that are to have none.
    """
    clean = _drain(ground, victim, EACH, [])
    poisoned = _drain(ground, victim, EACH, names[:TIMED])
    if rest := names[TIMED:]:
        _drain(ground, victim, FEW * len(rest) // 3, rest)
    say(f"poison: {poisoned:.1f} s with and {clean:.1f} s without, in the {victim.side.upper()}")
    return poisoned / clean - 1


def _await_parked(ground: Ground, victim: Victim, names: list[str]) -> int:
    """How many were parked in the end; none of them holds anybody up from then on."""
    began = time.monotonic()
    wait(lambda: _parked(ground, victim) == len(names), 60 + 20 * len(names), pause=0.1)
    say(f"poison: all is parked in the {victim.side.upper()} {time.monotonic() - began:.0f} s later")
    parked = _parked(ground, victim)
    ground.as_owner(victim.side, "UPDATE inbox_incoming SET state = 'done' WHERE state = 'parked'")
    return parked


def _parked(ground: Ground, victim: Victim) -> int:
    statement = "SELECT count(*) FROM inbox_incoming WHERE state = 'parked' AND attempts >= 5"
    return int(ground.rows(victim.side, statement)[0][0])


def _drain(ground: Ground, victim: Victim, volume: int, poisoned: list[str]) -> float:
    """Let much wait there, poison in between, and see how long it takes over all the rest."""
    with standing_still(ground, (victim.side, "relay")):
        waiting = list(poisoned)
        step = volume // max(1, len(poisoned))
        for _part in range(volume // step):
            if waiting:
                ground.begin("name", "poisoners", victim.teller, name=waiting.pop())
            ground.begin("change", BESIDE, victim.teller, count=step, together=20)
        ground.finish()
        wait(lambda: not [name for name in ground.open_rows() if not name.endswith(" inbox_incoming")], 300, 0.1)
    began = time.monotonic()
    wait(lambda: not _waiting(ground, victim), 300, pause=0.02)
    seconds = time.monotonic() - began
    say(f"poison: {volume} events with {len(poisoned)} poisoned ones among them: {seconds:.1f} s")
    return seconds


def _waiting(ground: Ground, victim: Victim) -> int:
    return int(ground.rows(victim.side, victim.waiting, [f"{BESIDE} %"])[0][0])
