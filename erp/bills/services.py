"""The verbs of bills: write, post, pay, discard."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date as Day
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from base.ids import uuid7
from base.recording import keep_made
from base.refusals import ChangedMeanwhile
from base.roles import require
from erp.banking.models import Method, Receipt, ReceiptKind
from erp.banking.receipts import record_receipt
from erp.banking.refusals import booked_for, checked_amount, checked_day
from erp.bills import refusals
from erp.bills.models import Bill, BillInstalment, BillLine, BillPayment, BillStatus
from erp.bills.refusals import bill_rules
from erp.bills.roles import WRITERS
from erp.ledger.models import Account
from erp.ledger.services import Line, Posting, company, hold_period
from erp.ledger.services import post as post_entry
from erp.ledger.vouchers import named_lines
from erp.openings.models import OpeningItem
from erp.parties.models import Party, PartyKind
from erp.parties.services import due_plan
from erp.rates.booking import foreign_rate, in_books, settling
from erp.rates.services import in_house, share
from erp.tax.models import Treatment
from erp.tax.services import net_and_tax, profile_of, rate, tag, taxes_on, treatment

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class NewLine:
    """A line as it stands on the bill; the amount includes the tax or not, as the bill says."""

    account: Account
    amount: Decimal
    tax_class: str = "standard"
    text: str = ""
    cost_centre: str | None = None
    project: str | None = None


@transaction.atomic
def write(
    party: Party,
    number: str,
    date: Day,
    lines: Sequence[NewLine],
    by: Any,
    *,
    due: Day | None = None,
    inclusive: bool = False,
    note: str = "",
    received: Any = None,
    currency: str = "",
    id: UUID | None = None,
) -> Bill:
    """A bill as a draft; the same `id` again is the same bill. A supplier's number is taken once.

    It is in the currency of the books, or in another one that has a rate on its day.
    """
    require(by, *WRITERS)
    party = _held(party)
    if id is not None and (known := Bill.objects.filter(pk=id).first()):
        return known
    ours = company()
    bill = Bill(id=id or uuid7(), company=ours, created_by=by, received=received)
    _tell(bill, party, number, date, due, inclusive, note, currency)
    bill.save(force_insert=True)
    _write_lines(bill, lines)
    return bill


@transaction.atomic
def change(
    bill: Bill,
    party: Party,
    number: str,
    date: Day,
    lines: Sequence[NewLine],
    by: Any,
    *,
    due: Day | None = None,
    inclusive: bool = False,
    note: str = "",
    currency: str = "",
    version: str = "",
) -> Bill:
    """Write a draft anew."""
    require(by, *WRITERS)
    bill = _locked(bill)
    if bill.status != BillStatus.DRAFT:
        raise refusals.BillStays(number=bill.number, state=bill.get_status_display())
    if version and version != bill.version:
        raise ChangedMeanwhile
    party = _held(party)
    _tell(bill, party, number, date, due, inclusive, note, currency)
    bill.lines.all().delete()
    _write_lines(bill, lines)
    return bill


@transaction.atomic
def post(bill: Bill, by: Any) -> Bill:
    """Into the books: Dr accounts and input tax, Cr payable, for good; twice is once.

    Where the recipient owes the tax both sides of it are booked. Bills from the company's limit on are posted by
    somebody other than who wrote them.
    """
    require(by, *WRITERS)
    hold_period(bill.date, bill.company)
    bill = _locked(bill)
    if bill.status == BillStatus.POSTED:
        return bill
    if bill.status != BillStatus.DRAFT:
        raise refusals.BillStays(number=bill.number, state=bill.get_status_display())
    bill.rate = foreign_rate(bill.currency, bill.date, bill.company)
    worth = in_house(bill.payable, bill.rate, bill.company.base_currency)
    bill.house_payable = None if bill.rate is None else worth
    if worth >= bill.company.approval_from and bill.created_by_id == by.pk:
        limit = f"{bill.company.approval_from} {bill.company.base_currency}"
        raise refusals.SecondPersonPosts(limit=limit)
    if bill.by_terms:
        _write_plan(bill)
    entry = post_entry(
        Posting(
            journal="purchases",
            date=bill.date,
            text=" · ".join(part for part in (bill.number, bill.party.name, bill.note) if part),
            key=f"bill:{bill.pk}",
            source=("bill", bill.pk),
            company=bill.company,
            lines=entry_lines(bill, list(bill.lines.select_related("account", "cost_centre", "project"))),
        )
    )
    bill.post(entry, by)
    bill.save()
    return bill


@transaction.atomic
def pay(
    bill: Bill,
    amount: Decimal,
    date: Day,
    by: Any,
    reference: str = "",
    method: str = Method.BANK,
    key: str | None = None,
    booked: Decimal | None = None,
) -> Receipt:
    """Money to the supplier: Dr payable, Cr bank; at most what is open.

    Of a foreign bill the amount is in its currency, and `booked` what the bank took for it in that of the books: by the
    rate of the day, if nobody says it. What that is more or less than the bill was worth is a loss or a gain.
    """
    require(by, *WRITERS)
    hold_period(date, bill.company)
    bill = _locked(bill)
    if key and (known := Receipt.objects.filter(key=key).first()):
        return known
    if bill.status != BillStatus.POSTED:
        raise refusals.BillStays(number=bill.number, state=bill.get_status_display())
    amount = checked_amount(amount, bill.currency)
    checked_day(date)
    if amount > bill.open_amount:
        raise refusals.MoreThanOpen(number=bill.number, open=bill.open_amount, amount=amount)
    money = booked_for(amount, bill.currency, date, bill.company, booked)
    worth, against = None, [Line("payable", debit=amount, party=bill.party.code)]
    if money is not None:
        assert bill.house_open is not None
        worth = share(amount, bill.open_amount, bill.house_open, bill.company.base_currency)
        against = settling("payable", bill.party.code, amount, worth, money, bill.currency, out=True)
    receipt = record_receipt(
        ReceiptKind.PAID,
        bill.party,
        amount,
        date,
        against,
        house_amount=money,
        currency=bill.currency,
        by=by,
        reference=reference or bill.number,
        method=method,
        key=key,
    )
    with bill_rules():
        BillPayment.objects.create(bill=bill, receipt=receipt, amount=amount, house_amount=worth)
    return receipt


@transaction.atomic
def discard(bill: Bill, by: Any) -> Bill:
    """Not ours, or written twice; its number may be written again."""
    require(by, *WRITERS)
    bill = _locked(bill)
    if bill.status != BillStatus.DRAFT:
        raise refusals.BillStays(number=bill.number, state=bill.get_status_display())
    bill.discard()
    bill.save()
    return bill


def hold_suppliers(parties: Iterable[Party]) -> None:
    """Those of many bills, in one order, so that rivals wait for each other and never in a circle."""
    pks = {party.pk for party in parties}
    list(Party.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk").values_list("pk"))


def hold(bills: Iterable[Bill]) -> None:
    """Bills that are paid together, likewise; nobody changes them until the transaction ends."""
    pks = {bill.pk for bill in bills}
    list(Bill.objects.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk").values_list("pk"))


def entry_lines(bill: Bill, lines: Sequence[BillLine]) -> list[Line]:
    """How the bill stands in the books."""
    told = _entry_lines(bill, lines)
    if bill.rate is None:
        return told
    return in_books([(line, bill.rate) for line in told], bill.currency, bill.company)


def _entry_lines(bill: Bill, lines: Sequence[BillLine]) -> list[Line]:
    """The same in the bill's own currency."""
    booked = [
        Line(
            line.account.code, debit=line.net, tax_code=tag(line.tax_class, line.rate), text=line.text,
            cost_centre=line.cost_centre.code if line.cost_centre else None,
            project=line.project.code if line.project else None,
        )
        for line in lines
    ]  # fmt: skip
    taxes: dict[tuple[str, bool], Decimal] = {}
    for line in lines:
        key = tag(line.tax_class, line.rate), treatment(line.tax_class) == Treatment.RECIPIENT
        taxes[key] = taxes.get(key, ZERO) + line.tax
    for (code, ours), tax in taxes.items():
        booked.append(Line("vat_input", debit=tax, tax_code=code))
        if ours:
            booked.append(Line("vat_output", credit=tax, tax_code=code))
    booked.append(Line("payable", credit=bill.payable, party=bill.party.code, due=bill.due))
    return booked


