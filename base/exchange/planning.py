"""From rows to items, and from items to what shall happen with them; nothing is written here."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from base.exchange.columns import reason
from base.exchange.mapping import understood
from base.exchange.models import Outcome
from base.exchange.resources import ImportResource, Item, Key
from base.spreadsheets import Row, Sheet

CHUNK = 500


class Plan:
    """How one file is understood: its columns, the fields they are, and the keys seen so far."""

    def __init__(
        self,
        resource: ImportResource,
        headers: Sequence[str],
        mapping: dict[str, str],
        match_on: Sequence[str],
        constants: dict[str, str] | None = None,
        replacements: dict[str, dict[str, str]] | None = None,
    ) -> None:
        self.resource, self.match_on, self.width = resource, list(match_on), len(headers)
        self.places = [(place, mapping[header]) for place, header in enumerate(headers) if header in mapping]
        self.marks = [place for place, field in self.places if field in resource.document_names]
        self.said = constants or {}
        self.constants = {name: understood(resource, name, text) for name, text in (constants or {}).items()}
        self.replaced = {
            name: {word.casefold(): meant for word, meant in words.items()}
            for name, words in (replacements or {}).items()
        }
        self.seen: dict[Key, int] = {}
        self.closed: set[Any] = set()
        # How many cells or rows: column and placeholder; column, word and what it was read as; column and note;
        # column, word and the word it may be.
        self.emptied: Counter[tuple[str, str]] = Counter()
        self.read_as: Counter[tuple[str, str, str]] = Counter()
        self.notes: Counter[tuple[str, str]] = Counter()
        self.unknown: Counter[tuple[str, str, str]] = Counter()

    def chunks(self, sheet: Sheet, size: int = CHUNK) -> Iterator[list[Item]]:
        """Items by the hundreds; the rows of one document are never torn apart."""
        chunk: list[Item] = []
        rows = 0
        for item in self._items(sheet):
            chunk.append(item)
            rows += len(item.rows)
            if rows >= size:
                yield chunk
                chunk, rows = [], 0
        if chunk:
            yield chunk

    def decide(self, chunk: Sequence[Item]) -> None:
        """Give each item its outcome: new, update, unchanged, duplicate or error, with reasons."""
        self.resource.prepare([item for item in chunk if not item.reasons])
        keys = {id(item): self._key(item) for item in chunk if not item.reasons}
        found = self.resource.find([key for key in keys.values() if key is not None], self.match_on)
        for item in chunk:
            if not item.reasons:
                self._compare(item, keys[id(item)], found)
        if self.resource.has_lookalikes:
            self.resource.lookalikes([item for item in chunk if item.outcome == Outcome.NEW])
        for item in chunk:
            self.notes.update(set(item.notes))
            self.unknown.update(set(item.unknown))

    def skip(self, chunk: Sequence[Item]) -> None:
        """Only remember the keys: these rows were done before."""
        self.resource.prepare([item for item in chunk if not item.reasons])
        for item in chunk:
            if not item.reasons and (key := self.resource.key_of(item.values, self.match_on)) is not None:
                self.seen.setdefault(key, item.number)

    # ---- below: parts ------------------------------------------------------------------------------------------------

    def _items(self, sheet: Sheet) -> Iterator[Item]:
        if not self.resource.document:
            for row in sheet.rows():
                yield self._parsed(Item(row.number, [row]), row)
            return
        group: list[Row] = []
        for row in sheet.rows():
            if group and self._begins_another(group[0], row):
                yield self._document(group)
                group = []
            group.append(row)
        if group:
            yield self._document(group)

    def _begins_another(self, first: Row, row: Row) -> bool:
        """Does the row name another document? It may leave empty what the first row said."""
        marks = ((_word(row, place), _word(first, place)) for place in self.marks)
        return any(mark and mark != said for mark, said in marks)

    def _document(self, rows: list[Row]) -> Item:
        """The head from the first row; later rows repeat it or leave it empty."""
        item = Item(rows[0].number, rows)
        for row in rows:
            self._parsed(item, row)
        mark = tuple(item.values.get(name) for name in self.resource.document_names)
        if mark[0] is not None and mark in self.closed:
            label = self.resource.column(self.resource.document).label
            item.refuse(self.resource.document, _("The rows of one {label} must stand together.").format(label=label))
        self.closed.add(mark)
        return item

    def _parsed(self, item: Item, row: Row) -> Item:
        extra = [cell for cell in row.cells[self.width :] if str(cell).strip()]
        if extra or len(row.cells) < self.width:
            item.refuse(
                "", _("The row has {cells} cells, the header {width}.").format(cells=len(row.cells), width=self.width)
            )
            return item
        line: dict[str, Any] = {}
        self._say_constants(item, line)
        for place, name in self.places:
            column = self.resource.column(name)
            cell = row.cells[place]
            into = line if column.line else item.values
            if name in self.replaced:
                cell = self._read(name, cell)
            if isinstance(cell, str) and self._is_empty(name, cell):
                if name in self.said and into.get(name) is self.constants[name]:
                    item.note(name, _("Empty, taken as “{text}”.").format(text=self.said[name]))
                if column.required and (column.line or name not in item.values):
                    item.refuse(name, _("It is missing."))
                continue
            try:
                value = column.widget.clean(cell)
            except ValueError as error:
                item.refuse(name, error)
                continue
            if not column.line and name not in self.constants and into.get(name, value) != value:
                item.refuse(name, _("The rows of one document say different things."))
            into[name] = value
        if line:
            item.lines.append(line)
        return item

    def _is_empty(self, name: str, cell: str) -> bool:
        """A cell without a word, or with one that only stands for none."""
        text = cell.strip()
        if text and text.casefold() in self.resource.placeholders:
            self.emptied[name, text] += 1
            return True
        return not text

    def _read(self, name: str, cell: Any) -> Any:
        """The word that is meant, where whoever imports has said so."""
        word = str(cell).strip()
        meant: str | None = self.replaced[name].get(word.casefold()) if word else None
        if meant is None:
            return cell
        self.read_as[name, word, meant] += 1
        return meant

    def _say_constants(self, item: Item, line: dict[str, Any]) -> None:
        """What every row says without its file having a column for it."""
        for name, value in self.constants.items():
            (line if self.resource.column(name).line else item.values).setdefault(name, value)

    def _key(self, item: Item) -> Key | None:
        key = self.resource.key_of(item.values, self.match_on)
        if item.reasons:
            return None
        if key is None:
            for name in self.match_on:
                if not item.values.get(name):
                    item.refuse(name, _("It is empty, and rows are recognised by it."))
        return key

    def _compare(self, item: Item, key: Key | None, found: dict[Key, list[Any]]) -> None:
        resource = self.resource
        if key is None:
            return
        if key in self.seen:
            item.outcome = Outcome.DUPLICATE
            item.reasons.append((self.match_on[0], _("The same as row {row}.").format(row=self.seen[key])))
            return
        self.seen[key] = item.number
        records = found.get(key, [])
        if len(records) > 1:
            item.refuse(self.match_on[0], _("{count} records here fit; none was changed.").format(count=len(records)))
        elif not records:
            item.outcome = Outcome.NEW
            item.after = {name: resource.render(name, value) for name, value in item.values.items()}
        else:
            self._differ(item, records[0])

    def _differ(self, item: Item, record: Any) -> None:
        resource = self.resource
        now = resource.current(record)
        item.target = record
        item.changes = resource.changes(item, record)
        if item.reasons:
            return
        if not item.changes:
            item.outcome = Outcome.UNCHANGED
        elif not resource.updatable:
            name = next(iter(item.changes))
            there = resource.render(name, now.get(name))
            item.refuse(
                name, _("It is here already with “{there}”, and an import does not change it.").format(there=there)
            )
        elif not resource.may_change(record):
            item.refuse("", _("{record} belongs to somebody else; you may not change it.").format(record=record))
        else:
            item.outcome = Outcome.UPDATE
            item.before = {name: resource.render(name, now.get(name)) for name in item.changes}
            item.after = {name: resource.render(name, value) for name, value in item.changes.items()}


def _word(row: Row, place: int) -> str:
    return str(row.cells[place]).strip() if place < len(row.cells) else ""


def reasons_of(resource: ImportResource, reasons: Sequence[Any]) -> list[str]:
    """Each reason with the name of its column."""
    columns = {**resource.all_columns(), **resource.columns}
    return [reason(columns[name].label if name in columns else "", text) for name, text in reasons]
