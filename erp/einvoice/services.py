"""The verbs of e-invoicing: keep the letterhead, check a document, take one in."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from stdnum import bic as bics
from stdnum import iban as ibans
from stdnum.exceptions import ValidationError

from base.refusals import BadInput
from erp.einvoice import cii, reading, rules, ubl
from erp.einvoice.countries import country_code
from erp.einvoice.document import Address, Contact, Identifier, Invoice, PaymentMeans, to_data
from erp.einvoice.document import Party as Trader
from erp.einvoice.models import Letterhead, Received, Syntax
from erp.einvoice.refusals import ReceivedAlready, RulesBroken
from erp.einvoice.rules import Finding
from erp.ledger.models import Company
from erp.ledger.services import company as our_company
from erp.parties.models import Party

# What banks without IBAN call an account, once spaces are taken out.
_ACCOUNT = re.compile(r"[0-9A-Z]+(-[0-9A-Z]+)*", re.ASCII)
LETTERHEAD_FIELDS = (
    "legal_name", "street", "postal_code", "city", "region", "country", "vat_id", "tax_number", "registration",
    "contact_name", "phone", "email", "iban", "bic", "bank", "endpoint", "endpoint_scheme",
)  # fmt: skip
WRITERS = {Syntax.UBL: ubl.write, Syntax.CII: cii.write}


def letterhead_of(company: Company) -> Letterhead:
    """What stands on the company's invoices; name and country at least, while nobody has said more."""
    known = Letterhead.objects.filter(company=company).first()
    return known or Letterhead(company=company, legal_name=company.name, country=company.jurisdiction)


@transaction.atomic
def set_letterhead(company: Company, **told: Any) -> Letterhead:
    """Say who we are on invoices; what was issued before keeps the letterhead of its day."""
    unknown = set(told) - set(LETTERHEAD_FIELDS)
    assert not unknown, f"no letterhead: {unknown}"
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    letterhead = letterhead_of(company)
    told = {name: " ".join(str(value).split()) for name, value in told.items()}
    for name in ("country", "vat_id", "iban", "bic", "endpoint_scheme"):
        if name in told:
            told[name] = told[name].replace(" ", "").upper()
    changed = [name for name, value in told.items() if getattr(letterhead, name) != value]
    for name in changed:
        setattr(letterhead, name, told[name])
    _check_letterhead(letterhead)
    if changed or letterhead._state.adding:
        letterhead.save()
    return letterhead


def seller_of(letterhead: Letterhead) -> Trader:
    """The seller as an invoice names it."""
    email = letterhead.email
    endpoint = Identifier(letterhead.endpoint, letterhead.endpoint_scheme) if letterhead.endpoint else None
    contact = Contact(letterhead.contact_name, letterhead.phone, email)
    return Trader(
        name=letterhead.legal_name,
        registration=Identifier(letterhead.registration) if letterhead.registration else None,
        vat_id=letterhead.vat_id,
        tax_number=letterhead.tax_number,
        endpoint=endpoint or (Identifier(email, "EM") if email else None),
        address=Address(
            line1=letterhead.street,
            city=letterhead.city,
            postal_code=letterhead.postal_code,
            region=letterhead.region,
            country=letterhead.country,
        ),
        contact=contact if contact != Contact() else None,
    )


def payment_of(letterhead: Letterhead, currency: str) -> tuple[PaymentMeans, ...]:
    """A transfer to our account: SEPA for euros to an IBAN, otherwise a plain one."""
    if not letterhead.iban:
        return ()
    sepa = currency == "EUR" and ibans.is_valid(letterhead.iban)
    holder = letterhead.legal_name
    return (
        PaymentMeans(code="58" if sepa else "30", account=letterhead.iban, account_name=holder, bic=letterhead.bic),
    )


def write(invoice: Invoice, syntax: str) -> bytes:
    """The document in that syntax."""
    return WRITERS[Syntax(syntax)](invoice)


def check(invoice: Invoice, syntax: str) -> list[Finding]:
    """Which rules the document breaks once it is written."""
    return rules.check(reading.read(write(invoice, syntax)))


def demand(invoice: Invoice, syntax: str) -> bytes:
    """The document in that syntax, refused with the first rule that it breaks."""
    data = write(invoice, syntax)
    findings = [finding for finding in rules.check(reading.read(data)) if finding.fatal]
    if findings:
        first, *others = findings
        more = " " + _now("({count} more)").format(count=len(others)) if others else ""
        raise RulesBroken(
            rule=first.rule, text=first.told, more=more, findings=", ".join(finding.rule for finding in findings)
        )
    return data


