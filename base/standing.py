"""Who asks, as every page needs to know them: roles, how many notices wait, which lists have saved views for them, and
whose work they lead; read by one statement.

It is asked by every request before anything else, so it is plain SQL: building the queries anew took Django longer than
PostgreSQL needs to answer them. What is found stays with the user object, which lives as long as the request.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection


@dataclass(frozen=True)
class Standing:
    """Somebody's roles, how many notices they have not read, the lists with saved views for them, whom they lead."""

    roles: frozenset[str]
    unread_notices: int
    lists_with_views: frozenset[str] = frozenset()
    leads: frozenset[int] = frozenset()


def standing_of(user: Any) -> Standing:
    """Read once for each user object."""
    found: Standing | None = getattr(user, "_standing", None)
    if found is None:
        with connection.cursor() as cursor:
            cursor.execute(_statement(), {"user": user.pk})
            roles, unread, lists, leads = cursor.fetchone()
        found = user._standing = Standing(frozenset(roles), unread, frozenset(lists), frozenset(leads))
    return found


def forget(user: Any) -> None:
    """What was read of them has just been changed."""
    user.__dict__.pop("_standing", None)


@cache
def _statement() -> str:
    """The names of its tables are those of this side's models."""
    quote = connection.ops.quote_name
    users = get_user_model()
    mine, group = users.groups.through._meta, apps.get_model("auth", "Group")._meta
    notice, view = apps.get_model("access", "Notice")._meta, apps.get_model("access", "SavedView")._meta
    return (
        f"SELECT ARRAY(SELECT one.name FROM {quote(group.db_table)} one "  # noqa: S608 -- names of our own tables
        f"JOIN {quote(mine.db_table)} mine ON mine.group_id = one.id WHERE mine.user_id = %(user)s), "
        f"(SELECT count(*) FROM {quote(notice.db_table)} WHERE user_id = %(user)s AND read_at IS NULL), "
        f"ARRAY(SELECT DISTINCT listing FROM {quote(view.db_table)} WHERE owner_id = %(user)s OR team), "
        f"ARRAY({users.LEADS_SQL})"
    )
