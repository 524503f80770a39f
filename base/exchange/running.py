"""The dry run and the run: chunk by chunk, each chunk one transaction with the place where the next begins."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext as _

from base import context
from base.exchange.models import Outcome, table
from base.exchange.planning import Plan, reasons_of
from base.exchange.resources import ImportResource, Item, resource_for
from base.refusals import Refused
from base.spreadsheets import BOM, Sheet, csv_line

PREVIEW_ROWS = 20
PROBLEMS_SHOWN = 200
WORDS_ASKED = 100
WRITTEN = (Outcome.NEW, Outcome.UPDATE)
BAD = (Outcome.DUPLICATE, Outcome.ERROR)


def try_out(imp: Any, job: Any) -> None:
    """The dry run: everything is done and taken back; what is kept is what would happen."""
    resource, sheet, plan = _read(imp)
    counts: Counter[str] = Counter()
    preview: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []
    done = 0
    with _bad_rows(imp, resource) as write_bad, _kept_till_the_end(resource):
        for chunk in plan.chunks(sheet):
            with transaction.atomic():
                plan.decide(chunk)
                _allow_lookalikes(imp, chunk)
                _apply(resource, chunk)
                if not resource.at_once:
                    transaction.set_rollback(True)
            resource.written([item for item in chunk if item.outcome in WRITTEN])
            counts.update(_counted(chunk))
            for item in chunk:
                if item.outcome in WRITTEN and len(preview) < PREVIEW_ROWS:
                    preview.append(_previewed(resource, item))
                if item.outcome in BAD:
                    write_bad(item)
                    if len(problems) < PROBLEMS_SHOWN:
                        problems.append(_problem(resource, item))
            done += sum(len(item.rows) for item in chunk)
            if not resource.at_once:
                job.progress(done, total=imp.count)
    report = {"preview": preview, "problems": problems, **_understood(plan), **_checked(resource)}
    type(imp).objects.filter(pk=imp.pk).update(counts=dict(counts), report=report)


def run(imp: Any, job: Any) -> None:
    """The import itself, from where it was left; a row that is done is never done again."""
    resource, sheet, plan = _read(imp)
    position = imp.position
    done = 0
    for whole in plan.chunks(sheet):
        done += sum(len(item.rows) for item in whole)
        plan.skip([item for item in whole if item.last <= position])
        chunk = [item for item in whole if item.last > position]
        if not chunk:
            continue
        with transaction.atomic(), context.because(str(format_lazy("import {file}", file=imp.file_name))):
            _take_place(imp, chunk, position)
            plan.decide(chunk)
            _allow_lookalikes(imp, chunk)
            _apply(resource, chunk)
            _record(imp, resource, chunk)
        position = chunk[-1].last
        job.progress(done, total=imp.count)
    write_bad_rows(imp, resource)
    if checked := _checked(resource):
        type(imp).objects.filter(pk=imp.pk).update(report={**imp.report, **checked})


def write_bad_rows(imp: Any, resource: ImportResource) -> None:
    """The rows that were not imported as a file, with a column that says why: mend them and send the file again."""
    bad = imp.rows.filter(outcome__in=BAD).order_by("number")
    with _bad_rows_file(imp, resource) as write:
        for row in bad.iterator(chunk_size=500):
            for cells in row.cells:
                write(cells, row.number, row.reasons)


# ---- below: parts ----------------------------------------------------------------------------------------------------


def _read(imp: Any) -> tuple[ImportResource, Sheet, Plan]:
    resource = resource_for(imp.resource, imp.owner)
    sheet = resource.open(imp.path, imp.encoding)
    return resource, sheet, Plan(resource, imp.headers, imp.mapping, imp.match_on, imp.constants, imp.replacements)


def _take_place(imp: Any, chunk: Sequence[Item], position: int) -> None:
    """Hold the import's row; that somebody else has moved on meanwhile is a mistake and stops us."""
    found = type(imp).objects.select_for_update(of=("self",)).get(pk=imp.pk)
    if found.position != position:
        raise RuntimeError(f"import {imp.pk} stands at {found.position}, not at {position}")
    counts = Counter(found.counts)
    imp.counts, imp.position = counts, chunk[-1].last


def _allow_lookalikes(imp: Any, chunk: Sequence[Item]) -> None:
    """The user said that what looks alike is not the same."""
    if not imp.keep_lookalikes:
        return
    for item in chunk:
        if item.outcome == Outcome.DUPLICATE and item.after and item.target is None:
            item.outcome, item.reasons = Outcome.NEW, []


def _apply(resource: ImportResource, chunk: Sequence[Item]) -> None:
    """Through the domain's services: new ones together, or one by one when somebody says no; changes one by one."""
    _create(resource, [item for item in chunk if item.outcome == Outcome.NEW])
    for item in chunk:
        if item.outcome == Outcome.UPDATE:
            with _refusing(item):
                item.target = resource.update(item.target, item.changes)


