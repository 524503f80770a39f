"""Processes that issue an invoice and are killed at a chosen moment of it; nothing of ours is replaced for that.

A process is forked, connects anew and issues. At its n-th statement (counted by Django's own wrapper of statements) it
says so; then it is shot with SIGKILL, while it holds its breath or while it goes on: shot at its last statement and
going on, it dies about its COMMIT. The moment after the last is when the answer is lost on its way to the user.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any
from uuid import UUID

PATIENCE_S = 60


@dataclass(frozen=True)
class Blow:
    """When it comes: at which statement, and whether the process stands still for it."""

    statement: int
    still: bool


def blows(count: int, statements: int) -> list[Blow]:
    """So many, over all statements and the moment after them, standing still and running in turns."""
    return [Blow(1 + (number // 2) % (statements + 1), number % 2 == 0) for number in range(count)]


def statements_of(order: UUID, key: str) -> int:
    """How many statements an undisturbed issue has."""
    process, pipe = _forked(order, key, None)
    answer = _answer(pipe)
    _end(process)
    if answer[0] != "issued":
        raise RuntimeError(f"an undisturbed issue failed: {answer}")
    return int(answer[2])


def kill_while_issuing(order: UUID, key: str, blow: Blow) -> bool:
    """Issue, and be killed meanwhile; was it already issued as far as its process knew?"""
    process, pipe = _forked(order, key, blow)
    told = _answer(pipe)
    if told[0] == "error":
        raise RuntimeError(told[1])
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join(PATIENCE_S)
    if process.exitcode != -signal.SIGKILL:
        raise RuntimeError(f"the process ended with {process.exitcode} before it could be killed")
    return bool(told[0] == "issued")


def issue_undisturbed(order: UUID, key: str) -> tuple[Any, ...]:
    """What a new process is told that issues the same under the same key."""
    process, pipe = _forked(order, key, None)
    answer = _answer(pipe)
    _end(process)
    return answer


def _answer(pipe: Connection) -> tuple[Any, ...]:
    if not pipe.poll(PATIENCE_S):
        raise RuntimeError("the process says nothing")
    told: tuple[Any, ...] = pipe.recv()
    return told


def _end(process: Any) -> None:
    process.kill()
    process.join(PATIENCE_S)


def _forked(order: UUID, key: str, blow: Blow | None) -> tuple[Any, Connection]:
    from django.db import connections

    connections.close_all()  # a connection is no process's but its own
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe()
    process = fork.Process(target=_issue, args=(theirs, order, key, blow), daemon=True)
    process.start()
    return process, ours


def _issue(pipe: Connection, pk: UUID, key: str, blow: Blow | None) -> None:
    from django.db import connection

    from erp.invoices import services
    from erp.orders.models import Order

    count = 0

    def stage(number: int) -> None:
        if blow and blow.statement == number:
            pipe.send(("here", number))
            if blow.still:
                time.sleep(PATIENCE_S)

    def counted(execute: Callable[..., Any], *told: Any) -> Any:
        nonlocal count
        count += 1
        stage(count)
        return execute(*told)

    try:
        order = Order.objects.get(pk=pk)
        with connection.execute_wrapper(counted):
            invoice = services.issue(order, key=key)
        pipe.send(("issued", invoice.number, count))
    except BaseException as error:
        pipe.send(("error", f"{type(error).__name__}: {error}"))
    time.sleep(PATIENCE_S)
