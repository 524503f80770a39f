"""How people are called, and who is asked when somebody needs a colleague above them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection

# Who leads a team of the person, or a team above it.
_LEADERS = """WITH RECURSIVE above AS (
  SELECT team_id FROM access_teammember WHERE user_id = %s
  UNION SELECT team.parent_id FROM access_team team JOIN above ON team.id = above.team_id
  WHERE team.parent_id IS NOT NULL)
SELECT user_id FROM access_teammember JOIN above USING (team_id) WHERE leads AND user_id <> %s"""

# Who leads a team of these people or one above it, and how far up that is.
_LED = """WITH RECURSIVE above AS (
  SELECT user_id, team_id AS member_of, team_id, 0 AS steps FROM access_teammember WHERE user_id = ANY(%s)
  UNION SELECT above.user_id, above.member_of, team.parent_id, above.steps + 1
  FROM access_team team JOIN above ON team.id = above.team_id WHERE team.parent_id IS NOT NULL)
SELECT leader.user_id, above.user_id, led.name, theirs.name, above.steps
FROM above JOIN access_teammember leader ON leader.team_id = above.team_id AND leader.leads
JOIN access_team led ON led.id = above.team_id JOIN access_team theirs ON theirs.id = above.member_of
ORDER BY above.steps, led.name"""


def leaders_of(person: Any) -> list[Any]:
    """Who leads a team of the person or one above it, and is still here."""
    with connection.cursor() as cursor:
        cursor.execute(_LEADERS, [person.pk, person.pk])
        found = [row[0] for row in cursor.fetchall()]
    return list(get_user_model().objects.filter(pk__in=found, is_active=True).order_by("username"))


@dataclass(frozen=True)
class Led:
    """Somebody leads a person: the team they lead, and the one that the person is in."""

    leader: int
    person: int
    led: str
    member_of: str


def led_by(people: Iterable[int]) -> list[Led]:
    """Who leads each of these, by which team: the nearest first."""
    with connection.cursor() as cursor:
        cursor.execute(_LED, [list(people)])
        return [Led(*row[:4]) for row in cursor.fetchall()]


def managers() -> list[Any]:
    """Everybody with the role of a sales manager."""
    people = get_user_model().objects.filter(groups__name="manager", is_active=True)
    return list(people.order_by("username").distinct())


def name_of(person: Any) -> str:
    """How people call somebody: the full name, else the user name; nobody has none."""
    return (person.get_full_name() or person.get_username()) if person else ""