def _tell(
    bill: Bill, party: Party, number: str, date: Day, due: Day | None, inclusive: bool, note: str, currency: str
) -> None:
    """The head of the bill, checked."""
    if party.kind != PartyKind.SUPPLIER:
        raise refusals.NotASupplier(party=party.name)
    bill.currency = currency.strip().upper() or bill.company.base_currency
    foreign_rate(bill.currency, date, bill.company)
    number = number.strip()
    same = Bill.objects.filter(party=party, number__iexact=number).exclude(status=BillStatus.DISCARDED)
    before = OpeningItem.objects.standing().filter(party=party, number__iexact=number)
    if same.exclude(pk=bill.pk).exists() or before.exists():
        raise refusals.BillKnown(number=number, party=party.name)
    bill.party, bill.number, bill.inclusive, bill.note = party, number, inclusive, note.strip()[:250]
    bill.date = checked_day(date)
    bill.by_terms = due is None
    bill.due = max(due or due_plan(party, date, ZERO, bill.currency)[0].due, date)


def _write_plan(bill: Bill) -> None:
    """When the supplier's terms want which part of it; all at once is the bill itself."""
    parts = due_plan(bill.party, bill.date, bill.payable, bill.currency)
    bill.due = parts[0].due
    if len(parts) > 1:
        BillInstalment.objects.bulk_create(
            BillInstalment(bill=bill, position=position, due=part.due, amount=part.amount, until=part.until)
            for position, part in enumerate(parts, 1)
        )


