from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from base.ids import uuid7
from base.refusals import BadInput
from crm.activities.models import Entry
from crm.tickets import services
from crm.tickets.models import ReturnLine, ReturnRequest
from crm.tickets.reports import Returnable, returnable
from crm.tickets.services import MoreThanShipped, NothingToReturn, OfAnotherAccount
from integration.contracts.returns import (
    ReturnAuthorised,
    ReturnReceived,
    ReturnRefused,
    ReturnRequested,
    ReturnSettled,
    WantedBack,
)
from tests.crm.makers import account, user
from tests.crm.tickets.makers import dispatch, shipped, ticket
from tests.helpers import deliver, emitted

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def asked(quantity: str = "2") -> ReturnRequest:
    """A return of CHAI out of five shipped."""
    deal = shipped("CHAI", "5")
    return services.request_return(
        ticket(deal.account), deal, [("CHAI", Decimal(quantity))], "Broken in transit", by=user("agent")
    )


def fresh(request: ReturnRequest) -> ReturnRequest:
    return ReturnRequest.objects.get(pk=request.pk)


def authorised(request: ReturnRequest) -> ReturnAuthorised:
    return ReturnAuthorised(request=request.pk, number="RMA-000001", instructions="Put the number on the parcel.")


def received(request: ReturnRequest) -> ReturnReceived:
    lines = (WantedBack(sku="CHAI", quantity=Decimal(2)),)
    return ReturnReceived(request=request.pk, number="RMA-000001", lines=lines)


def settled(request: ReturnRequest) -> ReturnSettled:
    return ReturnSettled(
        request=request.pk,
        number="RMA-000001",
        credit_note=uuid7(),
        credit_note_number="INV-2026-000002",
        gross=Decimal("38.52"),
        currency="EUR",
    )


def test_what_was_asked_for_stays_in_the_history_of_its_lines():
    request = asked()

    kept = ReturnLine.history.filter(request_id=request.pk)
    assert [(one.history_type, one.sku, one.quantity) for one in kept] == [("+", "CHAI", 2)]


def test_asking_for_a_return_tells_the_erp():
    wish = asked()

    assert emitted(ReturnRequested) == [
        ReturnRequested(
            request=wish.pk,
            ticket=wish.ticket_id,
            ticket_number=wish.ticket.number,
            deal=wish.deal_id,
            customer=wish.deal.account_id,
            reason="Broken in transit",
            lines=(WantedBack(sku="CHAI", quantity=Decimal(2)),),
        )
    ]
    assert (wish.status, [(line.sku, line.quantity) for line in wish.lines.all()]) == (
        "requested",
        [("CHAI", Decimal(2))],
    )


def test_no_more_comes_back_than_went_out():
    wish = asked("3")

    with pytest.raises(MoreThanShipped) as refused:
        services.request_return(wish.ticket, wish.deal, [("CHAI", Decimal(3))], "More", by=user("agent"))

    assert str(refused.value) == "3 of CHAI are too many: 5 were shipped, 3 are already asked back."
    assert ReturnRequest.objects.count() == 1


def test_lines_of_one_product_are_summed_before_they_are_judged():
    deal = shipped("CHAI", "5")
    with pytest.raises(MoreThanShipped):
        services.request_return(
            ticket(deal.account), deal, [("CHAI", Decimal(3)), ("CHAI", Decimal(3))], "All", by=user("agent")
        )


def test_a_refused_return_frees_its_goods():
    wish = asked("5")
    deliver(ReturnRefused(request=wish.pk, number="RMA-000001", reason="Too late"), time=NOON)

    services.request_return(wish.ticket, wish.deal, [("CHAI", Decimal(5))], "Again", by=user("agent"))

    assert (fresh(wish).status, fresh(wish).refusal) == ("refused", "Too late")


def test_parcels_add_up():
    deal = shipped("CHAI", "5")
    dispatch(deal, ("CHAI", "2"), ("CHANG", "1"))

    assert returnable(deal) == [
        Returnable("CHAI", "Chai", Decimal(7), Decimal(0)),
        Returnable("CHANG", "", Decimal(1), Decimal(0)),
    ]


@pytest.mark.parametrize(
    ("lines", "reason", "refusal"),
    [
        ([], "Broken", NothingToReturn),
        ([("CHAI", Decimal(0))], "Broken", NothingToReturn),
        ([("CHAI", Decimal(-1))], "Broken", BadInput),
        ([("NONE", Decimal(1))], "Broken", MoreThanShipped),
        ([("CHAI", Decimal(1))], " ", BadInput),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(lines, reason, refusal):
    deal = shipped("CHAI", "5")
    one = ticket(deal.account)

    with pytest.raises(refusal):
        services.request_return(one, deal, lines, reason, by=user("agent"))

    assert emitted(ReturnRequested) == []


def test_only_goods_of_the_same_account_come_back():
    deal = shipped()

    with pytest.raises(OfAnotherAccount):
        services.request_return(ticket(account("Other")), deal, [("CHAI", Decimal(1))], "x", by=user("agent"))


def test_a_doubled_form_asks_once():
    wish = asked()
    services.request_return(
        wish.ticket, wish.deal, [("CHAI", Decimal(2))], "Broken in transit", by=user("agent"), id=wish.pk
    )

    assert len(emitted(ReturnRequested)) == 1


def test_the_return_follows_the_erp_to_its_credit_note():
    wish = asked()

    deliver(authorised(wish), time=NOON)
    assert (fresh(wish).status, fresh(wish).number, fresh(wish).as_of) == ("authorised", "RMA-000001", NOON)

    deliver(received(wish), time=NOON)
    assert (fresh(wish).status, fresh(wish).lines.get().received) == ("received", Decimal(2))

    deliver(settled(wish), time=NOON)
    done = fresh(wish)
    assert (done.status, done.credit_note_number, done.credit_gross, done.currency) == (
        "settled",
        "INV-2026-000002",
        Decimal("38.52"),
        "EUR",
    )
    assert list(
        Entry.objects.filter(ticket=wish.ticket_id, kind__startswith="erp_return")
        .order_by("id")
        .values_list("kind", flat=True)
    ) == ["erp_return_authorised", "erp_return_received", "erp_return_settled"]


def test_the_same_news_twice_is_one():
    wish, event = asked(), uuid7()

    for _again in range(2):
        deliver(authorised(wish), id=event, time=NOON)

    assert (fresh(wish).status, Entry.objects.filter(kind="erp_return_authorised").count()) == ("authorised", 1)


def test_a_return_that_is_not_ours_is_left_to_the_erp():
    deliver(ReturnAuthorised(request=uuid7(), number="RMA-000009"))

    assert not Entry.objects.exists()


def test_the_database_refuses_nothing_as_a_quantity():
    wish = asked()
    with pytest.raises(IntegrityError), transaction.atomic():
        wish.lines.create(sku="CHANG", quantity=0)
