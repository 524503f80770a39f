"""The verbs of the books: post and reverse entries, move periods, find accounts.

`post` is one round trip: `public.ledger_post(jsonb)` checks, numbers and writes (sql/posting.sql).
"""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from base import context
from base.ids import uuid7
from base.refusals import BadInput, NotFound
from base.roles import require
from erp.ledger import seeding, sources
from erp.ledger.models import Account, Company, JournalEntry, Period, PeriodStatus
from erp.ledger.refusals import DocumentsPostThere, NotBalanced, TooFewLines, UndoAtTheSource, books_rules

CENT = Decimal("0.01")
_COLUMNS = [column.attname for column in JournalEntry._meta.concrete_fields]
# Where others wait for the series, the commit lets it go before its log is on disk, and that is waited for with no lock
# held (docs/adr/0013): by the procedure itself, or after somebody's transaction by `_on_disk`; the last column tells.
_POST = f"""SELECT {", ".join(_COLUMNS)}, current_setting('synchronous_commit')
              FROM public.ledger_post(%s::jsonb)"""  # noqa: S608 -- our own names
_POST_NOW = f"CALL public.ledger_post_now(%s::jsonb{', NULL' * len(_COLUMNS)})"  # its own transaction, disk and all
_ON_DISK = "SELECT pg_logical_emit_message(false, 'ledger', '', true)"
_SAID = ("party", "tax_code", "text", "currency", "cost_centre", "project")
CACHE_S = 30  # how long a process trusts what it knows of the chart; the posting function always looks again


@dataclass(frozen=True)
class Line:
    """A debit or a credit; `account` is a role ("receivable") or a code ("1200"), cost centre and project are codes."""

    account: str
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    party: str | None = None
    due: date | None = None
    tax_code: str | None = None
    text: str = ""
    currency: str | None = None
    foreign_amount: Decimal | None = None
    cost_centre: str | None = None
    project: str | None = None


@dataclass(frozen=True)
class Posting:
    """What shall stand in the books; `key` names the fact, so that it is posted once, however often it is sent."""

    journal: str
    date: date
    text: str
    key: str
    lines: Sequence[Line]
    source: tuple[str, UUID] | None = None
    company: Company | None = field(default=None, compare=False)


def post(posting: Posting) -> JournalEntry:
    """Write the entry into the books, for good; to undo it, `reverse` it.

    The same key with the same body gives the same entry. Lines without an amount are left out. A refusal by the
    database leaves the surrounding transaction fit for rollback only (or give the call an `atomic` of its own).
    """
    lines = [line for line in posting.lines if line.debit or line.credit]
    told = [_line(line) for line in lines]
    if difference := imbalance(lines):
        debit, credit = (
            sum((line.debit for line in lines), Decimal(0)),
            sum((line.credit for line in lines), Decimal(0)),
        )
        raise NotBalanced(debit=debit, credit=credit, difference=difference)
    if len(lines) < 2:
        raise TooFewLines(lines=len(lines))
    source_type, source_id = posting.source or ("", None)
    body: dict[str, Any] = {
        "company": str((posting.company or company()).pk),
        "journal": posting.journal,
        "date": posting.date.isoformat(),
        "text": posting.text[:250],
        "key": posting.key,
        "source_type": source_type,
        "source_id": str(source_id) if source_id else None,
        "lines": told,
    }
    return _post(body)


def reverse(entry: JournalEntry, date: date, reason: str) -> JournalEntry:
    """Undo the entry by its mirror, dated in an open period; the original stays as it is. Done once."""
    if not reason.strip():
        raise BadInput(why=_("Say why the entry is reversed."), field="reason")
    body: dict[str, Any] = {
        "company": str(entry.company_id),
        "journal": entry.journal.code,
        "date": date.isoformat(),
        "text": reason.strip()[:250],
        "key": f"reverse:{entry.pk}",
        "source_type": entry.source_type,
        "source_id": str(entry.source_id) if entry.source_id else None,
        "reverses": str(entry.pk),
    }
    return _post(body)


@transaction.atomic
def reverse_by_hand(entry: JournalEntry, date: date, reason: str) -> JournalEntry:
    """As `reverse`, for people: what a document keeps in a control account is undone at the document."""
    if sources.keeps(entry.source_type) or entry.lines.filter(account__control=True).exists():
        raise UndoAtTheSource(number=entry.number, source=entry.source_type or "?")
    return reverse(entry, date, reason)


def hold_period(on: date, of: Company | None = None) -> None:
    """Keep the day's period from being closed until this transaction ends.

    For callers that lock rows of their own before they post: everybody locks the period first.
    """
    with books_rules(), connection.cursor() as cursor:
        cursor.execute("SELECT public.ledger_hold_period(%s, %s)", [(of or company()).pk, on])


