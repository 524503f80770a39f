"""What becomes of a won deal, as the ERP tells it: the only writer of a deal's order, parcels, invoices and payments.

Each fact is written once (the rows carry the ERP's ids), stands on the account's timeline, and moves the deal's
revision, which is what open pages watch.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone

from crm.accounts.models import Account
from crm.activities import services as activities
from crm.pipeline.models import (
    Deal,
    DealInvoice,
    DealOrder,
    DealOrderStep,
    DealPayment,
    DealShipment,
    DealStatus,
    DepositReport,
    InvoiceKind,
    OrderState,
    StepKind,
)
from integration.contracts.invoices import InvoiceCredited, InvoiceIssued, PaymentReceived
from integration.contracts.shipments import ShipmentCorrected, ShipmentDispatched
from integration.inbox import Awaiting, EventMeta

_STATE_AFTER = {
    StepKind.ACCEPTED: OrderState.ACCEPTED,
    StepKind.HELD: OrderState.HELD,
    StepKind.REFUSED: OrderState.REFUSED,
    StepKind.CANCELLED: OrderState.CANCELLED,
    StepKind.COMPLETED: OrderState.COMPLETED,
}


@transaction.atomic(savepoint=False)
def hear_step(event: Any, meta: EventMeta, kind: StepKind, **more: Any) -> None:
    """The order was accepted, held, refused, cancelled, completed, or could not be taken back."""
    deal = _deal(event)
    if deal is None:
        return _only_timeline(event, meta, f"erp_order_{kind}", {"number": event.number, **_reason(event)})
    now = timezone.now()
    reason = getattr(event, "reason", "")
    told_so = {"deal": deal, "kind": kind, "reason": reason, "occurred_at": meta.time, "received_at": now}
    if not _first_time(DealOrderStep, meta.id, told_so):
        return None
    if kind == StepKind.WITHDRAWAL_REFUSED and deal.status == DealStatus.WITHDRAWN:
        deal.stand()
        deal.save()
    told: dict[str, Any] = {
        "order": event.order,
        "number": event.number,
        "as_of": meta.time,
        "received_at": now,
        **more,
    }
    if kind in _STATE_AFTER:
        told |= {"state": _STATE_AFTER[kind], "reason": reason, "reason_code": getattr(event, "reason_code", "")}
    _order_says(deal, **told)
    name = "erp_withdrawal_refused" if kind == StepKind.WITHDRAWAL_REFUSED else f"erp_order_{kind}"
    _on_timeline(deal, meta, name, {"number": event.number, **_reason(event)})
    return None


@transaction.atomic(savepoint=False)
def hear_shipment(event: ShipmentDispatched, meta: EventMeta) -> None:
    """A parcel is on its way."""
    facts = {
        "number": event.number,
        "carrier": event.carrier,
        "tracking": event.tracking,
        "tracking_url": event.tracking_url,
    }
    deal = _deal(event)
    if deal is None:
        return _only_timeline(event, meta, "erp_shipment_dispatched", facts)
    now = timezone.now()
    new = _first_time(
        DealShipment,
        event.shipment,
        {
            "deal": deal,
            **facts,
            "dispatched_at": event.dispatched_at,
            "complete": event.complete,
            "lines": [{"sku": line.sku, "quantity": format(line.quantity, "f")} for line in event.lines],
            "occurred_at": meta.time,
            "received_at": now,
        },
    )
    if new:
        _order_says(deal, as_of=meta.time, received_at=now, **({"shipped_all": True} if event.complete else {}))
        _on_timeline(deal, meta, "erp_shipment_dispatched", facts)
    return None


@transaction.atomic(savepoint=False)
def hear_correction(event: ShipmentCorrected, meta: EventMeta) -> None:
    """Carrier or tracking number of a parcel were mistyped."""
    facts = {"carrier": event.carrier, "tracking": event.tracking, "tracking_url": event.tracking_url}
    deal = _deal(event)
    if deal is None:
        return _only_timeline(event, meta, "erp_shipment_corrected", {"number": event.number, **facts})
    told = DealShipment.objects.filter(pk=event.shipment, deal=deal)
    if not told.exists():
        raise Awaiting(f"shipment {event.number}")
    if told.exclude(**facts).update(**facts):
        _order_says(deal, as_of=meta.time, received_at=timezone.now())
        _on_timeline(deal, meta, "erp_shipment_corrected", {"number": event.number, **facts})
    return None


@transaction.atomic(savepoint=False)
def hear_invoice(event: InvoiceIssued, meta: EventMeta) -> None:
    """The customer was billed."""
    facts = {
        "number": event.number,
        "gross": str(event.gross),
        "currency": event.currency,
        "due_on": event.due_on.isoformat(),
    }
    deal = _deal(event)
    if deal is None:
        return _only_timeline(event, meta, "erp_invoice_issued", facts)
    told = {"kind": InvoiceKind.INVOICE, "due_on": event.due_on, "deposits_used": event.deposits_used}
    told["open_amount"] = event.gross - event.deposits_used
    if _document(deal, event.invoice, event, meta, told):
        _on_timeline(deal, meta, "erp_invoice_issued", facts)
    return None


@transaction.atomic(savepoint=False)
def hear_credit_note(event: InvoiceCredited, meta: EventMeta) -> None:
    """Something of the bill was taken back."""
    facts = {"number": event.number, "gross": str(event.gross), "currency": event.currency}
    deal = _deal(event)
    if deal is None:
        return _only_timeline(event, meta, "erp_invoice_credited", facts)
    told = {"kind": InvoiceKind.CREDIT_NOTE, "return_request": event.return_request}
    if _document(deal, event.credit_note, event, meta, told):
        _on_timeline(deal, meta, "erp_invoice_credited", facts)
    return None


@transaction.atomic(savepoint=False)
def hear_payment(event: PaymentReceived, meta: EventMeta) -> None:
    """Money is in the bank: for an invoice, or before one."""
    facts = {
        "number": event.number,
        "amount": str(event.amount),
        "currency": event.currency,
        "kind": event.kind,
    }
    deal = _deal(event)
    if deal is None:
        return _only_timeline(event, meta, "erp_payment_received", facts)
    now = timezone.now()
    new = _first_time(
        DealPayment,
        event.receipt,
        {
            "deal": deal,
            "kind": event.kind,
            "number": event.number,
            "amount": event.amount,
            "currency": event.currency,
            "received_on": event.received_on,
            "invoice": event.invoice,
            "invoice_number": event.invoice_number,
            "deposit": event.deposit,
            "occurred_at": meta.time,
            "received_at": now,
        },
    )
    if not new:
        return None
    if event.invoice and event.open_amount is not None:
        DealInvoice.objects.filter(pk=event.invoice).update(open_amount=event.open_amount)
    if event.deposit:
        DepositReport.objects.filter(pk=event.deposit).update(booked_at=meta.time)
    _order_says(deal, as_of=meta.time, received_at=now)
    _on_timeline(deal, meta, "erp_payment_received", facts)
    return None


def _deal(event: Any) -> Deal | None:
    """The deal the fact is about, its row held; one we do not know yet is waited for, none at all is the ERP's own."""
    if event.deal is None:
        return None
    deal = (
        Deal.objects.select_for_update(of=("self",), no_key=True)
        .select_related("account")
        .filter(pk=event.deal)
        .first()
    )
    if deal is None:
        raise Awaiting(f"deal {event.deal}")
    return deal


