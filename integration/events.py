"""The event on the wire: CloudEvents 1.0 JSON, written once, kept as bytes, read strictly."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from integration.contracts import Contract, contract_of

MAX_EVENT_BYTES = 64 * 1024
MAX_DEPTH = 32
SCHEMA_BASE = "urn:heming:contract:"
# Brackets outside of texts; a text that does not end swallows the rest, and the parser says so.
_MARKS = re.compile(r'"(?:[^"\\]++|\\.?)*+"?|[\[\]{}]', re.DOTALL)
# JSON may escape what is no text: NUL, and one half of a surrogate pair (a whole pair is an ordinary sign).
_ODD_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


class BadEvent(ValueError):
    """These bytes are no event we can read; the text says why, for the operator."""


@dataclass(frozen=True, slots=True)
class Event:
    """A parsed event: its attributes and its contract."""

    id: UUID
    source: str
    type: str
    time: datetime
    partition_key: str
    aggregate_seq: int
    correlation_id: str
    causation_id: str
    data: dict[str, Any]
    backfill: bool = False

    @property
    def side(self) -> str:
        """Which side says it."""
        return self.source.lstrip("/")

    def contract(self) -> Contract:
        """The fact itself, checked against its schema."""
        model = contract_of(self.type)
        if model is None:
            raise BadEvent(f"no contract is named {self.type}")
        try:
            return model.model_validate_json(json.dumps(self.data))
        except ValidationError as fault:
            first = fault.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise BadEvent(f"{self.type}: {where or 'data'}: {first['msg']}") from None


def event_bytes(
    fact: Contract,
    *,
    event_id: UUID,
    time: datetime,
    aggregate_seq: int,
    correlation_id: str,
    causation_id: str,
    backfill: bool = False,
) -> bytes:
    """The one serialisation of a fact; refuses more than 64 KiB."""
    head = {
        "specversion": "1.0",
        "id": str(event_id),
        "source": f"/{fact.owner}",
        "type": fact.type,
        "subject": fact.partition_key,
        "time": time.isoformat(),
        "datacontenttype": "application/json",
        "dataschema": f"{SCHEMA_BASE}{fact.type}",
        "partitionkey": fact.partition_key,
        "aggregateseq": aggregate_seq,
        "correlationid": correlation_id,
        "causationid": causation_id,
        "dataclassification": fact.data_class,
        "data": fact.model_dump(mode="json"),
        **({"backfill": True} if backfill else {}),
    }
    body = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    if len(body) > MAX_EVENT_BYTES:
        raise BadEvent(f"{fact.type} would be {len(body)} bytes; {MAX_EVENT_BYTES} is the most")
    return body


def strict_json(body: bytes) -> Any:
    """Parse JSON and refuse what readers read differently: double keys, NaN, floats, depth bombs, odd escapes."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadEvent("the body is not UTF-8") from None
    depth = 0
    for mark in _MARKS.finditer(text):
        if mark[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise BadEvent("the body is nested too deeply")
        elif mark[0] in "]}":
            depth -= 1
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_number, parse_float=_refuse_number)
    except (ValueError, RecursionError) as fault:
        raise BadEvent(f"the body is not JSON we read: {fault}") from None
    if _ODD_ESCAPE.search(text) and not all(map(_can_be_kept, _texts(value))):
        raise BadEvent("a text has a sign that no database keeps: NUL, or half of a pair")
    return value


def _texts(value: Any) -> Iterator[str]:
    """Every text in it, keys among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from _texts(one)


def _can_be_kept(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadEvent("a key stands twice in one object")
    return found


def _refuse_number(text: str) -> Any:
    raise BadEvent("a number stands there that is not exact; write it as a string")


def parse_event(body: bytes) -> Event:
    """The event in these bytes, or BadEvent."""
    if len(body) > MAX_EVENT_BYTES:
        raise BadEvent("the event is larger than 64 KiB")
    head = strict_json(body)
    if not isinstance(head, dict):
        raise BadEvent("an event is a JSON object")
    try:
        if head["specversion"] != "1.0":
            raise BadEvent("specversion must be 1.0")
        sequence = head["aggregateseq"]
        data = head["data"]
        if type(sequence) is not int or sequence < 1 or not isinstance(data, dict):
            raise BadEvent("aggregateseq must be a whole number from 1, data an object")
        time = datetime.fromisoformat(_text(head, "time"))
        if time.tzinfo is None:
            raise BadEvent("time needs a zone")
        return Event(
            id=UUID(_text(head, "id")),
            source=_text(head, "source"),
            type=_text(head, "type"),
            time=time,
            partition_key=_text(head, "partitionkey"),
            aggregate_seq=sequence,
            correlation_id=_text(head, "correlationid", ""),
            causation_id=_text(head, "causationid", ""),
            data=data,
            backfill=head.get("backfill") is True,
        )
    except KeyError as missing:
        raise BadEvent(f"the attribute {missing.args[0]} is missing") from None
    except BadEvent:
        raise
    except (ValueError, TypeError) as fault:
        raise BadEvent(f"an attribute is malformed: {fault}") from None


def _text(head: dict[str, Any], name: str, default: str | None = None) -> str:
    value = head.get(name, default) if default is not None else head[name]
    if not isinstance(value, str) or len(value) > 300 or "\x00" in value:
        raise BadEvent(f"the attribute {name} must be a text of at most 300 characters")
    return value
