"""An event stands or falls with its fact."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from base.context import acting, correlation_id, telling_history
from base.ids import uuid7
from integration.contracts.customers import CustomerSnapshot, CustomerUpdated
from integration.contracts.deals import DealWithdrawn
from integration.events import BadEvent, parse_event, strict_json
from integration.outbox.emitting import emit
from integration.outbox.models import Message, Stream
from integration.webhooks.models import Delivery, Endpoint


def withdrawn(deal, reason="no more need"):
    return DealWithdrawn(deal=deal, reason=reason)


@pytest.mark.django_db
def test_the_app_role_connects():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("integration_app",)


@pytest.mark.django_db
@override_settings(SIDE="crm")
def test_events_of_an_aggregate_are_numbered_without_gaps_from_one():
    deal, other = uuid7(), uuid7()
    for name in (deal, other, deal, deal):
        emit(withdrawn(name))

    told = [(row.aggregate, row.position) for row in Message.objects.order_by("id")]

    assert told == [(f"deal:{deal}", 1), (f"deal:{other}", 1), (f"deal:{deal}", 2), (f"deal:{deal}", 3)]


@pytest.mark.django_db
@override_settings(SIDE="crm")
def test_the_time_of_an_aggregates_events_goes_on_when_the_clock_is_set_back():
    deal, other = uuid7(), uuid7()
    emit(withdrawn(deal))
    ahead = timezone.now() + timedelta(minutes=10)
    assert Stream.objects.update(told_at=ahead) == 1  # the clock was ahead as the last one was told

    emit(withdrawn(deal))
    emit(withdrawn(deal))
    emit(withdrawn(other))

    times = [parse_event(bytes(row.body)).time for row in Message.objects.order_by("id")]
    assert times[1:3] == [ahead + timedelta(microseconds=1), ahead + timedelta(microseconds=2)]
    assert times[0] < times[3] < ahead


@pytest.mark.django_db
@override_settings(SIDE="crm")
def test_a_fact_that_is_rolled_back_was_never_told_and_leaves_no_gap():
    deal = uuid7()
    with transaction.atomic():
        emit(withdrawn(deal))
        transaction.set_rollback(True)
    emit(withdrawn(deal))

    assert list(Message.objects.values_list("position", flat=True)) == [1]


@pytest.mark.django_db
@override_settings(SIDE="crm")
def test_history_told_again_is_told_to_no_webhook(django_user_model):
    boss = django_user_model.objects.create(username="boss")
    Endpoint.objects.create(url="https://shop.example/in", events=["*"], secret="x", created_by=boss)

    with telling_history():
        emit(withdrawn(uuid7()))
    assert (Message.objects.count(), Delivery.objects.count()) == (1, 0)

    emit(withdrawn(uuid7()))
    assert (Message.objects.count(), Delivery.objects.count()) == (2, 1)


@pytest.mark.django_db
@override_settings(SIDE="crm")
def test_an_event_is_cloudevents_with_the_chain_it_belongs_to():
    deal = uuid7()
    with acting(correlation="chain", causation="cause"):
        event_id = emit(withdrawn(deal))

    head = json.loads(bytes(Message.objects.get().body))

    assert {name: head[name] for name in head if name not in {"time", "data"}} == {
        "specversion": "1.0",
        "id": str(event_id),
        "source": "/crm",
        "type": "crm.deal.withdrawn.v1",
        "subject": f"deal:{deal}",
        "datacontenttype": "application/json",
        "dataschema": "urn:heming:contract:crm.deal.withdrawn.v1",
        "partitionkey": f"deal:{deal}",
        "aggregateseq": 1,
        "correlationid": "chain",
        "causationid": "cause",
        "dataclassification": "internal",
    }
    assert parse_event(bytes(Message.objects.get().body)).contract() == withdrawn(deal)


def chains():
    return list(Message.objects.order_by("id").values_list("correlation_id", flat=True))


@pytest.mark.django_db
@override_settings(SIDE="crm")
def test_whoever_acts_on_a_deal_later_goes_on_in_its_chain():
    deal = uuid7()
    with acting("nancy", correlation="chain", causation="cause"):
        emit(withdrawn(deal))
    with acting("steven", request="another-request", correlation="", causation=""):
        emit(withdrawn(deal))
        emit(withdrawn(uuid7()))
        rest_of_the_request = correlation_id.get()

    assert chains() == ["chain"] * 3
    assert rest_of_the_request == "chain"


@pytest.mark.django_db
@override_settings(SIDE="crm")
def test_what_an_event_causes_stays_in_that_events_chain():
    deal = uuid7()
    with acting(correlation="first"):
        emit(withdrawn(deal))
    with acting(correlation="second", causation="an event"):
        emit(withdrawn(deal))

    assert chains() == ["first", "second"]


@pytest.mark.django_db
@override_settings(SIDE="crm")
def test_two_deals_in_one_request_keep_their_own_chains():
    deals = uuid7(), uuid7()
    for deal in deals:
        with acting(correlation=f"of {deal}"):
            emit(withdrawn(deal))
    with acting("olga", request="a-request", correlation=""):
        for deal in deals:
            emit(withdrawn(deal))

    assert chains() == [f"of {deal}" for deal in (*deals, *deals)]


@pytest.mark.django_db
@override_settings(SIDE="crm")
def test_a_customers_life_is_no_single_chain():
    customer = uuid7()
    for chain in ("first", "second"):
        with acting(correlation=chain):
            emit(CustomerUpdated(customer=customer, snapshot=CustomerSnapshot(customer=customer, name="Ernst Handel")))

    assert chains() == ["first", "second"]


@pytest.mark.django_db
def test_a_side_tells_only_its_own_facts():
    with pytest.raises(AssertionError):
        emit(withdrawn(uuid7()))


@pytest.mark.parametrize(
    "body",
    [b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":Infinity}', b'{"a":0.1}', b"[" * 40 + b"]" * 40, b"\xc3", b'{"a":', b""],
)
def test_what_readers_could_read_differently_is_refused(body):
    with pytest.raises(BadEvent):
        strict_json(body)


def test_brackets_inside_a_text_are_no_depth():
    text = "[" * 40 + '"'

    assert strict_json(json.dumps({"a": text}).encode()) == {"a": text}
