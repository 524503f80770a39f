"""The verbs of openings: bring balances, bring items, take back, settle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Day
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from base.ids import uuid7
from base.refusals import NotFound
from base.roles import require
from erp.banking.models import Method, Receipt, ReceiptKind
from erp.banking.receipts import name_of, record_receipt
from erp.banking.refusals import checked_amount, checked_day
from erp.ledger.models import Account, JournalEntry
from erp.ledger.refusals import NotBalanced
from erp.ledger.services import Line, Posting, account, company, hold_period, post, reverse
from erp.ledger.sets import post_set
from erp.openings import refusals
from erp.openings.models import OpeningAllocation, OpeningBalance, OpeningItem, OpeningLine
from erp.openings.refusals import opening_rules
from erp.openings.roles import WRITERS
from erp.orders import services as orders
from erp.parties.models import Party

ZERO = Decimal("0.00")
JOURNAL = "opening"
WAITING = "opening_equity"
# Accounts whose balance comes document by document: it waits on the account of opening balances until they are here.
BY_DOCUMENT = ("receivable", "payable", "inventory")


@dataclass(frozen=True)
class Balance:
    """What stood on an account in the other system."""

    account: Account
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    text: str = ""


@dataclass(frozen=True)
class NewItem:
    """An unpaid document of the other system."""

    side: str
    party: Party
    number: str
    date: Day
    due: Day
    amount: Decimal
    text: str = ""


@transaction.atomic
def open_accounts(
    day: Day, balances: Sequence[Balance], by: Any, *, difference_waits: bool = False, text: str = ""
) -> OpeningBalance:
    """The balances of a day as one entry of the opening journal, once.

    What documents keep waits on the account of opening balances. What the file lacks to balance is refused, or waits
    there as well when a person says so.
    """
    require(by, *WRITERS)
    ours = company()
    _alone(f"opening:{day}")
    hold_period(day)
    standing = OpeningBalance.objects.filter(company=ours, day=day, reversal=None).select_related("entry").first()
    if standing is not None:
        raise refusals.OpeningKnown(day=day, number=standing.entry.number)
    told = [one for one in balances if one.debit or one.credit]
    if not told:
        raise refusals.NothingOpens
    difference = difference_of(told)
    if difference and not difference_waits:
        raise refused_difference(told)
    lines = [_line(one) for one in told] + _rest(difference)
    if any(one.account == WAITING for one in lines):
        waiting_account()
    opening = OpeningBalance(company=ours, day=day, difference=difference, recorded_by=name_of(by))
    opening.entry = post(
        Posting(
            journal=JOURNAL,
            date=day,
            text=text or f"{OpeningBalance._meta.verbose_name} {day}",
            key=f"opening:{opening.pk}",
            source=("opening", opening.pk),
            company=ours,
            lines=lines,
        )
    )
    opening.save(force_insert=True)
    OpeningLine.objects.bulk_create(
        OpeningLine(
            opening=opening, position=place, account=one.account, debit=one.debit, credit=one.credit,
            text=one.text[:250],
        )
        for place, one in enumerate(told, 1)
    )  # fmt: skip
    return opening


@transaction.atomic
def open_items(on: Day, items: Sequence[NewItem], by: Any) -> list[OpeningItem]:
    """Unpaid documents from before, each with its own entry on that day: receivable (or payable) of its party against
    the account of opening balances. They carry no tax: it was declared where they were issued.
    """
    require(by, *WRITERS)
    ours = company()
    waiting_account()
    hold_period(on)
    _hold_parties({one.party.pk for one in items})
    known = _known(items)
    for one in items:
        if (one.party.pk, one.number.upper()) in known:
            raise refusals.ItemKnown(number=one.number, party=one.party.name)
    made = [
        OpeningItem(
            id=uuid7(), company=ours, side=one.side, party=one.party, number=one.number, date=one.date, due=one.due,
            opened_on=on, currency=ours.base_currency, amount=one.amount, open_amount=one.amount, text=one.text[:250],
            recorded_by=name_of(by),
        )
        for one in items
    ]  # fmt: skip
    outcomes = post_set([_posting(item) for item in made])
    for item, outcome in zip(made, outcomes, strict=True):
        if outcome.refusal:
            raise outcome.refusal
        assert outcome.entry
        item.entry_id = outcome.entry
    OpeningItem.objects.bulk_create(made)
    _band([item.party for item in made if item.is_receivable])
    return made


@transaction.atomic
def take_back_accounts(opening: OpeningBalance, by: Any, reason: str) -> JournalEntry:
    """Undo the balances of a day by the mirror of their entry; they may be brought again."""
    require(by, *WRITERS)
    _alone(f"opening:{opening.day}")
    hold_period(opening.day)
    opening = OpeningBalance.objects.select_for_update(of=("self",)).select_related("entry__journal").get(pk=opening.pk)
    if opening.reversal_id:
        raise refusals.OpeningGone(day=opening.day)
    opening.reversal = reverse(opening.entry, opening.day, reason)
    opening.save(update_fields=["reversal"])
    return opening.reversal


@transaction.atomic
def take_back_item(item: OpeningItem, by: Any, reason: str) -> JournalEntry:
    """Undo an item of which nothing is paid, by the mirror of its entry."""
    require(by, *WRITERS)
    hold_period(item.opened_on)
    item = locked(item)
    if item.reversal_id:
        raise refusals.ItemStays(number=item.number)
    if item.open_amount != item.amount:
        raise refusals.ItemUsed(number=item.number)
    item.reversal, item.open_amount = reverse(item.entry, item.opened_on, reason), ZERO
    with opening_rules():
        item.save(update_fields=["reversal", "open_amount"])
    _band([item.party] if item.is_receivable else [])
    return item.reversal


@transaction.atomic
def settle(
    item: OpeningItem,
    amount: Decimal,
    date: Day,
    by: Any,
    reference: str = "",
    method: str = Method.BANK,
    key: str | None = None,
    keep_rest: bool = False,
) -> Receipt:
    """Money for the item: from a customer (Dr bank, Cr receivable), or to a supplier (Dr payable, Cr bank).

    More than is open is refused; a customer's may stay as credit with `keep_rest`, as with our own invoices.
    """
    require(by, *WRITERS)
    hold_period(date)
    item = locked(item)
    if key and (known := Receipt.objects.filter(key=key).first()):
        return known
    if item.reversal_id:
        raise refusals.ItemStays(number=item.number)
    amount = checked_amount(amount, item.currency)
    if checked_day(date) < item.opened_on:
        raise refusals.PaidBeforeOpening(number=item.number, date=item.opened_on)
    settled = min(amount, item.open_amount)
    if amount > settled and not (keep_rest and settled and item.is_receivable):
        raise refusals.MoreThanOpen(number=item.number, open=item.open_amount, amount=amount)
    code = item.party.code
    money_in, money_out = Line(item.side, credit=amount, party=code), Line(item.side, debit=amount, party=code)
    receipt = record_receipt(
        ReceiptKind.PAYMENT if item.is_receivable else ReceiptKind.PAID,
        item.party,
        amount,
        date,
        [money_in if item.is_receivable else money_out],
        currency=item.currency,
        by=by,
        reference=reference or item.number,
        method=method,
        key=key,
        excess=amount - settled,
    )
    allocate(item, settled, date, receipt)
    _band([item.party] if item.is_receivable else [])
    return receipt


def allocate(item: OpeningItem, amount: Decimal, date: Day, receipt: Receipt) -> None:
    """Settle a part of the item; the database moves what is open, and refuses more than that."""
    with opening_rules():
        OpeningAllocation.objects.create(item=item, receipt=receipt, amount=amount, date=date)
    item.open_amount -= amount


def locked(item: OpeningItem) -> OpeningItem:
    """The item as it stands now and its party, held until the transaction ends; the party first, as everywhere."""
    _hold_parties({item.party_id})
    rows = OpeningItem.objects.select_for_update(of=("self",))
    found: OpeningItem = rows.select_related("company", "party__company", "entry__journal").get(pk=item.pk)
    return found


def locked_of(party: Any, currency: str) -> list[OpeningItem]:
    """What a customer has open of before; the party is held, and with it whatever moves these items."""
    _hold_parties({party})
    return list(
        OpeningItem.objects.receivables().unsettled().filter(party=party, currency=currency).order_by("due", "pk")
    )


def difference_of(balances: Sequence[Balance]) -> Decimal:
    """Debits less credits."""
    return sum((one.debit - one.credit for one in balances), ZERO)


def refused_difference(balances: Sequence[Balance]) -> NotBalanced | refusals.OpeningDiffers:
    """Why balances that differ do not come in."""
    debit = sum((one.debit for one in balances), ZERO)
    credit = sum((one.credit for one in balances), ZERO)
    return refusals.OpeningDiffers(debit=debit, credit=credit, difference=debit - credit, account=waiting_account())


def waiting_account() -> Account:
    """What waits for its documents stands here, and what came as documents stands against it."""
    try:
        return account(WAITING)
    except NotFound:
        raise refusals.NowhereToWait(role=WAITING) from None


# ---- below: parts of the verbs ---------------------------------------------------------------------------------------


def _line(one: Balance) -> Line:
    """On its own account, or on that of opening balances while documents are awaited."""
    if one.account.role in BY_DOCUMENT:
        waits = " · ".join(part for part in (str(one.account), one.text) if part)
        return Line(WAITING, debit=one.debit, credit=one.credit, text=waits[:250])
    return Line(one.account.code, debit=one.debit, credit=one.credit, text=one.text[:250])


def _rest(difference: Decimal) -> list[Line]:
    if not difference:
        return []
    return [Line(WAITING, debit=max(-difference, ZERO), credit=max(difference, ZERO))]


def _posting(item: OpeningItem) -> Posting:
    ours, other = ("debit", "credit") if item.is_receivable else ("credit", "debit")
    return Posting(
        journal=JOURNAL,
        date=item.opened_on,
        text=" · ".join(part for part in (item.number, item.party.name, item.text) if part),
        key=f"opening-item:{item.pk}",
        source=("opening_item", item.pk),
        company=item.company,
        lines=[
            Line(item.side, party=item.party.code, due=item.due, **{ours: item.amount}),
            Line(WAITING, text=item.number, **{other: item.amount}),
        ],
    )


def _known(items: Sequence[NewItem]) -> set[tuple[Any, str]]:
    """Parties and numbers that are here; the caller holds the parties."""
    parties = {one.party.pk for one in items}
    rows = OpeningItem.objects.standing().filter(party__in=parties).values_list("party_id", "number")
    billed = Party.objects.filter(pk__in=parties, bills__isnull=False).exclude(bills__status="discarded")
    return {(party, number.upper()) for party, number in (*rows, *billed.values_list("pk", "bills__number"))}


def _hold_parties(parties: set[Any]) -> None:
    """In one order, so that rivals wait for each other and never in a circle."""
    list(Party.objects.select_for_update(no_key=True).filter(pk__in=parties).order_by("pk").values_list("pk"))


def _band(parties: Sequence[Party]) -> None:
    """What customers owe has moved: look again how near they are to their limits."""
    for party in sorted(set(parties), key=lambda one: one.pk):
        orders.band_credit(party)


def _alone(key: str) -> None:
    """Of two who open the same day at once the second one waits, and is told."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7110, hashtext(%s))", [f"{company().pk}:{key}"])
