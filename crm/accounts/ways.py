"""Why somebody sees an account: each way in is one rule, and `Account.objects.visible_to` is their sum.

Who has a role that serves every customer sees all of them. A rep sees their own, those that were nobody's from the
beginning, those that are shared with them until the last day of the share, and by the ways that other domains give (a
deal, a ticket) once they are loaded; for themselves and for the people they lead. What somebody had and gave up lies in
the pool: of that a rep knows what the pool tells until they claim it.

Nearly every page asks this, often more than once, so it is SQL that is written once: as query sets, building and
compiling the rule took longer than PostgreSQL needs to answer it.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, F, Func, Model
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import gettext_lazy as _

from base.days import house_day
from base.standing import standing_of

SEE_ALL = ("agent", "manager", "admin")


@dataclass(frozen=True)
class Hold:
    """A row by which somebody, and whoever leads them, sees an account; and the words for it."""

    person: int
    by: str
    words: Any
    facts: dict[str, Any]
    changes: bool = False
    url: str = ""

    def said(self, person: str) -> str:
        """In words, with the name of the person."""
        return str(self.words).format(person=person, **self.facts)


Holds = Callable[[Any], Iterable[Hold]]


@dataclass(frozen=True)
class Way:
    """A way in: the SQL of all accounts that these people see by it, and the rows of one account that it looks at."""

    by: str
    group: Any
    """Over the people who see an account by it."""
    sql: str
    holds: Holds


_LIVE = "share.ended_at IS NULL AND share.until >= %(today)s"
# To a person, or to whoever is in the team by then.
SHARED = (
    f"SELECT share.account_id FROM accounts_accountshare share WHERE {_LIVE} AND share.user_id = ANY(%(people)s) "  # noqa: S608 -- our own names
    "UNION ALL SELECT share.account_id FROM accounts_accountshare share JOIN access_teammember theirs USING (team_id) "
    f"WHERE {_LIVE} AND theirs.user_id = ANY(%(people)s)"
)
_WAYS: list[Way] = []
# What is lent to somebody and to whom they lead; told with whatever else a request needs to know of them.
LENT_SQL = f"""WITH RECURSIVE led AS (
  SELECT team_id FROM access_teammember WHERE user_id = %(user)s AND leads
  UNION SELECT below.id FROM access_team below JOIN led ON below.parent_id = led.team_id),
person AS (SELECT user_id FROM access_teammember JOIN led USING (team_id) UNION SELECT %(user)s::bigint)
SELECT share.account_id FROM accounts_accountshare share JOIN person USING (user_id)
WHERE {_LIVE} AND share.level = 'change'
UNION SELECT share.account_id FROM accounts_accountshare share
JOIN access_teammember theirs USING (team_id) JOIN person ON person.user_id = theirs.user_id
WHERE {_LIVE} AND share.level = 'change'"""  # noqa: S608 -- our own names


def add_way(model: type[Model], person: str, group: Any, words: Any) -> None:
    """One more way in: the accounts of this model's records where the field `person` is one of the people.

    `group` stands over those who see an account by it; `words` tell of one such record, by its `{number}`, that it is
    `{person}`'s.
    """
    told = model._meta
    by = str(told.model_name)
    account, who = (told.get_field(name).column for name in ("account", person))  # type: ignore[union-attr]

    def holds(of: Any) -> Iterable[Hold]:
        rows: Any = model._base_manager.filter(account=of.pk, **{f"{person}__isnull": False}).order_by("-pk")
        for row in rows.only("number", person):
            facts, address = {"number": row.number}, row.get_absolute_url()
            yield Hold(getattr(row, f"{person}_id"), by, words, facts, url=address)

    sql = f"SELECT {account} FROM {told.db_table} WHERE {who} = ANY(%(people)s)"  # noqa: S608 -- our own names
    add(Way(by, group, sql, holds))


def add(way: Way) -> None:
    """One more way in, whatever it looks at."""
    _WAYS.append(way)
    _rule.cache_clear()


def groups() -> dict[str, Any]:
    """What stands over the people of each way, in the order that the domains are loaded in."""
    return {way.by: way.group for way in _WAYS}


def holds_of(account: Any) -> list[Hold]:
    """Everybody who has hold of the account, and by what: the owner first."""
    owner = (
        [Hold(account.owner_id, "owner", _("The account is {person}'s."), {}, changes=True)] if account.owner_id else []
    )
    return [*owner, *(hold for way in _WAYS for hold in way.holds(account))]


def people_of(user: Any) -> frozenset[int]:
    """Themselves and whom they lead."""
    return standing_of(user).leads | {user.pk}


def lent_to(user: Any) -> frozenset[UUID]:
    """Accounts of others that they, or whom they lead, may change for some time."""
    return standing_of(user).lent


@cache
def _rule() -> tuple[str, list[str]]:
    """The condition on an account's owner, stay in the pool and key, and in which order it names people and day."""
    others = " UNION ALL ".join(way.sql for way in _WAYS)
    owned = "({owner} = ANY(%(people)s) OR ({owner} IS NULL AND {pooled} IS NULL)"
    sql = f"{owned} OR {{key}} IN ({others}))"
    return re.sub(r"%\(\w+\)s", "%s", sql), re.findall(r"%\((\w+)\)s", sql)


class SeenBy(Func):
    """Is this account seen by one of these people?"""

    conditional = True

    def __init__(self, people: frozenset[int]) -> None:
        super().__init__(F("owner_id"), F("pooled_at"), F("pk"), output_field=BooleanField())
        self.told = {"people": sorted(people), "today": house_day()}

    def as_sql(self, compiler: SQLCompiler, connection: Any, **_context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        owner, pooled, key = (compiler.compile(column)[0] for column in self.source_expressions)
        sql, names = _rule()
        return sql.format(owner=owner, pooled=pooled, key=key), [self.told[name] for name in names]
