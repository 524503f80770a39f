"""Our documents in the words of EN 16931: drafted before the number is taken, kept as issued, written on demand.

What is kept is the document without its number, which the invoice itself has: syntax, language and print are made of
it whenever somebody asks, and come out the same in ten years.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date as Day
from decimal import Decimal

from django.db.models import Max, prefetch_related_objects
from django.utils import translation
from django.utils.translation import gettext as _

from base.money import round_money
from erp.einvoice import services as einvoice
from erp.einvoice.countries import country_code
from erp.einvoice.document import (
    CORE,
    CREDIT_NOTE,
    INVOICE,
    Address,
    Allowance,
    Contact,
    Delivery,
    Identifier,
    Line,
    Note,
    Preceding,
    VatBreakdown,
    from_data,
    to_data,
)
from erp.einvoice.document import Invoice as Document
from erp.einvoice.document import Party as Trader
from erp.einvoice.models import Letterhead, Syntax
from erp.einvoice.pdf import pdf
from erp.einvoice.refusals import RulesBroken
from erp.invoices.drafting import entry_lines
from erp.invoices.models import Instalment, Invoice, InvoiceDocument, InvoiceLine, LineKind
from erp.parties.models import Party
from erp.shipping.models import Shipment

ZERO = Decimal("0.00")
PLACEHOLDER = "0"
PIECE = "C62"
UNITS = {
    "piece": "H87", "pieces": "H87", "pc": "H87", "pcs": "H87", "件": "H87", "个": "H87", "kg": "KGM", "千克": "KGM",
    "g": "GRM", "t": "TNE", "l": "LTR", "ml": "MLT", "m": "MTR", "m2": "MTK", "m3": "MTQ", "h": "HUR", "hour": "HUR",
    "小时": "HUR", "day": "DAY", "天": "DAY", "box": "XBX", "箱": "XBX", "pallet": "XPX", "set": "SET", "套": "SET",
}  # fmt: skip

# The category of the norm (UNTDID 5305) by our tax class, and why no tax is charged; by the rate where it is none of
# these.
CATEGORIES = {"zero": "Z", "exempt": "E", "reverse_charge": "AE", "intra_community": "K", "export": "G", "outside": "O"}
REASONS = {"AE": "VATEX-EU-AE", "K": "VATEX-EU-IC", "G": "VATEX-EU-G", "O": "VATEX-EU-O"}


def drafted(invoice: Invoice, lines: Sequence[InvoiceLine], instalments: Sequence[Instalment] = ()) -> Document:
    """The document as it stands before its number, with us and the buyer as they are today."""
    parcels = Shipment.objects.filter(order=invoice.order_id, dispatched_on__lte=invoice.date)
    delivered_on = parcels.aggregate(last=Max("dispatched_on"))["last"]
    prefetch_related_objects(list(lines), "order_line__product", "credits__invoice")
    document = assembled(invoice, lines, einvoice.letterhead_of(invoice.company), delivered_on)
    return replace(document, payment_terms=plan_told(invoice, instalments))


def assembled(
    invoice: Invoice, lines: Sequence[InvoiceLine], letterhead: Letterhead, delivered_on: Day | None
) -> Document:
    """The terms of the norm out of ours; nothing is looked up here."""
    written = [line for line in lines if not _is_payment(line)]
    prepaid = -sum((line.gross for line in lines if _is_payment(line)), ZERO)
    breakdown = _breakdown(written)
    net, tax = sum((line.net for line in written), ZERO), sum((line.tax for line in written), ZERO)
    return Document(
        number=PLACEHOLDER,
        specification=CORE,
        type_code=CREDIT_NOTE if invoice.is_credit_note else INVOICE,
        issue_date=invoice.date,
        due_date=None if invoice.is_credit_note else invoice.due,
        currency=invoice.currency,
        buyer_reference=invoice.party.buyer_reference,
        sales_order=invoice.order.number,
        notes=(Note(invoice.reason),) if invoice.reason else (),
        preceding=_credited(lines),
        seller=einvoice.seller_of(letterhead),
        buyer=_buyer(invoice.party),
        delivery=Delivery(date=delivered_on) if delivered_on else None,
        payment=() if invoice.is_credit_note else einvoice.payment_of(letterhead, invoice.currency),
        lines=tuple(_line(line) for line in written),
        vat=breakdown,
        total_lines=net,
        total_net=net,
        total_tax=tax,
        tax_currency="" if invoice.rate is None else invoice.company.base_currency,
        total_tax_accounting=None if invoice.rate is None else house_tax(invoice, lines),
        total_gross=net + tax,
        prepaid=prepaid or None,
        payable=net + tax - prepaid,
    )


def plan_told(invoice: Invoice, instalments: Sequence[Instalment]) -> str:
    """BT-20, in the reader's language: each instalment with its day; BT-9 is the first of these."""
    if not instalments:
        return ""
    parts = (
        _("{amount} {currency} by {date}").format(
            amount=one.amount, currency=invoice.currency, date=one.due.isoformat()
        )
        for one in instalments
    )
    told = _("To be paid in {count} instalments: {parts}.")
    return told.format(count=len(instalments), parts="; ".join(parts))