def still_period(period: Period) -> None:
    """Let nobody post into the period until this transaction ends; waits for those who are posting."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7102, hashtext(%s))", [str(period.pk)])


@transaction.atomic
def set_period(period: Period, status: str, by: str, reason: str = "") -> Period:
    """Move a period: open → closing → closed → closed for good. Back only by a second person with a reason.

    Waits for everybody who is posting into it; who posts afterwards is refused. What must be done before stands in
    closing.py, which people's verbs go through.
    """
    assert status in PeriodStatus.values
    with books_rules():
        statement = "SELECT * FROM public.ledger_set_period(%s, %s, %s, %s)"
        rows = list(Period.objects.raw(statement, [period.pk, status, by, reason.strip()[:250]]))
    if not rows:
        raise NotFound(what=_("The period"))
    return rows[0]


@transaction.atomic
def save_account(account: Account, by: Any) -> Account:
    """An account comes into the chart or changes its name; what entries rest on stays (the database sees to it)."""
    require(by, "accountant", "admin")
    if asks_of_documents(account):
        raise DocumentsPostThere(account=account.code)
    with books_rules():
        account.save()
    forget()
    return account


def asks_of_documents(account: Account) -> bool:
    """Does it ask for a cost centre or project, though documents post to it?"""
    return bool((account.cost_centre_from or account.project_from) and (account.role or account.control))


def company() -> Company:
    """The company whose books are kept here."""
    if not (found := _known("company")):
        found = Company.objects.order_by("created_at").first()
        if found is None:
            raise NotFound(what=_("A company (run “seed_company”)"))
        _remember("company", found)
    return found


def base_currency() -> str:
    """The currency of our books."""
    return str(company().base_currency)


def account(role_or_code: str, of: Company | None = None) -> Account:
    """The account that documents know by this role, or people by this code."""
    owner = (of or company()).pk
    if not (found := _known(f"{owner}:{role_or_code}")):
        either = Q(role=role_or_code) | Q(code=role_or_code)
        accounts = list(Account.objects.filter(either, company=owner).order_by("role"))
        if not accounts:
            raise NotFound(what=_("The account “{account}”").format(account=role_or_code))
        found = next((one for one in accounts if one.role == role_or_code), accounts[0])
        _remember(f"{owner}:{role_or_code}", found)
    return found


def seed_company() -> Company:
    """The demo company with chart, journals and periods; may be called again at any time."""
    forget()
    return seeding.seed_company()


def seed() -> Company:
    """All that the books need to start."""
    return seed_company()


def forget() -> None:
    """Look everything up anew (after the chart was changed here)."""
    _cache.clear()


def imbalance(lines: Iterable[Line]) -> Decimal:
    """Debits less credits; zero when the lines balance.

    >>> imbalance([Line("bank", debit=Decimal("100")), Line("sales", credit=Decimal("80"))])
    Decimal('20')
    """
    return sum((line.debit - line.credit for line in lines), Decimal(0))


def _post(body: dict[str, Any]) -> JournalEntry:
    """One statement; outside a transaction it is one by itself, so that the series' counter waits for no client."""
    told = [json.dumps({**body, "id": str(uuid7()), "by": context.actor.get(), "early": True})]
    with books_rules(), connection.cursor() as cursor:
        cursor.execute(_POST if connection.in_atomic_block else _POST_NOW, told)
        values = cursor.fetchone()
    if len(values) > len(_COLUMNS) and values[-1] == "off":
        transaction.on_commit(_on_disk)
    return JournalEntry.from_db(connection.alias, _COLUMNS, values[: len(_COLUMNS)])


def _on_disk() -> None:
    """Wait until everything committed so far is on disk, together with whoever else waits."""
    with connection.cursor() as cursor:
        cursor.execute(_ON_DISK)


def _line(line: Line) -> dict[str, Any]:
    """A line as the posting function reads it; what says nothing is left out."""
    told: dict[str, Any] = {"account": line.account}
    told |= {side: plain(amount) for side, amount in (("debit", line.debit), ("credit", line.credit)) if amount}
    told |= {name: value for name in _SAID if (value := getattr(line, name))}
    if line.due:
        told["due"] = line.due.isoformat()
    if line.foreign_amount is not None:
        told["foreign_amount"] = plain(line.foreign_amount)
    return told


def plain(amount: Decimal) -> str:
    """An amount as text, always written in the same way; nothing is rounded here.

    >>> plain(Decimal("12.5")), plain(Decimal("1E+2")), plain(Decimal("0.125"))
    ('12.50', '100.00', '0.125')
    """
    if not amount.is_finite():
        raise BadInput(why=_("“{text}” is not a number.").format(text=amount))
    fine = amount.quantize(CENT)
    return format(fine if fine == amount else amount, "f")


_cache: dict[str, tuple[float, Any]] = {}


def _known(name: str) -> Any:
    stamp, found = _cache.get(name, (0.0, None))
    return found if time.monotonic() - stamp < CACHE_S else None


def _remember(name: str, found: Any) -> None:
    _cache[name] = (time.monotonic(), found)
