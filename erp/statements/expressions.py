"""What a row counts, as people write it: accounts by how their codes begin, and sums of other rows.

10            every account whose code begins with 10
10-12, 1600   those that begin with 10, 11 or 12, and those that begin with 1600
10, !1090     those that begin with 10, but not with 1090
A + B - C     rows by their codes
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput

_PART = re.compile(r"^(!?)\s*(\w+)(?:\s*-\s*(\w+))?$")
_TERM = re.compile(r"([+-]?)\s*([A-Z][A-Z0-9]*)\s*")


@dataclass(frozen=True)
class Accounts:
    """Ranges of the beginnings of codes, and those that are left out."""

    within: tuple[tuple[str, str], ...]
    without: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, text: str) -> "Accounts":
        """As people write it.

        >>> [code for code in ("1000", "1200", "1250", "1300") if Accounts.read("10-12, !125").has(code)]
        ['1000', '1200']
        """
        found: dict[str, list[tuple[str, str]]] = {"": [], "!": []}
        for part in text.split(","):
            told = _PART.match(part.strip())
            if told is None or (told[3] and (len(told[3]) != len(told[2]) or told[3] < told[2])):
                raise BadInput(
                    why=_("“{text}” names no accounts; write “10-12, 1600, !1690”.").format(text=part.strip())
                )
            found[told[1]].append((told[2], told[3] or told[2]))
        return cls(tuple(found[""]), tuple(found["!"]))

    def has(self, code: str) -> bool:
        """Is the account with that code counted?"""
        return _any(self.within, code) and not _any(self.without, code)


def _any(ranges: Iterable[tuple[str, str]], code: str) -> bool:
    return any(first <= code[: len(first)] <= last for first, last in ranges)


def read_terms(text: str) -> list[tuple[int, str]]:
    """Rows with their signs.

    >>> read_terms("A1 + B - C2")
    [(1, 'A1'), (1, 'B'), (-1, 'C2')]
    """
    terms, at = [], 0
    text = text.strip()
    while at < len(text):
        told = _TERM.match(text, at)
        if told is None or (at and not told[1]):
            break
        terms.append((-1 if told[1] == "-" else 1, told[2]))
        at = told.end()
    if not terms or at < len(text):
        raise BadInput(why=_("“{text}” adds no rows; write “A + B - C”.").format(text=text))
    return terms
