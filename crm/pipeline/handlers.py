"""What the ERP says that concerns deals."""

from crm.pipeline import following
from crm.pipeline.models import StepKind
from integration.contracts.invoices import InvoiceCredited, InvoiceIssued, PaymentReceived
from integration.contracts.orders import (
    OrderAccepted,
    OrderCancelled,
    OrderCompleted,
    OrderHeld,
    OrderRefused,
    WithdrawalRefused,
)
from integration.contracts.shipments import ShipmentCorrected, ShipmentDispatched
from integration.inbox import EventMeta, handles


@handles(OrderAccepted)
def order_accepted(event: OrderAccepted, meta: EventMeta) -> None:
    short = [
        {"sku": line.sku, "waiting": format(line.quantity - line.reserved, "f")}
        for line in event.lines
        if line.reserved < line.quantity
    ]
    following.hear_step(event, meta, StepKind.ACCEPTED, promised_on=event.promised_on, short_lines=short)


@handles(OrderHeld)
def order_held(event: OrderHeld, meta: EventMeta) -> None:
    following.hear_step(event, meta, StepKind.HELD)


@handles(OrderRefused)
def order_refused(event: OrderRefused, meta: EventMeta) -> None:
    following.hear_step(event, meta, StepKind.REFUSED)


@handles(OrderCancelled)
def order_cancelled(event: OrderCancelled, meta: EventMeta) -> None:
    following.hear_step(event, meta, StepKind.CANCELLED)


@handles(WithdrawalRefused)
def withdrawal_refused(event: WithdrawalRefused, meta: EventMeta) -> None:
    following.hear_step(event, meta, StepKind.WITHDRAWAL_REFUSED)


@handles(OrderCompleted)
def order_completed(event: OrderCompleted, meta: EventMeta) -> None:
    following.hear_step(event, meta, StepKind.COMPLETED)


@handles(ShipmentDispatched)
def shipment_dispatched(event: ShipmentDispatched, meta: EventMeta) -> None:
    following.hear_shipment(event, meta)


@handles(ShipmentCorrected)
def shipment_corrected(event: ShipmentCorrected, meta: EventMeta) -> None:
    following.hear_correction(event, meta)


@handles(InvoiceIssued)
def invoice_issued(event: InvoiceIssued, meta: EventMeta) -> None:
    following.hear_invoice(event, meta)


@handles(InvoiceCredited)
def invoice_credited(event: InvoiceCredited, meta: EventMeta) -> None:
    following.hear_credit_note(event, meta)


@handles(PaymentReceived)
def payment_received(event: PaymentReceived, meta: EventMeta) -> None:
    following.hear_payment(event, meta)