def house_tax(invoice: Invoice, lines: Sequence[InvoiceLine]) -> Decimal:
    """The tax as it stands in the books: a foreign document says it in their currency too."""
    booked = entry_lines(invoice, lines)
    return sum((abs(line.debit - line.credit) for line in booked if line.account == "vat_output"), ZERO)


def keep(invoice: Invoice, document: Document) -> None:
    """Freeze it with the invoice that has just got its number."""
    InvoiceDocument.objects.create(invoice_id=invoice.pk, body=to_data(replace(document, number="")))


def document_of(invoice: Invoice) -> Document:
    """The document as issued; of invoices older than that, with us and the buyer as they are today."""
    kept = InvoiceDocument.objects.filter(invoice=invoice.pk).first()
    if kept is not None:
        document = from_data(Document, kept.body)
    else:
        document = drafted(invoice, list(invoice.lines.order_by("position")), list(invoice.instalments.all()))
    return replace(document, number=invoice.number, remittance=invoice.number if document.payment else "")


def written(invoice: Invoice, syntax: str) -> bytes:
    """The invoice as XML, refused with the first rule that it breaks."""
    return einvoice.demand(document_of(invoice), syntax)


def printed(invoice: Invoice, language: str) -> bytes:
    """The invoice as PDF, a Factur-X with its XML inside; without it where the invoice keeps not all of the rules."""
    document = document_of(invoice)
    try:
        xml = einvoice.demand(document, Syntax.CII)
    except RulesBroken:
        xml = None
    with translation.override(language):
        told = plan_told(invoice, list(invoice.instalments.all()))
    return pdf(replace(document, payment_terms=told or document.payment_terms), xml, language)


def _is_payment(line: InvoiceLine) -> bool:
    """A deposit that was not taxed when it came is money paid before; one that was is a line with its tax."""
    return line.kind == LineKind.DEPOSIT and not line.tax_class


def _line(line: InvoiceLine) -> Line:
    """A line; what is taken off has a negative quantity, for no price of the norm may be negative."""
    price = abs(line.unit_price)
    quantity = -line.quantity if line.net < 0 else line.quantity
    return Line(
        number=str(line.position),
        quantity=quantity.normalize() + 0,
        unit=_unit(line),
        net=line.net,
        allowances=_allowances(line, quantity * price),
        price=price,
        category=_category(line),
        rate=_percent(line),
        name=line.description or line.sku or str(line.position),
        seller_item=line.sku,
    )


def _allowances(line: InvoiceLine, full: Decimal) -> tuple[Allowance, ...]:
    """What lies between quantity times price and the net of the line: the discount, or a rounding of parts."""
    base = round_money(full, line.invoice.currency)
    off = base - line.net
    if not off:
        return ()
    percent = line.discount * 100 if line.discount else None
    reason = _("Discount") if line.discount else _("Rounding")
    return (Allowance(amount=abs(off), charge=off < 0, base=base if percent else None, percent=percent, reason=reason),)


def _breakdown(lines: Sequence[InvoiceLine]) -> tuple[VatBreakdown, ...]:
    sums: dict[tuple[str, Decimal | None], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for line in lines:
        group = sums[_category(line), _percent(line)]
        group[0], group[1] = group[0] + line.net, group[1] + line.tax
    return tuple(
        VatBreakdown(
            basis=net,
            tax=tax,
            category=category,
            rate=rate,
            reason_code=REASONS.get(category, ""),
            reason=_("Exempt from tax") if category == "E" else "",
        )
        for (category, rate), (net, tax) in sorted(sums.items(), key=lambda one: (one[0][0], one[0][1] or 0))
    )


def _category(line: InvoiceLine) -> str:
    if line.rate:
        return "S"
    return CATEGORIES.get(line.tax_class, "Z")


def _percent(line: InvoiceLine) -> Decimal | None:
    return None if _category(line) == "O" else (line.rate * 100).normalize() + 0


def _unit(line: InvoiceLine) -> str:
    product = line.order_line.product if line.order_line is not None else None
    return UNITS.get(product.unit.strip().casefold(), PIECE) if product is not None else PIECE


def _buyer(party: Party) -> Trader:
    tax_id = party.tax_id.replace(" ", "").upper()
    is_vat_id = country_code(tax_id[:2].replace("EL", "GR")) == tax_id[:2].replace("EL", "GR") != ""
    endpoint = Identifier(party.endpoint, party.endpoint_scheme) if party.endpoint else None
    contact = Contact(email=party.email, phone=party.phone)
    return Trader(
        name=party.name,
        identifiers=(Identifier(party.code),),
        registration=None if is_vat_id or not tax_id else Identifier(party.tax_id),
        vat_id=tax_id if is_vat_id else "",
        endpoint=endpoint or (Identifier(party.email, "EM") if party.email else None),
        address=Address(
            line1=party.street,
            city=party.city,
            postal_code=party.postal_code,
            region=party.region,
            country=country_code(party.country),
        ),
        contact=contact if contact != Contact() else None,
    )


def _credited(lines: Sequence[InvoiceLine]) -> tuple[Preceding, ...]:
    found = {line.credits.invoice.number: line.credits.invoice for line in lines if line.credits is not None}
    return tuple(Preceding(number=number, date=found[number].date) for number in sorted(found))
