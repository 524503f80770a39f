"""The import's pages and API, as a rep uses them."""

from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from base import jobs
from crm.access.models import Import
from crm.accounts.models import Account
from tests.crm.makers import user
from tests.importing import imported, media

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

TWO = b"id,name,city,email\nALFKI,Alfreds Futterkiste,Berlin,no-mail\nVINET,Vins,Reims,\n"


@pytest.fixture
def maria() -> Any:
    return user("rep", name="maria")


@pytest.fixture
def phone(maria: Any) -> Client:
    client = Client()
    client.force_login(maria)
    return client


def work(imp: Import) -> Import:
    jobs.run(Import.objects.get(pk=imp.pk).job_id)
    return Import.objects.get(pk=imp.pk)


def test_from_upload_to_undo_on_pages(phone: Client, maria: Any) -> None:
    assert "No imports yet" in phone.get("/import/").content.decode()
    assert "Alfreds Futterkiste" in phone.get("/import/accounts/").content.decode()

    sent = phone.post("/import/accounts/", {"file": SimpleUploadedFile("two.csv", TWO)})
    imp = Import.objects.get()
    page = phone.get(sent["Location"]).content.decode()
    assert (sent.status_code, "Which column is what?" in page, "UTF-8" in page) == (302, True, True)

    chosen = {f"column_{n}": name for n, name in enumerate(["external_ref", "name", "city", "email"])}
    assert phone.post(f"/import/{imp.pk}/map/", {**chosen, "match_on": ["external_ref"]}).status_code == 302
    assert "<progress" in phone.get(f"/import/{imp.pk}/").content.decode()
    imp = work(imp)
    page = phone.get(f"/import/{imp.pk}/").content.decode()
    assert imp.counts == {"error": 1, "new": 1}
    assert "Import 1 record" in page
    assert "“no-mail” is not an e-mail address." in page

    assert phone.post(f"/import/{imp.pk}/start/").status_code == 302
    imp = work(imp)
    page = phone.get(f"/import/{imp.pk}/").content.decode()
    assert (imp.state, Account.objects.get().name, "Undo the import" in page) == ("done", "Vins", True)
    file = b"".join(phone.get(f"/import/{imp.pk}/bad-rows/").streaming_content)  # type: ignore[attr-defined]
    assert "no-mail" in file.decode("utf-8-sig")

    assert phone.post(f"/import/{imp.pk}/undo/").status_code == 302
    work(imp)
    assert "1 row was taken back." in phone.get(f"/import/{imp.pk}/").content.decode()
    assert Account.objects.count() == 0
    assert "two.csv" in phone.get("/import/").content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"name\n", "no rows below it"),
        (b"name,Name\n1,2\n", "Two columns are called"),
        (b"%PDF-1.4", "a PDF file, not a table"),
        (b"PK\x03\x04", "damaged"),
    ],
)
def test_a_naughty_file_is_refused_at_the_field(phone: Client, data: bytes, words: str) -> None:
    response = phone.post("/import/accounts/", {"file": SimpleUploadedFile("x.xlsx", data)})

    assert (response.status_code, words in response.content.decode()) == (422, True)
    assert Import.objects.count() == 0


def test_a_mapping_that_cannot_work_is_refused_with_the_reason(phone: Client) -> None:
    phone.post("/import/accounts/", {"file": SimpleUploadedFile("two.csv", TWO)})
    imp = Import.objects.get()

    missing = phone.post(f"/import/{imp.pk}/map/", {"column_0": "external_ref", "match_on": ["external_ref"]})
    twice = phone.post(f"/import/{imp.pk}/map/", {"column_0": "name", "column_1": "name", "match_on": ["name"]})

    assert (missing.status_code, "which column of the file holds: Name" in missing.content.decode()) == (422, True)
    assert (twice.status_code, "are meant for Name" in twice.content.decode()) == (422, True)


def test_the_file_can_be_read_again_in_another_encoding(phone: Client) -> None:
    phone.post("/import/accounts/", {"file": SimpleUploadedFile("x.csv", "name\nMüller\n".encode("cp1252"))})
    imp = Import.objects.get()
    assert imp.sample == [["Müller"]]

    phone.post(f"/import/{imp.pk}/reread/", {"encoding": "latin-1"})
    wrong = phone.post(f"/import/{imp.pk}/reread/", {"encoding": "utf-8"})

    assert (Import.objects.get().encoding, wrong.status_code) == ("latin-1", 422)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_is_a_file_that_can_be_imported(phone: Client, maria: Any, kind: str) -> None:
    response = phone.get(f"/import/accounts/template.{kind}")

    imp = imported("accounts", response.content, maria, name=f"t.{kind}", mapping={})

    assert (imp.counts, Account.objects.get().name) in [({"error": 1}, ""), ({"new": 1}, "Alfreds Futterkiste")]
    if kind == "xlsx":
        assert openpyxl.load_workbook(BytesIO(response.content)).active["A2"].value == "Alfreds Futterkiste"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_program_gets_the_same_template(phone: Client, kind: str) -> None:
    page = phone.get(f"/import/accounts/template.{kind}")
    told = phone.get(f"/api/v1/imports/resources/accounts/template/?kind={kind}")

    assert (told.status_code, told["Content-Type"]) == (200, page["Content-Type"])
    assert kind == "xlsx" or told.content == page.content


