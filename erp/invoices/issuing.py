"""The last step of a document: into the books, then through the one SQL function that numbers and writes it."""

import json
from collections.abc import Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.utils.translation import gettext as _

from base.written import remember
from erp.einvoice import services as einvoice
from erp.invoices import electronic
from erp.invoices.drafting import ZERO, add_up, digest_of, entry_lines
from erp.invoices.models import Instalment, Invoice, InvoiceKind, InvoiceLine, OpenItem
from erp.invoices.refusals import invoice_rules
from erp.ledger.services import Posting, post
from erp.orders.models import Order
from erp.parties.models import Party
from erp.terms.schedule import Part


def new_document(kind: str, order: Order, **told: Any) -> Invoice:
    """A document of the order, not written yet; it keeps the addressee as he is today."""
    part = 1 + Invoice.objects.filter(order=order, kind=kind).count()
    return Invoice(
        kind=kind,
        company=order.company,
        order=order,
        party=order.party,
        currency=order.currency,
        part=part,
        addressee=addressee(order.party),
        **told,
    )


def write(
    invoice: Invoice,
    lines: Sequence[InvoiceLine],
    steps: Sequence[tuple[Any, Any, Any]],
    parts: Sequence[Part] = (),
) -> Invoice:
    """Add up, check, post, take the number, write. Nothing of it can be changed afterwards.

    Whoever wants electronic invoices gets one that keeps EN 16931, or none: the rules are asked before a number is
    taken, with a placeholder in its place.

    `steps` are the quantities (which line, from, to) that make this document unique, `parts` when what is to be paid.
    """
    add_up(invoice, lines)
    invoice.digest = digest_of(steps)
    invoice.issued_at = invoice.issued_at.replace(microsecond=invoice.issued_at.microsecond // 1000 * 1000)  # as sent
    instalments = _instalments(invoice, parts)
    document = electronic.drafted(invoice, lines, instalments)
    if invoice.party.einvoice:
        einvoice.demand(document, invoice.party.einvoice)
    booked = entry_lines(invoice, lines)
    if invoice.rate is not None:
        owed = (abs(one.debit - one.credit) for one in booked if one.account == "receivable")
        invoice.house_payable = sum(owed, ZERO)
    if booked:
        invoice.entry = post(
            Posting(
                journal="sales",
                date=invoice.date,
                text=_text(invoice),
                key=f"invoice:{invoice.pk}",
                source=("invoice", invoice.pk),
                company=invoice.company,
                lines=booked,
            )
        )
    told: dict[str, Any] = {"invoice": _row(invoice), "lines": [_row(line) for line in lines]}
    if instalments:
        told["instalments"] = [_row(one) for one in instalments]
    body = json.dumps(told, cls=DjangoJSONEncoder)
    with invoice_rules(), connection.cursor() as cursor:
        cursor.execute("SELECT public.invoice_issue(%s::jsonb)", [body])
        (invoice.number,) = cursor.fetchone()
    invoice.item = OpenItem(invoice=invoice, open_amount=invoice.payable, house_open=invoice.house_payable)
    invoice._state.adding = False
    electronic.keep(invoice, document)
    remember(invoice, "lines", lines)
    remember(invoice, "instalments", instalments)
    return invoice


def _instalments(invoice: Invoice, parts: Sequence[Part]) -> list[Instalment]:
    """What is asked at once is the document itself."""
    if len(parts) < 2:
        return []
    return [
        Instalment(invoice=invoice, position=position, due=part.due, amount=part.amount, until=part.until)
        for position, part in enumerate(parts, 1)
    ]


def addressee(party: Party) -> dict[str, Any]:
    """Whom the document is for, as it shall be read in ten years."""
    return {"code": party.code, "name": party.name, "tax_id": party.tax_id, "address": party.address_lines}


def _text(invoice: Invoice) -> str:
    what = _("Credit note") if invoice.kind == InvoiceKind.CREDIT_NOTE else _("Invoice")
    return f"{what} · {invoice.order.number} · {invoice.party.name}"


def _row(instance: models.Model) -> dict[str, Any]:
    """The instance's columns, as the database names them; the number is the database's to give."""
    return {
        str(field.column): getattr(instance, field.attname)
        for field in instance._meta.concrete_fields
        if not (isinstance(instance, Invoice) and field.name == "number")
    }
