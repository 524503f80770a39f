"""Every fault by its name: what is done to the deployment while people work, and what became of their work."""

import os
import random
import resource
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import zip_longest

import psycopg

from chaos import lines, relays
from chaos.ground import CHANGES, PAUSE, Fault, Ground, Report, wait
from chaos.poison import poison
from chaos.rounds import in_rounds
from deploy import databases, environment
from deploy.environment import SIDES
from deploy.trials import manage, say

ALONE, WHOLE = "alone", "whole"
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
    """The CRM and the hub change both of their keys, and the CRM gives one up at once, while people work."""

    def keys(side: str, *words: str) -> str:
        return manage(ground.var, side, "keys", *words).strip()

    def strike(_number: int) -> float:
        ground.begin("change", tag, count=10 * CHANGES, pause=2 * PAUSE)
        for side, purpose in (("crm", "hop"), ("integration", "hop"), ("crm", "origin")):
            keys(side, "activate", keys(side, "next", purpose))
        lost = next(
            line.split()[0] for line in keys("crm", "list").splitlines() if "origin" in line and "active" in line
        )
        keys("crm", "next", "origin")
        keys("crm", "revoke", lost)
        return time.monotonic()

    return in_rounds(ground, tag, rounds, strike)


def side_down_for_hours(ground: Ground, tag: str, rounds: int) -> Report:
    """The ERP is away for six hours by every clock, and people go on selling."""
    report = Report(tag)
    ground.clocks.bend()
    ground.open(tag)
    began = ground.rows("integration", "SELECT now()")[0][0]
    for number in range(rounds):
        ground.down("erp")
        ground.work("change", tag, count=CHANGES)
        time.sleep(1)
        ground.clocks.set(6 * 3600.0 * (number + 1))
        ground.work("change", tag, count=CHANGES)
        ground.up("erp")
        report.recovered(ground.settle())
    times = "SELECT max(created_at) - pg_catalog.now(), max(attempts) FROM hub_delivery WHERE created_at > %s"
    ahead, attempts = ground.rows("integration", times, [began])[0]
    hours = round(ahead.total_seconds() / 3600)
    # What was in the air as the side went is sent a second time, and nothing is tried in vain for hours.
    report.more = {"hours": hours, "attempts": attempts, "failed": hours != 6 * rounds or attempts > 2}
    ground.clocks.set(0.0)
    ground.settle()
    ground.count(tag, report)
    return report


def clock_wrong(ground: Ground, tag: str, rounds: int) -> Report:
    """A side's clock jumps by ten minutes, forwards or back, so that nobody believes it; then it is right again."""
    report = Report(tag)
    ground.clocks.bend()
    ground.open(tag)
    heard, unbelieved = True, 0
    for number in range(rounds):
        side, seconds = ("crm", "integration", "erp")[number % 3], (600.0, -600.0)[number % 2]
        ground.begin("change", tag, count=CHANGES, pause=PAUSE)
        ground.clocks.set(seconds, side)
        ground.finish()
        ground.work("change", tag, count=CHANGES)
        time.sleep(2)
        heard = heard and abs(ground.clocks.told(side) - seconds) < 1
        unbelieved += bool(ground.open_rows())
        ground.begin("change", tag, count=CHANGES, pause=PAUSE)
        ground.clocks.set(0.0)
        ground.finish()
        report.recovered(ground.settle())
    report.more = {"waited": unbelieved, "failed": not heard or not unbelieved}
    ground.count(tag, report)
    return report


def broker_emptied(ground: Ground, tag: str, rounds: int) -> Report:
    """All queues of Celery's brokers are emptied: no business event lives there."""

    def strike(_number: int) -> None:
        for side in SIDES:
            url = environment.read(ground.var, side)[f"{side.upper()}_BROKER_URL"].replace("pgmq://", "postgresql://")
            with psycopg.connect(url, autocommit=True) as broker:
                broker.execute("SELECT pgmq.purge_queue(queue_name) FROM pgmq.list_queues()")

    return in_rounds(ground, tag, rounds, strike)


def disk_full(ground: Ground, tag: str, rounds: int) -> Report:
    """The table of the CRM's outbox may not grow: what cannot be told does not happen, and then all goes on."""
    report = Report(tag)
    ground.open(tag)
    refused = []
    for number in range(rounds):
        ground.as_owner("crm", _FILLER, f"filler:{tag}:{number}")
        with _no_more_room(ground, "crm", "outbox_message"):
            refused.append(0)
            for _try in range(40):  # until the free places of its pages are used up
                refused[-1] += ground.work("change", tag, count=CHANGES, tries=2, spare=True)["failed"]
                if refused[-1]:
                    break
            time.sleep(2)
        began = time.monotonic()
        ground.work("change", tag, count=CHANGES)
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
    """The ERP wakes up as it was some changes ago; it finds out by itself and asks for what it misses."""
    report = Report(tag)
    ground.open(tag)
    for _number in range(rounds):
        ground.work("change", tag, count=CHANGES)
        ground.settle()
        ground.down("erp")
        ground.drop_connections("erp")
        ground.as_superuser(
            "DROP DATABASE IF EXISTS erp_backup WITH (FORCE)",
            "CREATE DATABASE erp_backup TEMPLATE erp",
            "REVOKE ALL ON DATABASE erp_backup FROM PUBLIC",  # a process that could enter it would not start
        )
        ground.up("erp")
        ground.work("change", tag, count=CHANGES)
        ground.work("open", tag)  # the ERP answers, and will come to answer again what it has forgotten
        ground.settle()
        ground.down("erp")
        ground.as_superuser("DROP DATABASE erp WITH (FORCE)", "ALTER DATABASE erp_backup RENAME TO erp")
        databases.prepare(ground.cluster.superuser_url(), ["erp"], ground.var)
        report.more["forgotten"] = report.more.get("forgotten", 0) + _missing(ground, tag)
        ground.up("erp")
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
    """All that the hub ever delivered to the ERP is handed over once more, while business goes on."""

    sent = [0]

    def strike(_number: int) -> None:
        # Set back by hand what has been delivered: the relay sends all of it again, under its old numbers.
        sent[0] += ground.rows("integration", "SELECT count(*) FROM hub_delivery WHERE destination = 'erp'")[0][0]
        ground.as_owner(
            "integration",
            """UPDATE hub_delivery SET state = 'waiting', attempts = 0, not_before = now(), finished_at = NULL
               WHERE destination = 'erp' AND state = 'done'""",
        )

    report = in_rounds(ground, tag, rounds, strike)
    report.more = {"replayed": sent[0]}
    return report


FAULTS: dict[str, tuple[Fault, int]] = {
    **{name: (_killing(name), 20) for name in DEATHS},
    "reply-dropped": (lines.bad_line("drop"), 20),
    "reply-delayed": (lines.reply_delayed, 20),
    "reply-cut": (lines.bad_line("cut"), 20),
    "one-way": (lines.bad_line("deaf"), 20),
    "doubled-and-shuffled": (lines.doubled_and_shuffled, 20),
    "fifty-at-once": (lines.fifty_at_once, 20),
    "several-relays": (several_relays, 5),
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
