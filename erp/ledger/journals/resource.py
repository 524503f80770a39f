"""Journals of beancount and hledger as entries of the books, through the import machine."""

from collections.abc import Sequence
from datetime import date as CalendarDay
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.exchange import Column, Day, ImportResource, Item, Number, Text, YesNo, register
from base.exchange.resources import Key
from base.roles import has_role
from erp.ledger import services, vouchers
from erp.ledger.dimensions import KINDS, codes_by_word
from erp.ledger.journals.accounts import Names
from erp.ledger.journals.checking import Checks
from erp.ledger.journals.sheet import JournalSheet, open_journal
from erp.ledger.journals.weighing import ROUNDING
from erp.ledger.models import Account, Company, JournalEntry, Period, PeriodStatus
from erp.ledger.refusals import UNKNOWN, AccountClosed, ControlAccount, PeriodClosed, PeriodMissing
from erp.ledger.services import Line, Posting
from erp.ledger.sets import post_set

SOURCE = "journal"
_NAMES = UUID("4f1f0d57-3f35-5c6e-9a55-0a6f0f6b6c0d")
_ZERO = Decimal(0)


@register
class JournalResource(ImportResource):
    """Every transaction becomes a posted entry, once; accounts are those of the chart, or made when told so."""

    key = "journal"
    label = gettext_lazy("Journal of beancount or hledger")
    about = gettext_lazy(
        "Transactions with costs and prices become entries, once each; balance assertions are checked. Accounts are "
        "those of the chart, read as others, or opened when you say so. What cannot be read is told with its line."
    )
    icon = "file-text"
    model = JournalEntry
    roles = vouchers.WRITERS
    match_on = (("transaction",),)
    document = "transaction"
    parts = ("lines",)
    updatable = False
    accept = ".beancount,.bean,.journal,.hledger,.ledger,.txt"
    is_table = False
    asked_anew = ("open_accounts",)

    transaction = Column(gettext_lazy("Transaction"), Text(80), required=True, match=True)
    date = Column(gettext_lazy("Date"), Day())
    text = Column(gettext_lazy("Text"), Text(250))
    account = Column(
        gettext_lazy("Account"), Text(250), line=True,
        help=gettext_lazy("Found by its code, or by its name; a name that is not in the chart can be read as a code."),
    )  # fmt: skip
    debit = Column(gettext_lazy("Debit"), Number(2), line=True)
    credit = Column(gettext_lazy("Credit"), Number(2), line=True)
    currency = Column(gettext_lazy("Currency"), Text(3), line=True)
    foreign_amount = Column(gettext_lazy("Amount in its currency"), Number(2), line=True)
    line_text = Column(gettext_lazy("Text of the line"), Text(250), line=True)
    cost_centre = Column(gettext_lazy("Cost centre"), Text(250), line=True)
    project = Column(gettext_lazy("Project"), Text(250), line=True)
    known_as = Column(
        gettext_lazy("Key"),
        Text(200),
        help=gettext_lazy("Of an entry here, where the file is an export of these books."),
    )
    problem = Column(gettext_lazy("Not readable"), Text(500))
    open_accounts = Column(
        gettext_lazy("Open accounts that are not there"), YesNo(),
        help=gettext_lazy("“yes”: a name that the chart does not know becomes an account; “no” if left out."),
    )  # fmt: skip
    journal = Column(gettext_lazy("Journal"), Text(20), help=gettext_lazy("“general”, if left out."))

    def open(self, path: Path, encoding: str) -> JournalSheet:
        self.company: Company = services.company()
        self.sheet = open_journal(path, encoding, self.company.base_currency)
        self.names = Names(self.sheet.journal, self.company)
        self.periods = list(Period.objects.filter(company=self.company))
        self.in_use = {kind: set(codes_by_word(self.company, kind).values()) for kind in KINDS}
        self.known: dict[str, str] = {}
        self.meant: dict[str, str] = {}  # names of the file and the codes of the accounts they are
        self.tried: dict[str, CalendarDay] = {}
        return self.sheet

    def rows(self) -> QuerySet[JournalEntry]:
        return JournalEntry.objects.filter(
            company=services.company(), source_type=SOURCE, reverses=None
        ).select_related("reversed_by")

    # What becomes of a transaction

    def prepare(self, items: Sequence[Item]) -> None:
        """Say which accounts are meant, and refuse what the books would refuse of what is not there already."""
        for item in items:
            if why := item.values.get("problem"):
                item.refuse("", why)
            else:
                self.known[item.values["transaction"]] = item.values.get("known_as", "")
        fresh = [item for item in items if not item.reasons]
        there = self.find([(item.values["transaction"],) for item in fresh], self.match_on[0])
        for item in fresh:
            told = item.values
            told.setdefault("journal", "general")
            if (told["transaction"],) in there:
                continue
            for place, line in enumerate(item.lines, 1):
                self._find(item, line, place)
                self._refuse_unknown(item, line, place)
            self._refuse_day(item, told["date"], told["journal"])
            total = sum((line.get("debit", _ZERO) for line in item.lines), _ZERO)
            if total >= self.company.approval_from and not has_role(self.user, "admin"):
                item.refuse("", _("From {limit} on a second person is needed: an admin imports it.").format(
                    limit=f"{self.company.approval_from} {self.company.base_currency}"))  # fmt: skip

    def _find(self, item: Item, line: dict[str, Any], place: int) -> None:
        """The line's account, as long as it may be posted to; one that will be opened keeps its name."""
        name = line["account"]
        if name == ROUNDING:
            return
        found = self.names.account(name)
        if found is None and item.values.get("open_accounts"):
            if not self.names.kind(name):
                item.refuse(
                    "account", _("“{text}”: the file does not say what kind of account it is.").format(text=name)
                )
            return
        if found is None:
            item.wonder("account", name, self.names.near(name))
            item.refuse("account", _("“{text}” is not known here.").format(text=name))
        elif found.is_group or not found.active:
            item.refuse("account", AccountClosed(account=found.code))
        elif found.control:
            item.refuse("account", ControlAccount(account=found.code))
        else:
            line["account"] = found.code
        if found is not None:
            self._remember(place, name, found, item)

    def _refuse_unknown(self, item: Item, line: dict[str, Any], place: int) -> None:
        """A cost centre or project is one that is here, and in use."""
        lines = self.sheet.lines.get(item.values["transaction"], [])
        for kind, unknown in UNKNOWN.items():
            code = line.get(kind)
            if code and code not in self.in_use[kind]:
                told = {"line": lines[place - 1].line if len(lines) >= place else place, "why": unknown(code=code)}
                item.refuse(kind, _("Line {line}: {why}").format(**told))

    def _remember(self, place: int, name: str, found: Account, item: Item) -> None:
        """By the file's own name, which the cell may have been read away from."""
        lines = self.sheet.lines.get(item.values["transaction"], [])
        self.meant[lines[place - 1].account if len(lines) >= place else name] = found.code

    def _refuse_day(self, item: Item, day: CalendarDay, journal: str) -> None:
        period = next((one for one in self.periods if one.starts_on <= day <= one.ends_on), None)
        if period is None:
            item.refuse("date", PeriodMissing(date=day))
        elif period.status != PeriodStatus.OPEN and (period.status != PeriodStatus.CLOSING or journal != "general"):
            item.refuse("date", PeriodClosed(period=period, status=period.get_status_display(), date=day))

    def find(self, keys: Any, match_on: Sequence[str]) -> dict[Key, list[Any]]:
        wanted = {name: key for key in keys for name in (_key(key[0]), self.known.get(key[0], "")) if name}
        entries = JournalEntry.objects.filter(company=self.company, key__in=wanted).select_related("reversed_by")
        return {wanted[entry.key]: [entry] for entry in entries}

    def current(self, record: Any) -> dict[str, Any]:
        return {}

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        if record.source_type == SOURCE and record.reversal:
            item.refuse("transaction", _("It was taken back by {number}.").format(number=record.reversal))
        return {}  # the key is made of all that the transaction says

    def create(self, items: Sequence[Item]) -> list[Any]:
        names = Names(self.sheet.journal, self.company)  # a dry run takes back what it opened
        outcomes = post_set([self._posting(item, names) for item in items])
        for one in outcomes:
            if one.refusal:
                raise one.refusal
        found = JournalEntry.objects.in_bulk([one.entry for one in outcomes])
        return [found[one.entry] for one in outcomes]

    def _posting(self, item: Item, names: Names) -> Posting:
        told = item.values
        lines = []
        for place, line in enumerate(item.lines, 1):
            code = line["account"]
            if code != ROUNDING and code not in names.by_code:
                made = names.make(code)
                self._remember(place, code, made, item)
                code = made.code
            lines.append(
                Line(
                    code,
                    debit=line.get("debit", _ZERO),
                    credit=line.get("credit", _ZERO),
                    text=line.get("line_text", ""),
                    currency=line.get("currency") or None,
                    foreign_amount=line.get("foreign_amount"),
                    cost_centre=line.get("cost_centre") or None,
                    project=line.get("project") or None,
                )
            )
        key = _key(told["transaction"])
        return Posting(
            told["journal"], told["date"], told["text"], key, lines, (SOURCE, uuid5(_NAMES, key)), self.company
        )

    def remove(self, record: Any) -> None:
        services.reverse(record, record.date, _("Import taken back"))

    def named(self, record: Any) -> str:
        return f"{record.number} {record.text}"

    # What the file says must hold

    def written(self, items: Sequence[Item]) -> None:
        """Of a dry run, whose entries are gone when the assertions are checked."""
        for item in items:
            self.tried[item.values["transaction"]] = item.values["date"]

    def checked(self) -> dict[str, Any]:
        """Each assertion against the file's own transactions, and against the books with what was taken over."""
        tried = [(day, self.sheet.lines[mark]) for mark, day in self.tried.items()]
        told = list(Checks(self.sheet.journal, self.company).failed(self.meant, tried))
        failed = [{"row": claim.line, "text": why} for claim, why in told if why]
        left_out = [{"what": what, "count": count} for what, count in sorted(self.sheet.journal.left_out.items())]
        return {"held": len(told) - len(failed), "failed": failed[:200], "left_out": left_out}


def _key(mark: str) -> str:
    return f"journal:{mark}"
