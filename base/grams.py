"""Letters found anywhere inside long tables: an index of the pieces that each text is made of.

PostgreSQL's own `pg_trgm` is not in every server that we run on (docs/adr/0004), so the pieces are cut by a function of
ours (`search_grams`) and kept in a plain GIN index over them. What holds a word holds all of its pieces, so the index
leaves few rows, and those are asked the question itself: the answer is the one that reading the whole table would give.

A piece is three letters long, or two where one of them is of a script whose words are that short. What is shorter than
a piece is looked for without the index.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.fields.array import ArrayContains  # type: ignore[attr-defined]
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models import F, Func, Q, QuerySet, Value

WORDS_MOST = 6
KEYS_MOST = 1000
_SHORT_WORDS_FROM = "\u2e80"
Rows = TypeVar("Rows", bound="QuerySet[Any]")

FUNCTION = """
CREATE OR REPLACE FUNCTION public.search_grams(VARIADIC texts text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 5000 SET search_path = pg_catalog, pg_temp AS $fn$
  SELECT coalesce(array_agg(DISTINCT piece), '{}')
  FROM unnest(texts) AS said,
    LATERAL (SELECT upper(said) AS big) AS upper_case,
    LATERAL generate_series(1, length(big) - 1) AS place,
    LATERAL (SELECT CASE WHEN substr(big, place, 2) ~ '[\u2e80-\U0010ffff]' THEN 2 ELSE 3 END AS size) AS sized,
    LATERAL (SELECT substr(big, place, size) AS piece) AS cut
  WHERE length(piece) = size
$fn$;
"""


def function() -> migrations.RunSQL:
    """The migration's step that makes the function, or makes it anew."""
    return migrations.RunSQL([(FUNCTION, None)], migrations.RunSQL.noop)


class Grams(Func):
    """The pieces of some columns, or of a word, as the index has them."""

    function = "search_grams"
    output_field: Any = ArrayField(models.TextField())


def index(fields: tuple[str, ...], name: str) -> GinIndex:
    """The index over the pieces of these columns, for `holding` with the same columns in the same order."""
    return GinIndex(Grams(*fields), name=name)


def inside(word: str, anywhere: tuple[str, ...], whole: tuple[str, ...] = ()) -> Q:
    """Rows with the word inside one of the columns `anywhere`, or that are the word in one of those that are compared
    as a `whole`, whatever the case; asked row by row."""
    asked = Q()
    for field in anywhere:
        asked |= Q(**{f"{field}__icontains": word})
    for field in whole:
        asked |= Q(**{f"{field}__iexact": word})
    return asked


def holding(word: str, indexed: tuple[str, ...], anywhere: tuple[str, ...] = (), whole: tuple[str, ...] = ()) -> Q:
    """The same by the index over the `indexed` columns, which are searched all if none are named."""
    asked = inside(word, anywhere or indexed, whole)
    return Q(ArrayContains(Grams(*map(F, indexed)), Grams(Value(word)))) & asked if has_piece(word) else asked


def has_piece(word: str) -> bool:
    """Is it as long as one piece at least?

    >>> has_piece("abc"), has_piece("ab"), has_piece("李四"), has_piece("李")
    (True, False, True, False)
    """
    return len(word) > 2 or (len(word) == 2 and max(word) >= _SHORT_WORDS_FROM)


def narrowed(
    rows: Rows,
    text: str,
    keys: Callable[[str], Iterable[QuerySet[Any]]],
    asked: Callable[[str], Q],
    most: int = KEYS_MOST,
) -> Rows:
    """The rows that hold every word of the text.

    The longest word is looked up: `keys(word)` are questions for the keys of those that hold it, each with the index
    that serves it. If it is few that do (`most`), only they are `asked(word)` for the other words; if many do, all are,
    for in their order they soon fill a page. Which of the two it is, the planner cannot know of a word.
    """
    words = sorted(dict.fromkeys(text.split()[:WORDS_MOST]), key=len, reverse=True)
    if words and has_piece(words[0]):
        first, *others = (one.order_by() for one in keys(words[0]))
        found = list((first.union(*others) if others else first)[: most + 1])
        if len(found) <= most:
            rows, words = rows.filter(pk__in=found), words[1:]
    for word in words:
        rows = rows.filter(asked(word))
    return rows
