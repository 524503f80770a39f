"""Which account of the chart a name of a journal means, and how one is made that is not there yet."""

import re
from collections import defaultdict

from base.exchange.resources import nearest
from erp.ledger import charting
from erp.ledger.journals.told import Journal
from erp.ledger.models import Account, AccountType, Company


class Names:
    """The chart as a journal's names see it, read once."""

    def __init__(self, journal: Journal, company: Company) -> None:
        self.journal = journal
        self.by_code: dict[str, Account] = {}
        self.by_name: dict[str, list[Account]] = defaultdict(list)
        for one in Account.objects.filter(company=company).order_by("code"):
            self.by_code[one.code] = one
            for name in {one.name, one.name_zh} - {""}:
                self.by_name[_folded(name)].append(one)

    def account(self, name: str) -> Account | None:
        """The account with that code, the one the file gives a code, or the only one of its kind that is called so."""
        last = name.split(":")[-1]
        codes = (name, self.journal.codes.get(name, ""), re.split(r"[\s-]", last, maxsplit=1)[0])
        for code in codes:
            if code in self.by_code:
                return self.by_code[code]
        for words in (name, last):
            found = [one for one in self.by_name.get(_folded(words), []) if self.kind(name) in ("", one.type)]
            if len(found) == 1:
                return found[0]
        return None

    def near(self, name: str) -> str:
        """The code of an account that may be meant."""
        word = nearest(_folded(name.split(":")[-1]), list(self.by_name))
        return self.by_name[word][0].code if word else ""

    def kind(self, name: str) -> str:
        """What kind of account it is, as the file says or its first word tells; empty where neither does."""
        return self.journal.types.get(name, "")

    def make(self, name: str) -> Account:
        """A new account of that name; its code is the file's, else made of the last word."""
        if (found := self.account(name)) is not None:
            return found
        last = name.split(":")[-1]
        code = self.journal.codes.get(name, "") or _code_of(last)
        plain, number = code[:20], 1
        while code in self.by_code or len(code) > 20:
            number += 1
            code = f"{plain[:16]}-{number}"
        made = charting.open_account(code=code, name=_title(name, code), type=AccountType(self.kind(name)))
        self.by_code[made.code] = made
        self.by_name[_folded(made.name)].append(made)
        return made


def _folded(name: str) -> str:
    """Blanks and dashes are the same: beancount's names have none."""
    return re.sub(r"[\W_]+", " ", name).strip().casefold()


def _code_of(word: str) -> str:
    """A code of a name's last word: the number it begins with, else its letters.

    >>> _code_of("1200-Accounts-receivable"), _code_of("Credit Card"), _code_of("餐饮")
    ('1200', 'CREDIT-CARD', '餐饮')
    """
    number = re.match(r"(\d[\w.]*)(?=[\s-]|$)", word)
    return number[1] if number else re.sub(r"[\W_]+", "-", word).strip("-").upper()[:20] or "X"


def _title(name: str, code: str) -> str:
    """The whole name, by which the account is found again; without a code that leads its last word.

    >>> _title("Assets:1200-Accounts-receivable", "1200"), _title("Assets:Bank:Giro", "GIRO")
    ('Accounts receivable', 'Assets:Bank:Giro')
    """
    last = name.split(":")[-1]
    if last.startswith(code) and len(last) > len(code):
        return " ".join(re.split(r"[\s-]+", last[len(code) :].strip(" -")))[:120]
    return name[:120]
