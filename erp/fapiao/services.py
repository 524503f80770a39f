"""The verbs of fapiaos: ask for one, take it back in red, enter what was issued or refused, withdraw."""

import re
from datetime import date as Day
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError as Invalid
from django.core.validators import MaxLengthValidator, URLValidator
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc

from base.ids import uuid7
from base.refusals import BadInput, MoveRefused
from base.roles import require
from erp.banking.receipts import name_of
from erp.banking.refusals import checked_day
from erp.einvoice.services import letterhead_of
from erp.fapiao import amounts, refusals
from erp.fapiao.amounts import Amounts
from erp.fapiao.models import (
    CURRENCY,
    JURISDICTION,
    NUMBERED,
    Colour,
    Fapiao,
    FapiaoAmount,
    FapiaoKind,
    FapiaoStatus,
    RedReason,
)
from erp.fapiao.refusals import fapiao_rules
from erp.fapiao.roles import WRITERS
from erp.invoices.models import Invoice
from erp.ledger.models import Company

_DIGITAL = re.compile(r"[0-9]{20}", re.ASCII)
_OLDER = re.compile(r"[0-9]{8}", re.ASCII)
_CODE = re.compile(r"[0-9]{10}|[0-9]{12}", re.ASCII)


def has_fapiaos(invoice: Invoice) -> bool:
    """Is this a document that fapiaos are issued for?"""
    ours = invoice.company.jurisdiction == JURISDICTION and invoice.currency == CURRENCY
    return ours and not invoice.is_credit_note


def buyer_of(invoice: Invoice) -> tuple[str, str]:
    """The buyer as the invoice names it; a tax number only if it is one of China."""
    told = str(invoice.addressee.get("tax_id") or "")
    number = uscc.compact(told) if told.isascii() else ""
    return str(invoice.addressee.get("name") or ""), number if uscc.is_valid(number) else ""


@transaction.atomic
def request(invoice: Invoice, kind: str, by: Any, **told: Any) -> Fapiao:
    """Ask for the invoice's fapiao; the provider hears of it with the next sending. A doubled click asks once."""
    require(by, *WRITERS)
    made = _asked(invoice, kind, by, **told)
    if not made.seller_tax_number:
        raise refusals.SellerUnknown
    return made


@transaction.atomic
def enter(
    invoice: Invoice, kind: str, number: str, issued_on: Day, by: Any, code: str = "", link: str = "", **told: Any
) -> Fapiao:
    """The invoice's fapiao was issued by hand already: it is in the register, and the provider never hears of it."""
    require(by, *WRITERS)
    return record(_asked(invoice, kind, by, **told), number, issued_on, by, code, link)


@transaction.atomic
def request_red(blue: Fapiao, reason: str, by: Any, **told: Any) -> Fapiao:
    """Ask for a red letter: of what the credit note takes off the invoice, without one of all that is left."""
    require(by, *WRITERS)
    made = _asked_red(blue, reason, by, **told)
    if not made.seller_tax_number:
        raise refusals.SellerUnknown
    return made


@transaction.atomic
def enter_red(
    blue: Fapiao, reason: str, number: str, issued_on: Day, by: Any, code: str = "", link: str = "", **told: Any
) -> Fapiao:
    """The red letter was issued by hand already: it is in the register, and the provider never hears of it."""
    require(by, *WRITERS)
    return record(_asked_red(blue, reason, by, **told), number, issued_on, by, code, link)


def take_back(
    blue: Fapiao, reason: str, by: Any, number: str = "", code: str = "", issued_on: Day | None = None, **told: Any
) -> Fapiao:
    """Ask for a red letter, or enter it where it has its number already."""
    if not number:
        return request_red(blue, reason, by, **told)
    return enter_red(blue, reason, number, issued_on or timezone.localdate(), by, code, **told)


@transaction.atomic
def record(fapiao: Fapiao, number: str, issued_on: Day, by: Any, code: str = "", link: str = "") -> Fapiao:
    """It was issued by hand, on the pages of the tax bureau: enter its number."""
    require(by, *WRITERS)
    return issue(fapiao, number, issued_on, code, link, by_hand=True)


