"""From a commit on one side to the effect on the other, through the hub, against a bare loop of the same cryptography.

The reference signs (origin and hop), posts, verifies both and inserts a row, one event after the other, to a plain
server of one process on the same PostgreSQL; it works in turns with ours.

Backlog: the speed at which the CRM's outbox drains into the hub's archive with a million events waiting, over that with
ten thousand: claim, signatures, hop, intake and settling, of which the claim alone meets the queue's length. The route
of these events is off, so that what is measured ends there: with it on, the hub's own queue and the ERP's inbox would
fill at the rate of the slowest of the three, and neither would hold a million. All three claim by the same statement
(`integration.lanes`) on the same index; of the other two only the short queues of the other figures are measured here.
"""

import http.server
import json
import multiprocessing
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy import control, environment, prepare
from deploy.demo.deployment import Deployment
from deploy.environment import ROOT
from deploy.postgres import Cluster
from deploy.trials import Figure, own_deployment, say

CUSTOMERS = 200
BURST, TURNS = 1500, 3
BARE_SECONDS = 4.0
STEADY, RATE = 400, 20
FEW, MANY = 10_000, 1_000_000
DRAIN_SECONDS = 10.0


def figures() -> Iterator[Figure]:
    """Throughput, latency, and what a long queue costs."""
    with own_deployment() as deployment:
        teller = _Teller(deployment.var)
        teller.tell(open=CUSTOMERS)
        _wait(deployment)
        ours, bare = [], []
        for _turn in range(TURNS):
            bare.append(_bare(deployment))
            ours.append(_burst(deployment, teller))
            say(f"bare {bare[-1]:.0f}/s, through the hub {ours[-1]:.0f}/s")
        yield Figure(
            "batch_ratio",
            value=statistics.median(ours),
            reference=statistics.median(bare),
            unit="events/s",
            at_least=0.3,
        )
        latencies = _latencies(deployment, teller)
        yield Figure("p50_ms", value=statistics.median(latencies), unit="ms", at_most=60)
        yield Figure("p99_ms", value=statistics.quantiles(latencies, n=100)[98], unit="ms", at_most=1000)
        teller.close()
        few, many = _drain(deployment, FEW), _drain(deployment, MANY)
        yield Figure("backlog_drain", value=many, reference=few, unit="events/s", at_least=0.8)


class _Teller:
    """The CRM's process that tells."""

    def __init__(self, var: Path) -> None:
        environ = {**prepare.process_environment(var, "crm"), "DJANGO_SETTINGS_MODULE": "crm.settings"}
        command = [sys.executable, "-m", "bench._teller"]
        log = (var / "log" / "teller.log").open("ab")
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
        self._answer()

    def tell(self, **what: int) -> None:
        """Have it told, and committed."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        self._answer()

    def close(self) -> None:
        """No more."""
        self.process.kill()
        self.process.wait()

    def _answer(self) -> None:
        assert self.process.stdout is not None
        if not self.process.stdout.readline():
            raise RuntimeError("the teller ended; see teller.log")


def _ask(deployment: Deployment, side: str, statement: str, *parameters: Any) -> list[Any]:
    with psycopg.connect(deployment._sides[side]["database_url"]) as database:
        return database.execute(statement.encode(), parameters or None).fetchall()


def _wait(deployment: Deployment, seconds: float = 300.0) -> None:
    deadline = time.monotonic() + seconds
    while deployment.queues() and time.monotonic() < deadline:
        time.sleep(0.05)


def _burst(deployment: Deployment, teller: _Teller) -> float:
    """Events per second, from the first commit to the last effect."""
    began = time.monotonic()
    teller.tell(burst=BURST)
    _wait(deployment)
    return BURST / (time.monotonic() - began)


def _latencies(deployment: Deployment, teller: _Teller) -> list[float]:
    """Milliseconds from being told to being done, at an even rate."""
    since = _ask(deployment, "crm", "SELECT clock_timestamp()")[0][0]
    teller.tell(steady=STEADY, rate=RATE)
    _wait(deployment)
    told = dict(_ask(deployment, "crm", "SELECT id, created_at FROM outbox_message WHERE created_at > %s", since))
    done = dict(
        _ask(deployment, "erp", "SELECT event_id, finished_at FROM inbox_incoming WHERE received_at > %s", since)
    )
    return [(done[event] - at).total_seconds() * 1000 for event, at in told.items() if event in done]


# -- a long queue ------------------------------------------------------------------------------------------------------

_FILL = """
INSERT INTO outbox_message (id, type, aggregate, position, lane, state, attempts, claim, error, correlation_id, body,
                            created_at)
