"""Each encoding and the workbook, through page, API and command; bad rows mended and sent again."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from base import jobs
from crm.access.models import Import
from crm.accounts.models import Account
from tests.crm.makers import user
from tests.importing import ENCODINGS, encoded, imported, media

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

HEADER = ["客户编号", "公司名称", "城市"]
ROWS = [
    ["A1", "和明贸易（上海）有限公司", "上海"],
    ["A2", "䶮䲟茶业", "杭州"],
    ["A3", "Müller & Söhne “Tee” – 𠮷", "Köln"],
]


@pytest.fixture
def maria() -> Any:
    return user("rep", name="maria")


@pytest.fixture(params=ENCODINGS)
def file(request: Any, tmp_path: Path) -> tuple[str, bytes]:
    return encoded(request.param, tmp_path, HEADER, ROWS)


def arrived() -> list[tuple[str, ...]]:
    return list(Account.objects.order_by("external_ref").values_list("external_ref", "name", "city"))


def work(imp: Import) -> Import:
    jobs.run(Import.objects.get(pk=imp.pk).job_id)
    return Import.objects.get(pk=imp.pk)


def test_by_the_page(maria: Any, file: tuple[str, bytes]) -> None:
    page = Client()
    page.force_login(maria)

    sent = page.post("/import/accounts/", {"file": SimpleUploadedFile(*file)})
    imp = Import.objects.get()
    chosen = {f"column_{n}": name for n, name in enumerate(["external_ref", "name", "city"])}
    page.post(f"/import/{imp.pk}/map/", {**chosen, "match_on": ["external_ref"], "constant_owner": "me"})
    work(imp)
    page.post(f"/import/{imp.pk}/start/")
    imp = work(imp)

    assert (sent.status_code, imp.counts, imp.constants) == (302, {"new": 3}, {"owner": "maria"})
    assert arrived() == [tuple(row) for row in ROWS]


def test_by_the_api(maria: Any, file: tuple[str, bytes]) -> None:
    api = Client()
    api.force_login(maria)

    sent = api.post("/api/v1/imports/", {"resource": "accounts", "file": SimpleUploadedFile(*file)}).json()
    path, told = f"/api/v1/imports/{sent['id']}/", {"mapping": sent["mapping"], "constants": {"country": "中国"}}
    mapped = api.post(f"{path}map/", told, content_type="application/json").json()
    api.post(f"{path}check/")
    work(Import.objects.get())
    api.post(f"{path}start/")
    imp = work(Import.objects.get())

    assert (mapped["constants"], imp.counts) == ({"country": "中国"}, {"new": 3})
    assert arrived() == [tuple(row) for row in ROWS]
    assert set(Account.objects.values_list("country", flat=True)) == {"中国"}


def test_by_the_command(maria: Any, file: tuple[str, bytes], tmp_path: Path) -> None:
    path, said = tmp_path / file[0], io.StringIO()
    path.write_bytes(file[1])
    told = {"user": "maria", "stdout": said, "set": ["owner=me", "industry=茶"], "match": "name"}

    call_command("import", "accounts", str(path), dry_run=True, **told)
    assert (Account.objects.count(), "3 new" in said.getvalue()) == (0, True)
    call_command("import", "accounts", str(path), **told)
    call_command("import", "accounts", str(path), **told)

    assert "Imported: 3 unchanged" in said.getvalue()
    assert arrived() == [tuple(row) for row in ROWS]
    assert set(Account.objects.values_list("industry", flat=True)) == {"茶"}


def test_the_file_of_bad_rows_is_mended_and_sent_again(maria: Any) -> None:
    """Its columns `Row` and `Reason` are no fields, and what looked like a formula comes back as it was."""
    text = "ref,name,email,phone\n1,Good,,\n2,=Bad & Co,no-mail,+49 30 1\n3,-Dash,also none,\n"
    imp = imported("accounts", text, maria)
    bad = imp.bad_rows_path.read_text("utf-8-sig")
    rows = list(csv.reader(io.StringIO(bad, newline="")))
    assert (imp.counts, rows[0]) == ({"new": 1, "error": 2}, ["ref", "name", "email", "phone", "Row", "Reason"])
    assert [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell] == []

    mended = bad.replace("no-mail", "a@b.example").replace("also none", "c@d.example")
    again = imported("accounts", mended, maria)
    once_more = imported("accounts", mended, maria)

    assert (again.counts, once_more.counts) == ({"new": 2}, {"unchanged": 2})
    assert set(Account.objects.values_list("name", "phone")) == {("Good", ""), ("=Bad & Co", "+49 30 1"), ("-Dash", "")}
