"""What files of money have in common, whichever way it went: found again, held against what was entered by hand."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar
from uuid import UUID, uuid5

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.exchange import Choice, Column, Day, ImportResource, Item, Number, Text
from base.exchange.resources import Key, words_by
from base.money import round_money
from base.refusals import Refused
from erp.banking.models import Method, Receipt
from erp.ledger import services as ledger
from erp.parties.models import CALLED, Party

_NAMES = UUID("7e1d0c52-9a4b-5c0e-8b5f-2f6a1f0d3c77")
_IMPORTED = "import:"
_KEY = ("date", "party", "amount", "reference", "document")


class MoneyStays(Refused):
    """What moved at the bank is in the books for good."""

    message = gettext_lazy("{number} stays: money that moved is never taken out of the books.")


class MoneyResource(ImportResource):
    """One row, one receipt, booked at once.

    A row is known again by the bank's own number, else by everything it says. What somebody entered by hand has
    neither: the same amount of the same party on the same day is a look-alike.
    """

    model = Receipt
    match_on = (("transaction",), ("date",))
    updatable = False
    has_lookalikes = True
    parts = (
        "allocations", "opening_allocations", "bill_payment", "deposit", "refunded_deposit", "refunded_by",
    )  # fmt: skip
    kinds: ClassVar[tuple[str, ...]] = ()

    date = Column(
        gettext_lazy("Date"), Day(), required=True, sample="2026-01-20", match=True,
        names="bookingdate valuedate paidon receivedon paymentdate 日期 付款日期 收款日期 交易日期",
    )  # fmt: skip
    amount = Column(
        gettext_lazy("Amount"), Number(2), names="paid received sum 金额 付款金额 收款金额 交易金额", required=True,
        sample="119.00", tier="price", help=gettext_lazy("Above zero, whichever way the money went."),
    )  # fmt: skip
    currency = Column(
        gettext_lazy("Currency"), Text(3), names="ccy 币种", help=gettext_lazy("That of the books, if left out."),
    )  # fmt: skip
    reference = Column(
        gettext_lazy("Reference"), Text(140), names="purpose remittance text description memo 摘要 附言 用途 备注",
        sample="Thank you",
    )  # fmt: skip
    method = Column(
        gettext_lazy("How"), Choice(Method.choices, bank="transfer|wire|银行", card="creditcard|卡"),
        names="method paymentmethod 方式 付款方式 收款方式", help=gettext_lazy("By bank transfer, if left out."),
    )  # fmt: skip
    account = Column(
        gettext_lazy("Account"), Text(120), names="bankaccount bookedon 科目 账户 银行科目",
        help=gettext_lazy("Code or name of the bank account of the books; rows of another one are refused."),
    )  # fmt: skip
    transaction = Column(
        gettext_lazy("The bank's number"), Text(80), match=True,
        names="transactionid transactionnumber bankreference endtoendid 流水号 交易流水号",
        help=gettext_lazy("If the file has one, a payment is known again by it alone."),
    )  # fmt: skip

    # What the two directions say

    @abstractmethod
    def parties(self) -> QuerySet[Party]:
        """Whose money it can be."""

    @abstractmethod
    def documents(self, numbers: set[str]) -> list[Any]:
        """What can be paid and has one of these numbers (as written, and in upper case), each with its party."""

    @abstractmethod
    def settled_by(self, record: Receipt) -> list[str]:
        """The numbers of what the money was for."""

    @abstractmethod
    def hold(self, items: Sequence[Item]) -> None:
        """Hold what these items pay, in the order in which everybody does."""

    @abstractmethod
    def book(self, told: dict[str, Any], key: str) -> Receipt:
        """Book one row's money under its key."""

    # What they have in common

    def rows(self) -> QuerySet[Receipt]:
        rows = Receipt.objects.filter(company=ledger.company(), kind__in=self.kinds)
        return rows.select_related("party").prefetch_related("opening_allocations__item")

    def prepare(self, items: Sequence[Item]) -> None:
        self.resolve(items, "party", called(self.parties(), items))
        texts = {text for item in items if isinstance(text := item.values.get("document"), str)}
        known: dict[str, list[Any]] = {}
        for one in self.documents(texts | {text.upper() for text in texts}):
            known.setdefault(one.number.upper(), []).append(one)
        for item in items:
            self._judge(item)
            if not isinstance(item.values.get("party"), str):
                self._settle_document(item, known)

    def _settle_document(self, item: Item, known: dict[str, list[Any]]) -> None:
        """The document that is meant, and whose it is."""
        told = item.values
        text, party = told.get("document"), told.get("party")
        if isinstance(text, str) and text:
            all_of_it = known.get(text.upper(), [])
            found = [one for one in all_of_it if party is None or one.party_id == party.pk]
            if len(found) == 1:
                told["document"], told["party"] = found[0], found[0].party
                if found[0].currency != ledger.base_currency():
                    words = _("{number} is in {currency}: enter its payment there, with what the bank booked.")
                    item.refuse("document", words.format(number=found[0].number, currency=found[0].currency))
            elif found:
                item.refuse("party", _("“{text}” is a number of several; say whose.").format(text=text))
            elif all_of_it:
                words = _("“{text}” is of {others}.")
                item.refuse("document", words.format(text=text, others=", ".join(one.party.name for one in all_of_it)))
            else:
                item.refuse("document", _("Nothing to pay has the number “{text}”.").format(text=text))
        elif party is None:
            item.refuse("party", _("Say whose money it is, or what it pays."))

    def _judge(self, item: Item) -> None:
        told, base = item.values, ledger.company().base_currency
        told.setdefault("method", Method.BANK)
        keep_currency(item)
        if said := told.pop("account", ""):
            bank = ledger.account("bank")
            if said.casefold() not in {str(word).casefold() for word in (bank.code, bank.name, bank.name_zh, bank)}:
                item.refuse("account", _("Money is booked on {account} here.").format(account=bank))
        if told["amount"] <= 0:
            item.refuse("amount", _("It must be above zero: money that came and money that went are two files."))
        elif round_money(told["amount"], base) != told["amount"]:
            item.refuse("amount", _("It is finer than the currency allows."))

    def current(self, record: Any) -> dict[str, Any]:
        return {name: getattr(record, name) for name in ("party", "date", "amount", "reference", "method")}

    def changes(self, item: Item, record: Any) -> dict[str, Any]:
        """Known by the bank's number, the rest must be as it came."""
        now = self.current(record)
        if (document := item.values.get("document")) and document.number not in self.settled_by(record):
            item.refuse("document", _("{number} was booked for {what}.").format(
                number=record.number, what=", ".join(self.settled_by(record)) or record.party.name))  # fmt: skip
        told = {name: item.values[name] for name in ("party", "date", "amount") if item.values.get(name)}
        return {name: value for name, value in told.items() if now[name] != value}

    def render(self, name: str, value: Any) -> str:
        if name in ("party", "document") and value is not None:
            return str(value.code if name == "party" else value.number)
        return super().render(name, value)

    def key_of(self, values: dict[str, Any], match_on: Sequence[str]) -> Key | None:
        if values.get("transaction"):
            return (values["transaction"],)
        return tuple(_plain(values.get(name)) for name in _KEY)

    def find(self, keys: Any, match_on: Sequence[str]) -> dict[Key, list[Any]]:
        wanted = {self._identity(key): key for key in keys}
        return {wanted[str(one.key)]: [one] for one in self.rows().filter(key__in=wanted)}

    def lookalikes(self, items: Sequence[Item]) -> None:
        """Somebody was quicker than the file."""
        days = {item.values["date"] for item in items}
        by_hand = self.rows().filter(date__in=days).exclude(key__startswith=_IMPORTED)
        known = {(one.party_id, one.amount, one.date): one for one in by_hand}
        for item in items:
            told = item.values
            if like := known.get((told["party"].pk, told["amount"], told["date"])):
                item.outcome = "duplicate"
                item.reasons.append(
                    ("amount", _("It looks like {number}, which is booked.").format(number=like.number))
                )

    def create(self, items: Sequence[Item]) -> list[Any]:
        for day in sorted({item.values["date"] for item in items}):
            ledger.hold_period(day)
        self.hold(items)
        return [
            self.book({**item.values, "reference": _reference(item.values)}, self._identity(key))
            for item in items
            if (key := self.key_of(item.values, self.match_on[0])) is not None
        ]

    def remove(self, record: Any) -> None:
        raise MoneyStays(number=record.number)

    def _identity(self, key: Key) -> str:
        """The same payment has the same key, however often it is sent."""
        return f"{_IMPORTED}{uuid5(_NAMES, ':'.join(map(str, (self.key, ledger.company().pk, *key))))}"


def called(parties: QuerySet[Any], items: Iterable[Item]) -> dict[str, list[Any]]:
    """Parties under each of the names that these items use."""
    texts = {text for item in items if isinstance(text := item.values.get("party"), str)}
    return words_by(parties.called(texts), "code", *CALLED)  # type: ignore[attr-defined]


def keep_currency(item: Item) -> None:
    """Documents and money come in the currency of the books; a column that says so is left out from here on."""
    base = ledger.company().base_currency
    if item.values.pop("currency", base).upper() != base:
        item.refuse(
            "currency", _("The books are kept in {currency}; give what was booked in it.").format(currency=base)
        )


def _reference(told: dict[str, Any]) -> str:
    """What the receipt says of the row: its words, and the bank's number to find it there."""
    return " · ".join(part for part in (told.get("reference"), told.get("transaction")) if part)


def _plain(value: Any) -> Any:
    """A value as a part of a key."""
    return getattr(value, "pk", value) if value else ""
