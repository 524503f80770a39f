"""What the sales side is told of documents and money."""

from typing import Any

from erp.banking.models import Receipt
from erp.invoices.models import Invoice
from integration.contracts.invoices import InvoiceCredited, InvoiceIssued, PaymentReceived
from integration.outbox.emitting import emit


def tell_issued(invoice: Invoice) -> None:
    """The invoice has its number; net, tax and gross are before deposits."""
    emit(
        InvoiceIssued(
            **_of(invoice),
            invoice=invoice.pk,
            number=invoice.number,
            issued_on=invoice.date,
            due_on=invoice.due,
            net=invoice.net,
            tax=invoice.tax,
            gross=invoice.gross,
            deposits_used=invoice.deposits_used,
        )
    )


def tell_credited(note: Invoice) -> None:
    """Goods were taken off."""
    emit(
        InvoiceCredited(
            **_of(note),
            credit_note=note.pk,
            number=note.number,
            issued_on=note.date,
            net=note.net,
            tax=note.tax,
            gross=note.gross,
            return_request=note.return_request,
        )
    )


def tell_paid(invoice: Invoice, receipt: Receipt) -> None:
    """Money came for the invoice, and so much is still open."""
    emit(
        PaymentReceived(
            **_of(invoice),
            receipt=receipt.pk,
            number=receipt.number,
            kind="payment",
            amount=receipt.amount,
            received_on=receipt.date,
            invoice=invoice.pk,
            invoice_number=invoice.number,
            open_amount=invoice.open_amount,
        )
    )


def _of(invoice: Invoice) -> dict[str, Any]:
    order = invoice.order
    return {
        "order": order.pk,
        "deal": order.deal,
        "customer": invoice.party.customer,
        "currency": invoice.currency,
    }
