"""Every text column of everything that can be imported, as CSV and as a workbook; and what exports make of it."""

import csv
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from proofs._keeping import CHANGED, NOTHING, REFUSED, Keeping, Tally
from proofs._naughty import Naughty, is_formula, marked, texts
from proofs._places import wanted

SINGLE = {"mappings": ("party",)}  # what means one thing only, though no record is found by it
# No UTF-8: the reader has to decide about the file as a whole, so each has a file of its own.
ALONE = ("lone surrogate", "surrogates turned", "nul", "nul at the end")


class ImportWalk:
    """One person's imports of all resources."""

    def __init__(self, user: Any, tally: Tally, names: tuple[str, ...] = (), most: int = 10**6) -> None:
        self.user, self.tally, self.names, self.most, self.number = user, tally, names, most, 0
        self.keeping = Keeping({"Import", "ImportedRow", "ImportMapping", "Job", "Notice"})

    def send(self) -> None:
        """Column by column, all texts in one file."""
        from base.exchange.columns import Text
        from base.exchange.resources import resources_for

        kinds = [kind for kind in resources_for(self.user) if wanted(f"/import/{kind.key}/")]
        for kind in kinds[: self.most]:
            resource = kind.for_user(self.user)
            usual = _usual(resource)
            words = [name for name, column in resource.columns.items() if type(column.widget) is Text]
            for name in words[: self.most]:
                for file_kind in ("csv", "xlsx"):
                    chosen = [self._next(one) for one, _pattern in texts(self.names)]
                    together = [text for text in chosen if text.name not in ALONE]
                    for rows in [together, *([text] for text in chosen if text.name in ALONE and file_kind == "csv")]:
                        if rows:
                            self._file(resource, usual, name, rows, file_kind)

    def _file(self, resource: Any, usual: dict[str, str], name: str, told: list[Naughty], file_kind: str) -> None:
        from base.exchange.columns import Text
        from base.refusals import Refused

        place = f"import {resource.key} {name} ({file_kind})"
        header = list(resource.columns)
        told = [text for text in told if file_kind == "csv" or _fits_a_workbook(text.text)]
        rows = []
        own_words = (one for one in resource.matchable if type(resource.column(one).widget) is Text)
        single = [one for one in own_words if one not in _others(resource)]
        single += SINGLE.get(resource.key, ())
        for text in told:
            self.number += 1
            own = {one: _another(usual[one], self.number) for one in single if usual.get(one)}
            row = {**usual, **own, name: text.text}
            if resource.document and name != resource.document:
                row[resource.document] = f"D{self.number:x}"
            rows.append([row.get(one, "") for one in header])
        data = (_csv if file_kind == "csv" else _xlsx)([header, *rows])
        with self.keeping.undone():
            try:
                imp = self._run(resource, header, data, file_kind)
            except Refused:
                for text in told:
                    self.tally.judge(place, text, 422, REFUSED)
                return
            if imp.job.state != "done":
                self.tally.that(False, f"{place}: the job is {imp.job.state}: {imp.job.message}")
                return
            kept: dict[int, Any] = {row.number: row for row in imp.rows.all()}
            for number, text in enumerate(told, 2):
                fate, said = self.keeping.fate(text)
                found = kept.get(number)
                if fate in (NOTHING, CHANGED) and found is not None and found.outcome in ("error", "duplicate"):
                    fate, said = REFUSED, str(found.reasons)[:160]
                    if name not in [str(reason[0]) for reason in found.reasons]:
                        fate = NOTHING
                self.tally.judge(place, text, 200, fate, said)

    def _run(self, resource: Any, header: list[str], data: bytes, file_kind: str) -> Any:
        from base import jobs
        from base.exchange import services

        imp = services.upload(resource.key, [data], f"naughty.{file_kind}", by=self.user)
        mapping = {one: one for one in header if one in imp.headers}
        services.map_columns(imp, mapping, keep_lookalikes=True)
        for verb in (services.check, services.begin):
            imp = verb(imp, send=False)
            jobs.run(imp.job_id)
            imp = type(imp).objects.select_related("job", "owner").get(pk=imp.pk)
        return imp

    def _next(self, name: str) -> Naughty:
        self.number += 1
        return marked(name, self.number)


def _another(usual: str, number: int) -> str:
    """A key as good as this one, for another record."""
    try:
        return str(UUID(int=UUID(usual).int + number))
    except ValueError:
        return f"{usual}{number:x}"


def _others(resource: Any) -> set[str]:
    """Columns that name another record."""
    record = resource.rows().order_by("pk").last()
    return {name for name, value in (resource.current(record) if record else {}).items() if hasattr(value, "pk")}


def _usual(resource: Any) -> dict[str, str]:
    """A row that can be imported: the samples, and of a record that is there what it says."""
    told = {name: str(column.sample or "") for name, column in resource.columns.items()}
    record = resource.rows().order_by("pk").last()
    if record is not None:
        for name, value in resource.current(record).items():
            if (name in told and isinstance(value, str | int)) or hasattr(value, "pk"):
                told[name] = resource.render(name, value) or told[name]
    return told


def _fits_a_workbook(text: str) -> bool:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    sound = not any("\ud800" <= sign <= "\udfff" or sign in "\ufffe\uffff" for sign in text)
    return sound and not ILLEGAL_CHARACTERS_RE.search(text) and len(text) < 32_767


def _csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


def _xlsx(rows: list[list[str]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row, 1):
            cell = book.active.cell(number, place)
            cell.value, cell.data_type = value, "s"  # as a person types it after an apostrophe: text, no formula
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def exports(client: Any, tally: Tally) -> int:
    """Every list as CSV and XLSX: no cell that a spreadsheet would compute. How many cells had a text of ours?"""
    from base.listing.listing import all_listings

    ours = 0
    for listing in all_listings():
        columns = ",".join(column.name for column in listing.columns)
        for kind in ("csv", "xlsx"):
            answer = client.get(f"/lists/{listing.name}/export/{kind}/", {"columns": columns})
            body = b"".join(answer) if answer.streaming else answer.content
            tally.that(answer.status_code == 200, f"export of {listing.name} as {kind}: {answer.status_code}")
            if answer.status_code != 200:
                continue
            for cell in _cells(body, kind):
                ours += "Zq" in cell
                tally.that(not is_formula(cell), f"export of {listing.name} as {kind} has the formula {cell[:60]!r}")
    return ours


def _cells(body: bytes, kind: str) -> Iterator[str]:
    if kind == "csv":
        for row in csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")):
            yield from row
        return
    from openpyxl import load_workbook

    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        Path(file.name).write_bytes(body)
        for row in load_workbook(file.name).active.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield f"={cell.value}"
                elif isinstance(cell.value, str):
                    yield cell.value
