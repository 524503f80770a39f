"""Bills of suppliers from files: drafts, made once, mended, taken back."""

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from base import jobs
from base.refusals import NotFound
from erp.access.models import Import
from erp.bills import services
from erp.bills.models import Bill
from erp.ledger.models import JournalEntry
from erp.parties.services import open_supplier
from tests.erp.bills.makers import bill_of, supplier
from tests.erp.makers import user
from tests.erp.openings.makers import broken, items
from tests.importing import ENCODINGS, encoded, imported, media, reasons, tried, undone, uploaded

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

D = Decimal
HEADER = ["供应商", "发票号码", "开票日期", "科目代码", "摘要", "不含税金额", "税率"]
ROWS = [
    ["和明纸业（上海）有限公司", "R-1", "2026-11-02", "6200", "打印纸", "100.00", "19%"],
    ["和明纸业（上海）有限公司", "R-1", "", "6200", "䶮 – Bücher", "50.00", "reduced"],
    ["Müller & Söhne", "R-1", "2026-11-03", "6200", "Tinte", "10.00", ""],
]
TEXT = """Supplier,Invoice,Invoice date,Due,Account,Text,Net amount,Tax,Total
Pens & Paper,R-1,2026-11-02,2026-12-02,6200,Paper,100.00,standard,172.50
,,,,6200,Books,50.00,7%,
Müller,R-1,2026-11-03,,6200,Ink,10.00,,11.90
"""


@pytest.fixture(autouse=True)
def suppliers() -> None:
    supplier("Pens & Paper")
    open_supplier("Müller", tax_id="DE123456789", external_ref="V7")


@pytest.fixture
def anna() -> Any:
    return user("accountant", name="anna")


def made() -> list[tuple[Any, ...]]:
    rows = Bill.objects.exclude(status="discarded").order_by("party__name")
    return [(one.party.name, one.number, one.net, one.tax, one.lines.count(), one.status) for one in rows]


def work(imp: Import) -> Import:
    jobs.run(Import.objects.get(pk=imp.pk).job_id)
    return Import.objects.get(pk=imp.pk)


MADE = [("Müller", "R-1", D("10.00"), D("1.90"), 1, "draft"), ("Pens & Paper", "R-1", D(150), D("22.50"), 2, "draft")]


def test_rows_with_one_number_of_one_supplier_are_one_bill(anna: Any) -> None:
    plan = tried("bills", TEXT, anna)
    assert (plan.counts, plan.report["preview"][0]["lines"], made()) == ({"new": 2}, 2, [])

    imp = imported("bills", TEXT, anna, name="bills.csv")

    first = Bill.objects.get(party__name="Pens & Paper")
    assert (imp.counts, made()) == ({"new": 2}, MADE)
    assert (first.date, first.due, first.payable, first.created_by) == (
        date(2026, 11, 2), date(2026, 12, 2), D("172.50"), anna,
    )  # fmt: skip
    assert [(line.text, line.tax_class) for line in first.lines.all()] == [("Paper", "standard"), ("Books", "reduced")]
    assert first.history.first().history_change_reason == "import bills.csv"
    assert JournalEntry.objects.count() == 0


def test_the_same_file_again_changes_nothing_and_another_content_is_refused(anna: Any) -> None:
    imported("bills", TEXT, anna)
    stamps = list(Bill.objects.values_list("updated_at"))

    assert imported("bills", TEXT, anna).counts == {"unchanged": 2}
    assert list(Bill.objects.values_list("updated_at")) == stamps
    other = imported("bills", TEXT.replace("10.00", "20.00").replace("11.90", "23.80").replace("12-02", "12-03"), anna)
    assert reasons(other) == [
        (2, [["due", "It is here already with “2026-12-02”, and an import does not change it."]]),
        (4, [["number", "It is here already with other lines."]]),
    ]
    services.post(Bill.objects.get(party__name="Müller"), anna)
    assert imported("bills", TEXT, anna).counts == {"unchanged": 2}