SELECT id, %(type)s, 'deal:' || deal, 1, (random() * 7)::int, 'waiting', 0, 0, '', 'backlog',
       convert_to(replace(replace(%(template)s, '@id@', id::text), '@deal@', deal::text), 'UTF8'), clock_timestamp()
FROM (SELECT uuidv7() AS id, gen_random_uuid() AS deal FROM generate_series(1, %(count)s)) n
"""


def _drain(deployment: Deployment, waiting: int) -> float:
    """With so many waiting, how many go out in a second."""
    control.ask(deployment.var, do="down", side="crm")
    type_name = "crm.deal.withdrawn.v1"
    with psycopg.connect(environment.read(deployment.var, "integration")["INTEGRATION_OWNER_DATABASE_URL"]) as hub:
        hub.execute("UPDATE hub_route SET phase = 'off' WHERE contract = %s", [type_name])
    template = _template(type_name)
    with psycopg.connect(environment.read(deployment.var, "crm")["CRM_OWNER_DATABASE_URL"], autocommit=True) as crm:
        crm.execute("DELETE FROM outbox_message WHERE state = 'waiting'")
        crm.execute(_FILL, {"type": type_name, "template": template, "count": waiting})
        crm.execute("VACUUM ANALYZE outbox_message")
    say(f"{waiting} wait")
    control.ask(deployment.var, do="up", side="crm")
    done = "SELECT count(*) FROM hub_archived WHERE correlation_id = 'backlog'"
    start = _ask(deployment, "integration", done)[0][0]
    while (first := _ask(deployment, "integration", done)[0][0]) == start:
        time.sleep(0.05)
    began = time.monotonic()
    time.sleep(DRAIN_SECONDS)
    drained, seconds = _ask(deployment, "integration", done)[0][0] - first, time.monotonic() - began
    if not _ask(deployment, "crm", "SELECT EXISTS (SELECT FROM outbox_message WHERE state = 'waiting')")[0][0]:
        raise RuntimeError(f"{waiting} were gone before {DRAIN_SECONDS:.0f} s had passed: too few to measure")
    return float(drained) / seconds


def _template(type_name: str) -> str:
    """An event's text with places for what differs."""
    head = {
        "specversion": "1.0",
        "id": "@id@",
        "source": "/crm",
        "type": type_name,
        "time": "2026-01-01T00:00:00+00:00",
        "partitionkey": "deal:@deal@",
        "aggregateseq": 1,
        "correlationid": "backlog",
        "causationid": "",
        "data": {"deal": "@deal@", "reason": "no more need of it"},
    }
    return json.dumps(head, separators=(",", ":"))


# -- the bare loop -----------------------------------------------------------------------------------------------------


def _bare(deployment: Deployment) -> float:
    """Events per second of sign, post, verify, insert, one after the other."""
    url = Cluster(deployment.var / "postgres").superuser_url()
    key = Ed25519PrivateKey.generate()
    reading, writing = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.get_context("fork").Process(target=_serve, args=(url, key, writing), daemon=True)
    server.start()
    port = reading.recv()
    body = json.dumps({"data": "x" * 500}).encode()
    count, deadline = 0, time.monotonic() + BARE_SECONDS
    with httpx.Client(trust_env=False) as client:
        while time.monotonic() < deadline:
            origin = key.sign(b"DSSEv1 " + body)
            hop = key.sign(str(count).encode() + body)
            headers = {"origin": origin.hex(), "hop": hop.hex(), "number": str(count)}
            assert client.post(f"http://127.0.0.1:{port}/", content=body, headers=headers).status_code == 202
            count += 1
    server.kill()
    server.join()
    return count / BARE_SECONDS


def _serve(url: str, key: Ed25519PrivateKey, told: Any) -> None:
    public = key.public_key()
    with psycopg.connect(url) as database:
        database.execute("CREATE TABLE IF NOT EXISTS bare (number bigint, body bytea)")
        database.commit()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                public.verify(bytes.fromhex(self.headers["origin"]), b"DSSEv1 " + body)
                public.verify(bytes.fromhex(self.headers["hop"]), self.headers["number"].encode() + body)
                database.execute("INSERT INTO bare VALUES (%s, %s)", [self.headers["number"], body])
                database.commit()
                self.send_response(202)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_words: Any) -> None:
                """Quiet."""

        with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
            told.send(server.server_address[1])
            server.serve_forever()
