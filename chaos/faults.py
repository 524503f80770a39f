"""Every fault by its name: what is done to the deployment while people work, and what became of their work."""

import os
import random
import resource
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any

import psycopg

from chaos import keys, lines, relays
from chaos.ground import CHANGES, PAUSE, TRADERS, Fault, Ground, Report, standing_still, wait
from chaos.poison import poison
from chaos.rounds import in_rounds
from deploy import databases, environment
from deploy.environment import SIDES
from deploy.trials import say

ALONE, WHOLE = "alone", "whole"
TASKS = 100  # for the worker of each side, at once
Death = tuple[str, str, str]  # the side; a stage of the wire and who, or a process and which child


# -- killing -----------------------------------------------------------------------------------------------------------

SENDING = ("before claim", "after claim", "after settling")
STORING = ("before storing", "while storing", "after storing")
APPLYING = ("inbox_incoming before claim", "inbox_incoming after claim", "after effect", "after applying")


def _sending(table: str) -> list[str]:
    return [*(f"{table} {stage}" for stage in SENDING), "after sending"]


def _deaths(side: str, stages: Iterable[str]) -> list[Death]:
    return [(side, stage, who) for stage in stages for who in (ALONE, WHOLE)]


def _in_turns(*queues: list[Death]) -> list[Death]:
    """One of each after the other: who is killed anew before it has lived for a while is started later each time."""
    return [death for group in zip_longest(*queues) for death in group if death is not None]


# Who dies where, in turns: each stage of the wire with the process at it, and with its parent too; then the processes
# that are at no stage, at any moment.
DEATHS: dict[str, list[Death]] = {
    "relay-killed": [
        *_in_turns(_deaths("crm", _sending("outbox_message")), _deaths("erp", _sending("outbox_message"))),
        *[("crm", "relay", ""), ("erp", "relay", ""), ("erp", "relay", "3"), ("crm", "relay", "0")],
    ],
    "hub-killed": [
        *_in_turns(_deaths("integration", _sending("hub_delivery")), _deaths("integration", STORING)),
        *[("integration", kind, "") for kind in ("relay", "web", "watch", "worker")],
        *[("integration", "relay", "0"), ("integration", "web", "0")],
    ],
    "web-killed": [
        *_in_turns(_deaths("erp", STORING), _deaths("crm", STORING)),
        *[(side, "web", child) for child in ("", "0", "1", "") for side in ("erp", "crm")],
    ],
    "worker-killed": [
        *_in_turns(_deaths("erp", APPLYING), _deaths("crm", APPLYING)),
        *[("erp", "worker", ""), ("erp", "worker", "0"), ("crm", "worker", ""), ("crm", "worker", "0")],
    ],
}


def _killing(name: str) -> Fault:
    def fault(ground: Ground, tag: str, rounds: int) -> Report:
        missed: list[str] = []
        deaths = _spread(DEATHS[name], rounds)

        def strike(number: int) -> float:
            side, place, who = deaths[number]
            if who in (ALONE, WHOLE):
                ground.order_death(side, place, who)
                died = ground.await_death(side)
            else:
                time.sleep(random.uniform(0.0, 0.4))
                died = ground.kill(side, place, int(who) if who else None)
            if not died:
                missed.append(f"{side} {place} {who}")
            return time.monotonic()

        report = in_rounds(ground, tag, rounds, strike)
        if missed:
            report.more = {"missed": missed, "failed": True}
        return report

    return fault


