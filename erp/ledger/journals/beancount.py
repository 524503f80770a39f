"""beancount's language, as far as books need it.

https://beancount.github.io/docs/beancount_language_syntax.html
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from erp.ledger.journals.told import SAID, Amount, Assertion, Journal, Leg, Pad, Transaction, Unread, day_of, number_of

_DATED = re.compile(r"(\d{4}[-/]\d{1,2}[-/]\d{1,2})\s+(\S+)\s*(.*)$")
_ACCOUNT = r"[^\W\d_][\w-]*(?::[^\W_][\w-]*)+"
_COMMODITY = r"[A-Z][A-Z0-9'._-]*"
_NUMBER = r"[-+]?(?:\d[\d,]*\.?\d*|\.\d+)"
_LEG = re.compile(rf"(?:([!*&#?%A-Z])\s+)?({_ACCOUNT})\s*(.*)$")
_UNITS = re.compile(
    rf"(?P<units>{_NUMBER}\s*{_COMMODITY})\s*(?P<cost>\{{\{{.*?\}}\}}|\{{.*?\}})?\s*(?:(?P<at>@@?)\s*(?P<price>.*))?$"
)
_META = re.compile(r"([a-z][\w-]*):\s*(.*)$")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
# What says nothing about what stands on an account.
_SILENT = {"note", "document", "event", "query", "custom", "commodity", "close"}
_ROOTS = {"assets": "asset", "liabilities": "liability", "equity": "equity", "income": "income", "expenses": "expense"}
_READ_OPTIONS = {"title", "operating_currency"}


class Reader:
    """Goes through the lines; what a line says belongs to the directive above it while it is indented."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.journal = Journal("beancount")
        self.roots = {word.capitalize(): kind for word, kind in _ROOTS.items()}
        self.open: Transaction | None = None
        self.opened = ""  # the account that metadata below it speak of

    def read(self) -> Journal:
        for number, raw in enumerate(self.text.split("\n"), 1):
            line = uncommented(raw).rstrip()
            try:
                if line[:1] in (" ", "\t"):
                    self._below(number, line.strip())
                elif line and not re.match(r"[*#:&%!?]", line):
                    self.open, self.opened = None, ""
                    self._directive(number, line)
            except Unread as why:
                self._refuse(number, why)
        for account in {leg.account for one in self.journal.transactions for leg in one.legs}:
            if kind := self.roots.get(account.split(":")[0]):
                self.journal.types[account] = kind
        return self.journal

    def _refuse(self, number: int, why: Unread) -> None:
        if self.open is not None:
            self.open.refuse(number, why)
        else:
            self.journal.problems.append((number, str(why)))

    def _directive(self, number: int, line: str) -> None:
        if dated := _DATED.match(line):
            day, word, rest = day_of(dated[1]), dated[2], dated[3]
            if word in self.dated:
                self.dated[word](self, number, day, rest)
            elif word in _SILENT:
                self.journal.left_out[word] += 1
            else:
                self._transaction(number, day, word, rest)
            return
        word, _blank, rest = line.partition(" ")
        if word == "option":
            self._option(rest)
        elif word in ("pushtag", "poptag"):
            self.journal.left_out["tag"] += 1
        else:
            raise Unread(_("“{word}” is not read here.").format(word=word[:40]))

    def _option(self, rest: str) -> None:
        strings = [unquoted(found) for found in _STRING.findall(rest)]
        if len(strings) != 2:
            raise Unread(_("An option has a name and a value."))
        name, value = strings
        if name.startswith("name_") and name[5:] in _ROOTS:
            self.roots[value] = _ROOTS[name[5:]]
        elif name not in _READ_OPTIONS:
            self.journal.left_out[f"option {name[:60]}"] += 1

    def _transaction(self, number: int, day: date, flag: str, rest: str) -> None:
        if not re.fullmatch(r"txn|[*!&#?%A-Z]", flag):
            raise Unread(_("“{word}” is not read here.").format(word=flag[:40]))
        texts = [unquoted(found) for found in _STRING.findall(rest)]
        after = _STRING.sub("", rest)
        self.open = Transaction(number, day, " · ".join(" ".join(text.split()) for text in texts if text.strip()))
        self.journal.transactions.append(self.open)
        if flag not in ("*", "txn"):
            raise Unread(_("It is marked with “{flag}” and not as complete (*).").format(flag=flag))
        if len(texts) > 2 or not re.fullmatch(r"(\s*[#^][\w./-]+)*\s*", after):
            raise Unread(_("“{text}” is not read here.").format(text=after.strip()[:60] or rest[:60]))
        self._count_tags(after)

    def _below(self, number: int, line: str) -> None:
        if not line:
            return
        if meta := _META.match(line):
            self._meta(meta[1], meta[2].strip())
        elif self.open is None:
            raise Unread(_("This line belongs to nothing above it."))
        elif leg := _LEG.match(line):
            self.open.legs.append(self._leg(number, leg))
        elif re.fullmatch(r"([#^][\w./-]+\s*)+", line):
            self._count_tags(line)
        else:
            raise Unread(_("“{text}” is not read here.").format(text=line[:60]))

    def _count_tags(self, text: str) -> None:
        if tags := len(re.findall(r"#", text)):
            self.journal.left_out["tag"] += tags
        if links := len(re.findall(r"\^", text)):
            self.journal.left_out["link"] += links

    def _meta(self, name: str, value: str) -> None:
        found = _STRING.fullmatch(value)
        told = unquoted(found[1]) if found else value
        if self.opened and name == "code":
            self.journal.codes[self.opened] = told
        elif self.open is not None and name == "key" and not self.open.legs:
            self.open.key = told
        elif self.open is not None and name in SAID and self.open.legs:
            said: dict[str, Any] = {name: told}
            self.open.legs[-1] = replace(self.open.legs[-1], **said)
        else:
            self.journal.left_out[f"metadata {name[:60]}"] += 1

    def _leg(self, number: int, found: re.Match[str]) -> Leg:
        flag, account, rest = found[1], found[2], found[3].strip()
        if flag and flag != "*":
            raise Unread(_("It is marked with “{flag}” and not as complete (*).").format(flag=flag))
        if not rest:
            return Leg(number, account, None)
        if not (told := _UNITS.match(rest)):
            raise Unread(
                _("“{text}” is not an amount that is read here: a number (not a computation) and its currency.").format(
                    text=rest[:60]
                )
            )
        price = amount(told["price"]) if told["price"] else None
        if told["at"] and price is None:
            raise Unread(_("A price is missing after @."))
        if price and price.number < 0:
            raise Unread(_("A price is not below zero."))
        rate, total = _cost(told["cost"]) if told["cost"] else (price, told["at"] == "@@")
        return Leg(number, account, amount(told["units"]), rate, total, rest if rate else "")

    def _opens(self, number: int, day: date, rest: str) -> None:
        found = re.match(rf"({_ACCOUNT})(\s|$)", rest)
        if not found:
            raise Unread(_("“{text}” is no name of an account.").format(text=rest[:60]))
        self.opened = found[1]
        self.journal.codes.setdefault(found[1], "")

    def _balance(self, number: int, day: date, rest: str) -> None:
        found = re.fullmatch(rf"({_ACCOUNT})\s+({_NUMBER})\s*(?:~\s*({_NUMBER}))?\s*({_COMMODITY})", rest)
        if not found:
            raise Unread(_("“{text}” is not a balance that is read here.").format(text=rest[:60]))
        told = amount(f"{found[2]} {found[4]}")
        near = abs(number_of(found[3].replace(",", ""))) if found[3] else _last_digit(told.number)
        self.journal.assertions.append(Assertion(number, day, found[1], told, near, whole=True))

    def _pad(self, number: int, day: date, rest: str) -> None:
        found = re.fullmatch(rf"({_ACCOUNT})\s+({_ACCOUNT})", rest)
        if not found:
            raise Unread(_("“{text}” is not read here.").format(text=rest[:60]))
        self.journal.pads.append(Pad(number, day, found[1], found[2]))

    def _price(self, number: int, day: date, rest: str) -> None:
        commodity, _blank, told = rest.partition(" ")
        if not re.fullmatch(_COMMODITY, commodity):
            raise Unread(_("“{text}” is not read here.").format(text=rest[:60]))
        self.journal.price(day, commodity, amount(told.strip()))

    dated: dict[str, Callable[["Reader", int, date, str], None]] = {
        "open": _opens,
        "balance": _balance,
        "pad": _pad,
        "price": _price,
    }


