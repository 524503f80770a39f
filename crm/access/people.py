"""How people are called, and who is asked when somebody needs a colleague above them."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection

# Who leads a team of the person, or a team above it.
_LEADERS = """WITH RECURSIVE above AS (
  SELECT team_id FROM access_teammember WHERE user_id = %s
  UNION SELECT team.parent_id FROM access_team team JOIN above ON team.id = above.team_id
  WHERE team.parent_id IS NOT NULL)
SELECT user_id FROM access_teammember JOIN above USING (team_id) WHERE leads AND user_id <> %s"""


def leaders_of(person: Any) -> list[Any]:
    """Who leads a team of the person or one above it, and is still here."""
    with connection.cursor() as cursor:
        cursor.execute(_LEADERS, [person.pk, person.pk])
        found = [row[0] for row in cursor.fetchall()]
    return list(get_user_model().objects.filter(pk__in=found, is_active=True).order_by("username"))


def managers() -> list[Any]:
    """Everybody with the role of a sales manager."""
    people = get_user_model().objects.filter(groups__name="manager", is_active=True)
    return list(people.order_by("username").distinct())


def name_of(person: Any) -> str:
    """How people call somebody: the full name, else the user name; nobody has none."""
    return (person.get_full_name() or person.get_username()) if person else ""