@pytest.mark.parametrize(
    ("row", "field", "text"),
    [
        ("Nobody,X,2026-11-02,,6200,,1,,", "party", "“Nobody” is not known here."),
        (",X,2026-11-02,,6200,,1,,", "party", "It is missing."),
        ("V7,,2026-11-02,,6200,,1,,", "number", "It is missing."),
        ("V7,X,2026-11-02,,9999,,1,,", "account", "“9999” is not known here."),
        ("V7,X,2026-11-02,,2000,,1,,", "lines", "Bills cannot be booked on 2000 Accounts payable."),
        ("V7,X,2026-11-02,,6200,,-1,,", "lines", "The amount must be above zero."),
        ("V7,X,2026-11-02,,6200,,,,", "amount", "It is missing."),
        ("V7,X,2026-11-02,,6200,,1.005,,", "amount", "1.005 has more than 2 decimals."),
        ("V7,X,2026-11-02,,6200,,1,33%,", "tax_class", "“33%” is not known here."),
        ("V7,X,03/04/2026,,6200,,1,,", "date", "“03/04/2026” is not a day; write it as 2026-03-31."),
        ("V7,X,2027-11-02,,6200,,1,,", "date", "2027-11-02 is still to come. Give the day it happened."),
        ("V7,X,2026-11-02,,6200,,1,,1.18", "payable", "The lines come to 1.19 with their tax, the file says 1.18."),
        ("V7,R-9,2026-11-02,,6200,,1,,", "number", "R-9 of Müller is here already."),
    ],
)
def test_what_is_wrong_with_a_row_is_said_at_its_column(anna: Any, row: str, field: str, text: str) -> None:
    if "R-9" in row:
        item = "Customer,Invoice,Date,Due,Open\nMüller,r-9,2025-12-01,2025-12-31,5.00\n"
        assert items(item, by=anna).counts == {"new": 1}
    imp = imported("bills", f"{TEXT}{row}\n", anna)

    assert (imp.counts, reasons(imp), made()) == ({"new": 2, "error": 1}, [(5, [[field, text]])], MADE)


def test_money_of_another_currency_is_refused(anna: Any) -> None:
    imp = imported("bills", "supplier,bill,date,account,amount,currency\nV7,X,2026-11-02,6200,1,USD\n", anna)

    assert reasons(imp) == [(2, [["currency", "The books are kept in EUR; give what was booked in it."]])]


def test_a_supplier_is_known_by_tax_id_and_what_is_alike_is_said_once(anna: Any) -> None:
    text = "tax id,number,date,amount\nde123456789,A,2026-11-02,119\n"

    imp = imported("bills", text, anna, constants={"account": "6200", "inclusive": "yes"})

    bill = Bill.objects.get()
    assert (imp.counts, bill.party.name, bill.net, bill.tax) == ({"new": 1}, "Müller", D("100.00"), D("19.00"))


def test_rows_of_a_bill_that_stand_apart_are_refused(anna: Any) -> None:
    text = (
        "supplier,number,date,account,amount\nV7,A,2026-11-02,6200,1\nV7,B,2026-11-02,6200,1\nV7,A,2026-11-02,6200,1\n"
    )
    imp = imported("bills", text, anna)

    assert reasons(imp) == [(4, [["number", "The rows of one Supplier's number must stand together."]])]


def test_bad_rows_are_fetched_mended_and_sent_again(anna: Any) -> None:
    imp = imported("bills", TEXT.replace("R-1,2026-11-03,,6200", "R-1,2026-11-03,,620"), anna)
    bad = imp.bad_rows_path.read_text("utf-8-sig")
    (_header, row) = csv.reader(io.StringIO(bad))
    assert (imp.counts, row[0], row[-2:]) == (
        {"new": 1, "error": 1},
        "Müller",
        ["4", "Account: “620” is not known here."],
    )

    assert imported("bills", bad.replace(",620,", ",6200,"), anna).counts == {"new": 1}
    assert made() == MADE


