"""Who sells where and who leads them, from a file: found, moved, taken back; the Maven set's own sales teams."""

import csv

import pytest

from base.env import ROOT
from crm.access import services
from crm.access.models import Team, TeamMember
from tests.crm.makers import user
from tests.importing import imported, media, undone

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
FILES = [place / "shared/data/crm_sales_opportunities/sales_teams.csv" for place in ROOT.parents]
FILE = next((file for file in FILES if file.is_file()), FILES[0])
HEAD = "sales_agent,manager,regional_office\n"


def people(*names):
    for name in names:
        first, _blank, last = name.partition(" ")
        somebody = user("rep", name=name.replace(" ", ".").lower())
        somebody.first_name, somebody.last_name = first, last
        somebody.save()


def placed():
    rows = TeamMember.objects.filter(leads=False).select_related("team__parent", "user").order_by("user__username")
    return {one.user.username: (one.team.name, one.team.parent.name if one.team.parent else "") for one in rows}


def test_people_are_placed_moved_and_taken_back():
    people("Anna Ash", "Bert Birch", "Nora North", "Sue South")
    boss = user("admin")
    first = imported("teams", HEAD + "Anna Ash,Nora North,West\nBert Birch,Nora North,West\n", boss)
    again = imported("teams", HEAD + "Anna Ash,Nora North,West\nBert Birch,Nora North,West\n", boss)
    moved = imported("teams", HEAD + "Bert Birch,Sue South,East\n", boss)

    assert (first.counts, again.counts, moved.counts) == ({"new": 2}, {"unchanged": 2}, {"update": 1})
    assert placed() == {"anna.ash": ("Nora North", "West"), "bert.birch": ("Sue South", "East")}
    undone(moved)
    assert placed() == {"anna.ash": ("Nora North", "West"), "bert.birch": ("Nora North", "West")}
    undone(first)
    assert (TeamMember.objects.count(), Team.objects.count()) == (0, 0)


def test_a_row_that_names_nobody_or_oneself_is_refused_with_its_reason():
    people("Anna Ash")
    boss = user("admin")

    imp = imported("teams", HEAD + "Ghost Gone,Anna Ash,West\nAnna Ash,Anna Ash,West\nAnna Ash,,\n", boss)

    assert imp.counts == {"error": 3}
    assert Team.objects.count() == 0


def test_only_admins_may_arrange_teams():
    with pytest.raises(Exception, match="was not found"):
        imported("teams", HEAD + "a,b,c\n", user("manager"))


def test_a_team_that_admins_made_keeps_its_people_and_its_place():
    people("Anna Ash", "Nora North")
    anna, nora = (TeamMember._meta.get_field("user").related_model.objects.get(username=name)
                  for name in ("anna.ash", "nora.north"))  # fmt: skip
    services.set_team(Team(name="Town"), [(nora, True), (user("rep", name="old"), False)])

    imported("teams", "agent,manager,team\nAnna Ash,Nora North,town\n", user("admin"))

    assert placed() == {"anna.ash": ("Town", ""), "old": ("Town", "")}
    assert anna.pk in {one.user_id for one in Team.objects.get().members.all()}


@pytest.mark.skipif(not FILE.is_file(), reason="the Maven files of ../shared/data are not here")
def test_the_maven_sales_teams_come_in_once():
    rows = list(csv.DictReader(FILE.read_text(encoding="utf-8-sig").splitlines()))
    people(*{name for row in rows for name in (row["sales_agent"], row["manager"])})
    boss = user("admin")

    first = imported("teams", FILE.read_bytes(), boss)
    again = imported("teams", FILE.read_bytes(), boss)

    assert (first.counts, again.counts) == ({"new": len(rows)}, {"unchanged": len(rows)})
    assert placed() == {
        row["sales_agent"].replace(" ", ".").lower(): (row["manager"], row["regional_office"]) for row in rows
    }
