"""Files as people send them: what is read, what is refused, what is written."""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from base.spreadsheets import Row, csv_lines, open_sheet, readable, refusals, write_xlsx

TEXT = "名称;城市;金额\n杭州和明;杭州;-1,5\nMüller;Köln;2\n"


def sheet_of(folder: Path, data: bytes, encoding: str = "") -> Any:
    path = folder / "file"
    path.write_bytes(data)
    return open_sheet(path, encoding)


def rows_of(sheet: Any) -> list[list[Any]]:
    return [row.cells for row in sheet.rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_text_is_read_in_any_common_encoding(tmp_path: Path, encoding: str) -> None:
    sheet = sheet_of(tmp_path, TEXT.encode(encoding))

    assert (sheet.encoding, sheet.delimiter, sheet.headers) == (encoding, ";", ["名称", "城市", "金额"])
    assert rows_of(sheet) == [["杭州和明", "杭州", "-1,5"], ["Müller", "Köln", "2"]]


def test_western_letters_in_a_chinese_encoding_are_found(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, "name,town\nPavlova,Göteborg\nForêts d'érables,Ste-Hyacinthe\n".encode("gb18030"))

    assert (sheet.encoding, rows_of(sheet)[0]) == ("gb18030", ["Pavlova", "Göteborg"])


def test_western_text_is_not_taken_for_chinese(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, "name,town\nMüller & Söhne,Köln\nÉtablissement,Orléans\n".encode("cp1252"))

    assert (sheet.encoding, rows_of(sheet)[1]) == ("cp1252", ["Établissement", "Orléans"])


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le", "ascii", "no-such"])
def test_an_encoding_that_does_not_fit_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(refusals.WrongEncoding):
        sheet_of(tmp_path, b"a,b\n\xff,\xff\n\n", encoding)


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("a,b\n1,2\n", ["1", "2"]),
        ("a;b\n1,5;2\n", ["1,5", "2"]),
        ("a\tb\n1\t2\n", ["1", "2"]),
        ("a|b\n1|2\n", ["1", "2"]),
        ("sep=;\na;b\n1;2\n", ["1", "2"]),
        ("a,b\n'1,0','x'\n'2','y'\n", ["1,0", "x"]),
        ('a,b\n"say ""hi""","two\nlines"\n', ['say "hi"', "two\nlines"]),
        ("a\n\n1\n", ["1"]),
    ],
)
def test_delimiter_and_quotes_are_found(tmp_path: Path, text: str, cells: list[str]) -> None:
    assert rows_of(sheet_of(tmp_path, text.encode()))[0] == cells


def test_rows_keep_the_line_numbers_of_the_file(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, b'a,b\n1,"x\ny"\n\n2,z\n')

    assert list(sheet.rows()) == [Row(2, ["1", "x\ny"]), Row(5, ["2", "z"])]


def workbook(change: Any = None, **sheet: Any) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["name", "since", "worth"])
    book.active.append(["Chai", date(2026, 3, 1), 1.1])
    if change:
        change(book.active)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def repacked(data: bytes, extra: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, extra.pop(name, None) or old.read(name))
        for name, content in extra.items():
            new.writestr(name, content)
    return buffer.getvalue()


def test_a_workbook_has_real_dates_and_exact_numbers(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, workbook(lambda cells: cells.append(["Chang", None, 12345678901])))

    assert (sheet.kind, sheet.title, sheet.count) == ("xlsx", "Sheet", 2)
    assert rows_of(sheet) == [["Chai", date(2026, 3, 1), Decimal("1.1")], ["Chang", "", 12345678901]]


def formula(cells: Any) -> None:
    cells["C2"] = "=1+1"


def merge(cells: Any) -> None:
    cells.merge_cells("A2:B2")


BOMB = b"<x>" + b"0" * (120 * 2**20)


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", refusals.EmptyFile),
        (b"\r\n\r\n", refusals.EmptyFile),
        (b"name,town\n", refusals.NoRows),
        (b"name,town\n,\n", refusals.NoRows),
        (b"name,town,Name\n1,2,3\n", refusals.DuplicateHeader),
        (b"a,b\n1," + b"x" * 40_000, refusals.CellTooLong),
        (b"a,b\n1," + b"x" * 200_000, refusals.CellTooLong),
        (b",".join(b"%d" % i for i in range(300)) + b"\n1\n", refusals.TooManyColumns),
        (b"%PDF-1.7\n1 0 obj", refusals.NotASpreadsheet),
        (b"<html><table><tr></table>", refusals.NotASpreadsheet),
        (bytes(range(256)) * 20, refusals.NotASpreadsheet),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, refusals.OldExcel),
        (b"PK\x03\x04nothing", refusals.BadWorkbook),
        (repacked(workbook(), {"xl/vbaProject.bin": b"macro"}), refusals.HasMacros),
        (repacked(workbook(), {"xl/media/bomb.xml": BOMB}), refusals.WorkbookBomb),
        (repacked(workbook(), {"xl/worksheets/sheet1.xml": b"<worksheet><broken"}), refusals.BadWorkbook),
        (workbook(formula), refusals.HasFormulas),
        (workbook(merge), refusals.HasMergedCells),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_a_file_that_is_no_table_is_refused_with_the_reason(
    tmp_path: Path, data: bytes, refusal: type[refusals.BadFile]
) -> None:
    with pytest.raises(refusal) as caught:
        sheet_of(tmp_path, data)

    assert (caught.value.status, caught.value.field) == (422, "file")
    assert "{" not in str(caught.value)


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("base.spreadsheets.reading.MAX_ROWS", 2)

    with pytest.raises(refusals.TooManyRows):
        sheet_of(tmp_path, b"a\n1\n2\n3\n")


FORMULAS = ["=1+1", "+49 30 1", "-2+3", "@SUM(A1)", "\tx", "\rx", "＝1", "＋1", "－1+1", "＠x", " =1"]


def test_written_csv_holds_no_formula_and_reads_back_the_same(tmp_path: Path) -> None:
    rows = [[text, Decimal("-12.50"), "-7"] for text in FORMULAS]

    data = b"".join(csv_lines(["text", "number", "as text"], rows))

    written = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]
    assert [row[0] for row in written] == [f"'{text}" for text in FORMULAS]
    assert {(row[1], row[2]) for row in written} == {("-12.50", "-7")}
    assert data.startswith(b"\xef\xbb\xbf")
    assert [readable(cells[0]) for cells in rows_of(sheet_of(tmp_path, data))] == FORMULAS


def test_a_written_workbook_holds_no_formula_and_keeps_numbers_and_dates(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    write_xlsx(path, ["=head", "n", "d"], [["=1+1", Decimal("-1.5"), date(2026, 1, 2)], ["a\x00b", None, None]], "a/b")

    cells = openpyxl.load_workbook(path).active

    assert [[cell.value for cell in row] for row in cells] == [
        ["'=head", "n", "d"],
        ["'=1+1", -1.5, cells["C2"].value],
        ["ab", None, None],
    ]
    assert (cells["C2"].value.date(), cells["A2"].data_type, cells["B2"].data_type) == (date(2026, 1, 2), "s", "n")
