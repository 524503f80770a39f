"""Every text field of every operation of the OpenAPI document, found in the document and filled from what is there."""

import json
import re
from collections.abc import Iterator
from typing import Any

from proofs._keeping import KEPT, NOTHING, REFUSED, Keeping, Tally, refused_by_name
from proofs._naughty import Naughty, marked, same, texts
from proofs._places import wanted

METHODS = ("post", "put", "patch")
NO_WORDS = {"uuid", "date", "date-time", "time", "decimal", "binary", "byte"}
CANDIDATES = 6  # records of each kind that an operation is tried on
REPAIRS = 4
# What a value of this name may be, where no record of that kind tells.
USUAL = (
    ("currency", "EUR"), ("country", "DE"), ("language", "en"), ("quantity", "1"), ("days", 14), ("rate", "0.19"),
    ("amount|price|debit|credit|cost", "10.00"), ("_on$|date|from$|until$|day$", "2026-11-25"),
    ("_at$|due", "2026-11-26T09:00:00Z"), ("email", "somebody@example.com"), ("url|website", "https://example.com/"),
)  # fmt: skip


class ApiWalk:
    """One person's calls of all operations that take words."""

    def __init__(self, client: Any, tally: Tally, names: tuple[str, ...] = (), most: int = 0) -> None:
        from drf_spectacular.generators import SchemaGenerator

        self.client, self.tally, self.names, self.most = client, tally, names, most
        self.document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
        self.keeping = Keeping()
        self.records: dict[str, list[dict[str, Any]]] = {}
        self.number = 0

    def send(self) -> None:
        """Every text in every field of a body, then in every parameter of a look."""
        operations = sorted((one for one in self._operations() if wanted(one[0])), key=lambda one: (one[1], one[0]))
        for path, method, schema in operations[:: -(-len(operations) // self.most)] if self.most else operations:
            self._operation(path, method, schema)
        for path, parameters in self._lookups():
            for name in parameters:
                for text_name, _pattern in texts(self.names):
                    text = self._next(text_name)
                    answer = self.client.get(path, {name: text.text.encode("utf-8", "replace").decode()})
                    self.tally.that(answer.status_code < 500, f"GET {path}?{name}= {text.name}: {answer.status_code}")

    # ---- below: parts ------------------------------------------------------------------------------------------------

    def _operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for path, item in self.document["paths"].items():
            for method in METHODS:
                content = item.get(method, {}).get("requestBody", {}).get("content", {})
                schema = content.get("application/json", {}).get("schema")
                if schema and list(self._words(schema, ())):
                    yield path, method, schema

    def _lookups(self) -> Iterator[tuple[str, list[str]]]:
        for path, item in self.document["paths"].items():
            asked = item.get("get", {}).get("parameters", [])
            names = [one["name"] for one in asked if one["in"] == "query"]
            if names and "{" not in path and wanted(path):
                yield path, names

    def _operation(self, path: str, method: str, schema: dict[str, Any]) -> None:
        fields = list(self._words(schema, ()))
        address, body = self._valid(path, method, schema)
        for place in fields:
            for text_name, _pattern in texts(self.names):
                self._one(path, method, address, _put(body, place, ""), place, self._next(text_name))

    def _one(self, path: str, method: str, address: str, body: Any, place: tuple[Any, ...], text: Naughty) -> None:
        field = ".".join(str(part) for part in place)
        with self.keeping.undone():
            answer = self._call(method, address, _put(body, place, text.text))
            fate, said = self.keeping.fate(text) if answer.status_code < 300 else (NOTHING, "")
        told = _json(answer)
        if fate == NOTHING and any(same(text.text, one) for one in _all(told)) and answer.status_code < 300:
            fate = KEPT
        if fate == NOTHING and 400 <= answer.status_code < 500:
            errors = told.get("errors") if isinstance(told, dict) else None
            facts = told.get("facts", {}) if isinstance(told, dict) else {}
            if refused_by_name(errors, field, str(place[0])) or text.text in map(str, facts.values()):
                fate = REFUSED
            said = str(told)[:160]
        self.tally.judge(f"{method.upper()} {path} {field}", text, answer.status_code, fate, said)

    def _call(self, method: str, address: str, body: Any) -> Any:
        return getattr(self.client, method)(address, json.dumps(body), content_type="application/json")

    def _next(self, name: str) -> Naughty:
        self.number += 1
        return marked(name, self.number)

    # What a valid call is

    def _valid(self, path: str, method: str, schema: dict[str, Any]) -> tuple[str, Any]:
        """An address and a body that are understood; the best try, where none is."""
        best: tuple[int, str, Any] | None = None
        for address, record in self._targets(path):
            body = self._body(schema, record, path, partial=method == "patch")
            for _try in range(REPAIRS):
                with self.keeping.undone():
                    answer = self._call(method, address, body)
                if best is None or answer.status_code < best[0]:
                    best = (answer.status_code, address, body)
                if answer.status_code < 300:
                    if method == "post" and "{" not in path and not self._known(path):
                        self._call(method, address, body)  # for good: what has no record cannot be changed either
                        self.records.pop(path)
                    return address, body
                repaired = self._repaired(body, _json(answer), schema, path)
                if repaired == body:
                    break
                body = repaired
        assert best is not None
        return best[1], best[2]

    def _targets(self, path: str) -> list[tuple[str, dict[str, Any]]]:
        parent, _brace, rest = path.partition("{")
        if not rest:
            return [(path, record) for record in [*self._known(path)[:2], {}]]
        records = self._known(parent) or list(self._inside(parent))
        return [
            (re.sub(r"{\w+}", str(_key(record)), path), record) for record in records[:CANDIDATES] if _key(record)
        ] or [(re.sub(r"{\w+}", "01a21434-bf84-7eeb-957e-ae0d7d2a0045", path), {})]

    def _known(self, path: str) -> list[dict[str, Any]]:
        """Records under a collection's address: of different states first."""
        if path not in self.records:
            told = _json(self.client.get(path, {"page_size": "100"}))
            rows = told.get("results", []) if isinstance(told, dict) else told
            rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
            states: dict[str, dict[str, Any]] = {}
            for row in rows:
                states.setdefault(str(row.get("state") or row.get("status")), row)
            first = list(states.values())
            self.records[path] = first + [row for row in rows if row not in first]
        return self.records[path]

    def _inside(self, path: str) -> Iterator[dict[str, Any]]:
        """Parts of other records: `/deal-lines/` are the `lines` of `/deals/`."""
        root, _slash, name = path.rstrip("/").rpartition("/")
        owner, _dash, part = name.rpartition("-")
        if owner:
            for record in self._known(f"{root}/{owner}s/"):
                yield from (one for one in record.get(part, ()) if isinstance(one, dict))

    def _body(self, schema: dict[str, Any], record: dict[str, Any], path: str, *, partial: bool) -> Any:
        schema = self._plain(schema)
        told: dict[str, Any] = {}
        for name, inner in schema.get("properties", {}).items():
            if self._plain(inner).get("readOnly") or inner.get("readOnly"):
                continue
            if partial or name not in schema.get("required", ()):
                continue
            told[name] = self._value(name, inner, record, path)
        return told

    def _value(self, name: str, schema: dict[str, Any], record: dict[str, Any], path: str) -> Any:
        plain = self._plain(schema)
        if plain.get("type") == "array":
            rows = record.get(name)
            row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
            return [self._value(name, plain.get("items", {}), row, path)]
        if plain.get("type") == "object":
            if "properties" in plain:
                held = record.get(name)
                return self._body(plain, held if isinstance(held, dict) else record, path, partial=False)
            return {"words": "words"}
        if plain.get("enum"):
            return record.get(name) if record.get(name) in plain["enum"] else plain["enum"][0]
        if plain.get("type") == "boolean":
            return True
        kept = record.get(name)
        if isinstance(kept, str | int) and not isinstance(kept, bool) and name not in ("name", "code", "number"):
            return kept
        return self._elsewhere(name, plain)

    def _elsewhere(self, name: str, schema: dict[str, Any]) -> Any:
        """The key of a record of that name, the usual, or just words."""
        found = self._named(name)
        if found is not None and schema.get("type") in ("string", "integer", None):
            return found
        for pattern, value in USUAL:
            if re.search(pattern, name):
                return value
        if schema.get("type") in ("integer", "number"):
            return 1
        self.number += 1
        return f"W{self.number:x}" if schema.get("maxLength", 99) < 30 else f"Words {self.number:x}"

    def _named(self, name: str) -> Any:
        """`account` is in /accounts/, `sku` is what products call themselves, `party` a code or a key."""
        word = re.sub(r"^(from|to|new|customer|of)_|_(id|code)$", "", name)
        for path in self.document["paths"]:
            told = path.replace("parties", "partys").replace("-", "_")
            if "{" not in path and re.search(rf"/{word}(s|es)?/$", told) and (rows := self._known(path)):
                return _key(rows[0])
        for path in self.document["paths"]:
            if (
                name in ("sku", "party", "account", "tax_class", "warehouse", "location", "journal", "unit")
                and "{" not in path
            ):
                for row in self._known(path)[:1]:
                    if row.get(name):
                        return row[name]
        return None

    def _repaired(self, body: Any, told: Any, schema: dict[str, Any], path: str) -> Any:
        """Fill in what the refusal asks for."""
        errors = told.get("errors", []) if isinstance(told, dict) else []
        for error in errors:
            name = str(error.get("field", "")).split(".")[0]
            inner = self._plain(schema).get("properties", {}).get(name)
            if inner is not None and isinstance(body, dict):
                other = (
                    self._elsewhere(name, self._plain(inner)) if name in body else self._value(name, inner, {}, path)
                )
                body = {**body, name: other}
        return body

    # What the document says

    def _words(self, schema: dict[str, Any], place: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        """The places of all texts in a body."""
        schema = self._plain(schema)
        if schema.get("readOnly") or len(place) > 6:
            return
        if schema.get("type") == "object" or "properties" in schema:
            for name, inner in schema.get("properties", {}).items():
                if not inner.get("readOnly"):
                    yield from self._words(inner, (*place, name))
            extra = schema.get("additionalProperties")
            if isinstance(extra, dict):
                yield from self._words(extra, (*place, "words"))
        elif schema.get("type") == "array":
            yield from self._words(schema.get("items", {}), (*place, 0))
        elif schema.get("type") == "string" and "enum" not in schema and schema.get("format", "") not in NO_WORDS:
            yield place

    def _plain(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema itself, in place of a reference to it."""
        for word in ("allOf", "oneOf", "anyOf"):
            if schema.get(word):
                return {**self._plain(schema[word][0]), **{k: v for k, v in schema.items() if k != word}}
        if "$ref" in schema:
            return self._plain(self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
        return schema


def _put(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    """The body with the value at its place; what is not there on the way is made."""
    if not place:
        return value
    if isinstance(place[0], int):
        rows = list(body) if isinstance(body, list) and body else [{}]
        return [_put(rows[0], place[1:], value), *rows[1:]]
    told = dict(body) if isinstance(body, dict) else {}
    return {**told, place[0]: _put(told.get(place[0]), place[1:], value)}


def _all(told: Any) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict):
        for name, inner in told.items():
            yield str(name)
            yield from _all(inner)
    elif isinstance(told, list):
        for inner in told:
            yield from _all(inner)


def _key(record: dict[str, Any]) -> Any:
    return next((record[name] for name in ("id", "sku", "code", "event_id", "key", "number") if record.get(name)), None)


def _json(answer: Any) -> Any:
    try:
        return json.loads(answer.content)
    except (ValueError, AttributeError):
        return {}
