"""hledger's language, as far as books need it.  https://hledger.org/hledger.html#journal"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from erp.ledger.journals.told import SAID, Amount, Assertion, Journal, Leg, Transaction, Unread, day_of, number_of

_DATED = re.compile(r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})(=\S+)?(?:\s+([*!]))?(?:\s+\(([^)]*)\))?(?:\s+(.*))?$")
_DIGITS = r"\d[\d.,]*|[.,]\d+"
_SYMBOL = r'[^\W\d_]+|[$€£¥￥]|"[^"]+"'
_AMOUNT = re.compile(
    rf"(?P<sign1>[-+]?)\s*(?:(?P<left>{_SYMBOL})\s*(?P<sign2>[-+]?)\s*(?P<number1>{_DIGITS})"
    rf"|(?P<number2>{_DIGITS})\s*(?P<right>{_SYMBOL})?)"
)
_CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP"}
_TYPES = {"A": "asset", "L": "liability", "E": "equity", "R": "income", "X": "expense", "C": "asset", "V": "equity"}
_ROOTS = {
    "asset": "asset", "debt": "liability", "liabilit": "liability", "equit": "equity", "income": "income",
    "revenue": "income", "expense": "expense",
}  # fmt: skip
_SILENT = {"payee", "tag"}


@dataclass
class Style:
    """How numbers are written in this file, and what is meant where no commodity stands beside one."""

    base: str
    mark: str = ""
    default: str = ""


class Reader:
    """Goes through the lines; an indented line belongs to the transaction above it."""

    def __init__(self, text: str, base: str) -> None:
        self.text = text
        self.journal = Journal("hledger")
        self.style = Style(base)
        self.open: Transaction | None = None
        self.above = ""  # what an indented line stands below, where it is no transaction: a directive, "" for nothing
        self.in_comment = False

    def read(self) -> Journal:
        for number, raw in enumerate(self.text.split("\n"), 1):
            line = raw.rstrip()
            if self.in_comment or line.split(";")[0].strip() == "comment":
                self.in_comment = line.strip() != "end comment"
                continue
            try:
                if not line:
                    self.open, self.above = None, ""
                elif line[0] in " \t":
                    self._below(number, line.strip())
                elif line[0] not in ";#*":
                    self.open, self.above = None, ""
                    self._directive(number, line)
            except Unread as why:
                if self.open is not None:
                    self.open.refuse(number, why)
                else:
                    self.journal.problems.append((number, str(why)))
        for account in {leg.account for one in self.journal.transactions for leg in one.legs}:
            self._type(account)
        return self.journal

    def _type(self, account: str) -> None:
        """As declared for the account or the nearest one above it, else by the usual names."""
        names = account.split(":")
        for most in range(len(names), 0, -1):
            if kind := self.journal.types.get(":".join(names[:most])):
                self.journal.types[account] = kind
                return
        for start, kind in _ROOTS.items():
            if names[0].casefold().startswith(start):
                self.journal.types[account] = kind

    def _directive(self, number: int, line: str) -> None:
        if line[0].isdigit():
            self._transaction(number, line)
            return
        told, _semicolon, comment = line.partition(";")
        word, _blank, rest = told.strip().partition(" ")
        self.above = "unread"
        if word == "account":
            self._account(" ".join(rest.split()), comment)
        elif word in self.directives:
            self.directives[word](self, rest.strip())
        elif word in _SILENT:
            self.journal.left_out[word] += 1
        else:
            raise Unread(_("“{word}” is not read here.").format(word=word[:40]))
        self.above = word

    def _account(self, name: str, comment: str) -> None:
        self.journal.codes.setdefault(name, "")
        if (found := re.search(r"\btype:\s*(\w+)", comment)) and (kind := _TYPES.get(found[1][:1].upper())):
            self.journal.types[name] = kind

    def _commodity(self, rest: str) -> None:
        """An example of the commodity's amounts shows which mark stands before the decimals."""
        if found := re.search(r"[\d.,]*\d[\d.,]*", rest):
            marks = re.findall(r"[.,]", found[0])
            if marks:
                self._mark(marks[-1])

    def _default(self, rest: str) -> None:
        self._commodity(rest)
        self.style.default = amount(rest, self.style).commodity

    def _mark(self, rest: str) -> None:
        if rest not in (".", ",") or self.style.mark not in ("", rest):
            raise Unread(_("Numbers of one file have either a point or a comma before their decimals."))
        self.style.mark = rest

    def _price(self, rest: str) -> None:
        found = re.fullmatch(rf"(\S+)(?:\s+\d+:\d+(?::\d+)?)?\s+({_SYMBOL})\s+(.+)", rest)
        if not found:
            raise Unread(_("“{text}” is not read here.").format(text=rest[:60]))
        self.journal.price(day_of(found[1]), _commodity(found[2], self.style), amount(found[3], self.style))

    directives: dict[str, Callable[["Reader", str], None]] = {
        "commodity": _commodity,
        "D": _default,
        "decimal-mark": _mark,
        "P": _price,
    }

    def _transaction(self, number: int, line: str) -> None:
        told, _semicolon, comment = line.partition(";")
        found = _DATED.match(told.rstrip())
        if not found:
            raise Unread(_("“{text}” is not read here.").format(text=line[:60]))
        self.open = Transaction(number, day_of(found[1]), " ".join((found[5] or "").replace("|", "·").split()))
        self.journal.transactions.append(self.open)
        if found[2]:
            raise Unread(_("A second date is not read here."))
        if found[3] == "!":
            raise Unread(_("It is marked with “{flag}” and not as complete (*).").format(flag="!"))
        if found[4]:
            self.journal.left_out["code"] += 1
        self._comment(comment)

    def _below(self, number: int, line: str) -> None:
        told, semicolon, comment = line.partition(";")
        if self.open is None:
            if not self.above:
                raise Unread(_("This line belongs to nothing above it."))
            if told.strip() and self.above != "unread":
                self._subdirective(told.strip())
            return
        if told.strip():
            self._leg(number, told.strip())
        if semicolon:
            self._comment(comment)

    def _subdirective(self, told: str) -> None:
        word, _blank, rest = told.partition(" ")
        if word == "format":
            self._commodity(rest)
        else:
            self.journal.left_out[word[:60]] += 1

    def _comment(self, comment: str) -> None:
        """Tags: what our export says of an entry and its lines is taken over, dates would change what is meant."""
        for name, value in re.findall(r"(?:^|[\s,])([\w-]+):\s*([^,]*)", comment):
            assert self.open is not None
            if name in ("date", "date2"):
                raise Unread(_("A second date is not read here."))
            if name == "key" and not self.open.legs:
                self.open.key = comment.partition("key:")[2].strip()
                return
            if name in SAID and self.open.legs:
                self.open.legs[-1] = replace(self.open.legs[-1], **{name: value.strip()})
            else:
                self.journal.left_out[f"tag {name[:60]}"] += 1

    def _leg(self, number: int, told: str) -> None:
        assert self.open is not None
        if told[0] in "*!":
            if told[0] == "!":
                raise Unread(_("It is marked with “{flag}” and not as complete (*).").format(flag="!"))
            told = told[1:].lstrip()
        account, *rest = re.split(r"\s{2,}|\t", told, maxsplit=1)
        if account[0] in "([":
            raise Unread(_("Postings in brackets, which are not balanced as others are, are not read here."))
        units, _equals, claim = (rest[0] if rest else "").partition("=")
        leg = self._units(number, account, units.strip())
        self.open.legs.append(leg)
        if claim:
            self._assert(number, account, claim.strip(), leg)

    def _units(self, number: int, account: str, told: str) -> Leg:
        if not told:
            return Leg(number, account, None)
        if "{" in told:
            raise Unread(_("Lots in braces are not read in journals of hledger; write a price with @."))
        units, at, price = told.partition("@")
        if not at:
            return Leg(number, account, amount(units, self.style))
        total = price.startswith("@")
        rate = amount(price.lstrip("@"), self.style)
        if rate.number < 0:
            raise Unread(_("A price is not below zero."))
        return Leg(number, account, amount(units, self.style), rate, total, " ".join(told.split()))

    def _assert(self, number: int, account: str, claim: str, leg: Leg) -> None:
        assert self.open is not None
        if claim[:1] in ("=", "*") or "@" in claim:
            raise Unread(_("Of balance assertions only the plain one (=) is read here."))
        if leg.units is None:
            raise Unread(_("A balance that is assigned, without an amount before it, is not read here."))
        self.journal.assertions.append(
            Assertion(number, self.open.date, account, amount(claim, self.style), after=number)
        )


