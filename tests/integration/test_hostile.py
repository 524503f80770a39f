"""What a hostile or broken neighbour may send: the right 4xx each, never a 500, nothing kept as accepted."""

import base64
import contextlib
import gzip
import json
import time
from datetime import UTC, datetime

import pytest
import standardwebhooks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from base.ids import uuid7
from integration import keys, signing
from integration.contracts.deals import DealWithdrawn
from integration.events import BadEvent, parse_event, strict_json
from integration.hub.models import Archived, Delivery
from integration.receive import BATCH_MAX, MAX_HOP_BYTES
from tests.integration.wire import HandOver, as_side, flipped, signed

pytestmark = pytest.mark.django_db
QUIET = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def withdrawn(deal=None):
    return DealWithdrawn(deal=deal or uuid7(), reason="the customer changed their mind")


def hand_over(fact=None, seq=1, **bent):
    return HandOver(signed(fact or withdrawn(), seq), sender="crm", to="integration", routeseq=seq, **bent)


def wrapped(envelope, seq=1):
    return signing.wrapper(envelope, sender="crm", to="integration", route="crm>integration", routeseq=seq)


def item(envelope, seq=1, **change):
    told = json.loads(signing.item(envelope, route="crm>integration", routeseq=seq))
    return {**told, **change}


def post_batch(client, items, **more):
    body = json.dumps({"from": "crm", "to": "integration", "deliveries": items}).encode()
    return hand_over().post_raw(client, body, **more)


def statuses(answer):
    assert answer.status_code == 200, answer.content
    return [result["status"] for result in answer.json()["results"]]


def nothing_kept():
    return Archived.objects.count() == 0 and Delivery.objects.count() == 0


def classes_of(body):
    """One place in each kind of bytes a hop's body is made of: a name, a number, base64, a brace, a quote, the end."""
    marks = [b'"from"', b'"routeseq":', b'"payload":"', b'"sig":"', b'"keyid":"', b"{", b'"', b"}", b":", b","]
    return sorted({body.index(mark) + len(mark) // 2 for mark in marks} | {len(body) - 1})


def test_a_bit_turned_in_any_kind_of_byte_breaks_the_hop(client):
    body = wrapped(signed(withdrawn()))
    with as_side("crm"):
        headers = signing.hop_headers(body, "msg_1")
    headers.pop("content-type")
    for at in classes_of(body):
        answer = client.post("/events", flipped(body, at), content_type="application/json", headers=headers)
        assert (answer.status_code, answer.json().get("detail")) == (401, None)
    assert nothing_kept()


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", ["", "x", "v1a,", "v1a,AAAA", "1" * 3000, "v1," + "A" * 88, "99999999999999", "-1"])
def test_a_bent_hop_header_is_refused(client, name, value):
    answer = hand_over().post_raw(client, wrapped(signed(withdrawn())), **{name: value})

    assert answer.status_code == 401
    assert nothing_kept()


@pytest.mark.parametrize(("off", "status"), [(-301, 401), (-299, 202), (299, 202), (301, 401)])
def test_a_recorded_hop_is_worth_nothing_after_five_minutes(client, off, status, monkeypatch):
    now = time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now)

    assert hand_over(now=now + off).post(client).status_code == status


def test_an_old_event_in_a_fresh_hop_by_a_stranger_is_refused(client):
    """Who has recorded an event cannot hand it over: it needs a neighbour's hop key."""
    old = signed(withdrawn())
    for thief in ("erp", "integration"):
        assert HandOver(old, "crm", "integration", hop_by=thief).post(client).status_code == 401
    assert nothing_kept()


def test_an_old_event_in_a_fresh_hop_by_its_side_is_a_duplicate(client):
    move = hand_over()
    move.post(client)

    assert HandOver(move.envelope, "crm", "integration", 7).post(client).status_code == 200
    assert Archived.objects.count() == 1


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "identity, gzip"])
def test_packed_bodies_are_refused_unread(client, encoding):
    bomb = gzip.compress(b" " * 10_000_000)

    assert hand_over().post_raw(client, bomb, **{"content-encoding": encoding}).status_code == 415


def test_what_is_too_large_is_refused_whatever_it_says_its_length_is(client):
    body = b" " * (MAX_HOP_BYTES + 1)
    assert hand_over().post_raw(client, body).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'"' + b'\\"' * 500_000,
        b'{"from":"crm","to":"integration","deliveries":[]}',
        b'{"from":"crm","to":"integration","deliveries":{}}',
        b'{"from":"crm","to":"integration","deliveries":[',
        b'{"from":"crm","from":"crm","to":"integration"}',
        b'{"from":"crm","to":"integration","routeseq":NaN}',
        b'{"from":"crm","to":"integration","routeseq":1e400}',
        b'{"from":"crm","to":"integration","routeseq":' + b"9" * 5000 + b"}",
        b'{"from":1,"to":null}',
        b"null",
        b'"\\ud800"',
    ],
)
def test_bytes_that_are_no_delivery_are_refused_quickly(client, body):
    began = time.monotonic()

    assert hand_over().post_raw(client, body).status_code == 422
    assert time.monotonic() - began < 2
    assert nothing_kept()


