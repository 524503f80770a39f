"""Every fault by its name: what is done to the deployment while people work, and what became of their work."""

import os
import random
import resource
import signal
import time
from collections.abc import Callable

import psycopg

from chaos.ground import Fault, Ground, Report, children_of
from deploy import databases, environment
from deploy.environment import SIDES
from deploy.trials import say

CUSTOMERS, CHANGES = 4, 24
# What is killed, in turns, so that each has some peace between: (side, process, which child or None for the process).
VICTIMS = {
    "relay-killed": [("crm", "relay", None), ("erp", "relay", None), ("crm", "relay", 0), ("erp", "relay", 1)],
    "hub-killed": [("integration", "relay", None), ("integration", "web", None), ("integration", "relay", 0)],
    "web-killed": [("erp", "web", None), ("crm", "web", None), ("erp", "web", 0)],
    "worker-killed": [("erp", "worker", None), ("erp", "relay", 2), ("erp", "relay", 3), ("crm", "worker", None)],
}


def _rounds(ground: Ground, tag: str, rounds: int, strike: Callable[[int], None], changes: int = CHANGES) -> Report:
    """People change customers; in the middle of it the strike falls; all they did arrives, once, in order."""
    report = Report(tag)
    ground.work("open", tag, count=CUSTOMERS)
    ground.settle()
    for number in range(rounds):
        ground.begin("change", tag, count=changes)
        time.sleep(random.uniform(0.0, 0.4))
        struck = time.monotonic()
        strike(number)
        ground.finish()
        ground.settle()
        report.recovery_s = max(report.recovery_s, time.monotonic() - struck)
        report.rounds += 1
    ground.count(tag, report)
    return report


def _killing(name: str) -> Fault:
    def fault(ground: Ground, tag: str, rounds: int) -> Report:
        def strike(number: int) -> None:
            side, kind, child = VICTIMS[name][number % len(VICTIMS[name])]
            ground.kill(side, kind, child)

        return _rounds(ground, tag, rounds, strike)

    return fault


def _bad_line(mode: str, both_ways: bool = True) -> Fault:
    """The line between the sides misbehaves for a while, then is well again."""

    def fault(ground: Ground, tag: str, rounds: int) -> Report:
        def strike(_number: int) -> None:
            for side in ("integration", "erp") if both_ways else ("erp",):
                ground.proxies[side].mode = mode
            time.sleep(1.0)
            for proxy in ground.proxies.values():
                proxy.mode = "pass"

        before = sum(proxy.happened for proxy in ground.proxies.values())
        report = _rounds(ground, tag, rounds, strike)
        report.more["struck"] = sum(proxy.happened for proxy in ground.proxies.values()) - before
        return report

    return fault


def poison(ground: Ground, name: str, rounds: int) -> Report:
    """Events whose handler raises, kills its process or never returns: parked, and the others hardly notice."""
    tag = "beside"  # those who have nothing to do with it
    ground.work("open", tag, count=CUSTOMERS)
    ground.settle()
    volume = 200 * rounds
    clean = _drain(ground, tag, volume, [])
    names = [f"poison {kind} {tag} {number}" for number in range(rounds) for kind in ("exception", "kill", "loop")]
    poisoned = _drain(ground, tag, volume, list(names))
    began = time.monotonic()
    parked = 0
    while parked < len(names) and time.monotonic() - began < 60 + 20 * rounds:
        parked = _parked(ground)
        time.sleep(0.5)
    report = Report(name, rounds=rounds)
    ground.count(tag, report)
    slowdown = poisoned / clean - 1
    report.more = {
        "parked": parked,
        "poison": len(names),
        "slowdown": round(slowdown, 3),
        "failed": parked != len(names) or slowdown > 0.10,
    }
    with psycopg.connect(environment.read(ground.var, "erp")["ERP_OWNER_DATABASE_URL"]) as database:
        database.execute("UPDATE inbox_incoming SET state = 'done' WHERE state = 'parked'")
    return report


def _parked(ground: Ground) -> int:
    return int(ground.rows("erp", "SELECT count(*) FROM inbox_incoming WHERE state = 'parked' AND attempts >= 5")[0][0])


