"""Mappings from a file: tried dry, imported once, taken back; a key that means two things is refused."""

from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from base.ids import uuid7
from base.refusals import NotFound
from integration.hub import known
from integration.hub.models import Case, Known, Mapping
from tests.importing import imported, media, ran, reasons, tried, undone, uploaded
from tests.integration.hub.facts import customer, party, tell

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
ALFREDS, VINS, ERNST = uuid7(), uuid7(), uuid7()


def person(role):
    user = get_user_model().objects.create_user(f"a-{role}")
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def olga():
    return person("operator")


def file(*rows):
    return "customer,party,name\n" + "".join(f"{','.join(map(str, row))}\n" for row in rows)


TWO = file((ALFREDS, "C00001", "Alfreds"), (VINS, "C00002", "Vins"))


def pairs():
    return list(Mapping.objects.order_by("party").values_list("customer", "party", "name", "written_by"))


def test_a_dry_run_says_what_would_happen_and_writes_nothing(olga):
    imp = tried("mappings", TWO, olga)

    assert (imp.counts, pairs(), Known.objects.count()) == ({"new": 2}, [], 0)


def test_pairs_are_written_down_by_whoever_brought_them_and_a_second_time_nothing_changes(olga):
    first = imported("mappings", TWO, olga)
    second = imported("mappings", TWO, olga)

    assert (first.counts, second.counts) == ({"new": 2}, {"unchanged": 2})
    assert pairs() == [(ALFREDS, "C00001", "Alfreds", "a-operator"), (VINS, "C00002", "Vins", "a-operator")]
    assert Mapping.history.count() == 2


def test_an_import_is_taken_back_with_all_that_it_taught(olga):
    imp = imported("mappings", TWO, olga)

    undone(imp)

    assert (pairs(), Known.objects.count()) == ([], 0)
    assert imported("mappings", TWO, olga).counts == {"new": 2}


def test_what_an_event_has_named_since_stays(client, olga):
    imp = imported("mappings", TWO, olga)
    tell(client, customer(ALFREDS))
    tell(client, party(ALFREDS, "C00001"))

    back = undone(imp)

    assert [party for _customer, party, *_more in pairs()] == ["C00001"]
    assert Mapping.objects.get().evidence.type == "erp.party.opened.v1"
    assert [row.undo_note for row in back.rows.filter(undone=False)] == [
        "Events have named C00001 since; the mapping stays."
    ]


def test_a_key_mapped_twice_in_the_file_is_refused_with_the_other_row(olga):
    text = file((ALFREDS, "C00001", ""), (VINS, "C00001", ""), (ALFREDS, "C00002", ""), (ERNST, "C00003", ""))

    imp = imported("mappings", text, olga)

    assert imp.counts == {"new": 2, "error": 2}
    assert reasons(imp) == [
        (3, [["party", f"Row 2 maps customer {ALFREDS} to it."]]),
        (4, [["customer", "Row 2 maps it to C00001."]]),
    ]


def test_a_key_that_is_mapped_here_is_refused_with_what_it_means(client, olga):
    tell(client, customer(ALFREDS))
    tell(client, party(ALFREDS, "C00001"))
    imported("mappings", file((VINS, "C00002", "")), olga)
    text = file((ALFREDS, "C00009", ""), (ERNST, "C00001", ""), (VINS, "C00003", ""), (ERNST, "C00002", ""))

    imp = ran(tried("mappings", text, olga))

    assert imp.counts == {"error": 4}
    assert [(number, [text for _name, text in told]) for number, told in reasons(imp)] == [
        (2, ["This customer is C00001 already."]),
        (3, [f"C00001 is customer {ALFREDS} already."]),
        (4, ["This customer is C00002 already."]),
        (5, ["Row 3 maps it to C00001."]),
    ]
    assert [party for _customer, party, *_more in pairs()] == ["C00001", "C00002"]


def test_what_is_no_id_and_what_is_missing_are_said_at_their_cell(olga):
    imp = tried("mappings", file(("ALFKI", "C00001", ""), (ALFREDS, "", ""), ("=1+1", "C00002", "")), olga)

    assert [(one["row"], one["reasons"]) for one in imp.report["problems"]] == [
        (2, ["Customer in the CRM: “ALFKI” is no id of a customer."]),
        (3, ["Party in the ERP: It is missing."]),
        (4, ["Customer in the CRM: “=1+1” is no id of a customer."]),
    ]
    assert not Mapping.objects.exists()


def test_an_imported_pair_is_no_conflict_and_another_one_is(client, olga):
    imported("mappings", file((ALFREDS, "C00001", "")), olga)
    imported("mappings", file((VINS, "C00002", "")), olga)

    tell(client, party(ALFREDS, "C00001"))
    tell(client, party(VINS, "C00007"))

    assert [case.cause for case in Case.objects.all()] == ["mapped-twice"]
    assert Mapping.objects.get(customer=ALFREDS).evidence is not None


def test_knowledge_made_again_from_the_archive_keeps_imported_pairs(olga):
    imported("mappings", file((ALFREDS, "C00001", "")), olga)

    known.rebuild()

    assert Known.objects.get(name="party:C00001").facts == {"customer": str(ALFREDS)}


def test_only_who_maps_keys_imports_them(olga):
    auditor = person("auditor")
    page = Client()
    page.force_login(auditor)

    with pytest.raises(NotFound):
        uploaded("mappings", TWO, auditor)
    assert (page.get("/import/").status_code, page.get("/import/mappings/").status_code) == (403, 404)
    page.force_login(olga)
    assert "C00001" in page.get("/import/mappings/template.csv").content.decode("utf-8-sig")
    assert "Mapping" in page.get("/import/").content.decode()


def test_the_command_and_the_api_do_the_same(olga, tmp_path, capsys):
    path = tmp_path / "mappings.csv"
    path.write_text(TWO)
    api = APIClient()
    api.force_authenticate(olga)

    call_command("import", "mappings", str(path), "--as", "a-operator", "--dry-run")
    dry = Mapping.objects.count()
    call_command("import", "mappings", str(path), "--as", "a-operator")
    with path.open("rb") as sent:
        told = api.post("/api/v1/imports/", {"resource": "mappings", "file": sent}, format="multipart")
    person("auditor")
    with pytest.raises(CommandError):
        call_command("import", "mappings", str(path), "--as", "a-auditor")

    assert (dry, Mapping.objects.count()) == (0, 2)
    assert (told.status_code, told.json()["mapping"]) == (
        201, {"customer": "customer", "party": "party", "name": "name"},
    )  # fmt: skip
    assert "Dry run" in capsys.readouterr().out
    assert isinstance(Mapping.objects.first().customer, UUID)
