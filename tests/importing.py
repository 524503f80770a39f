"""Importing in tests: text or rows become a file, the file an import, the import records."""

from pathlib import Path
from typing import Any

import pytest

from base import jobs
from base.exchange import services
from base.spreadsheets import write_xlsx


def imported(key: str, text: str | bytes, by: Any, *, name: str = "file.csv", **mapping: Any) -> Any:
    """Upload, map as guessed, try, run."""
    imp = tried(key, text, by, name=name, **mapping)
    return ran(imp)


def uploaded(key: str, text: str | bytes, by: Any, *, name: str = "file.csv") -> Any:
    data = text.encode() if isinstance(text, str) else text
    return services.upload(key, [data], name, by=by)


def tried(
    key: str,
    text: str | bytes,
    by: Any,
    *,
    name: str = "file.csv",
    mapping: dict[str, str] | None = None,
    match_on: list[str] | None = None,
    keep_lookalikes: bool = False,
    constants: dict[str, str] | None = None,
    replacements: dict[str, dict[str, str]] | None = None,
) -> Any:
    imp = uploaded(key, text, by, name=name)
    services.map_columns(
        imp,
        {**imp.mapping, **(mapping or {})},
        match_on,
        keep_lookalikes=keep_lookalikes,
        constants=constants,
        replacements=replacements,
    )
    return _worked(services.check(imp, send=False))


def ran(imp: Any) -> Any:
    return _worked(services.begin(imp, send=False))


def undone(imp: Any) -> Any:
    return _worked(services.undo(imp, send=False))


def _worked(imp: Any) -> Any:
    jobs.run(imp.job_id)
    imp = type(imp).objects.select_related("job", "owner").get(pk=imp.pk)
    assert imp.job.state == "done", imp.job.message
    return imp


def reasons(imp: Any) -> list[tuple[int, list[Any]]]:
    """Row and reasons of what was not imported."""
    return [(row.number, row.reasons) for row in imp.rows.filter(outcome__in=["error", "duplicate"]).order_by("number")]


def workbook(folder: Path, header: list[Any], rows: list[list[Any]]) -> bytes:
    path = folder / "made.xlsx"
    write_xlsx(path, header, rows)
    return path.read_bytes()


# Every manner in which spreadsheets and other systems write a table.
ENCODINGS = {
    "UTF-8": (b"", "utf-8"),
    "UTF-8 with BOM": (b"\xef\xbb\xbf", "utf-8"),
    "UTF-16 LE": (b"\xff\xfe", "utf-16-le"),
    "UTF-16 BE": (b"\xfe\xff", "utf-16-be"),
    "UTF-16 LE without BOM": (b"", "utf-16-le"),
    "UTF-16 BE without BOM": (b"", "utf-16-be"),
    "GB18030": (b"", "gb18030"),
    "XLSX": (b"", ""),
}


def encoded(encoding: str, folder: Path, header: list[Any], rows: list[list[Any]]) -> tuple[str, bytes]:
    """Name and bytes of a file with these rows."""
    mark, codec = ENCODINGS[encoding]
    if not codec:
        return "文件.xlsx", workbook(folder, header, rows)
    text = "".join(",".join(str(cell) for cell in row) + "\r\n" for row in [header, *rows])
    return "文件.csv", mark + text.encode(codec)


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    """Files of the test go where the test's other files are."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"
