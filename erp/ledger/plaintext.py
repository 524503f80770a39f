"""The books as plain text for beancount and hledger, so that anybody can check them with a program that is not ours.

Every account is opened, every entry is a transaction with its number, key and document, and at the end stands what we
say each account's balance is: an assertion that the other program tests when it reads the file.

Formats: https://beancount.github.io/docs/beancount_language_syntax.html and https://hledger.org/hledger.html#journal.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol

from django.db.models import Min, Sum

from erp.ledger.dimensions import KINDS, LINE_PARTS
from erp.ledger.models import Account, AccountType, Company, JournalEntry, JournalLine

CHUNK = 500
ZERO = Decimal("0.00")
_ROOTS = {
    AccountType.ASSET: "Assets",
    AccountType.LIABILITY: "Liabilities",
    AccountType.EQUITY: "Equity",
    AccountType.INCOME: "Income",
    AccountType.EXPENSE: "Expenses",
}
_HLEDGER_TYPES = {
    AccountType.ASSET: "A",
    AccountType.LIABILITY: "L",
    AccountType.EQUITY: "E",
    AccountType.INCOME: "R",
    AccountType.EXPENSE: "X",
}


class Dialect(Protocol):
    """How one of the two programs wants to read it."""

    def head(self, company: Company) -> Iterator[str]:
        """What stands first."""

    def account(self, account: Account, opened: date, currency: str) -> Iterator[str]:
        """The account is there."""

    def entry(self, entry: JournalEntry, lines: list[JournalLine], currency: str) -> Iterator[str]:
        """One transaction."""

    def balances(self, day: date, balances: list[tuple[Account, Decimal]], currency: str) -> Iterator[str]:
        """What we say stands on the accounts before that day."""


def books(company: Company, dialect: Dialect, until: date | None = None) -> Iterator[str]:
    """The whole books to that day (or to the last entry), line by line; entries are read in chunks."""
    entries = JournalEntry.objects.filter(company=company).order_by("date", "posted_at", "id")
    if until is not None:
        entries = entries.filter(date__lte=until)
    currency = company.base_currency
    yield from dialect.head(company)
    opened = entries.aggregate(first=Min("date"))["first"]
    if opened is None:
        return
    accounts = list(Account.objects.filter(company=company, is_group=False).order_by("code"))
    for account in accounts:
        yield from dialect.account(account, opened, currency)
    last = opened
    for entry in entries.prefetch_related(*LINE_PARTS).iterator(chunk_size=CHUNK):
        last = entry.date
        yield from dialect.entry(entry, list(entry.lines.all()), currency)
    sums = JournalLine.objects.filter(entry__in=entries).order_by().values_list("account")
    balance = {pk: debit - credit for pk, debit, credit in sums.annotate(Sum("debit"), Sum("credit"))}
    stands = [(account, balance.get(account.pk, ZERO)) for account in accounts]
    yield from dialect.balances((until or last) + timedelta(days=1), stands, currency)


def beancount_name(account: Account) -> str:
    """The account as beancount names it: letters, digits and dashes only.

    >>> beancount_name(Account(code="1200", name="Accounts receivable", type="asset"))
    'Assets:1200-Accounts-receivable'
    """
    words = re.sub(r"[^A-Za-z0-9]+", "-", account.name).strip("-")
    return f"{_ROOTS[AccountType(account.type)]}:{re.sub('[^A-Za-z0-9]', '-', account.code)}-{words}".rstrip("-")


def hledger_name(account: Account) -> str:
    """The account as hledger names it; two blanks would end the name.

    >>> hledger_name(Account(code="1200", name="Accounts  receivable", type="asset"))
    'assets:1200 Accounts receivable'
    """
    words = " ".join(f"{account.code} {account.name}".replace(":", "-").replace(";", ",").split())
    return f"{_ROOTS[AccountType(account.type)].lower()}:{words}"


@dataclass(frozen=True)
class Beancount:
    """For `bean-check` and its friends."""

    def head(self, company: Company) -> Iterator[str]:
        yield f'option "title" {_quoted(company.name)}\n'
        yield f'option "operating_currency" "{company.base_currency}"\n\n'

    def account(self, account: Account, opened: date, currency: str) -> Iterator[str]:
        yield f"{opened} open {beancount_name(account)}\n"
        yield f"  code: {_quoted(account.code)}\n"

    def entry(self, entry: JournalEntry, lines: list[JournalLine], currency: str) -> Iterator[str]:
        yield f"\n{entry.date} * {_quoted(entry.text)} ^{_link(entry.number)}\n"
        yield f"  number: {_quoted(entry.number)}\n  key: {_quoted(entry.key)}\n"
        if entry.source_type:
            yield f"  document: {_quoted(f'{entry.source_type} {entry.source_id}')}\n"
        for line in lines:
            yield f"  {beancount_name(line.account)}  {line.amount} {currency}\n"
            yield from (f"    {name}: {_quoted(value)}\n" for name, value in _told(line))

    def balances(self, day: date, balances: list[tuple[Account, Decimal]], currency: str) -> Iterator[str]:
        yield "\n"
        for account, balance in balances:
            yield f"{day} balance {beancount_name(account)}  {balance} {currency}\n"


@dataclass(frozen=True)
class Hledger:
    """For `hledger check` and its friends."""

    def head(self, company: Company) -> Iterator[str]:
        yield f"; {' '.join(company.name.split())}\n"
        yield f"commodity 1000.00 {company.base_currency}\n\n"

    def account(self, account: Account, opened: date, currency: str) -> Iterator[str]:
        yield f"account {hledger_name(account)}  ; type: {_HLEDGER_TYPES[AccountType(account.type)]}\n"

    def entry(self, entry: JournalEntry, lines: list[JournalLine], currency: str) -> Iterator[str]:
        yield f"\n{entry.date} * ({_plain(entry.number)}) {_plain(entry.text)}\n    ; key: {_plain(entry.key)}\n"
        if entry.source_type:
            yield f"    ; document: {entry.source_type} {entry.source_id}\n"
        for line in lines:
            told = ", ".join(f"{name}: {_plain(value).replace(',', ' ')}" for name, value in _told(line))
            remark = f"  ; {told}" if told else ""
            yield f"    {hledger_name(line.account)}  {line.amount} {currency}{remark}\n"

    def balances(self, day: date, balances: list[tuple[Account, Decimal]], currency: str) -> Iterator[str]:
        yield f"\n{day} * balances\n"
        for account, balance in balances:
            yield f"    {hledger_name(account)}  0.00 {currency} = {balance} {currency}\n"


DIALECTS: dict[str, Callable[[], Dialect]] = {"beancount": Beancount, "hledger": Hledger}


def _told(line: JournalLine) -> Iterator[tuple[str, str]]:
    """What else a line says; amounts stand in base currency, for that is what the accounts balance in."""
    foreign = f"{line.foreign_amount} {line.currency}" if line.foreign_amount is not None else ""
    named = (("party", line.party), ("foreign", foreign), ("tax", line.tax_code), ("text", line.text))
    yield from ((name, value) for name, value in named if value)
    yield from ((kind, one.code) for kind in KINDS if (one := getattr(line, kind)))
    if line.due:
        yield "due", line.due.isoformat()


def _quoted(text: str) -> str:
    r"""A string as beancount reads it.

    >>> print(_quoted('5" screen\\n'))
    "5\" screen\\n"
    """
    return '"' + " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _plain(text: str) -> str:
    """Words that end no description: a semicolon begins a comment, a bar a note."""
    return " ".join(text.split()).replace(";", ",").replace("|", "/").replace("(", "[").replace(")", "]")


def _link(number: str) -> str:
    return re.sub(r"[^A-Za-z0-9_/.-]", "-", number)
