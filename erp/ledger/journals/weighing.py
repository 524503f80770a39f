"""From what a journal tells to lines of the books: every transaction balanced, in the base currency, to the cent.

What stays over when amounts are converted and rounded goes to the account of rounding differences; more than that is a
transaction that does not balance, and is refused.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from base.money import exponent, round_money
from erp.ledger.journals import beancount, hledger
from erp.ledger.journals.told import Amount, Assertion, Journal, Leg, Transaction, Unread

ROUNDING = "rounding"
ZERO = Decimal(0)


@dataclass(frozen=True)
class BookLine:
    """A line as the books take it; `amount` is debit less credit in base currency, the account still the file's."""

    line: int
    account: str
    amount: Decimal
    text: str = ""
    foreign: Amount | None = None
    cost_centre: str = ""
    project: str = ""


@dataclass(frozen=True)
class Verdict:
    """What an assertion says, and what the file's own transactions come to."""

    assertion: Assertion
    found: Decimal

    @property
    def holds(self) -> bool:
        """Are they the same?"""
        return abs(self.found - self.assertion.amount.number) <= self.assertion.tolerance


def read(text: str, base: str) -> Journal:
    """The journal, in whichever of the two languages it is written."""
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    journal = beancount.Reader(text).read() if is_beancount(text) else hledger.Reader(text, base).read()
    for one in journal.transactions:
        if not one.problem:
            _complete(one)
    _fill(journal)
    return journal


def is_beancount(text: str) -> bool:
    """Beancount opens accounts and quotes what it says; hledger does neither.

    >>> is_beancount('2026-01-01 open Assets:Cash'), is_beancount('2026-01-01 coffee')
    (True, False)
    """
    for line in text.split("\n"):
        words = beancount.uncommented(line).split()
        if line[:1].isdigit() and len(words) > 1 and words[1] in ("open", "close", "balance", "pad", "price", "txn"):
            return True
        if line.startswith(("option ", "plugin ")) or (line[:1].isdigit() and len(words) > 2 and words[2][0] == '"'):
            return True
    return False


def in_base(journal: Journal, one: Transaction, base: str) -> list[BookLine]:
    """The transaction's lines in base currency; Unread says why there are none."""
    lines, fine = [], 0
    for leg in one.legs:
        assert leg.units is not None
        exact = leg.weight.number * _rate(journal, one.date, leg.weight.commodity, base)
        amount = round_money(exact, base)
        fine += amount != exact
        foreign = _foreign(leg.units, amount, base)
        lines.append(BookLine(leg.line, leg.account, amount, _said(leg, base), foreign, leg.cost_centre, leg.project))
    rest = -sum((line.amount for line in lines), ZERO)
    if abs(rest) > Decimal(1).scaleb(-exponent(base)) * fine:
        raise Unread(_("It does not balance: {rest} is missing.").format(rest=f"{rest} {base}"))
    if rest:
        lines.append(BookLine(one.line, ROUNDING, rest))
    return [line for line in lines if line.amount]


def verdicts(journal: Journal) -> Iterator[Verdict]:
    """Every assertion beside what the file's transactions that can be read come to, in the order of the days."""
    stands: dict[tuple[str, str], Decimal] = defaultdict(lambda: ZERO)
    beside = {one.after: one for one in journal.assertions if one.after}
    waiting = sorted((one for one in journal.assertions if not one.after), key=lambda one: (one.date, one.line))
    for transaction in sorted(journal.transactions, key=lambda one: one.date):
        while waiting and waiting[0].date <= transaction.date:
            yield _verdict(waiting.pop(0), stands)
        for leg in transaction.legs:
            if leg.units is not None and not transaction.problem:
                stands[leg.account, leg.units.commodity] += leg.units.number
            if claim := beside.get(leg.line):
                yield _verdict(claim, stands)
    for one in waiting:
        yield _verdict(one, stands)


def is_below(account: str, above: str) -> bool:
    """Is it the account itself or one under it?

    >>> is_below("Assets:Bank:Giro", "Assets:Bank"), is_below("Assets:Bankrupt", "Assets:Bank")
    (True, False)
    """
    return account == above or account.startswith(f"{above}:")


# ---- below: parts ----------------------------------------------------------------------------------------------------