def test_a_truncated_batch_is_refused_whole(client):
    items = [item(signed(withdrawn())) for _number in range(3)]
    body = json.dumps({"from": "crm", "to": "integration", "deliveries": items}).encode()
    with as_side("crm"):
        headers = signing.hop_headers(body, "msg_1")
    headers.pop("content-type")

    answer = client.post("/events", body[:-200], content_type="application/json", headers=headers)

    assert answer.status_code == 401
    assert hand_over().post_raw(client, body[:-200]).status_code == 422
    assert nothing_kept()


def test_a_batch_answers_for_each_delivery_and_a_bad_one_spoils_no_other(client):
    deal = uuid7()
    good = [signed(withdrawn(deal), 1), signed(withdrawn(deal), 2)]
    forged = signed(withdrawn(), by="erp")
    bent = signing.Envelope(b"{}", good[0].keyid, good[0].signature)
    items = [
        item(good[0]),
        item(forged),
        item(bent),
        item(good[1], 2),
        item(good[0]),
        item(signed(withdrawn(), 3), 3),
        {},
        7,
        item(signed(withdrawn()), routeseq="1"),
    ]

    answer = post_batch(client, items)

    assert statuses(answer) == [202, 401, 422, 202, 200, 409, 422, 422, 422]
    assert "detail" not in answer.json()["results"][1]
    assert Archived.objects.count() == 2


def test_what_follows_a_refused_delivery_of_its_aggregate_is_not_taken(client):
    deal = uuid7()
    items = [item(signed(withdrawn(deal), 2), 2), item(signed(withdrawn(deal), 3), 3), item(signed(withdrawn()))]

    assert statuses(post_batch(client, items)) == [409, 409, 202]


def test_a_batch_of_more_than_was_asked_for_is_refused(client):
    one = item(signed(withdrawn()))

    assert post_batch(client, [one] * (BATCH_MAX + 1)).status_code == 413
    assert nothing_kept()


def test_every_answer_announces_how_large_a_batch_may_be(client):
    assert hand_over().post(client)["heming-batch"] == "100"
    assert hand_over(hop_by="erp").post(client)["heming-batch"] == "100"


# -- fuzzing -----------------------------------------------------------------------------------------------------------

SIGNS = st.characters(exclude_characters="\0", exclude_categories=("Cs",))  # what a database can keep
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(SIGNS, max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(SIGNS, max_size=10), inner, max_size=4),
    max_leaves=20,
)


@QUIET
@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_the_loader_reads_or_refuses_any_bytes(body):
    for read in (strict_json, parse_event, signing.parse_wrapper):
        with contextlib.suppress(BadEvent):
            read(body)


@QUIET
@given(JSON)
def test_the_loader_reads_what_it_should_as_the_standard_one_does(value):
    assert strict_json(json.dumps(value).encode()) == value


@QUIET
@given(st.dictionaries(st.sampled_from(["payloadType", "payload", "signatures", "x"]), JSON, max_size=4) | JSON)
def test_any_envelope_is_read_or_refused(value):
    with pytest.raises(BadEvent):
        signing.Envelope.from_json(value)


@QUIET
@given(st.data())
def test_a_change_of_event_or_signature_breaks_the_origin_signature(data):
    with as_side("crm"):
        envelope = signing.seal(b'{"a":"b"}')
    part = data.draw(st.sampled_from(["body", "signature"]))
    raw = getattr(envelope, part)
    at = data.draw(st.integers(0, len(raw) - 1))
    bent = {"body": envelope.body, "signature": envelope.signature, part: flipped(raw, at)}

    with pytest.raises(signing.BadSignature):
        signing.check_origin(signing.Envelope(bent["body"], envelope.keyid, bent["signature"]), "crm")


@QUIET
@given(st.binary(max_size=200), st.text(max_size=40), st.text(max_size=20), st.text(max_size=120))
def test_any_hop_headers_are_refused_without_an_error(body, message_id, stamp, given_signature):
    told = {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": given_signature}

    with pytest.raises(signing.BadSignature):
        signing.check_hop(body, told, ("crm", "erp"))


@QUIET
@given(st.text(min_size=1, max_size=100).map(str.encode), st.text("abc_123", min_size=1, max_size=20))
def test_the_hop_is_laid_out_as_standard_webhooks_says(body, message_id):
    """The oracle signs v1 (HMAC) over `id.timestamp.body`; what we sign with Ed25519 is the same text."""
    secret = base64.b64encode(b"0" * 32).decode()
    oracle = standardwebhooks.Webhook(secret)
    with as_side("crm"):
        headers = signing.hop_headers(body, message_id)
        signature = base64.b64decode(headers["webhook-signature"].removeprefix("v1a,"))
        text = f"{message_id}.{headers['webhook-timestamp']}.".encode() + body
        keys.signing_key("hop").public.verify(signature, text)
    stamp = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    both = f"{oracle.sign(message_id, stamp, body.decode())} {headers['webhook-signature']}"
    oracle.verify(body, {**headers, "webhook-signature": both}, json_parse=False)
    assert signing.check_hop(body, {**headers, "webhook-signature": both}, ("crm",)) == "crm"