@transaction.atomic
def issue(fapiao: Fapiao, number: str, issued_on: Day, code: str = "", link: str = "", by_hand: bool = False) -> Fapiao:
    """It was issued under this number. The very same again changes nothing."""
    found = _held(fapiao)
    code, number = checked_number(code, number)
    if found.status in NUMBERED and (found.code, found.number) == (code, number):
        return found
    if found.status != FapiaoStatus.REQUESTED:
        raise refusals.AnsweredOtherwise(what=found.what, state=found.get_status_display())
    told = {"code": code, "number": number, "issued_on": checked_day(issued_on, "issued_on"), "link": _checked(link)}
    found.issue(**told, by_hand=by_hand)
    with fapiao_rules(number=f"{code} {number}".strip()), transaction.atomic():
        found.save()
    _let_go(found)
    return found


@transaction.atomic
def refuse(fapiao: Fapiao, why: str) -> Fapiao:
    """The provider says no. The very same again changes nothing."""
    found = _held(fapiao)
    why = why.strip()[:400]
    if found.status in (FapiaoStatus.REFUSED, FapiaoStatus.WITHDRAWN) and found.refusal == why:
        return found
    if found.status != FapiaoStatus.REQUESTED:
        raise refusals.AnsweredOtherwise(what=found.what, state=found.get_status_display())
    found.refuse(why)
    found.save()
    _let_go(found)
    return found


@transaction.atomic
def withdraw(fapiao: Fapiao, by: Any) -> Fapiao:
    """Not wanted any more: what nobody outside has heard of yet, or what was refused."""
    require(by, *WRITERS)
    found = _held(fapiao)
    if found.status == FapiaoStatus.REQUESTED and found.sent_at is not None:
        raise refusals.WithTheProvider(what=found.what)
    if not found.can_be_withdrawn:
        raise MoveRefused(what=found.what, state=found.get_status_display(), verb=_("withdrawn"))
    found.withdraw()
    found.save()
    _let_go(found)
    return found


def seller_of(company: Company) -> tuple[str, str]:
    """Who issues, as the letterhead says; the number is empty while it knows none of China."""
    letterhead = letterhead_of(company)
    for told in (letterhead.tax_number, letterhead.registration, letterhead.vat_id):
        number = uscc.compact(told) if told.isascii() else ""
        if uscc.is_valid(number):
            return letterhead.legal_name, number
    return letterhead.legal_name, ""


def checked_tax_number(told: str) -> str:
    """A unified social credit code as it is written, or nothing.

    >>> checked_tax_number(" 9111 0000-6000 37341l "), checked_tax_number("")
    ('91110000600037341L', '')
    """
    number = "".join(told.split()).replace("-", "").upper()
    if number and not (number.isascii() and uscc.is_valid(number)):
        raise refusals.BadTaxNumber(number=number[:40])
    return number


def checked_number(code: str, number: str) -> tuple[str, str]:
    """Code and number of a fapiao without the blanks that people put between.

    >>> checked_number("", "2531 2000 0000 0000 0001")
    ('', '25312000000000000001')
    >>> checked_number("3100 1234 56", "01234567")
    ('3100123456', '01234567')
    """
    code, number = "".join(code.split()), "".join(number.split())
    if not ((_DIGITAL.fullmatch(number) and not code) or (_OLDER.fullmatch(number) and _CODE.fullmatch(code))):
        raise refusals.BadNumber
    return code, number


def _asked(
    invoice: Invoice,
    kind: str,
    by: Any,
    buyer_name: str = "",
    buyer_tax_number: str | None = None,
    remark: str = "",
    id: UUID | None = None,
) -> Fapiao:
    """The invoice's fapiao as it is asked for; without words about the buyer as the invoice names them."""
    if known := _known(id, invoice):
        return known
    if not has_fapiaos(invoice):
        raise refusals.NotForFapiao(number=invoice.number)
    if Fapiao.objects.effective().filter(invoice=invoice).exists():
        raise refusals.HasFapiao(invoice=invoice.number)
    said = amounts.of_invoice(invoice)
    if sum(amounts.sums(said)) <= 0:
        raise refusals.NothingToSay(invoice=invoice.number)
    kind, (name, number) = FapiaoKind(kind), buyer_of(invoice)
    number = number if buyer_tax_number is None else checked_tax_number(buyer_tax_number)
    if kind == FapiaoKind.SPECIAL and not number:
        raise refusals.TaxNumberMissing
    if kind == FapiaoKind.SPECIAL and not amounts.sums(said)[1]:
        raise refusals.NoTaxToDeduct(invoice=invoice.number)
    seller_name, seller_tax_number = seller_of(invoice.company)
    made = Fapiao(
        id=id or uuid7(),
        company=invoice.company,
        invoice=invoice,
        colour=Colour.BLUE,
        kind=kind,
        seller_name=seller_name,
        seller_tax_number=seller_tax_number,
        buyer_name=" ".join(buyer_name.split())[:250] or name,
        buyer_tax_number=number,
        remark=remark.strip()[:200],
        requested_by=name_of(by),
    )
    return _write(made, said, invoice=invoice.number)


