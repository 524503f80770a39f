"""Where in an XML a document's fields stand, said once and used both ways: the same table reads and writes.

A path is steps with prefixes ("cac:Party/cbc:Name"); "." is the element itself; "@name" an attribute. A field that
begins with "^" is the whole document's, wherever the XML keeps it. The order of a table is the order of its schema.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from lxml import etree

Element = Any  # lxml tells no types
Test = tuple[str, str]  # a path, and the text that stands there; "=currency" is the document's own currency


class Unreadable(ValueError):
    """A value that is not of its kind."""


@dataclass(frozen=True)
class Kind:
    """How a value is written, and read back."""

    write: Callable[[Any], str]
    read: Callable[[str], Any]


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Unreadable(text) from None
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise Unreadable(text)
    return number


def _day(pattern: str) -> Callable[[str], date]:
    def read(text: str) -> date:
        try:
            return datetime.strptime(text[:10], pattern).date()
        except ValueError:
            raise Unreadable(text) from None

    return read


# What XML 1.0 has no way to hold, not even escaped: https://www.w3.org/TR/xml/#charsets
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """The text without what no XML can hold.

    >>> xml_text("Tea\x11 & Co\ufffe")
    'Tea & Co'
    """
    return _NO_XML.sub("", text)


TEXT = Kind(str, str)
NUMBER = Kind(lambda number: f"{number:f}", _number)
DATE = Kind(date.isoformat, _day("%Y-%m-%d"))
DATE_102 = Kind(lambda day: day.strftime("%Y%m%d"), _day("%Y%m%d"))
FLAG = Kind(lambda flag: "true" if flag else "false", lambda text: text in ("true", "1"))


def coded(codes: Mapping[str, str]) -> Kind:
    """A code that this syntax says otherwise than the norm."""
    back = {there: here for here, there in codes.items()}
    return Kind(lambda code: codes.get(code, code), lambda code: back.get(code, code))


@dataclass
class Scope:
    """What a reader or writer knows on its way: the names of namespaces, and the whole document."""

    namespaces: Mapping[str, str]
    document: Any

    def said(self, told: str) -> str:
        """The text itself, or the document's own value."""
        if not told.startswith("="):
            return told
        return str(self._value(told[1:]))

    def value(self, source: Any, name: str) -> Any:
        return self._value(name[1:]) if name.startswith("^") else getattr(source, name)

    def keep(self, told: dict[str, Any], name: str, value: Any) -> None:
        if name.startswith("^"):
            self.document.setdefault(name[1:], value)
        else:
            told.setdefault(name, value)

    def tag(self, step: str) -> str:
        prefix, name = step.split(":")
        return f"{{{self.namespaces[prefix]}}}{name}"

    def find(self, node: Element, path: str, has: Test | None = None, lacks: Test | None = None) -> list[Element]:
        """Elements at the path, in the document's order."""
        found = [node]
        for step in path.split("/") if path != "." else ():
            found = [child for one in found for child in one.iterchildren(self.tag(step))]
        if has:
            found = [one for one in found if self._stands(one, has)]
        return [one for one in found if not self._stands(one, lacks)] if lacks else found

    def reach(self, node: Element, path: str) -> Element:
        """A new element at the path; those on the way there are shared with what was written before."""
        *way, last = path.split("/")
        for step in way:
            before = node.findall(self.tag(step))
            node = before[-1] if before else etree.SubElement(node, self.tag(step))
        return etree.SubElement(node, self.tag(last))

    def _value(self, name: str) -> Any:
        return self.document.get(name, "") if isinstance(self.document, dict) else getattr(self.document, name)

    def _stands(self, node: Element, test: Test) -> bool:
        path, wanted = test
        *way, last = path.split("/")
        if last.startswith("@"):
            texts = [one.get(last[1:]) or "" for one in self.find(node, "/".join(way) or ".")]
        else:
            texts = [(one.text or "").strip() for one in self.find(node, path)]
        return self.said(wanted) in texts if wanted else any(texts)


class Part(Protocol):
    """A row of a table."""

    def write(self, source: Any, node: Element, scope: Scope) -> bool:
        """Write it below the node; True when there was something of the document's own to write."""

    def read(self, told: dict[str, Any], node: Element, scope: Scope) -> None:
        """Add what stands there to what is told."""


@dataclass(frozen=True)
class Value:
    """A field and the element it stands in; `has` picks the right one when reading, `when` tells when to write it."""

    field: str
    path: str
    kind: Kind = TEXT
    attrs: Mapping[str, str] = made(default_factory=dict)
    has: Test | None = None
    when: Callable[[Any], bool] | None = None

    def write(self, source: Any, node: Element, scope: Scope) -> bool:
        value = scope.value(source, self.field)
        if value is None or value == "" or (self.when and not self.when(value)):
            return False
        element = node if self.path == "." else scope.reach(node, self.path)
        element.text = xml_text(self.kind.write(value))
        for name, told in self.attrs.items():
            element.set(name, scope.said(told))
        return value is not False

    def read(self, told: dict[str, Any], node: Element, scope: Scope) -> None:
        for element in scope.find(node, self.path, self.has)[:1]:
            if text := (element.text or "").strip():
                scope.keep(told, self.field, self.kind.read(text))