def amount(text: str, style: Style) -> Amount:
    """A number and its commodity, on either side of it.

    >>> [str(amount(text, Style("EUR", default="EUR"))) for text in ("$-5.20", "-$5", "7.5 EUR", "1,000.00 USD", "3")]
    ['-5.20 USD', '-5 USD', '7.5 EUR', '1000.00 USD', '3 EUR']
    >>> str(amount("1.000,50 EUR", Style("EUR", mark=",")))
    '1000.50 EUR'
    """
    found = _AMOUNT.fullmatch(text.strip())
    if not found:
        raise Unread(
            _("“{text}” is not an amount that is read here: a number (not a computation) and its currency.").format(
                text=text.strip()[:60]
            )
        )
    number = _number(found["number1"] or found["number2"], style)
    if "-" in (found["sign1"], found["sign2"]):
        number = -number
    symbol = found["left"] or found["right"] or style.default
    if not symbol:
        raise Unread(_("“{text}” says no currency.").format(text=text.strip()[:60]))
    return Amount(number, _commodity(symbol, style))


def _commodity(symbol: str, style: Style) -> str:
    if symbol in "¥￥":
        if style.base not in ("CNY", "JPY"):
            raise Unread(_("“{symbol}” may be CNY or JPY; write the currency's code.").format(symbol=symbol))
        return style.base
    return _CURRENCIES.get(symbol, symbol.strip('"'))


def _number(text: str, style: Style) -> Decimal:
    """
    >>> _number("1,234.5", Style("EUR")), _number("0,50", Style("EUR")), _number("1,234,567", Style("EUR"))
    (Decimal('1234.5'), Decimal('0.50'), Decimal('1234567'))
    """
    marks = re.findall(r"[.,]", text)
    if style.mark:
        other = "," if style.mark == "." else "."
        return number_of(text.replace(other, "").replace(style.mark, "."))
    if not marks:
        return number_of(text)
    if len(set(marks)) == 2:
        last = marks[-1]
        return number_of(text.replace("," if last == "." else ".", "").replace(last, "."))
    if len(marks) > 1:
        return number_of(text.replace(marks[0], ""))
    if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", text) and marks[0] == ",":
        raise Unread(
            _("“{text}” can be read in two ways; say “decimal-mark .” or “decimal-mark ,” at the top.").format(
                text=text
            )
        )
    return number_of(text.replace(",", "."))