def _first_time(model: type[Model], pk: UUID, told: dict[str, Any]) -> bool:
    """Write the fact's row unless it stands there already; the deal's lock, which we hold, lets nobody come between."""
    if model._default_manager.filter(pk=pk).exists():
        return False
    model._default_manager.create(pk=pk, **told)
    return True


def _document(deal: Deal, pk: UUID, event: Any, meta: EventMeta, told: dict[str, Any]) -> bool:
    now = timezone.now()
    new = _first_time(
        DealInvoice,
        pk,
        {
            "deal": deal,
            "number": event.number,
            "issued_on": event.issued_on,
            "currency": event.currency,
            "net": event.net,
            "tax": event.tax,
            "gross": event.gross,
            "occurred_at": meta.time,
            "received_at": now,
            **told,
        },
    )
    if new:
        _order_says(deal, as_of=meta.time, received_at=now)
    return new


def _order_says(deal: Deal, **told: Any) -> None:
    """What the order's row now shows; its revision and the deal's move, so that open pages notice."""
    changed = DealOrder.objects.filter(deal=deal).update(revision=F("revision") + 1, **told)
    if not changed:
        defaults: dict[str, Any] = {"as_of": timezone.now(), "received_at": timezone.now(), **told}
        DealOrder.objects.create(deal=deal, **defaults)
    Deal.objects.filter(pk=deal.pk).update(revision=F("revision") + 1)


def _on_timeline(deal: Deal, meta: EventMeta, kind: str, facts: dict[str, str]) -> None:
    activities.record_fact(
        deal.account, kind, facts.get("reason", ""), facts, meta.time, event_id=meta.id, deal=deal.pk, as_of=meta.time
    )


def _only_timeline(event: Any, meta: EventMeta, kind: str, facts: dict[str, str]) -> None:
    """An order born in the ERP: its customer's timeline shows it, if we know the customer."""
    account = Account.objects.filter(pk=event.customer).first() if event.customer else None
    if account is not None:
        occurred: datetime = meta.time
        activities.record_fact(
            account, kind, facts.get("reason", ""), facts, occurred, event_id=meta.id, as_of=meta.time
        )


def _reason(event: Any) -> dict[str, str]:
    reason = getattr(event, "reason", "")
    return {"reason": reason} if reason else {}