def test_undoing_discards_drafts_and_what_was_posted_or_changed_stays(anna: Any) -> None:
    imp = imported("bills", TEXT, anna)
    services.post(Bill.objects.get(party__name="Müller"), anna)

    undone(imp)

    assert made() == [(*MADE[0][:5], "posted")]
    assert imp.rows.get(undone=False).undo_note == "It was changed since the import."
    assert imported("bills", TEXT, anna).counts == {"unchanged": 1, "new": 1}
    assert broken() == []


def test_only_who_writes_bills_imports_them() -> None:
    with pytest.raises(NotFound):
        uploaded("bills", TEXT, user("order_desk"))
    with pytest.raises(NotFound):
        uploaded("bills", TEXT, user("auditor"))


def test_of_a_file_and_a_hand_the_first_one_counts(anna: Any) -> None:
    bill_of(number="r-1", party=supplier("Pens & Paper"), by=anna)

    imp = imported("bills", TEXT, anna)

    assert reasons(imp) == [(2, [["number", "It is here already with other lines."]])]


@pytest.fixture(params=ENCODINGS)
def file(request: Any, tmp_path: Path) -> tuple[str, bytes]:
    open_supplier("和明纸业（上海）有限公司")
    open_supplier("Müller & Söhne")
    return encoded(request.param, tmp_path, HEADER, ROWS)


ARRIVED = [
    ("Müller & Söhne", "R-1", D("10.00"), D("1.90"), 1, "draft"),
    ("和明纸业（上海）有限公司", "R-1", D("150.00"), D("22.50"), 2, "draft"),
]


def test_in_every_encoding_by_the_page(anna: Any, file: tuple[str, bytes]) -> None:
    page = Client()
    page.force_login(anna)

    page.post("/import/bills/", {"file": SimpleUploadedFile(*file)})
    imp = Import.objects.get()
    chosen = {f"column_{place}": imp.mapping[header] for place, header in enumerate(HEADER)}
    page.post(f"/import/{imp.pk}/map/", {**chosen, "match_on": imp.match_on})
    work(imp)
    page.post(f"/import/{imp.pk}/start/")
    imp = work(imp)

    assert (imp.counts, made()) == ({"new": 2}, ARRIVED)
    assert Bill.objects.get(party__name__startswith="和明").lines.last().text == "䶮 – Bücher"


def test_in_every_encoding_by_the_command(anna: Any, file: tuple[str, bytes], tmp_path: Path) -> None:
    path, said = tmp_path / file[0], io.StringIO()
    path.write_bytes(file[1])

    call_command("import", "bills", str(path), user="anna", stdout=said, dry_run=True)
    assert ("2 new" in said.getvalue(), made()) == (True, [])
    call_command("import", "bills", str(path), user="anna", stdout=said)
    call_command("import", "bills", str(path), user="anna", stdout=said)

    assert "Imported: 2 unchanged" in said.getvalue()
    assert made() == ARRIVED


def test_by_the_api(anna: Any) -> None:
    api = Client()
    api.force_login(anna)

    known = {one["key"] for one in api.get("/api/v1/imports/resources/").json()}
    sent = api.post(
        "/api/v1/imports/", {"resource": "bills", "file": SimpleUploadedFile("b.csv", TEXT.encode())}
    ).json()
    path = f"/api/v1/imports/{sent['id']}/"
    api.post(f"{path}map/", {"mapping": sent["mapping"]}, content_type="application/json")
    api.post(f"{path}check/")
    work(Import.objects.get())
    api.post(f"{path}start/")

    assert ({"bills", "bill-payments", "receipts"} <= known, work(Import.objects.get()).counts) == (True, {"new": 2})
    assert made() == MADE
