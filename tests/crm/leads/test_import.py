"""Leads from files: tried, run, run again, undone; what stands for an empty cell is counted, not swallowed."""

import pytest

from crm.activities.models import Entry
from crm.leads import services
from crm.leads.models import Lead, Policy
from tests.crm.leads.makers import lead, rule
from tests.crm.makers import account, user
from tests.importing import imported, media, reasons, tried, undone

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

HEADS = (
    "Prospect ID,Lead Number,Lead Origin,Lead Source,Do Not Email,TotalVisits,Total Time Spent on Website,"
    "Country,City,Specialization,Converted\n"
)
WEB = f"""{HEADS}7927-a,660737,API,Olark Chat,No,0,0,,Select,Select,0
2a27-b,660728,Landing Page Submission,Organic Search,Yes,5,674,India,Mumbai,Select,1
8cc8-c,660727,Lead Add Form,Reference,No,2,1532,India,Select,Business Administration,1
0cc2-d,660719,Smoke Signal,Direct Traffic,No,many,305,India,Mumbai,,0
"""
CARDS = """Name,Company,Phone,E-mail,Status,Owner,Opt in,Opt in source
Maria Anders,Alfreds Futterkiste,030 0074321,maria@alfreds.example,working,anna,yes,fair
Maria Anders,Alfreds Futterkiste,+49 30 0074321,other@alfreds.example,,,,
,Vins GmbH,,,,,,
Hanna Moos,Blauer See,0621-08460,not a mail,,,,
Hanna Moos,Blauer See,0621-08460,hanna@moos.example,,ben,,
"""


def test_a_web_list_comes_in_and_its_placeholders_are_counted() -> None:
    imp = imported("leads", WEB, user("rep", name="anna"))

    assert (imp.counts, [row for row, _why in reasons(imp)]) == ({"new": 3, "error": 1}, [5])
    assert imp.report["emptied"] == [
        {"field": "city", "word": "Select", "count": 2},
        {"field": "interest", "word": "Select", "count": 2},
    ]
    told = Lead.objects.order_by("external_ref").values_list("name", "source", "source_detail", "city", "visits")
    assert list(told) == [
        ("660727", "hand", "Reference", "", 2),
        ("660728", "web", "Organic Search", "Mumbai", 5),
        ("660737", "api", "Olark Chat", "", 0),
    ]
    assert Lead.objects.filter(do_not_email=True).get().seconds_on_site == 674


def test_the_same_file_again_changes_nothing_and_what_was_imported_is_taken_back() -> None:
    anna = user("rep", name="anna")
    first = imported("leads", WEB, anna)

    again = imported("leads", WEB, anna)
    undone(first)
    left = (Lead.objects.count(), Entry.objects.count())
    imported("leads", WEB, anna)
    changed = imported("leads", WEB.replace("India,Mumbai,Select", "India,Pune,Select"), anna)
    undone(changed)

    assert (again.counts, changed.counts) == ({"unchanged": 3, "error": 1}, {"update": 1, "unchanged": 2, "error": 1})
    assert left == (0, 0)
    assert Lead.objects.get(external_ref="660728").city == "Mumbai"


def test_cards_become_leads_of_their_owners_and_look_alikes_are_told() -> None:
    Policy.objects.update(phone_country="DE")
    anna, ben = user("rep", name="anna"), user("rep", name="ben")
    account("Vins Ltd", owner=ben)

    imp = imported("leads", CARDS, anna, match_on=["email"])

    assert [(row, why[0][0]) for row, why in reasons(imp)] == [(3, "phone"), (4, "email"), (5, "email")]
    assert set(Lead.objects.values_list("name", "owner__username", "state", "phone", "consent", "consent_source")) == {
        ("Maria Anders", "anna", "contacted", "+49300074321", True, "fair"),
        ("Hanna Moos", "ben", "new", "+4962108460", False, ""),
    }
    assert ben.notices.get().text == "1 new lead is yours."


def test_who_is_an_account_already_is_a_look_alike_and_anothers_is_not_named() -> None:
    anna, ben = user("rep", name="anna"), user("rep", name="ben")
    account("Vins Ltd", owner=ben)
    account("Alfreds", owner=anna, phone="030 0074321")
    lead("Hidden", owner=ben, email="h@moos.example")
    rows = "reference,company,phone,email\n1,Vins GmbH,,\n2,Other,+49 30 0074321,\n3,,,H@moos.example\n4,Fresh,,\n"

    imp = tried("leads", rows, anna)
    kept = tried("leads", rows, anna, keep_lookalikes=True)

    assert [one["reasons"] for one in imp.report["problems"]] == [
        ["Company: Looks like an account of somebody else."],
        ["Phone: Looks like account “Alfreds”."],
        ["E-mail: Looks like a lead of somebody else."],
    ]
    assert (imp.counts, kept.counts) == ({"duplicate": 3, "new": 1}, {"new": 4})


def test_without_an_owner_the_rules_decide_and_anothers_lead_stays_his() -> None:
    anna, ben = user("rep", name="anna"), user("rep", name="ben")
    rule("ben", source="event")
    theirs = lead("Maria", owner=ben, external_ref="3")
    rows = "reference,name,origin\n1,Ida,fair\n2,Jan,\n3,Maria Two,\n"

    imp = imported("leads", rows, anna)

    assert dict(Lead.objects.values_list("person", "owner__username")) == {"Ida": "ben", "Jan": "anna", "Maria": "ben"}
    assert [row for row, _why in reasons(imp)] == [4]
    assert services.update_lead(theirs, person="Maria Three").person == "Maria Three"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig"])
def test_chinese_files_are_read_in_the_encodings_they_come_in(encoding: str) -> None:
    rows = ("线索编号,姓名,公司名称,联系电话,来源,城市", "1,张伟,杭州和明有限公司,010-6552 9988,广交会,杭州")
    text = "\n".join((*rows, "2,李娜,上海云帆科技,,官网,请选择\n"))

    imp = imported("leads", text.encode(encoding), user("rep", name="anna"))

    assert imp.counts == {"new": 2}
    assert set(Lead.objects.values_list("name", "company", "source_detail", "city")) == {
        ("张伟", "杭州和明有限公司", "广交会", "杭州"),
        ("李娜", "上海云帆科技", "官网", ""),
    }