def _asked_red(
    blue: Fapiao, reason: str, by: Any, credit_note: Invoice | None = None, remark: str = "", id: UUID | None = None
) -> Fapiao:
    """The red letter as it is asked for; the blue one waits."""
    if known := _known(id, blue.invoice):
        return known
    blue = _held(blue)
    if blue.is_red or blue.status != FapiaoStatus.ISSUED:
        if blue.status == FapiaoStatus.RED_REQUESTED:
            raise refusals.RedLetterWaits(number=blue.told_number)
        raise MoveRefused(what=blue.what, state=blue.get_status_display(), verb=_("taken back"))
    reason = RedReason(reason)
    said = amounts.negative(amounts.left_of(blue))
    if credit_note is not None:
        if reason == RedReason.INVOICING_ERROR:
            raise refusals.NotWhole
        said = amounts.of_credit_note(credit_note, blue.invoice)
        if not said:
            raise refusals.NotOfThisInvoice(note=credit_note.number, invoice=blue.invoice.number)
    made = Fapiao(
        id=id or uuid7(),
        company=blue.company,
        invoice=blue.invoice,
        colour=Colour.RED,
        kind=blue.kind,
        reverses=blue,
        credit_note=credit_note,
        reason=reason,
        seller_name=blue.seller_name,
        seller_tax_number=blue.seller_tax_number or seller_of(blue.company)[1],
        buyer_name=blue.buyer_name,
        buyer_tax_number=blue.buyer_tax_number,
        remark=remark.strip()[:200],
        requested_by=name_of(by),
    )
    _write(made, said, number=blue.told_number, note=credit_note)
    blue.wait_for_red()
    blue.save()
    return made


def _write(made: Fapiao, said: Amounts, **facts: Any) -> Fapiao:
    """The fapiao with what it says of each rate; the database compares both with the invoice."""
    made.net, made.tax = amounts.sums(said)
    made.gross = made.net + made.tax
    with fapiao_rules(**facts), transaction.atomic():
        made.save(force_insert=True)
    FapiaoAmount.objects.bulk_create(
        FapiaoAmount(fapiao=made, tax_class=tax_class, rate=rate, net=net, tax=tax)
        for (tax_class, rate), (net, tax) in sorted(said.items())
    )
    return made


def _let_go(red: Fapiao) -> None:
    """A red letter has its answer: the blue one stands, with less or with all, or is reversed."""
    blue = red.reverses
    if blue is None or blue.status != FapiaoStatus.RED_REQUESTED:
        return
    if amounts.left_of(blue):
        blue.stand()
    else:
        blue.be_reversed()
    blue.save()


def _held(fapiao: Fapiao) -> Fapiao:
    """As it stands now, until the transaction ends; the blue one before its red letter."""
    rows = Fapiao.objects.select_for_update(of=("self",)).select_related("invoice", "company")
    blue = rows.get(pk=fapiao.reverses_id) if fapiao.reverses_id else None
    found = rows.get(pk=fapiao.pk)
    if blue is not None:
        found.reverses = blue
    return found


def _known(id: UUID | None, invoice: Invoice) -> Fapiao | None:
    return Fapiao.objects.filter(pk=id, invoice=invoice).first() if id else None


def _checked(link: str) -> str:
    """An address of the web; nothing else is ever put behind a link."""
    link = link.strip()
    if not link:
        return ""
    try:
        URLValidator(["http", "https"])(link)
        MaxLengthValidator(500)(link)
    except Invalid:
        raise BadInput(why=_("The document's address is none of the web, or is too long."), field="link") from None
    return link