def _drain(ground: Ground, tag: str, volume: int, poison_names: list[str]) -> float:
    """Let much wait in the ERP, poison in between, and see how long it takes over all the rest."""
    relay = ground.pid("erp", "relay")
    assert relay is not None
    family = [relay, *children_of(relay)]
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    step = max(1, volume // max(1, len(poison_names)))
    for start in range(0, volume, step):
        if poison_names:
            ground.begin("name", "poisoners", name=poison_names.pop())
        ground.begin("change", tag, count=min(step, volume - start))
    ground.finish()
    _wait(lambda: not _waiting(ground, "crm", "outbox_message") and not _waiting(ground, "integration", "hub_delivery"))
    for pid in reversed(family):
        os.kill(pid, signal.SIGCONT)
    began = time.monotonic()
    _wait(lambda: not _waiting_of(ground, f"{tag} %"))
    return time.monotonic() - began


def _waiting(ground: Ground, side: str, table: str) -> int:
    return int(ground.rows(side, f"SELECT count(*) FROM {table} WHERE state = 'waiting'")[0][0])


def _waiting_of(ground: Ground, pattern: str) -> int:
    statement = """SELECT count(*) FROM inbox_incoming WHERE state = 'waiting'
    AND convert_from(body, 'UTF8')::json -> 'data' -> 'snapshot' ->> 'name' LIKE %s"""
    return int(ground.rows("erp", statement, [pattern])[0][0])


def _wait(condition: Callable[[], bool], seconds: float = 300.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)


def postgres_killed(ground: Ground, tag: str, rounds: int) -> Report:
    """kill -9 of the database server; the supervisor starts it again at once."""

    def strike(_number: int) -> None:
        pid = ground.cluster._postmaster_pid()
        if pid:
            os.kill(pid, signal.SIGKILL)

    return _rounds(ground, tag, rounds, strike)


def side_down_for_hours(ground: Ground, tag: str, rounds: int) -> Report:
    """The ERP is away for six hours by every clock, and people go on selling."""
    report = Report(tag)
    ground.work("open", tag, count=CUSTOMERS)
    ground.settle()
    for number in range(rounds):
        ground.down("erp")
        ground.work("change", tag, count=CHANGES)
        time.sleep(3)
        ground.clock(6 * 3600.0 * (number + 1))
        ground.work("change", tag, count=CHANGES)
        ground.up("erp")
        report.recovery_s = max(report.recovery_s, ground.settle())
        report.rounds += 1
    aged = ground.rows("integration", "SELECT max(attempts) FROM hub_delivery")[0][0]
    report.more["attempts"] = aged
    ground.clock(0.0)
    time.sleep(0.5)
    ground.settle()
    ground.count(tag, report)
    return report


def clock_wrong(ground: Ground, tag: str, rounds: int) -> Report:
    """A side's clock is ten minutes off, so that nobody believes it; then it is right again."""
    report = Report(tag)
    ground.work("open", tag, count=CUSTOMERS)
    ground.settle()
    for number in range(rounds):
        side, seconds = ("crm", "erp", "integration")[number % 3], (600.0, -600.0)[number % 2]
        ground.clock(seconds, side)
        time.sleep(0.5)
        ground.work("change", tag, count=CHANGES)
        time.sleep(3)
        ground.clock(0.0)
        report.recovery_s = max(report.recovery_s, ground.settle())
        report.rounds += 1
    ground.count(tag, report)
    return report


def broker_emptied(ground: Ground, tag: str, rounds: int) -> Report:
    """All queues of Celery's brokers are emptied: no business event lives there."""

    def strike(_number: int) -> None:
        for side in SIDES:
            url = environment.read(ground.var, side)[f"{side.upper()}_BROKER_URL"].replace("pgmq://", "postgresql://")
            with psycopg.connect(url, autocommit=True) as broker:
                broker.execute("SELECT pgmq.purge_queue(queue_name) FROM pgmq.list_queues()")

    return _rounds(ground, tag, rounds, strike)


def disk_full(ground: Ground, tag: str, rounds: int) -> Report:
    """The table of the CRM's outbox may not grow: what cannot be told does not happen, and then all goes on."""
    report = Report(tag)
    ground.work("open", tag, count=CUSTOMERS)
    ground.settle()
    refused = 0
    owner = environment.read(ground.var, "crm")["CRM_OWNER_DATABASE_URL"]
    for number in range(rounds):
        with psycopg.connect(owner, autocommit=True) as database:
            database.execute(_FILLER, [f"filler:{tag}:{number}"])
            size = database.execute("SELECT pg_relation_size('outbox_message')").fetchone()[0]  # type: ignore[index]
        pid = ground.cluster._postmaster_pid()
        assert pid is not None
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, before[1]))
        with psycopg.connect(ground.cluster.superuser_url(), autocommit=True) as server:
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'crm'")
        struck = time.monotonic()
        refused += ground.work("change", tag, count=CHANGES * 4, tries=2)["failed"]
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
        with psycopg.connect(ground.cluster.superuser_url(), autocommit=True) as server:
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'crm'")
        struck = time.monotonic()
        ground.work("change", tag, count=CHANGES)
        ground.settle()
        report.recovery_s = max(report.recovery_s, time.monotonic() - struck)
        report.rounds += 1
    report.more = {"refused": refused, "failed": not refused}
    ground.count(tag, report)
    return report