def _create(resource: ImportResource, items: Sequence[Item]) -> None:
    if not items:
        return
    try:
        with transaction.atomic():
            made = resource.create(items)
            connection.check_constraints()
        for item, record in zip(items, made, strict=True):
            item.target = record
    except (OperationalError, InterfaceError):
        raise
    except (Refused, DatabaseError):
        if len(items) == 1:
            with _refusing(items[0]):
                (items[0].target,) = resource.create(items)
                connection.check_constraints()
            return
        half = len(items) // 2
        _create(resource, items[:half])
        _create(resource, items[half:])


@contextmanager
def _refusing(item: Item) -> Iterator[None]:
    """What a service refuses is the row's reason, and the row leaves nothing behind."""
    try:
        with transaction.atomic():
            yield
    except Refused as refusal:
        item.refuse(refusal.field or "", refusal)
    except (OperationalError, InterfaceError):
        raise
    except DatabaseError:
        item.refuse("", _("This contradicts what is already recorded."))


def _record(imp: Any, resource: ImportResource, chunk: Sequence[Item]) -> None:
    """What happened, in the same transaction as what happened."""
    model = table("ImportedRow")
    rows = []
    for item in chunk:
        if item.outcome == Outcome.UNCHANGED:
            continue
        row = model(run=imp, number=item.number, outcome=item.outcome)
        if item.outcome in WRITTEN:
            row.record, row.label = str(item.target.pk), resource.named(item.target)[:250]
            row.before, row.after, row.stamp = item.before, item.after, stamp_of(item.target)
        else:
            row.cells = [[_plain(cell) for cell in one.cells] for one in item.rows]
            row.reasons = item.reasons
        rows.append(row)
    model.objects.bulk_create(rows)
    imp.counts.update(_counted(chunk))
    imp.counts = dict(imp.counts)
    imp.save(update_fields=["counts", "position", "updated_at"])


def stamp_of(record: Any) -> str:
    """Changes with every change of the record."""
    moment = getattr(record, "updated_at", None)
    return moment.isoformat() if moment else ""


def _understood(plan: Plan) -> dict[str, list[dict[str, Any]]]:
    """Which words were read as an empty cell or as another word, what was taken for granted, and what nobody knows."""
    return {
        "emptied": _counts(plan.emptied, "field", "word"),
        "read_as": _counts(plan.read_as, "field", "word", "meant"),
        "notes": _counts(plan.notes, "field", "text"),
        "unknown": _counts(plan.unknown, "field", "word", "near")[:WORDS_ASKED],
    }


def _checked(resource: ImportResource) -> dict[str, Any]:
    """What the file says must hold at the end, for the report."""
    checked = resource.checked()
    return {"checked": checked} if checked else {}


def _counts(counter: Counter[Any], *names: str) -> list[dict[str, Any]]:
    return [{**dict(zip(names, key, strict=True)), "count": count} for key, count in sorted(counter.items())]


def _counted(chunk: Sequence[Item]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for item in chunk:
        counts[str(item.outcome)] += 1
    return counts


def _previewed(resource: ImportResource, item: Item) -> dict[str, Any]:
    names = list(item.after)
    return {
        "row": item.number,
        "outcome": str(item.outcome),
        "label": resource.named(item.target)[:120] if item.target is not None else "",
        "cells": [
            {
                "field": name,
                "before": item.before.get(name, "")[:200],
                "after": item.after[name][:200],
            }
            for name in names
        ],
        "lines": len(item.lines),
    }


def _problem(resource: ImportResource, item: Item) -> dict[str, Any]:
    return {
        "row": item.number,
        "outcome": str(item.outcome),
        "cells": [text for cell in item.rows[0].cells[:4] if (text := str(_plain(cell))[:80])],
        "reasons": [text[:300] for text in reasons_of(resource, item.reasons)],
    }


def _plain(cell: Any) -> Any:
    """A cell as JSON can keep it."""
    return cell if isinstance(cell, int | bool) else str(cell).replace("\x00", "\ufffd")


@contextmanager
def _bad_rows(imp: Any, resource: ImportResource) -> Iterator[Callable[[Item], None]]:
    with _bad_rows_file(imp, resource) as write:

        def write_item(item: Item) -> None:
            for row in item.rows:
                write(row.cells, item.number, item.reasons)

        yield write_item


@contextmanager
def _bad_rows_file(imp: Any, resource: ImportResource) -> Iterator[Callable[[Sequence[Any], int, Any], None]]:
    """Writes next to the file that is there, and takes its place when all is written."""
    imp.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = imp.bad_rows_path.with_suffix(".draft")
    width = len(imp.headers)
    with draft.open("wb") as file:
        header = [*imp.headers, _("Row"), _("Reason")]
        file.write(BOM + csv_line([str(title) for title in header]))

        def write(cells: Sequence[Any], number: int, reasons: Any) -> None:
            told = [*cells[:width], *[""] * (width - len(cells)), number, "; ".join(reasons_of(resource, reasons))]
            file.write(csv_line(told))

        yield write
    draft.replace(imp.bad_rows_path)


@contextmanager
def _kept_till_the_end(resource: ImportResource) -> Iterator[None]:
    """Rows of some files refer to rows before them, so that a dry run takes all back at once."""
    if not resource.at_once:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
