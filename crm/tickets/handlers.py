"""What the ERP says of goods that come back."""

from crm.tickets import services
from integration.contracts.returns import ReturnAuthorised, ReturnReceived, ReturnRefused, ReturnSettled
from integration.inbox import EventMeta, handles


@handles(ReturnAuthorised)
def return_authorised(event: ReturnAuthorised, meta: EventMeta) -> None:
    services.return_authorised(
        event.request, number=event.number, instructions=event.instructions, event_id=meta.id, at=meta.time
    )


@handles(ReturnRefused)
def return_refused(event: ReturnRefused, meta: EventMeta) -> None:
    services.return_refused(event.request, number=event.number, reason=event.reason, event_id=meta.id, at=meta.time)


@handles(ReturnReceived)
def return_received(event: ReturnReceived, meta: EventMeta) -> None:
    services.return_received(
        event.request,
        number=event.number,
        lines=[(line.sku, line.quantity) for line in event.lines],
        event_id=meta.id,
        at=meta.time,
    )


@handles(ReturnSettled)
def return_settled(event: ReturnSettled, meta: EventMeta) -> None:
    services.return_settled(
        event.request,
        number=event.number,
        credit_note=event.credit_note_number,
        gross=event.gross,
        currency=event.currency,
        event_id=meta.id,
        at=meta.time,
    )
