"""What the sender makes of every answer, given by a real server: done, later, refused, or not now."""

import http.server
import json
import threading

import pytest

from base.ids import uuid7
from integration.contracts.deals import DealWithdrawn
from integration.courier import REFUSED_ATTEMPTS, Circuit, Parcel, carry
from integration.lanes import BATCH
from integration.receive import BATCH_HEADER
from tests.integration.wire import signed


@pytest.fixture
def destination(settings):
    """A side that gives the answers it is told to: (status, body) one after the other, and announces batches."""
    answers, asked = [], []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            status, body = answers.pop(0)
            self.send_response(status)
            self.send_header(BATCH_HEADER, str(BATCH))
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_words):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.PEERS = {**settings.PEERS, "erp": f"http://127.0.0.1:{server.server_address[1]}"}
        settings.SIDE = "integration"
        yield answers, asked
        server.shutdown()


def parcels(count=1, attempt=1):
    return [
        Parcel(signed(DealWithdrawn(deal=uuid7(), reason="no")), f"crm>erp deal:{number}", "crm>erp", 1, attempt)
        for number in range(count)
    ]


@pytest.mark.parametrize("status", [401, 413, 415, 423, 429, 500, 502, 503])
def test_an_answer_that_says_nothing_about_the_event_holds_it_uncounted_and_opens_the_circuit(destination, status):
    answers, _asked = destination
    answers.append((status, {}))
    circuit = Circuit("erp")

    (carried,) = carry(parcels(attempt=REFUSED_ATTEMPTS), "erp", circuit)

    assert (carried.outcome.verdict, carried.status) == ("hold", status), "not even the last attempt is used up"
    assert circuit.allowed() == 0, "nothing more goes there now"


@pytest.mark.parametrize("status", [409, 422])
def test_an_event_that_is_itself_refused_is_tried_later_and_at_last_parked(destination, status):
    answers, _asked = destination
    answers += [(status, {"code": "sequence-gap"})] * 2
    circuit = Circuit("erp")

    (first,) = carry(parcels(attempt=1), "erp", circuit)
    (last,) = carry(parcels(attempt=REFUSED_ATTEMPTS), "erp", Circuit("erp"))

    assert (first.outcome.verdict, last.outcome.verdict) == ("again", "park")
    assert circuit.allowed() == BATCH, "the side itself is well"


@pytest.mark.parametrize(("status", "verdict"), [(200, "done"), (202, "done")])
def test_taken_now_or_taken_before_is_done(destination, status, verdict):
    answers, _asked = destination
    answers.append((status, {}))

    (carried,) = carry(parcels(), "erp", Circuit("erp"))

    assert carried.outcome.verdict == verdict


def test_batches_are_sent_only_once_they_are_asked_for_and_each_has_its_own_answer(destination):
    answers, asked = destination
    results = [{"status": 202}, {"status": 423}, {"status": 422}, {"status": 429}]
    answers += [(202, {}), (200, {"results": results})]
    circuit = Circuit("erp")

    carried = carry(parcels(5), "erp", circuit)

    assert [one.outcome.verdict for one in carried] == ["done", "done", "hold", "again", "hold"]
    assert ["deliveries" in hop for hop in asked] == [False, True]
    assert circuit.allowed() == 0, "a side that closed its intake is left alone for a while"


def test_a_side_that_does_not_answer_ages_nothing(settings):
    settings.PEERS = {**settings.PEERS, "erp": "http://127.0.0.1:9"}
    settings.SIDE = "integration"
    circuit = Circuit("erp")

    carried = carry(parcels(2, attempt=REFUSED_ATTEMPTS), "erp", circuit)

    assert [one.outcome.verdict for one in carried] == ["hold", "hold"]
    assert circuit.allowed() == 0
