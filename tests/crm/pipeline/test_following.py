"""The ERP's facts arrive quickly, once each, and with both times."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from base.ids import uuid7
from crm.pipeline import services as pipeline
from crm.pipeline.models import Deal, DepositReport
from integration.contracts.invoices import InvoiceCredited, InvoiceIssued, PaymentReceived
from integration.contracts.orders import (
    OrderAccepted,
    OrderCancelled,
    OrderCompleted,
    OrderHeld,
    OrderRefused,
    PromisedLine,
    WithdrawalRefused,
)
from integration.contracts.shipments import ShipmentCorrected, ShipmentDispatched, ShippedLine
from tests.crm.makers import deal, offered, user
from tests.helpers import deliver

pytestmark = pytest.mark.django_db
QUERIES_MAX = 15
SAID_AT = datetime(2026, 11, 20, 9, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
def won():
    offered()
    return pipeline.win(deal(("CHAI", "5")), user("rep"))


def facts_of(some):
    order = {"order": uuid7(), "deal": some.pk, "customer": some.account_id}
    named, money = {**order, "number": "SO-1"}, {**order, "currency": "EUR", "number": "X-1"}
    day, amount = date(2026, 11, 20), {"net": Decimal(90), "tax": Decimal("6.30"), "gross": Decimal("96.30")}
    invoice, parcel = uuid7(), uuid7()
    return [
        OrderHeld(**named, reason_code="credit", reason="over the limit"),
        OrderAccepted(**named, currency="EUR", net_total=Decimal(90)),
        ShipmentDispatched(
            **{**order, "number": "SH-1"},
            shipment=parcel,
            carrier="Speedy Express",
            tracking="SE1",
            dispatched_at=SAID_AT,
            lines=(ShippedLine(sku="CHAI", quantity=Decimal(5)),),
        ),
        ShipmentCorrected(**order, number="SH-1", shipment=parcel, carrier="Speedy Express", tracking="SE2"),
        InvoiceIssued(**money, **amount, invoice=invoice, issued_on=day, due_on=day, deposits_used=Decimal(0)),
        PaymentReceived(
            **money,
            receipt=uuid7(),
            kind="payment",
            amount=Decimal("96.30"),
            received_on=day,
            invoice=invoice,
            open_amount=Decimal(0),
        ),
        InvoiceCredited(**money, **amount, credit_note=uuid7(), issued_on=day),
        WithdrawalRefused(**named, reason="gone"),
        OrderRefused(**named, reason_code="product", reason="unknown"),
        OrderCancelled(**named, reason="flood"),
        OrderCompleted(**named),
    ]


def test_every_handler_is_quick(won, django_assert_max_num_queries):
    for fact in facts_of(won):
        with django_assert_max_num_queries(QUERIES_MAX):
            deliver(fact)


def test_a_win_is_quick(django_assert_max_num_queries):
    offered()
    some, rep = deal(*[("CHAI", "5")] * 20), user("rep")
    with django_assert_max_num_queries(25):
        pipeline.win(some, rep)


def test_when_the_erp_said_it_and_when_we_learnt_it_are_kept_apart(won):
    before = timezone.now()
    for fact in facts_of(won):
        deliver(fact, time=SAID_AT)
    after = timezone.now()

    rows = [*won.order_steps.all(), *won.shipments.all(), *won.invoices.all(), *won.payments.all()]
    assert len(rows) == 10
    assert {row.occurred_at for row in rows} == {SAID_AT}
    assert all(before <= row.received_at <= after for row in rows)
    assert Deal.objects.get().won_at.microsecond == won.won_at.microsecond


def test_lines_without_stock_wait_visibly(won):
    lines = (PromisedLine(sku="CHAI", quantity=Decimal(5), reserved=Decimal("3.5")),)
    deliver(
        OrderAccepted(order=uuid7(), number="SO-1", deal=won.pk, currency="EUR", net_total=Decimal(90), lines=lines)
    )

    assert Deal.objects.get().order.short_lines == [{"sku": "CHAI", "waiting": "1.5"}]


def test_a_booked_deposit_answers_the_report(won):
    report = pipeline.report_deposit(won, Decimal(20), by=user("rep"))
    payment = PaymentReceived(
        order=uuid7(),
        deal=won.pk,
        currency="EUR",
        receipt=uuid7(),
        number="RC-1",
        kind="deposit",
        amount=Decimal(20),
        received_on=date(2026, 11, 20),
        deposit=report.pk,
    )

    deliver(payment, time=SAID_AT)
    deliver(payment, time=SAID_AT + timedelta(hours=1))

    assert DepositReport.objects.get().booked_at == SAID_AT
    assert won.payments.count() == 1