def amount(text: str) -> Amount:
    """A number and what it counts.

    >>> amount("1,234.50 EUR")
    Amount(number=Decimal('1234.50'), commodity='EUR')
    """
    found = re.fullmatch(rf"({_NUMBER})\s*({_COMMODITY})", text.strip())
    if not found:
        raise Unread(
            _("“{text}” is not an amount that is read here: a number (not a computation) and its currency.").format(
                text=text[:60]
            )
        )
    return Amount(number_of(found[1].replace(",", "")), found[2])


def _last_digit(number: Decimal) -> Decimal:
    """What a balance may be off by, unless the file says.

    >>> _last_digit(Decimal("12.50")), _last_digit(Decimal("12"))
    (Decimal('0.01'), Decimal('0'))
    """
    digits = -int(number.as_tuple().exponent)
    return Decimal(1).scaleb(-digits) if digits > 0 else Decimal(0)


def _cost(braces: str) -> tuple[Amount, bool]:
    """What a lot cost, for each or in total; its day and name do not bear on the amount."""
    total = braces.startswith("{{")
    parts = [part.strip() for part in braces.strip("{}").split(",")]
    joined = ",".join(parts)  # thousands marks stand within the first part
    found = re.match(rf"({_NUMBER}\s*{_COMMODITY})(?:,|$)", joined)
    if not found:
        raise Unread(_("A lot is named without its cost: write it out, as in {example}.").format(example="{12.50 EUR}"))
    told = amount(found[1])
    if told.number < 0:
        raise Unread(_("A price is not below zero."))
    return told, total


def uncommented(line: str) -> str:
    """The line without its comment; a semicolon within quotes begins none.

    >>> uncommented('  Assets:Cash  5 EUR ; coffee'), uncommented('2026-01-01 * "a; b"')
    ('  Assets:Cash  5 EUR ', '2026-01-01 * "a; b"')
    """
    quoted = False
    for place, letter in enumerate(_letters(line)):
        if letter == '"':
            quoted = not quoted
        elif letter == ";" and not quoted:
            return line[:place]
    return line


def _letters(line: str) -> Iterator[str]:
    """The letters, an escaped one and its mark as blanks."""
    escaped = False
    for letter in line:
        if escaped or letter == "\\":
            escaped = not escaped
            yield " "
        else:
            yield letter


def unquoted(text: str) -> str:
    r"""What a quoted string says.

    >>> unquoted(r'5\" screen')
    '5" screen'
    """
    return re.sub(r"\\(.)", r"\1", text)