@dataclass(frozen=True)
class Preview:
    """What a document says and breaks, before it is taken in."""

    syntax: str
    container: str
    invoice: Invoice
    findings: list[Finding]
    party: Party | None

    @property
    def valid(self) -> bool:
        return rules.is_valid(self.findings)


def preview(data: bytes) -> Preview:
    """Read and check what came; nothing is kept."""
    document = reading.read(data)
    return Preview(
        syntax=document.syntax,
        container="pdf" if data.startswith(b"%PDF") else "xml",
        invoice=document.invoice,
        findings=rules.check(document),
        party=supplier_of(document.invoice),
    )


@transaction.atomic
def receive(data: bytes, filename: str = "", by: Any = None) -> Received:
    """Keep the document, once: its very bytes, what it says and what it breaks.

    A broken rule is noted, not refused: the supplier must hear of it, and the bill may be due all the same.
    """
    seen = preview(data)
    invoice, seller = seen.invoice, seen.invoice.seller or Trader()
    if not invoice.number:
        raise BadInput(why=_("The document has no number."), field="file")
    company = our_company()
    tax_id = seller.vat_id or seller.tax_number
    received = Received(
        company=company,
        digest=_sha256(data),
        key=_sha256("\n".join((tax_id or seller.name.casefold(), invoice.number)).encode()),
        body=data,
        size=len(data),
        filename=filename.rpartition("/")[2][-200:],
        container=seen.container,
        syntax=seen.syntax,
        specification=invoice.specification[:250],
        number=invoice.number[:250],
        type_code=invoice.type_code[:10],
        seller_name=seller.name[:250],
        seller_tax_id=tax_id[:250],
        party=seen.party,
        issued_on=invoice.issue_date,
        due=invoice.due_date,
        currency=invoice.currency[:3],
        payable=_storable(invoice),
        content=to_data(invoice),
        findings=[finding.data for finding in seen.findings],
        valid=seen.valid,
        received_by=getattr(by, "username", "") or "",
    )
    Received.objects.bulk_create([received], ignore_conflicts=True)
    kept = Received.objects.filter(pk=received.pk).first()
    if kept is None:
        raise _already(received)
    return kept


def supplier_of(invoice: Invoice) -> Party | None:
    """The one supplier here who has the seller's VAT id or tax number; else the one of that very name."""
    seller = invoice.seller or Trader()
    suppliers = Party.objects.suppliers()
    ids = [told for told in (seller.vat_id, seller.tax_number) if told]
    for found in (suppliers.filter(tax_id__in=ids), suppliers.filter(name__iexact=seller.name)):
        if len(some := list(found[:2])) == 1:
            return some[0]
    return None


def _already(received: Received) -> ReceivedAlready:
    known = Received.objects.filter(Q(digest=received.digest) | Q(key=received.key, company=received.company))
    same = known.earliest("pk")
    return ReceivedAlready(number=same.number, seller=same.seller_name, date=f"{same.received_at:%Y-%m-%d}")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _storable(invoice: Invoice) -> Any:
    """The amount, where a column of ours can keep it."""
    amount = invoice.payable
    return amount if amount is not None and abs(amount) < 10**16 and amount == round(amount, 2) else None


def _check_letterhead(letterhead: Letterhead) -> None:
    if not letterhead.legal_name:
        raise BadInput(why=_("A name is needed."), field="legal_name")
    if country_code(letterhead.country) != letterhead.country or not letterhead.country:
        raise BadInput(why=_("The country is two letters of ISO 3166, as DE or CN."), field="country")
    prefix = letterhead.vat_id[:2].replace("EL", "GR")
    if letterhead.vat_id and country_code(prefix) != prefix:
        raise BadInput(why=_("A VAT id begins with the letters of its country, as DE123456788."), field="vat_id")
    if letterhead.iban[:2].isalpha() and letterhead.iban:
        try:
            ibans.validate(letterhead.iban)
        except ValidationError:
            raise BadInput(why=_("This IBAN is not right; compare it digit by digit."), field="iban") from None
    elif letterhead.iban and not _ACCOUNT.fullmatch(letterhead.iban):
        raise BadInput(why=_("An account is an IBAN, or digits with letters and dashes."), field="iban")
    if letterhead.bic and not bics.is_valid(letterhead.bic):
        raise BadInput(why=_("A BIC has 8 or 11 letters and digits, as DEUTDEFF."), field="bic")
    if bool(letterhead.endpoint) != bool(letterhead.endpoint_scheme):
        raise BadInput(why=_("An electronic address needs its kind, and a kind its address."), field="endpoint_scheme")