@pytest.mark.parametrize(
    ("asked", "status"), [("accounts/template/?kind=pdf", 422), ("ghosts/template/", 404), ("mapping/template/", 404)]
)
def test_a_template_that_is_not_there_is_a_problem(phone: Client, asked: str, status: int) -> None:
    told = phone.get(f"/api/v1/imports/resources/{asked}")

    assert (told.status_code, told["Content-Type"]) == (status, "application/problem+json")


def test_who_may_not_import_it_gets_no_template_of_it() -> None:
    nobody = Client()
    nobody.force_login(user())

    assert nobody.get("/api/v1/imports/resources/accounts/template/").status_code == 404


def test_others_see_nothing_of_it(phone: Client, maria: Any) -> None:
    imp = imported("accounts", TWO, maria)
    stranger, agent = Client(), Client()
    stranger.force_login(user("rep", name="stranger"))
    agent.force_login(user("agent"))

    paths = ["", "bad-rows/"]
    assert [stranger.get(f"/import/{imp.pk}/{path}").status_code for path in paths] == [404, 404]
    assert stranger.post(f"/import/{imp.pk}/undo/").status_code == 404
    assert stranger.get(f"/api/v1/imports/{imp.pk}/").status_code == 404
    assert [agent.get(path).status_code for path in ("/import/accounts/", "/import/tickets/")] == [404, 200]
    assert "two.csv" not in agent.get("/import/").content.decode()


def test_the_whole_way_over_the_api(phone: Client) -> None:
    known = phone.get("/api/v1/imports/resources/").json()
    sent = phone.post("/api/v1/imports/", {"resource": "accounts", "file": SimpleUploadedFile("two.csv", TWO)})
    told = sent.json()
    address = f"/api/v1/imports/{told['id']}/"
    imp = Import.objects.get()

    assert [one["key"] for one in known][:2] == ["accounts", "contacts"]
    assert (sent.status_code, told["mapping"]["name"], told["state"]) == (201, "name", "uploaded")
    mapping = {"id": "external_ref", "name": "name", "city": "city"}
    chosen = phone.post(f"{address}map/", {"mapping": mapping}, content_type="application/json")
    assert (chosen.status_code, chosen.json()["match_on"]) == (200, ["external_ref"])
    assert phone.post(f"{address}check/").status_code == 202
    work(imp)
    assert phone.get(address).json()["counts"] == {"new": 2}
    assert phone.post(f"{address}start/").status_code == 202
    work(imp)
    assert (phone.get(address).json()["state"], Account.objects.count()) == ("done", 2)
    assert phone.post(f"{address}start/").status_code == 409
    assert phone.post(f"{address}undo/").status_code == 202
    work(imp)
    assert Account.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"resource": "nothing", "file": SimpleUploadedFile("a.csv", TWO)}, 404, None),
        ({"resource": "accounts", "file": SimpleUploadedFile("a.csv", b"a\n")}, 422, "file"),
        ({"resource": "accounts"}, 422, "file"),
    ],
)
def test_a_bad_upload_is_a_problem_body(phone: Client, body: Any, status: int, field: str | None) -> None:
    response = phone.post("/api/v1/imports/", body)

    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in response.json().get("errors", [])] == ([field] if field else [])


def test_a_bad_mapping_is_a_problem_body(phone: Client) -> None:
    told = phone.post("/api/v1/imports/", {"resource": "accounts", "file": SimpleUploadedFile("a.csv", TWO)}).json()

    for mapping, match in (
        ({"nope": "name"}, None),
        ({"name": "nope"}, None),
        ({"name": "name"}, ["email"]),
        ({}, None),
    ):
        body = {"mapping": mapping} | ({"match_on": match} if match else {})
        response = phone.post(f"/api/v1/imports/{told['id']}/map/", body, content_type="application/json")
        assert (response.status_code, response.json()["status"]) == (422, 422)
