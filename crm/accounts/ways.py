"""Why somebody sees an account: each way in is one rule, and `Account.objects.visible_to` is their sum.

Who has a role that serves every customer sees all of them. A rep sees their own, those that were nobody's from the
beginning, and by the ways that other domains give (a deal, a ticket) once they are loaded; for themselves and for the
people they lead. What somebody had and gave up lies in the pool: of that a rep knows what the pool tells until they
claim it.

Nearly every page asks this, often more than once, so it is SQL that is written once: as query sets, building and
compiling the rule took longer than PostgreSQL needs to answer it.
"""

from functools import cache
from typing import Any

from django.db.models import BooleanField, F, Func, Model
from django.db.models.sql.compiler import SQLCompiler

from base.standing import standing_of

SEE_ALL = ("agent", "manager", "admin")
_WAYS: list[str] = []


def add_way(model: type[Model], person: str) -> None:
    """One more way in: the accounts of this model's records where the field `person` is one of the people."""
    told = model._meta
    account, who = (told.get_field(name).column for name in ("account", person))  # type: ignore[union-attr]
    _WAYS.append(f"SELECT {account} FROM {told.db_table} WHERE {who} = ANY(%s)")  # noqa: S608 -- our own names
    _rule.cache_clear()


def people_of(user: Any) -> frozenset[int]:
    """Themselves and whom they lead."""
    return standing_of(user).leads | {user.pk}


@cache
def _rule() -> tuple[str, int]:
    """The condition on an account's owner, stay in the pool and key, and how often it names the people."""
    owned = "({owner} = ANY(%s) OR ({owner} IS NULL AND {pooled} IS NULL)"
    others = " UNION ALL ".join(_WAYS)
    sql = f"{owned} OR {{key}} IN ({others}))" if others else f"{owned})"
    return sql, sql.count("%s")


class SeenBy(Func):
    """Is this account seen by one of these people?"""

    conditional = True

    def __init__(self, people: frozenset[int]) -> None:
        super().__init__(F("owner_id"), F("pooled_at"), F("pk"), output_field=BooleanField())
        self.people = sorted(people)

    def as_sql(self, compiler: SQLCompiler, connection: Any, **_context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        owner, pooled, key = (compiler.compile(column)[0] for column in self.source_expressions)
        sql, times = _rule()
        return sql.format(owner=owner, pooled=pooled, key=key), [self.people] * times
