"""Balances of accounts and open items of another system, from files."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date as CalendarDay
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar, Literal

from django.db.models import QuerySet
from django.db.models.functions import Upper
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.exchange import Choice, Column, Day, ImportResource, Item, Number, Text, YesNo, register
from base.exchange.resources import Key, words_by
from base.money import round_money
from erp.ledger.models import Account
from erp.ledger.refusals import AccountClosed
from erp.ledger.services import base_currency, company
from erp.openings import refusals, reports, services
from erp.openings.models import OpeningBalance, OpeningItem, Side
from erp.openings.roles import WRITERS
from erp.openings.services import BY_DOCUMENT, Balance, NewItem
from erp.parties.models import Party, PartyKind

ZERO = Decimal("0.00")
TAXED = ("vat_output", "vat_input", "deposit_vat")
_SIDES = [("debit", gettext_lazy("debit")), ("credit", gettext_lazy("credit"))]


class Opening(ImportResource):
    """What both files have in common: whether what came is what was told."""

    roles = WRITERS
    updatable = False
    # Which side of a check the file adds to: what balances told, or what came of it as documents.
    brings: ClassVar[Literal["told", "came"]]

    def __init__(self) -> None:
        super().__init__()
        self.days: set[CalendarDay] = set()
        # What a dry run would bring, by day and role; a run asks the books.
        self.tried: dict[CalendarDay, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))

    def checked(self) -> dict[str, Any]:
        """Balances told against documents that came, account by account."""
        ties = [
            {
                "what": f"{one.account} · {day}",
                "told": str(one.told),
                "came": str(one.came),
                "difference": str(one.difference),
                "open": bool(one.difference),
            }
            for day in sorted(self.days)
            for one in reports.checks(day, **{self.brings: self.tried.get(day)})
        ]
        return {"held": 0, "failed": [], "left_out": [], "ties": ties} if ties else {}


@register
class OpeningBalanceResource(Opening):
    """The balances of one day are one document, and one entry."""

    key = "opening-balances"
    label = gettext_lazy("Opening balances")
    about = gettext_lazy(
        "What stood on each account on the day you begin: one balanced entry. Receivables, payables and the stock wait "
        "on the account of opening balances until their documents are imported."
    )
    icon = "scale"
    model = OpeningBalance
    match_on = (("day",),)
    brings = "told"
    document = "day"
    said_once = ("day",)
    parts = ("lines",)
    asked_anew = ("difference",)

    day = Column(
        gettext_lazy("Day"), Day(), names="date asof openingdate 日期 期初日期", required=True, sample="2026-01-01",
        match=True, help=gettext_lazy("The day these books begin on; the same in every row."),
    )  # fmt: skip
    account = Column(
        gettext_lazy("Account"), Text(120), names="accountcode code 科目代码 科目编码 科目", required=True, sample="1010",
        line=True,
    )  # fmt: skip
    debit = Column(
        gettext_lazy("Debit"), Number(2), names="dr debitamount debitbalance 借方 借方金额 借方余额 期初借方",
        sample=Decimal("25000.00"), line=True,
    )  # fmt: skip
    credit = Column(
        gettext_lazy("Credit"),
        Number(2),
        names="cr creditamount creditbalance 贷方 贷方金额 贷方余额 期初贷方",
        line=True,
    )
    balance = Column(
        gettext_lazy("Balance"), Number(2), names="amount openingbalance saldo 余额 期初余额", line=True,
        help=gettext_lazy("Instead of debit and credit: credits are negative, unless a column says the side."),
    )  # fmt: skip
    side = Column(
        gettext_lazy("Side of the balance"), Choice(_SIDES, debit="d|dr|借|借方", credit="c|cr|贷|贷方|h|haben"),
        names="direction drcr 方向 借贷 余额方向", line=True,
    )  # fmt: skip
    text = Column(gettext_lazy("Text"), Text(250), names="description memo note 摘要 备注", line=True)
    difference = Column(
        gettext_lazy("A difference goes to opening balances"), YesNo(),
        help=gettext_lazy(
            "“yes”: what the file lacks to balance stands on the account of opening balances; otherwise it is refused."
        ),
    )  # fmt: skip

    def rows(self) -> QuerySet[OpeningBalance]:
        standing = OpeningBalance.objects.filter(company=company(), reversal=None)
        return standing.select_related("entry").prefetch_related("lines__account")

    def prepare(self, items: Sequence[Item]) -> None:
        accounts = Account.objects.filter(company=company()).order_by("code")
        self.resolve(items, "account", words_by(accounts, "code", "name", "name_zh"), line=True)
        for item in items:
            if isinstance(item.values.get("day"), CalendarDay):
                self.days.add(item.values["day"])
            for place, line in enumerate(item.lines, 1):
                if isinstance(line.get("account"), Account):
                    self._judge(item, line["account"])
                self._weigh(item, line, place)
            if not item.reasons:
                try:
                    self._balance(item)
                except refusals.NowhereToWait as refusal:
                    item.refuse("", refusal)

    def _judge(self, item: Item, account: Account) -> None:
        """Does the account take a figure that no document here explains?"""
        if account.is_group or not account.active:
            item.refuse("account", AccountClosed(account=account.code))
        elif account.role in TAXED or (account.control and account.role not in BY_DOCUMENT):
            item.wonder("account", account.code)
            item.refuse(
                "account",
                _("{account} is kept by documents here and counts in VAT returns; what was declared or open before "
                  "stands on another account. Say as which it is read, such as one for tax owed from before.")
                .format(account=account) if account.role in TAXED else
                _("{account} is kept by documents here, and none of them come from before. Say as which other account "
                  "it is read.").format(account=account),
            )  # fmt: skip

    def _weigh(self, item: Item, line: dict[str, Any], place: int) -> None:
        """Debit and credit, however the file says it; a balance below zero stands on the other side."""
        amount = line.get("debit", ZERO) - line.get("credit", ZERO)
        if line.get("debit") and line.get("credit"):
            item.refuse("debit", _("Line {line} needs a debit or a credit, and not both.").format(line=place))
        elif line.get("balance") is not None:
            told = -line["balance"] if line.get("side") == "credit" else line["balance"]
            if amount and amount != told:
                item.refuse(
                    "balance", _("Line {line}: the balance is not what debit and credit say.").format(line=place)
                )
            amount = told
        if round_money(amount, base_currency()) != amount:
            item.refuse("balance", _("Line {line} is finer than the currency allows.").format(line=place))
        line["amount"] = amount

    def _balance(self, item: Item) -> None:
        told = _balances(item)
        if not told:
            item.refuse("", refusals.NothingOpens())
        elif services.difference_of(told):
            if not item.values.get("difference"):
                item.refuse("difference", services.refused_difference(told))
            else:
                difference = services.difference_of(told)
                item.note("difference", _("{difference} goes to {account}.").format(
                    difference=difference, account=services.waiting_account()))  # fmt: skip

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        there = sorted((line.account.code, line.debit - line.credit) for line in record.lines.all())
        told = sorted((one.account.code, one.debit - one.credit) for one in _balances(item))
        if there != told:
            item.refuse(
                "day",
                _("The balances of that day are here already with other figures, as {number}; take that import back "
                  "first.").format(number=record.entry.number),
            )  # fmt: skip
        return {}

    def find(self, keys: Any, match_on: Sequence[str]) -> dict[Key, list[Any]]:
        days = {key[0] for key in keys}
        return {(one.day,): [one] for one in self.rows().filter(day__in=days)}

    def create(self, items: Sequence[Item]) -> list[Any]:
        return [
            services.open_accounts(
                item.values["day"],
                _balances(item),
                self.user,
                difference_waits=bool(item.values.get("difference")),
                text=f"{self.label} {item.values['day']}",
            )
            for item in items
        ]

    def remove(self, record: Any) -> None:
        services.take_back_accounts(record, self.user, _("Import taken back"))

    def named(self, record: Any) -> str:
        return f"{record.entry.number} · {record.day}"

    def written(self, items: Sequence[Item]) -> None:
        for item in items:
            for one in _balances(item):
                self.tried[item.values["day"]][one.account.role or ""] += one.debit - one.credit


@register
class OpeningItemResource(Opening):
    """Customers' unpaid invoices and suppliers' unpaid bills, with their own numbers."""

    key = "opening-items"
    label = gettext_lazy("Opening items")
    about = gettext_lazy(
        "Invoices that customers have not paid, and bills of suppliers that we have not: with their own numbers, days and "
        "what is unpaid of them. They age and are paid like ours, and are no sales here."
    )
    icon = "calendar-due"
    model = OpeningItem
    match_on = (("party", "number"),)
    brings = "came"
    said_once = ("opened_on",)

    party = Column(
        gettext_lazy("Customer or supplier"), names="customer supplier partycode customercode vendor 往来单位 客户 供应商",
        required=True, sample="C00001", match=True, help=gettext_lazy("By code, reference or name."),
    )  # fmt: skip
    number = Column(
        gettext_lazy("Its number"), Text(60), names="invoice invoiceno invoicenumber document bill 单据号 发票号码 发票号",
        required=True, sample="2025-0417", match=True,
    )  # fmt: skip
    date = Column(
        gettext_lazy("Date"), Day(), names="invoicedate documentdate 日期 开票日期 单据日期", required=True,
        sample="2025-11-20",
    )  # fmt: skip
    due = Column(
        gettext_lazy("Due"), Day(), names="duedate 到期日", sample="2025-12-20",
        help=gettext_lazy("By the payment terms of the party, if left out."),
    )  # fmt: skip
    amount = Column(
        gettext_lazy("Unpaid"), Number(2), names="open openamount outstanding balance unpaid 未付金额 未收金额 余额 金额",
        required=True, sample=Decimal("1190.00"),
    )  # fmt: skip
    currency = Column(
        gettext_lazy("Currency"), Text(3), names="ccy 币种", help=gettext_lazy("That of the books, if left out."),
    )  # fmt: skip
    text = Column(gettext_lazy("Text"), Text(250), names="description memo note 摘要 备注")
    opened_on = Column(
        gettext_lazy("In the books from"), Day(), names="day asof openingdate 期初日期", required=True, sample="2026-01-01",
        help=gettext_lazy("The day of the opening balances; the same in every row."),
    )  # fmt: skip

    def rows(self) -> QuerySet[OpeningItem]:
        return OpeningItem.objects.standing().filter(company=company()).select_related("party", "entry")

    def prepare(self, items: Sequence[Item]) -> None:
        texts = {text for item in items if isinstance(text := item.values.get("party"), str)}
        self.resolve(items, "party", words_by(_parties(texts), "code", "external_ref", "name"))
        for item in items:
            if isinstance(item.values.get("opened_on"), CalendarDay):
                self.days.add(item.values["opened_on"])
            if not item.reasons:
                self._judge(item)

    def _judge(self, item: Item) -> None:
        told, base = item.values, base_currency()
        told["due"] = told.get("due") or told["date"] + timedelta(days=told["party"].payment_terms_days)
        if told.pop("currency", base).upper() != base:
            item.refuse("currency", _("Open items come in {currency}, as the books are kept.").format(currency=base))
        elif told["amount"] <= 0:
            item.refuse(
                "amount",
                _("It must be above zero. What a party gets back stands on another account, among the balances."),
            )
        elif round_money(told["amount"], base) != told["amount"]:
            item.refuse("amount", _("It is finer than the currency allows."))
        elif told["date"] > told["opened_on"]:
            item.refuse("date", _("It is dated after the day it comes into the books; issue or post it here."))
        elif told["due"] < told["date"]:
            item.refuse("due", _("It is due before it is dated."))

    def key_of(self, values: dict[str, Any], match_on: Sequence[str]) -> Key | None:
        party, number = values.get("party"), values.get("number")
        return (party.pk, number.upper()) if isinstance(party, Party) and number else None

    def find(self, keys: Any, match_on: Sequence[str]) -> dict[Key, list[Any]]:
        wanted = set(keys)
        rows = self.rows().alias(folded=Upper("number"))
        found = rows.filter(party__in={key[0] for key in wanted}, folded__in={key[1] for key in wanted})
        return {key: [one] for one in found if (key := (one.party_id, one.number.upper())) in wanted}

    def current(self, record: Any) -> dict[str, Any]:
        return {
            name: getattr(record, name) for name in ("party", "number", "date", "due", "amount", "text", "opened_on")
        }

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        now = self.current(record)
        heard = {name: value for name, value in item.values.items() if name not in ("number", "text")}
        return {name: value for name, value in heard.items() if now[name] != value}

    def render(self, name: str, value: Any) -> str:
        return value.code if name == "party" and value is not None else super().render(name, value)

    def create(self, items: Sequence[Item]) -> list[Any]:
        by_day: dict[CalendarDay, list[Item]] = defaultdict(list)
        for item in items:
            by_day[item.values["opened_on"]].append(item)
        made: dict[int, OpeningItem] = {}
        for day, some in sorted(by_day.items()):
            for item, one in zip(some, services.open_items(day, [_new(one) for one in some], self.user), strict=True):
                made[item.number] = one
        return [made[item.number] for item in items]

    def remove(self, record: Any) -> None:
        services.take_back_item(record, self.user, _("Import taken back"))

    def named(self, record: Any) -> str:
        return f"{record.number} · {record.party.name}"

    def written(self, items: Sequence[Item]) -> None:
        for item in items:
            one = _new(item)
            signed = one.amount if one.side == Side.RECEIVABLE else -one.amount
            self.tried[item.values["opened_on"]][one.side] += signed


def _balances(item: Item) -> list[Balance]:
    return [
        Balance(line["account"], max(line["amount"], ZERO), max(-line["amount"], ZERO), line.get("text", ""))
        for line in item.lines
        if line["amount"]
    ]


def _new(item: Item) -> NewItem:
    told = item.values
    side = Side.RECEIVABLE if told["party"].kind == PartyKind.CUSTOMER else Side.PAYABLE
    return NewItem(side, told["party"], told["number"], told["date"], told["due"], told["amount"], told.get("text", ""))


def _parties(texts: set[str]) -> QuerySet[Party]:
    """Whoever is called so, by code, reference or name."""
    folded = {text.upper() for text in texts}
    rows = Party.objects.alias(by_name=Upper("name"), by_reference=Upper("external_ref"))
    return (
        rows.filter(code__in=folded) | rows.filter(by_name__in=folded) | rows.filter(by_reference__in=folded)
    ).order_by("code")
