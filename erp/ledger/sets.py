"""Posting in sets: thousands of entries by one statement, under the rules that `services.post` asks of one.

`public.ledger_post_set` (sql/sets.sql) checks, numbers and writes them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from base import context
from base.refusals import BadInput, Refused
from erp.ledger.models import Company
from erp.ledger.refusals import KeyTwice, books_rules, refusal_by
from erp.ledger.services import Posting, company, plain

MOST = 50_000  # entries of a set: others who post into its series wait until it is in
_ENTRY = ("text[]", "text[]", "date[]", "text[]", "text[]", "uuid[]")
_LINE = (
    "int[]", "int[]", "text[]", "numeric[]", "numeric[]", "text[]", "date[]", "text[]", "text[]", "text[]", "numeric[]",
    "text[]", "text[]",
)  # fmt: skip
_POST_SET = f"""SELECT entry, number, outcome, refusal, facts::text
  FROM public.ledger_post_set(%s, %s, %s, {", ".join(f"%s::{kind}" for kind in (*_ENTRY, *_LINE))})
 ORDER BY place"""  # noqa: S608 -- our own words
_QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"'})


@dataclass(frozen=True)
class Outcome:
    """What became of one posting of a set: its entry, or why there is none.

    Neither, where it was left because another one was refused.
    """

    posting: Posting
    entry: UUID | None = None
    number: str = ""
    fresh: bool = False
    refusal: Refused | None = None


def post_set(postings: Sequence[Posting], *, all_or_nothing: bool = True) -> list[Outcome]:
    """Write the entries into the books, for good; each answer in its posting's place.

    With `all_or_nothing` a refused posting keeps the others out; without, they are posted and it is named. The same key
    with the same body is the entry that stands, as with `post`. All are of one company.
    """
    if len(postings) > MOST:
        raise BadInput(why=_("A set has at most {most} entries.").format(most=MOST))
    if not postings:
        return []
    owner = postings[0].company or company()
    assert all(one.company in (None, owner) for one in postings), "a set is of one company"
    first, twice = _each_once(postings)
    if all_or_nothing and any(twice.values()):
        return [Outcome(one, refusal=twice.get(place)) for place, one in enumerate(postings)]
    rows = _posted([postings[place] for place in first], owner, all_or_nothing)
    found = {postings[place].key: _outcome(postings[place], row) for place, row in zip(first, rows, strict=True)}
    answers = [replace(found[one.key], posting=one) for one in postings]
    for place, refusal in twice.items():
        answers[place] = Outcome(postings[place], refusal=refusal) if refusal else replace(answers[place], fresh=False)
    return answers


def _each_once(postings: Sequence[Posting]) -> tuple[list[int], dict[int, Refused | None]]:
    """The places where each key stands first; and of the others why they cannot be (None: they say the same)."""
    places: dict[str, int] = {}
    twice: dict[int, Refused | None] = {}
    for place, one in enumerate(postings):
        before = places.setdefault(one.key, place)
        if before != place:
            twice[place] = None if postings[before] == one else KeyTwice(key=one.key)
    return list(places.values()), twice


@transaction.atomic
def _posted(postings: Sequence[Posting], owner: Company, all_or_nothing: bool) -> list[tuple[Any, ...]]:
    """The database's answers, one for each posting."""
    told = [owner.pk, context.actor.get(), all_or_nothing, *_entries(postings), *_lines(postings)]
    with books_rules(), connection.cursor() as cursor:
        cursor.execute(_POST_SET, told)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _outcome(posting: Posting, row: tuple[Any, ...]) -> Outcome:
    entry, number, outcome, refusal, facts = row
    if refusal:
        return Outcome(posting, entry, number or "", refusal=refusal_by(refusal, facts))
    return Outcome(posting, entry, number or "", fresh=outcome == "posted")


# -- how they travel: as array literals, which costs a tenth of adapting every value -----------------------------------


def _entries(postings: Sequence[Posting]) -> list[str]:
    return [
        _words(one.key for one in postings),
        _words(one.journal for one in postings),
        _plain(one.date.isoformat() for one in postings),
        _words(one.text[:250] for one in postings),
        _words(one.source[0] if one.source else "" for one in postings),
        _plain(str(one.source[1]) if one.source else "NULL" for one in postings),
    ]


def _lines(postings: Sequence[Posting]) -> list[str | None]:
    places: list[str] = []
    positions: list[str] = []
    lines = []
    for place, one in enumerate(postings, 1):
        told = [line for line in one.lines if line.debit or line.credit]
        places += [str(place)] * len(told)
        positions += map(str, range(1, len(told) + 1))
        lines += told
    return [
        _plain(places),
        _plain(positions),
        _words(line.account for line in lines),
        _plain(_amount(line.debit) for line in lines),
        _plain(_amount(line.credit) for line in lines),
        _words_or_none([line.party for line in lines]),
        _plain_or_none([line.due.isoformat() if line.due else None for line in lines]),
        _words_or_none([line.tax_code for line in lines]),
        _words_or_none([line.text for line in lines]),
        _words_or_none([line.currency for line in lines]),
        _plain_or_none([None if line.foreign_amount is None else _amount(line.foreign_amount) for line in lines]),
        _words_or_none([line.cost_centre for line in lines]),
        _words_or_none([line.project for line in lines]),
    ]


def _amount(amount: Decimal) -> str:
    return plain(amount) if amount else "0"


def _plain(values: Iterable[str]) -> str:
    """An array of what needs no quotes.

    >>> _plain(["1", "2.50", "NULL"])
    '{1,2.50,NULL}'
    """
    return "{" + ",".join(values) + "}"


def _words(values: Iterable[str | None]) -> str:
    r"""An array of texts.

    >>> print(_words(["a b", 'the "best"', "back\\slash", "", None]))
    {"a b","the \"best\"","back\\slash","",NULL}
    """
    told = ["NULL" if value is None else f'"{value.translate(_QUOTED)}"' for value in values]
    literal = "{" + ",".join(told) + "}"
    if "\x00" in literal:
        raise BadInput(why=_("It holds a character that cannot be kept (NUL)."))
    return literal


def _words_or_none(values: Sequence[str | None]) -> str | None:
    """No array at all where no line says anything."""
    return _words(value or None for value in values) if any(values) else None


def _plain_or_none(values: Sequence[str | None]) -> str | None:
    return _plain(value or "NULL" for value in values) if any(value is not None for value in values) else None
