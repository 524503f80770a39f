"""What Prometheus may ask a side: `GET /metrics`.

Requests and their time in the database are counted where they happen, by every process of the side together (files in
`var/<side>/metrics/`, which containers of one side share: a process is named by its machine and its number, and a lock
that it holds says that it lives). What stands in tables is counted when it is asked for: an app that has something to
tell has a module `metrics` with `read()`, which yields `Gauge`s.

Not for the public: with `METRICS_TOKEN` set the caller must bring it as a bearer token; without it only this machine
may ask, and not through a proxy.
"""

import contextlib
import fcntl
import hmac
import os
import socket
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden

from base.logs import process_name

_SHARED = process_name() in ("web", "relay", "worker")
if _SHARED:  # must stand before the library is imported
    _folder = Path(settings.VAR_DIR) / settings.SIDE / "metrics"
    _folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_folder)

from prometheus_client import (  # noqa: E402
    CollectorRegistry,
    Histogram,
    generate_latest,
    multiprocess,
    values,
)
from prometheus_client import Gauge as Live  # noqa: E402
from prometheus_client.core import GaugeMetricFamily  # noqa: E402
from prometheus_client.exposition import CONTENT_TYPE_LATEST  # noqa: E402

_MACHINE = socket.gethostname().replace("_", "-")


def identity() -> str:
    """This process among all that share the folder: containers number theirs alike."""
    return f"{_MACHINE}-{os.getpid()}"


if _SHARED:
    values.ValueClass = values.MultiProcessValue(process_identifier=identity)

REQUESTS = Histogram(
    "heming_http_request_seconds",
    "Time to answer a request.",
    ["method", "route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
DATABASE = Histogram(
    "heming_http_database_seconds",
    "Time a request spent waiting for the database.",
    ["route"],
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
)
CIRCUIT_OPEN = Live(
    "heming_circuit_open",
    "1 while deliveries to a destination rest because it does not answer.",
    ["destination"],
    multiprocess_mode="livemax",
)
UP = Live("heming_process_up", "Processes that run.", ["process"], multiprocess_mode="livesum")


class Gauge(NamedTuple):
    """One number, now."""

    name: str
    help: str
    value: float
    labels: dict[str, str] = {}


def started() -> None:
    """This process runs; for it to say once it is nobody's parent any more (the library minds forks by itself)."""
    if _SHARED:
        _held.append(_hold(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]) / f"{identity()}.alive"))
    UP.labels(process_name()).set(1)


_held: list[Any] = []


def _hold(path: Path) -> Any:
    """A lock that ends with this process, whatever becomes of it."""
    file = path.open("w")
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def answer(request: HttpRequest) -> HttpResponse:
    """Everything, as text."""
    if not _may_ask(request):
        return HttpResponseForbidden("not from here\n", content_type="text/plain")
    registry = CollectorRegistry()
    if _SHARED:
        forget_the_dead()
        multiprocess.MultiProcessCollector(registry)
    else:
        for metric in (REQUESTS, DATABASE, CIRCUIT_OPEN, UP):
            registry.register(metric)
    registry.register(_Tables())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_ask(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    through_proxy = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"))
    return request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and not through_proxy


def forget_the_dead() -> None:
    """Files of processes that are gone: what they counted stays, that they live does not."""
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    for path in folder.glob("gauge_live*_*.db"):
        whose = path.stem.rsplit("_", 1)[1]
        if not _lives(folder / f"{whose}.alive", whose):
            path.unlink(missing_ok=True)
            (folder / f"{whose}.alive").unlink(missing_ok=True)


def _lives(lock: Path, whose: str) -> bool:
    """Does the process hold its lock? One that has none yet is judged by its number, if it is of this machine."""
    try:
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        machine, _dash, number = whose.rpartition("-")
        return machine != _MACHINE or Path(f"/proc/{number}").exists()
    return False


class _Tables:
    """Asks every app for what it counts; an app that cannot answer takes no other's numbers away."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for read in readers():
            with contextlib.suppress(DatabaseError, OSError):
                for gauge in read():
                    family = families.setdefault(
                        gauge.name, GaugeMetricFamily(gauge.name, gauge.help, labels=list(gauge.labels))
                    )
                    family.add_metric(list(gauge.labels.values()), gauge.value)
        yield from families.values()


def readers() -> Iterator[Callable[[], Iterator[Gauge]]]:
    """`read` of every app's `metrics` module, and what every side has."""
    yield jobs
    yield queue
    for app in apps.get_app_configs():
        if app.name.startswith(("crm.", "erp.", "integration.")) and find_spec(f"{app.name}.metrics"):
            yield import_module(f"{app.name}.metrics").read


def jobs() -> Iterator[Gauge]:
    """Long work by state."""
    model: Any = apps.get_model("access", "Job")
    states = dict.fromkeys((value for value, _label in model._meta.get_field("state").flatchoices), 0)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT state, count(*) FROM {model._meta.db_table} GROUP BY state")  # noqa: S608 -- ours
        states |= dict(cursor.fetchall())
    for state, count in states.items():
        yield Gauge("heming_jobs", "Long work by state.", count, {"state": str(state)})


def queue() -> Iterator[Gauge]:
    """Tasks that wait for a worker, wherever the broker is."""
    from celery import current_app  # loading Celery is dear, and only this needs it

    name = settings.CELERY_TASK_DEFAULT_QUEUE
    try:
        with current_app.connection_for_read() as link:
            waiting = link.default_channel.queue_declare(queue=name, passive=True).message_count
    except Exception:  # every transport has errors of its own; a broker that is away has no length
        return
    yield Gauge("heming_celery_queue_length", "Tasks that wait for a worker.", waiting or 0, {"queue": name})


def waiting_rows(table: str, queue_name: str) -> Iterator[Gauge]:
    """Of a table that rows wait in: how many, since when the oldest, how many are parked."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'parked'),
                       coalesce(extract(epoch FROM clock_timestamp() - min(since) FILTER (WHERE state = 'waiting')), 0)
                FROM (SELECT state, {_since(table)} AS since FROM {table} WHERE state <> 'done') open"""  # noqa: S608
        )
        waiting, parked, age = cursor.fetchone()
    labels = {"queue": queue_name}
    yield Gauge("heming_events_waiting", "Events on their way.", waiting, labels)
    yield Gauge("heming_events_parked", "Events that a person must look at.", parked, labels)
    yield Gauge("heming_events_oldest_seconds", "Age of the oldest event on its way.", float(age), labels)


def _since(table: str) -> str:
    return {"outbox_message": "created_at", "inbox_incoming": "received_at"}.get(table, "not_before")
