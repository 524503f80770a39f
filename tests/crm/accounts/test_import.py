"""Accounts and contacts from files: mapped, tried, run, run again, undone."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from base import jobs
from base.exchange import mapping, running, services
from base.refusals import MoveRefused, NotFound
from crm.access.models import Import, ImportedRow
from crm.accounts.models import Account, Contact
from crm.accounts.services import add_contact, register, update_account
from tests.crm.makers import account, user
from tests.importing import imported, media, ran, reasons, tried, undone, uploaded

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

THREE = """CustomerID,CompanyName,City,Phone
ALFKI,Alfreds Futterkiste,Berlin,030-0074321
ANATR,Ana Trujillo,México,
VINET,Vins,Reims,
"""


@pytest.fixture
def maria() -> Any:
    return user("rep", name="maria")


def test_columns_are_recognised_by_their_names_in_both_languages(maria: Any) -> None:
    english = uploaded("accounts", THREE, maria)
    chinese = uploaded("accounts", "客户编号,公司名称,城市,备注\n1,和明,杭州,x\n".encode("gb18030"), maria)

    assert english.mapping == {
        "CustomerID": "external_ref", "CompanyName": "name", "City": "city", "Phone": "phone",
    }  # fmt: skip
    assert chinese.mapping == {"客户编号": "external_ref", "公司名称": "name", "城市": "city"}
    assert (chinese.encoding, english.match_on, english.count) == ("gb18030", ["external_ref"], 3)


def test_a_dry_run_counts_and_shows_and_changes_nothing(maria: Any) -> None:
    account("Ana Trujillo", external_ref="ANATR", city="Old town", owner=maria)
    account("Vins", external_ref="VINET", city="Reims", owner=maria)

    imp = tried("accounts", THREE, maria)

    assert (imp.state, imp.counts) == ("checked", {"new": 1, "update": 1, "unchanged": 1})
    changed = next(row for row in imp.report["preview"] if row["outcome"] == "update")
    assert changed["cells"] == [{"field": "city", "before": "Old town", "after": "México"}]
    assert Account.objects.count() == 2
    assert ImportedRow.objects.count() == 0


def test_a_run_writes_through_the_services_with_owner_and_history(maria: Any) -> None:
    imp = imported("accounts", THREE, maria, name="customers.csv")

    alfreds = Account.objects.get(external_ref="ALFKI")
    assert (imp.state, imp.counts) == ("done", {"new": 3})
    assert (alfreds.name, alfreds.city, alfreds.owner, alfreds.phone_match) == (
        "Alfreds Futterkiste", "Berlin", maria, "300074321",
    )  # fmt: skip
    told = alfreds.history.get()
    assert (told.history_change_reason, told.history_user) == ("import customers.csv", maria)


def test_the_same_file_again_changes_nothing(maria: Any) -> None:
    imported("accounts", THREE, maria)
    histories = Account.history.count()

    again = imported("accounts", THREE, maria)

    assert (again.counts, Account.history.count()) == ({"unchanged": 3}, histories)


def test_a_changed_row_is_changed_and_told(maria: Any) -> None:
    imported("accounts", THREE, maria)

    again = imported("accounts", THREE.replace("Reims", "Paris"), maria)

    vins = Account.objects.get(external_ref="VINET")
    assert (again.counts, vins.city) == ({"unchanged": 2, "update": 1}, "Paris")
    assert vins.history.first().history_change_reason == "import file.csv"


def test_an_empty_cell_leaves_what_is_there(maria: Any) -> None:
    account("Vins", external_ref="VINET", city="Reims", owner=maria)

    imp = imported("accounts", "id,name,city\nVINET,Vins,\n", maria)

    assert (imp.counts, Account.objects.get().city) == ({"unchanged": 1}, "Reims")


def test_bad_rows_come_back_as_a_file_with_reasons_and_the_rest_goes_in(maria: Any) -> None:
    text = "name,email,kind,ref\nGood,,company,1\nBad mail,no-mail,company,2\n,x@y.example,company,3\nOdd,,planet,4\n"
    text += "Twice,,company,1\nShort,\n" + "x" * 300 + ",,company,5\nN\x00ul,,company,6\n=cmd(),,firm,7\n"

    imp = imported("accounts", text, maria)

    assert imp.counts == {"new": 2, "error": 6, "duplicate": 1}
    assert reasons(imp) == [
        (3, [["email", "“no-mail” is not an e-mail address."]]),
        (4, [["name", "It is missing."]]),
        (5, [["kind", "“planet” is none of: company, person."]]),
        (6, [["external_ref", "The same as row 2."]]),
        (7, [["", "The row has 2 cells, the header 4."]]),
        (8, [["name", "It has 300 characters; up to 250 fit."]]),
        (9, [["name", "It holds a character that cannot be kept (NUL)."]]),
    ]
    rows = list(csv.reader(io.StringIO(imp.bad_rows_path.read_text("utf-8-sig"), newline="")))
    assert rows[0] == ["name", "email", "kind", "ref", "Row", "Reason"]
    assert rows[1] == ["Bad mail", "no-mail", "company", "2", "3", "E-mail: “no-mail” is not an e-mail address."]
    assert len(rows) == 8


def test_reasons_are_in_the_users_language(maria: Any) -> None:
    maria.language = "zh-hans"
    maria.save()

    imp = tried("accounts", "公司名称,邮箱\n和明,不是\n", maria)

    (problem,) = imp.report["problems"]
    assert problem["reasons"] != []
    assert "is not an e-mail" not in problem["reasons"][0]


def test_lookalikes_are_duplicates_until_the_user_says_otherwise(maria: Any) -> None:
    account("Müller & Söhne GmbH", phone="+49 30 1234567", email="Info@mueller.example", owner=maria)
    text = "name,phone,email\nMUELLER,0301234567,\nMüller und Söhne,,\nX,,info@MUELLER.example\nY Ltd,,\nY Inc.,,\n"

    skipped = tried("accounts", text, maria)
    kept = imported("accounts", text, maria, keep_lookalikes=True)

    assert skipped.counts == {"duplicate": 4, "new": 1}
    assert [problem["reasons"] for problem in skipped.report["problems"]] == [
        ["Phone: Looks like “Müller & Söhne GmbH”."],
        ["Name: Looks like “Müller & Söhne GmbH”."],
        ["E-mail: Looks like “Müller & Söhne GmbH”."],
        ["Name: Looks like row 5."],
    ]
    assert kept.counts == {"new": 5}
    assert imported("accounts", text, maria).counts == {"unchanged": 5}


def test_rows_may_be_recognised_by_several_columns(maria: Any) -> None:
    text = "name,city\nFiliale,Ulm\nFiliale,Bonn\n"

    imp = imported("accounts", text, maria, match_on=["name", "city"], keep_lookalikes=True)

    assert imp.counts == {"new": 2}
    assert imported("accounts", text, maria, match_on=["name", "city"]).counts == {"unchanged": 2}


def test_accounts_of_others_are_left_alone(maria: Any) -> None:
    account("Vins", external_ref="VINET", city="Reims", owner=user("rep", name="other"))

    imp = imported("accounts", "ref,name,city\nVINET,Vins,Paris\n", maria)

    assert (imp.counts, Account.objects.get().city) == ({"duplicate": 1}, "Reims")


def test_the_mapping_is_remembered_for_the_same_headers_in_any_order(maria: Any) -> None:
    tried("accounts", "who,where\nVins,Reims\n", maria, mapping={"who": "name", "where": "city"})

    again = uploaded("accounts", "where,who\nReims,Vins\n", maria)
    stranger = uploaded("accounts", "where,who\nReims,Vins\n", user("manager"))

    assert (again.mapping, stranger.mapping) == ({"where": "city", "who": "name"}, {})


def test_who_has_no_role_for_it_imports_nothing(maria: Any) -> None:
    with pytest.raises(NotFound):
        uploaded("accounts", THREE, user("agent"))


@pytest.mark.parametrize("crash_at", ["before", "after"])
def test_a_worker_that_dies_doubles_no_row(maria: Any, monkeypatch: pytest.MonkeyPatch, crash_at: str) -> None:
    """The second chunk dies: inside its transaction, or after it was committed and before anybody was told."""
    monkeypatch.setattr("base.exchange.planning.CHUNK", 2)
    monkeypatch.setattr("base.exchange.planning.Plan.chunks.__defaults__", (2,))
    text = "ref,name\n" + "".join(f"{i},Company {i}\n" for i in range(7))
    imp = tried("accounts", text, maria)
    imp = services.begin(imp, send=False)
    calls = []
    real = running._record if crash_at == "before" else jobs.JobBase.progress

    def dying(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        done = real(*args, **kwargs) if crash_at == "before" or len(calls) < 2 else None
        if len(calls) == 2:
            raise SystemExit("killed")
        return done

    with monkeypatch.context() as patch:
        patch.setattr(*((running, "_record") if crash_at == "before" else (jobs.JobBase, "progress")), dying)
        with pytest.raises(SystemExit):
            jobs.run(imp.job_id)
    assert Account.objects.count() == (2 if crash_at == "before" else 4)

    jobs.run(imp.job_id)
    jobs.run(imp.job_id)

    imp = Import.objects.get(pk=imp.pk)
    assert (imp.state, imp.counts, Account.objects.count()) == ("done", {"new": 7}, 7)
    assert ImportedRow.objects.filter(run=imp).count() == 7


def test_undo_takes_back_what_nobody_touched(maria: Any) -> None:
    account("Vins", external_ref="VINET", city="Old", phone="1", owner=maria)
    imp = imported("accounts", THREE.replace("Reims,", "Reims,999"), maria)
    alfreds = Account.objects.get(external_ref="ALFKI")
    add_contact(alfreds, name="Maria Anders")
    update_account(Account.objects.get(external_ref="VINET"), phone="777")

    imp = undone(imp)

    vins = Account.objects.get(external_ref="VINET")
    assert imp.state == "undone"
    assert (vins.city, vins.phone) == ("Old", "777")
    assert set(Account.objects.values_list("external_ref", flat=True)) == {"ALFKI", "VINET"}
    assert dict(imp.rows.values_list("number", "undo_note")) == {
        2: "It is used: Contacts.",
        3: "",
        4: "Changed since the import, and left as it is: Phone.",
    }
    assert vins.history.first().history_change_reason == "undo import file.csv"


def test_a_new_account_that_changed_or_is_a_customer_stays(maria: Any) -> None:
    imp = imported("accounts", THREE, maria)
    update_account(Account.objects.get(external_ref="ANATR"), city="Puebla")
    register(Account.objects.get(external_ref="VINET"))

    imp = undone(imp)

    assert list(imp.rows.order_by("number").values_list("undone", "undo_note")) == [
        (True, ""),
        (False, "It was changed since the import."),
        (False, "It was changed since the import."),
    ]


def test_undo_ends_after_thirty_days_and_happens_once(maria: Any) -> None:
    imp = imported("accounts", THREE, maria)
    Import.objects.filter(pk=imp.pk).update(finished_at=timezone.now() - timedelta(days=31))

    with pytest.raises(services.UndoTooLate):
        services.undo(imp)
    Import.objects.filter(pk=imp.pk).update(finished_at=timezone.now())
    undone(imp)
    with pytest.raises(MoveRefused):
        services.undo(imp)


def test_contacts_find_their_accounts_by_name_or_reference(maria: Any) -> None:
    imported("accounts", THREE, maria)
    text = "Company,ContactName,Title\nALFKI,Maria Anders,Boss\nana trujillo,Ana,\nNobody Ltd,X,\n"

    imp = imported("contacts", text, maria, mapping={"Title": "title"})

    assert imp.counts == {"new": 2, "error": 1}
    assert reasons(imp) == [(4, [["account", "“Nobody Ltd” is not known here."]])]
    assert [(one.account.name, one.name, one.title) for one in Contact.objects.order_by("-name")] == [
        ("Alfreds Futterkiste", "Maria Anders", "Boss"),
        ("Ana Trujillo", "Ana", ""),
    ]
    assert imported("contacts", text, maria, mapping={"Title": "title"}).counts == {"unchanged": 2, "error": 1}
    assert undone(imp).rows.filter(undone=True).count() == 2


def test_running_twice_is_running_once(maria: Any) -> None:
    imp = imported("accounts", THREE, maria)

    with pytest.raises(MoveRefused):
        ran(imp)


def test_files_are_private(maria: Any, media: Path) -> None:
    imp = uploaded("accounts", THREE, maria, name="../../etc/passwd")

    assert (imp.file_name, imp.path.parent.parent) == ("passwd", media / "imports")
    assert (imp.path.stat().st_mode & 0o77, imp.folder.stat().st_mode & 0o77) == (0, 0)


def test_what_all_rows_say_alike_needs_no_column_and_is_remembered(maria: Any) -> None:
    manager = user("manager", name="boss")
    text = "name\nAlfreds\nVins\n"

    imp = imported("accounts", text, manager, constants={"owner": "maria", "country": " France ", "city": ""})
    mine = imported("accounts", "name,city\nOwn,Ulm\n", manager, constants={"owner": "me"})
    again = uploaded("accounts", text, manager)

    assert (imp.counts, again.constants) == ({"new": 2}, {"owner": "maria", "country": "France"})
    assert set(Account.objects.exclude(name="Own").values_list("owner__username", "country")) == {("maria", "France")}
    assert (Account.objects.get(name="Own").owner, mine.constants) == (manager, {"owner": "boss"})


def test_a_required_column_may_be_the_same_for_all_rows(maria: Any) -> None:
    account("Vins", owner=maria)

    imp = imported("contacts", "name\nAnna\nBen\n", maria, constants={"account": "Vins"}, match_on=["account", "name"])

    assert imp.counts == {"new": 2}
    assert set(Contact.objects.values_list("account__name", "name")) == {("Vins", "Anna"), ("Vins", "Ben")}


@pytest.mark.parametrize(
    ("constants", "refusal"),
    [
        ({"kind": "planet"}, mapping.ConstantUnclear),
        ({"owner": "nobody"}, mapping.ConstantUnclear),
        ({"external_ref": "Twice"}, mapping.FieldTwice),
        ({"shoe": "43"}, mapping.UnknownField),
    ],
)
def test_a_constant_that_makes_no_sense_is_refused_before_anything_is_tried(
    maria: Any, constants: dict[str, str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        tried("accounts", THREE, maria, constants=constants)
    assert Import.objects.get().mapping == uploaded("accounts", THREE, maria).mapping


def test_any_column_of_its_own_may_tell_which_record_it_is_where_it_fits_one(maria: Any) -> None:
    for name, website, town in (("Old", "https://a.example", "Ulm"), ("Two", "https://b.example", "Ulm")):
        account(name, website=website, city=town, owner=maria)

    by_site = imported("accounts", "name,website\nNew,https://a.example\n", maria, match_on=["website"])
    by_town = imported("accounts", "name,city\nX,Ulm\n", maria, match_on=["city"])
    again = uploaded("accounts", "name,website\nNew,https://a.example\n", maria)

    assert (by_site.counts, again.match_on) == ({"update": 1}, ["website"])
    assert set(Account.objects.values_list("name", flat=True)) == {"New", "Two"}
    assert reasons(by_town) == [(2, [["city", "2 records here fit; none was changed."]])]
