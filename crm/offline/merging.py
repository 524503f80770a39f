"""Three values of one field: what the device started from, what it made of it, and what stands here now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    """A field that somebody else changed meanwhile, to something else."""

    field: str
    base: str
    mine: str
    theirs: str


def merge(
    base: Mapping[str, Any], mine: Mapping[str, Any], current: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Difference]]:
    """What to write, and what clashes; a field that both changed alike is neither.

    >>> merge({"phone": "1", "email": "a"}, {"phone": "2", "email": "b"}, {"phone": "1", "email": "c"})
    ({'phone': '2'}, [Difference(field='email', base='a', mine='b', theirs='c')])
    >>> merge({"phone": "1"}, {"phone": "2"}, {"phone": "2"})
    ({}, [])
    >>> merge({"phone": "1"}, {"phone": "1"}, {"phone": "2"})
    ({}, [])
    """
    written, clashes = {}, []
    for field, value in mine.items():
        started, wanted, stands = said(base.get(field)), said(value), said(current[field])
        if wanted in (started, stands):
            continue
        if stands == started:
            written[field] = value
        else:
            clashes.append(Difference(field, started, wanted, stands))
    return written, clashes


def said(value: Any) -> str:
    """A value as text, so that what travelled as JSON is compared with what stands in a column.

    >>> from datetime import date
    >>> said(None), said(date(2026, 5, 1)), said(" a  b ")
    ('', '2026-05-01', 'a b')
    """
    return "" if value is None else " ".join(str(value).split())
