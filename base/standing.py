"""Who asks, as every page needs to know them; read by one statement.

Roles, how many notices wait, which lists have saved views for them, whose work they lead, which places of the menu
they were given, and which records of others they may change because somebody said so.

It is asked by every request before anything else, so it is plain SQL: building the queries anew took Django longer than
PostgreSQL needs to answer them. Somebody who comes with a session is read together with their standing
(`base.account.backends`). What is found stays with the user object, which lives as long as the request.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection

from base.days import house_day

MENU_PERMISSIONS = ("manage_webhooks",)
"""Permissions that open a place of everybody's menu to somebody who is no admin."""


@dataclass(frozen=True)
class Standing:
    """Somebody's roles, how many notices they have not read, the lists with saved views for them, whom they lead."""

    roles: frozenset[str]
    unread_notices: int
    lists_with_views: frozenset[str] = frozenset()
    leads: frozenset[int] = frozenset()
    given: frozenset[str] = frozenset()
    """Those of `MENU_PERMISSIONS` that they, or a group of theirs, were given."""
    lent: frozenset[UUID] = frozenset()
    """Records of others that they, or people they lead, may change for some time."""


def standing_of(user: Any) -> Standing:
    """Read once for each user object."""
    found: Standing | None = getattr(user, "_standing", None)
    if found is None:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {_columns()}", _told(user.pk))
            found = user._standing = _standing(*cursor.fetchone())
    return found


def with_standing(user_id: Any) -> Any:
    """The person of this number together with their standing, by one statement; None where there is nobody."""
    people = get_user_model()._default_manager
    table = connection.ops.quote_name(people.model._meta.db_table)
    own = ", ".join(
        f"{table}.{connection.ops.quote_name(field.column)}" for field in people.model._meta.concrete_fields
    )
    statement = f"SELECT {own}, {_columns()} FROM {table} WHERE id = %(user)s"  # noqa: S608 -- our own table
    found: Any = next(iter(people.raw(statement, _told(user_id))), None)
    if found is not None:
        found._standing = _standing(*(found.__dict__.pop(name) for name in _PARTS))
    return found


def forget(user: Any) -> None:
    """What was read of them has just been changed."""
    user.__dict__.pop("_standing", None)


_PARTS = ("in_groups", "notices_unread", "listings_viewed", "people_led", "permissions_given", "records_lent")


def _told(user_id: Any) -> dict[str, Any]:
    return {"user": user_id, "permissions": list(MENU_PERMISSIONS), "today": house_day()}


def _standing(
    roles: list[str], unread: int, lists: list[str], leads: list[int], given: list[str], lent: list[UUID]
) -> Standing:
    sets = frozenset(lists), frozenset(leads), frozenset(given), frozenset(lent)
    return Standing(frozenset(roles), unread, *sets)


@cache
def _columns() -> str:
    """The parts of a standing, in the order of `_PARTS`; the names of the tables are those of this side's models."""
    quote = connection.ops.quote_name
    users = get_user_model()
    mine, group = users.groups.through._meta, apps.get_model("auth", "Group")._meta
    permission, own = apps.get_model("auth", "Permission")._meta, users.user_permissions.through._meta
    theirs = apps.get_model("auth", "Group").permissions.through._meta
    notice, view = apps.get_model("access", "Notice")._meta, apps.get_model("access", "SavedView")._meta
    roles, unread, listings, leads, given, lent = _PARTS
    return (
        f"ARRAY(SELECT one.name FROM {quote(group.db_table)} one "  # noqa: S608 -- names of our own tables
        f"JOIN {quote(mine.db_table)} mine ON mine.group_id = one.id WHERE mine.user_id = %(user)s) AS {roles}, "
        f"(SELECT count(*) FROM {quote(notice.db_table)} WHERE user_id = %(user)s AND read_at IS NULL) AS {unread}, "
        f"ARRAY(SELECT DISTINCT listing FROM {quote(view.db_table)} WHERE owner_id = %(user)s OR team) AS {listings}, "
        f"ARRAY({users.LEADS_SQL}) AS {leads}, "
        f"ARRAY(SELECT p.codename FROM {quote(permission.db_table)} p WHERE p.codename = ANY(%(permissions)s) AND ("
        f"EXISTS (SELECT FROM {quote(own.db_table)} o WHERE o.permission_id = p.id AND o.user_id = %(user)s) OR "
        f"EXISTS (SELECT FROM {quote(theirs.db_table)} t JOIN {quote(mine.db_table)} m ON m.group_id = t.group_id "
        f"WHERE t.permission_id = p.id AND m.user_id = %(user)s))) AS {given}, "
        f"ARRAY({users.LENT_SQL}) AS {lent}"
    )