_FILLER = """INSERT INTO outbox_message
(id, type, aggregate, position, lane, state, attempts, claim, correlation_id, body, error, created_at, finished_at)
SELECT gen_random_uuid(), 'filler', %s, n, 0, 'done', 1, 0, '',
  decode((SELECT string_agg(md5(n::text || m::text), '') FROM generate_series(1, 110) m), 'hex'), '', now(), now()
FROM generate_series(1, 11000) n"""


def restored_from_backup(ground: Ground, tag: str, rounds: int) -> Report:
    """The ERP wakes up as it was some changes ago; it finds out by itself and asks for what it misses."""
    report = Report(tag)
    ground.work("open", tag, count=CUSTOMERS)
    for _number in range(rounds):
        ground.work("change", tag, count=CHANGES)
        ground.settle()
        ground.down("erp")
        _server(ground, "DROP DATABASE IF EXISTS erp_backup WITH (FORCE)", "CREATE DATABASE erp_backup TEMPLATE erp")
        ground.up("erp")
        ground.work("change", tag, count=CHANGES)
        ground.settle()
        ground.down("erp")
        _server(ground, "DROP DATABASE erp WITH (FORCE)", "ALTER DATABASE erp_backup RENAME TO erp")
        databases.prepare(ground.cluster.superuser_url(), ["erp"], ground.var)
        ground.up("erp")
        began = time.monotonic()
        _wait(lambda: _behind(ground, tag) == 0, 60)
        ground.settle()
        report.recovery_s = max(report.recovery_s, time.monotonic() - began)
        report.rounds += 1
    ground.count(tag, report)
    return report


def _server(ground: Ground, *statements: str) -> None:
    with psycopg.connect(ground.cluster.superuser_url(), autocommit=True) as server:
        for statement in statements:
            server.execute(statement.encode())


def _behind(ground: Ground, tag: str) -> int:
    report = Report(tag)
    ground.count(tag, report)
    return report.lost


def archive_replayed(ground: Ground, tag: str, rounds: int) -> Report:
    """All that the hub ever delivered to the ERP is handed over once more, while business goes on."""

    def strike(_number: int) -> None:
        # Set back by hand what has been delivered: the relay sends all of it again, under its old numbers.
        owner = environment.read(ground.var, "integration")["INTEGRATION_OWNER_DATABASE_URL"]
        with psycopg.connect(owner, autocommit=True) as database:
            database.execute(
                """UPDATE hub_delivery SET state = 'waiting', attempts = 0, not_before = now(), finished_at = NULL
                   WHERE destination = 'erp' AND state = 'done'"""
            )

    return _rounds(ground, tag, rounds, strike)


FAULTS: dict[str, tuple[Fault, int]] = {
    **{name: (_killing(name), 20) for name in VICTIMS},
    "reply-dropped": (_bad_line("drop"), 20),
    "reply-delayed": (_bad_line("delay"), 20),
    "reply-cut": (_bad_line("cut"), 20),
    "one-way": (_bad_line("deaf"), 20),
    "doubled-and-shuffled": (_bad_line("double"), 20),
    "fifty-at-once": (_bad_line("crowd", both_ways=False), 20),
    "postgres-killed": (postgres_killed, 3),
    "side-down-for-hours": (side_down_for_hours, 3),
    "clock-wrong": (clock_wrong, 3),
    "broker-emptied": (broker_emptied, 3),
    "disk-full": (disk_full, 3),
    "archive-replayed": (archive_replayed, 3),
    "restored-from-backup": (restored_from_backup, 3),
    "poison": (poison, 20),  # last: what it leaves to a person would keep the others from settling
}
SHORT = ("relay-killed", "reply-cut", "doubled-and-shuffled")


def run(ground: Ground, name: str, rounds: int | None = None) -> Report:
    """One fault; its report."""
    fault, usual = FAULTS[name]
    began = time.monotonic()
    report = fault(ground, name, rounds or usual)
    say(f"{name}: {time.monotonic() - began:.0f} s")
    return report