def _write_lines(bill: Bill, lines: Sequence[NewLine]) -> None:
    """Lines with their net and tax, and the sums of the bill."""
    if not lines:
        raise refusals.NoLines
    made, named = [], named_lines(bill.company, lines)
    for position, line in enumerate(lines, 1):
        if line.account.control or line.account.is_group or line.account.role in ("vat_input", "vat_output"):
            raise refusals.NotForBills(account=line.account)
        amount = checked_amount(line.amount, bill.currency, "lines")
        fraction = rate(line.tax_class, bill.date, bill.company.jurisdiction)
        inside = bill.inclusive and treatment(line.tax_class) == Treatment.NORMAL
        net, tax = net_and_tax(amount, fraction, bill.currency) if inside else (amount, ZERO)
        made.append(
            BillLine(bill=bill, position=position, account=line.account, text=line.text[:250], amount=amount,
                     tax_class=line.tax_class, rate=fraction, net=net, tax=tax, **named[position - 1])
        )  # fmt: skip
    if not bill.inclusive:
        nets = [(line.net, line.rate) for line in made]
        for one, tax in zip(made, taxes_on(nets, bill.currency, profile_of(bill.company).rounding), strict=True):
            one.tax = tax
    else:
        for one in made:
            if treatment(one.tax_class) == Treatment.RECIPIENT:
                (one.tax,) = taxes_on([(one.net, one.rate)], bill.currency)
    BillLine.objects.bulk_create(made)
    keep_made(made)
    bill.net = sum((one.net for one in made), ZERO)
    bill.tax = sum((one.tax for one in made), ZERO)
    asked = sum((one.tax for one in made if treatment(one.tax_class) == Treatment.NORMAL), ZERO)
    bill.payable = bill.net + asked
    bill.save()


def _held(party: Party) -> Party:
    """The supplier, held: of two who enter the same bill at once the second one is told."""
    held: Party = Party.objects.select_for_update(no_key=True).get(pk=party.pk)
    return held


def _locked(bill: Bill) -> Bill:
    """The bill as it stands now, held until the transaction ends."""
    return Bill.objects.select_for_update(of=("self",)).select_related("company", "party__company").get(pk=bill.pk)