@dataclass(frozen=True)
class Attr:
    """A field that is an attribute of an element written before."""

    field: str
    name: str
    path: str = "."

    def write(self, source: Any, node: Element, scope: Scope) -> bool:
        value, found = scope.value(source, self.field), scope.find(node, self.path)
        if value and found:
            found[-1].set(self.name, xml_text(value))
        return False

    def read(self, told: dict[str, Any], node: Element, scope: Scope) -> None:
        for element in scope.find(node, self.path)[:1]:
            if value := (element.get(self.name) or "").strip():
                scope.keep(told, self.field, value)


@dataclass(frozen=True)
class Fixed:
    """What the syntax wants to be said beside a value; reading passes over it."""

    path: str
    text: str

    def write(self, source: Any, node: Element, scope: Scope) -> bool:
        scope.reach(node, self.path).text = xml_text(self.text)
        return False

    def read(self, told: dict[str, Any], node: Element, scope: Scope) -> None:
        return


@dataclass(frozen=True)
class Box:
    """An element of the syntax that is no group of the norm; written only round something."""

    path: str
    parts: Sequence[Part]
    has: Test | None = None
    lacks: Test | None = None

    def write(self, source: Any, node: Element, scope: Scope) -> bool:
        return _written(self.parts, source, scope.reach(node, self.path), node, scope)

    def read(self, told: dict[str, Any], node: Element, scope: Scope) -> None:
        for element in scope.find(node, self.path, self.has, self.lacks)[:1]:
            for part in self.parts:
                part.read(told, element, scope)


@dataclass(frozen=True)
class One:
    """A group of the norm; `always` where the schema wants the element even when empty."""

    field: str
    path: str
    type: type
    parts: Sequence[Part]
    has: Test | None = None
    lacks: Test | None = None
    when: Callable[[Any], bool] | None = None
    always: bool = False

    def write(self, source: Any, node: Element, scope: Scope) -> bool:
        value = scope.value(source, self.field)
        if (value is None or (self.when and not self.when(value))) and not self.always:
            return False
        above = None if self.always else node
        return _written(self.parts, value or self.type(), scope.reach(node, self.path), above, scope)

    def read(self, told: dict[str, Any], node: Element, scope: Scope) -> None:
        for element in scope.find(node, self.path, self.has, self.lacks)[:1]:
            value = _built(self.type, self.parts, element, scope)
            if value != self.type():
                scope.keep(told, self.field, value)


@dataclass(frozen=True)
class Many:
    """A group that repeats; `when` tells which of them stand here."""

    field: str
    path: str
    type: type
    parts: Sequence[Part]
    has: Test | None = None
    lacks: Test | None = None
    when: Callable[[Any], bool] | None = None

    def write(self, source: Any, node: Element, scope: Scope) -> bool:
        values = [value for value in scope.value(source, self.field) if not self.when or self.when(value)]
        for value in values:
            _written(self.parts, value, scope.reach(node, self.path), node, scope)
        return bool(values)

    def read(self, told: dict[str, Any], node: Element, scope: Scope) -> None:
        found = scope.find(node, self.path, self.has, self.lacks)
        values = [_built(self.type, self.parts, element, scope) for element in found]
        told[self.field] = (*told.get(self.field, ()), *(value for value in values if value != self.type()))


def written(parts: Sequence[Part], document: Any, root: Element, namespaces: Mapping[str, str]) -> Element:
    """The document below the root."""
    scope = Scope(namespaces, document)
    for part in parts:
        part.write(document, root, scope)
    return root


def read(parts: Sequence[Part], type: type, root: Element, namespaces: Mapping[str, str], **known: Any) -> Any:
    """The document that stands below the root; `known` is what the tests of the table need beforehand."""
    told: dict[str, Any] = dict(known)
    scope = Scope(namespaces, told)
    for part in parts:
        part.read(told, root, scope)
    return type(**told)


def _written(parts: Sequence[Part], source: Any, element: Element, above: Element | None, scope: Scope) -> bool:
    """Write the parts; an element that nothing stands in goes again, and with it those that it alone needed."""
    wrote = sum(part.write(source, element, scope) for part in parts) > 0
    while above is not None and not wrote and element is not above:
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)
        if len(parent):
            break
        element = parent
    return wrote


def _built(type: type, parts: Sequence[Part], element: Element, scope: Scope) -> Any:
    told: dict[str, Any] = {}
    for part in parts:
        part.read(told, element, scope)
    return type(**told)
