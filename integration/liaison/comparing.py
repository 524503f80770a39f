"""How two sides compare what they hold without showing it: digests by bucket first, records only where they differ."""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

BUCKETS = 64

Values = dict[str, str]


@dataclass(frozen=True, slots=True)
class Record:
    """One thing both sides hold: its shared key, the record the owner tells of it under, and the shared fields."""

    key: str
    about: str
    values: Values


Subject = Callable[[], Iterator[Record]]
_SUBJECTS: dict[str, Subject] = {}


def compares(name: str) -> Callable[[Subject], Subject]:
    """Register what this side holds of a subject."""

    def register(subject: Subject) -> Subject:
        _SUBJECTS[name] = subject
        return subject

    return register


def subjects() -> list[str]:
    """What this side can compare."""
    return sorted(_SUBJECTS)


def records(name: str, buckets: set[int] | None = None) -> Iterator[Record]:
    """This side's records of a subject, of some buckets only if so asked."""
    for record in _SUBJECTS[name]():
        if buckets is None or bucket_of(record.key) in buckets:
            yield record


def bucket_of(key: str) -> int:
    """The same on both sides.

    >>> bucket_of("CHAIR") == bucket_of("CHAIR"), 0 <= bucket_of("x") < 64
    (True, True)
    """
    return zlib.crc32(key.encode()) % BUCKETS


def digests(found: Iterator[Record]) -> dict[int, str]:
    """A digest for each bucket that holds something; the order of records does not matter."""
    sums: dict[int, int] = {}
    for record in found:
        line = json.dumps([record.key, record.values], sort_keys=True, separators=(",", ":"))
        bucket = bucket_of(record.key)
        sums[bucket] = sums.get(bucket, 0) + int.from_bytes(hashlib.sha256(line.encode()).digest())
    return {bucket: hashlib.sha256(str(total).encode()).hexdigest() for bucket, total in sums.items()}


def plain(value: object) -> str:
    """A value as both sides write it: amounts without idle zeros, nothing as empty.

    >>> from decimal import Decimal
    >>> plain(Decimal("10.500")), plain(None), plain("x "), plain(Decimal("100"))
    ('10.5', '', 'x', '100')
    """
    if value is None:
        return ""
    text = f"{value:f}" if hasattr(value, "as_tuple") else str(value)
    if hasattr(value, "as_tuple") and "." in text:
        text = text.rstrip("0").rstrip(".")
    return " ".join(text.split())