def _spread(deaths: list[Death], rounds: int) -> list[Death]:
    """So many of them, from all over."""
    return [deaths[number * len(deaths) // rounds % len(deaths)] for number in range(rounds)]


def several_relays(ground: Ground, tag: str, rounds: int) -> Report:
    """Three relays share the lanes. One is killed; another stands still, with what it has claimed, until its leases
    have run out and others have done its work, and then goes on as if nothing were: its tokens count no more."""
    stale: list[str] = []

    def strike(_number: int) -> float:
        hub = ground.proxies["integration"]
        with relays.more(ground, "crm", 2) as (killed, frozen):
            ground.begin("change", tag, count=10 * CHANGES, pause=PAUSE)
            hub.strike("delay")
            wait(lambda: relays.claimed(ground, "crm", killed), 10)
            killed.signal(signal.SIGKILL)
            killed.process.wait()
            wait(lambda: relays.claimed(ground, "crm", frozen), 10)
            frozen.signal(signal.SIGSTOP)
            fell = time.monotonic()
            stale.extend(relays.claimed(ground, "crm", frozen))
            hub.strike("pass")
            wait(lambda: frozen.pid not in relays.lanes(ground, "crm"), 30)
            wait(lambda: not _unsettled(ground, stale), 30)
            frozen.signal(signal.SIGCONT)
            ground.begin("change", tag, count=CHANGES, pause=PAUSE)
            wait(lambda: frozen.pid in relays.lanes(ground, "crm"), 30)  # it has found its place again
        return fell

    report = in_rounds(ground, tag, rounds, strike)
    again = ground.rows(
        "crm", "SELECT count(*) FROM outbox_message WHERE id = ANY(%s::uuid[]) AND attempts > 1", [stale]
    )
    report.more = {"relays": 3, "stale": len(stale), "sent_by_others": again[0][0]}
    report.more["failed"] = not stale or again[0][0] != len(stale)
    return report


def _unsettled(ground: Ground, ids: list[str]) -> int:
    statement = "SELECT count(*) FROM outbox_message WHERE id = ANY(%s::uuid[]) AND state <> 'done'"
    return int(ground.rows("crm", statement, [ids])[0][0])


def postgres_killed(ground: Ground, tag: str, rounds: int) -> Report:
    """kill -9 of the database server; the supervisor starts it again at once."""

    def strike(_number: int) -> None:
        pid = ground.cluster._postmaster_pid()
        if pid:
            os.kill(pid, signal.SIGKILL)

    return in_rounds(ground, tag, rounds, strike)


def keys_rotated(ground: Ground, tag: str, rounds: int) -> Report:
    """All three sides change all of their keys and give them up at once, again and again, while people work."""
    done: list[dict[str, Any]] = []
    since = keys.begun(ground)
    report = in_rounds(ground, tag, rounds, lambda number: keys.strike(ground, tag, number, done))
    keys.count(ground, since, done, report)
    return report


AWAY = ("erp", "crm", "integration")


def side_down_for_hours(ground: Ground, tag: str, rounds: int) -> Report:
    """A side, another each round, is away for six hours by every clock, and the others' people go on selling."""
    report = Report(tag)
    ground.clocks.bend()
    ground.open(tag)
    began = ground.rows("integration", "SELECT now()")[0][0]
    for number in range(rounds):
        away = AWAY[number % len(AWAY)]
        others = [side for side in TRADERS if side != away]
        ground.down(away)
        ground.trade(tag, CHANGES, *others)
        time.sleep(1)
        ground.clocks.set(6 * 3600.0 * (number + 1))
        ground.trade(tag, CHANGES, *others)
        ground.up(away)
        report.recovered(ground.settle())
    ahead = ground.rows("integration", "SELECT max(created_at) - pg_catalog.now() FROM hub_delivery")[0][0]
    hours = round(ahead.total_seconds() / 3600)
    # What was in the air as the side went is sent a second time, and nothing is tried in vain for hours.
    times = "SELECT coalesce(max(attempts), 0) FROM {} WHERE created_at > %s"
    queues = [("integration", "hub_delivery"), *((side, "outbox_message") for side in TRADERS)]
    attempts = max(ground.rows(side, times.format(table), [began])[0][0] for side, table in queues)
    report.more = {"hours": hours, "attempts": attempts, "failed": hours != 6 * rounds or attempts > 2}
    ground.clocks.set(0.0)
    ground.settle()
    ground.count(tag, report)
    return report


MINUTES = 60.0
# Two sides at a time, one ahead and one behind: in three rounds each side has been both.
WRONG = (
    {"crm": 10 * MINUTES, "erp": -10 * MINUTES},
    {"integration": 10 * MINUTES, "crm": -10 * MINUTES},
    {"erp": 10 * MINUTES, "integration": -10 * MINUTES},
)


def clock_wrong(ground: Ground, tag: str, rounds: int) -> Report:
    """Two sides' clocks jump by ten minutes, one forwards, one back, so that nobody believes them; then they are right
    again."""
    report = Report(tag)
    ground.clocks.bend()
    ground.open(tag)
    heard, unbelieved = True, 0
    for number in range(rounds):
        wrong = WRONG[number % len(WRONG)]
        for side in TRADERS:
            ground.begin("change", tag, side, count=CHANGES // 2, pause=PAUSE)
        for side, seconds in wrong.items():
            ground.clocks.set(seconds, side)
        ground.finish()
        ground.trade(tag, CHANGES // 2)
        for side in TRADERS:
            ground.work("open", tag, side)
        time.sleep(2)
        heard = heard and all(abs(ground.clocks.told(side) - seconds) < 1 for side, seconds in wrong.items())
        unbelieved += bool(ground.open_rows())
        for side in TRADERS:
            ground.begin("change", tag, side, count=CHANGES // 2, pause=PAUSE)
        ground.clocks.set(0.0)
        ground.finish()
        report.recovered(ground.settle())
    report.more = {"waited": unbelieved, "failed": not heard or unbelieved < rounds}
    ground.count(tag, report)
    return report


def broker_emptied(ground: Ground, tag: str, rounds: int) -> Report:
    """All queues of Celery's brokers are emptied, with more in them than a worker has taken yet: no business event
    lives there. Those who carry tasks out stand still until there is more; who fetches them does not, for it would hold
    the broker's tables."""
    purged: list[int] = []

    def strike(_number: int) -> float:
        with standing_still(ground, *((side, "worker") for side in TRADERS), children_only=True):
            for side in TRADERS:
                ground.people[side].begin("task", tag, count=TASKS)
            ground.finish()
            found = {side: _empty(ground, side) for side in SIDES}
        purged.append(min(found[side] for side in TRADERS))
        return time.monotonic()

    report = in_rounds(ground, tag, rounds, strike)
    report.more = {"purged": purged, "failed": not all(purged)}
    return report


def _empty(ground: Ground, side: str) -> int:
    """How many messages there were, and are no more."""
    url = environment.read(ground.var, side)[f"{side.upper()}_BROKER_URL"].replace("pgmq://", "postgresql://")
    with psycopg.connect(url, autocommit=True) as broker:
        counts = broker.execute("SELECT pgmq.purge_queue(queue_name) FROM pgmq.list_queues()").fetchall()
    return int(sum(count for (count,) in counts))


def disk_full(ground: Ground, tag: str, rounds: int) -> Report:
    """The table of a side's outbox may not grow: what cannot be told does not happen, and then all goes on."""
    report = Report(tag)
    ground.open(tag)
    refused = []
    for number in range(rounds):
        side = TRADERS[number % len(TRADERS)]
        ground.as_owner(side, _FILLER, f"filler:{tag}:{number}")
        with _no_more_room(ground, side, "outbox_message"):
            refused.append(0)
            for _try in range(40):  # until the free places of its pages are used up
                refused[-1] += ground.work("change", tag, side, count=CHANGES, tries=2, spare=True)["failed"]
                if refused[-1]:
                    break
            time.sleep(2)
        began = time.monotonic()
        ground.trade(tag, CHANGES)
        ground.settle()
        report.recovered(time.monotonic() - began)
    report.more = {"refused": sum(refused), "failed": not all(refused)}
    ground.count(tag, report)
    return report


@contextmanager
def _no_more_room(ground: Ground, side: str, table: str) -> Iterator[None]:
    """No file of this side's database may grow beyond the size of this table."""
    size = ground.rows(side, f"SELECT pg_relation_size('{table}')")[0][0]
    pid = ground.cluster._postmaster_pid()
    assert pid is not None
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        ground.drop_connections(side)
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
        ground.drop_connections(side)


_FILLER = """INSERT INTO outbox_message
(id, type, aggregate, position, lane, state, attempts, claim, correlation_id, body, error, created_at, finished_at)
SELECT gen_random_uuid(), 'filler', %s, n, 0, 'done', 1, 0, '',
  decode((SELECT string_agg(md5(n::text || m::text), '') FROM generate_series(1, 110) m), 'hex'), '', now(), now()
FROM generate_series(1, 11000) n"""


def restored_from_backup(ground: Ground, tag: str, rounds: int) -> Report:
    """A side, the ERP and the CRM in turns, wakes up as it was some changes ago; it finds out by itself and asks for
    what it misses."""
    report = Report(tag)
    ground.open(tag)
    for number in range(rounds):
        side, teller = ("erp", "crm") if number % 2 == 0 else ("crm", "erp")
        ground.trade(tag, CHANGES // 2)
        ground.settle()
        ground.down(side)
        ground.drop_connections(side)
        ground.as_superuser(
            f"DROP DATABASE IF EXISTS {side}_backup WITH (FORCE)",
            f"CREATE DATABASE {side}_backup TEMPLATE {side}",
            f"REVOKE ALL ON DATABASE {side}_backup FROM PUBLIC",  # a process that could enter it would not start
        )
        ground.up(side)
        ground.trade(tag, CHANGES, teller)
        ground.work("open", tag, teller)  # the ERP answers, and will come to answer again what it has forgotten
        ground.settle()
        ground.down(side)
        ground.as_superuser(f"DROP DATABASE {side} WITH (FORCE)", f"ALTER DATABASE {side}_backup RENAME TO {side}")
        databases.prepare(ground.cluster.superuser_url(), [side], ground.var)
        report.more["forgotten"] = report.more.get("forgotten", 0) + _missing(ground, tag)
        ground.up(side)
        began = time.monotonic()
        wait(lambda: _missing(ground, tag) == 0, 60, pause=0.1)
        ground.settle()
        report.recovered(time.monotonic() - began)
    report.more["failed"] = report.more["forgotten"] < CHANGES * rounds
    ground.count(tag, report)
    return report


def _missing(ground: Ground, tag: str) -> int:
    report = Report(tag)
    ground.count(tag, report)
    return report.lost


def archive_replayed(ground: Ground, tag: str, rounds: int) -> Report:
    """All that the hub ever delivered to the ERP is handed over once more, as a replay, while business goes on."""
    sent = [0]

    def strike(_number: int) -> None:
        # Set back by hand what has been delivered: the product replays what a route has missed, never what it carried.
        # The relay sends all of it again, under its old numbers.
        sent[0] += ground.rows("integration", "SELECT count(*) FROM hub_delivery WHERE destination = 'erp'")[0][0]
        ground.as_owner(
            "integration",
            """UPDATE hub_delivery SET state = 'waiting', mode = 'replay', attempts = 0, not_before = now(),
                                       finished_at = NULL, answered = NULL
               WHERE destination = 'erp' AND state = 'done'""",
        )

    report = in_rounds(ground, tag, rounds, strike)
    known = "SELECT count(*) FROM hub_delivery WHERE destination = 'erp' AND mode = 'replay' AND answered = 200"
    again = ground.rows("integration", known)[0][0]
    report.more = {"replayed": sent[0], "known": again, "failed": not 0 < again <= sent[0]}
    return report


FAULTS: dict[str, tuple[Fault, int]] = {
    **{name: (_killing(name), 20) for name in DEATHS},
    "reply-dropped": (lines.bad_line("drop"), 20),
    "reply-delayed": (lines.reply_delayed, 20),
    "reply-cut": (lines.bad_line("cut"), 20),
    "one-way": (lines.bad_line("deaf"), 20),
    "doubled-and-shuffled": (lines.doubled_and_shuffled, 20),
    "fifty-at-once": (lines.fifty_at_once, 20),
    "several-relays": (several_relays, 3),
    "postgres-killed": (postgres_killed, 3),
    "broker-emptied": (broker_emptied, 3),
    "keys-rotated": (keys_rotated, 3),
    "disk-full": (disk_full, 3),
    "archive-replayed": (archive_replayed, 3),
    "restored-from-backup": (restored_from_backup, 3),
    "side-down-for-hours": (side_down_for_hours, 3),
    "clock-wrong": (clock_wrong, 3),
    "poison": (poison, 20),  # last: what it leaves to a person would keep the others from settling
}
SHORT = ("relay-killed", "worker-killed", "reply-cut")


def run(ground: Ground, name: str, rounds: int | None = None) -> Report:
    """One fault; its report."""
    fault, usual = FAULTS[name]
    began = time.monotonic()
    report = fault(ground, name, rounds or usual)
    say(f"{name}: {time.monotonic() - began:.0f} s")
    return report