def _complete(one: Transaction) -> None:
    """Work out the amount that was left open, and refuse what does not balance in every commodity."""
    if len(one.legs) < 2:
        one.refuse(one.line, _("It has fewer than two postings."))
        return
    rests: dict[str, Decimal] = defaultdict(lambda: ZERO)
    fine: dict[str, Decimal] = defaultdict(lambda: ZERO)
    blank = [leg for leg in one.legs if leg.units is None]
    for leg in one.legs:
        if leg.units is not None:
            rests[leg.weight.commodity] += leg.weight.number
            fine[leg.units.commodity] = max(fine[leg.units.commodity], _half(leg.units.number))
    if len(blank) > 1:
        one.refuse(blank[1].line, _("Only one posting may go without an amount."))
    elif blank:
        place = one.legs.index(blank[0])
        open_legs = [replace(blank[0], units=Amount(-rest, commodity)) for commodity, rest in rests.items() if rest]
        one.legs[place : place + 1] = open_legs
    elif off := {commodity: rest for commodity, rest in rests.items() if abs(rest) > fine[commodity]}:
        told = ", ".join(f"{-rest:f} {commodity}" for commodity, rest in off.items())
        one.refuse(one.line, _("It does not balance: {rest} is missing.").format(rest=told))


def _half(number: Decimal) -> Decimal:
    """Half of the last digit that is written: what balances may differ by.

    >>> _half(Decimal("12.50")), _half(Decimal("12"))
    (Decimal('0.005'), Decimal('0'))
    """
    digits = -int(number.as_tuple().exponent)
    return Decimal(5).scaleb(-digits - 1) if digits > 0 else ZERO


def _fill(journal: Journal) -> None:
    """Turn each pad into the transaction it stands for: up to the next assertion of its account."""
    for pad in journal.pads:
        claims = sorted(
            (one for one in journal.assertions if one.account == pad.account and one.date > pad.date),
            key=lambda one: one.date,
        )
        first: dict[str, Assertion] = {}
        for claim in claims:
            first.setdefault(claim.amount.commodity, claim)
        for commodity, claim in first.items():
            stands = sum(
                (
                    leg.units.number
                    for one in journal.transactions
                    if one.date < claim.date and not one.problem
                    for leg in one.legs
                    if leg.units and leg.units.commodity == commodity and is_below(leg.account, pad.account)
                ),
                ZERO,
            )
            if missing := claim.amount.number - stands:
                legs = [
                    Leg(pad.line, pad.account, Amount(missing, commodity)),
                    Leg(pad.line, pad.source, Amount(-missing, commodity)),
                ]
                text = f"pad: {claim.amount}, {claim.date}"  # part of what the transaction is known by: in no language
                journal.transactions.append(Transaction(pad.line, pad.date, text, legs))
        if not first:
            journal.problems.append((pad.line, _("No balance of the account follows that it could be filled up to.")))
    journal.transactions.sort(key=lambda one: one.line)


def _verdict(claim: Assertion, stands: dict[tuple[str, str], Decimal]) -> Verdict:
    found = sum(
        (
            number
            for (account, commodity), number in stands.items()
            if commodity == claim.amount.commodity
            and (is_below(account, claim.account) if claim.whole else account == claim.account)
        ),
        ZERO,
    )
    return Verdict(claim, found)


def _rate(journal: Journal, day: date, commodity: str, base: str) -> Decimal:
    """What one of it is worth in base currency on that day, by the file's own prices."""
    if commodity == base:
        return Decimal(1)
    known = [(on, amount) for on, amount in journal.prices.get(commodity, []) if amount.commodity == base and on <= day]
    if known:
        return max(known, key=lambda pair: pair[0])[1].number
    back = [
        (on, one) for on, one in journal.prices.get(base, []) if one.commodity == commodity and one.number and on <= day
    ]
    if back:
        return 1 / max(back, key=lambda pair: pair[0])[1].number
    raise Unread(
        _("The file has no price of {commodity} in {base} on or before {date}.").format(
            commodity=commodity, base=base, date=day
        )
    )


def _foreign(units: Amount, amount: Decimal, base: str) -> Amount | None:
    """Money of another currency is kept beside the base amount; shares are told in the line's text."""
    is_money = len(units.commodity) == 3 and units.commodity.isascii() and units.commodity.isupper()
    if not is_money or units.commodity == base or not amount:
        return None
    fits = round(units.number, 2) == units.number and units.number * amount > 0
    return Amount(units.number, units.commodity) if fits else None


def _said(leg: Leg, base: str) -> str:
    """The line's own words; of what is no money of ours, how much and at what price."""
    assert leg.units is not None
    return leg.text or ("" if leg.units.commodity == base else str(leg.units))
