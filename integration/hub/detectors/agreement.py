"""What both sides hold of one record, compared."""

from collections.abc import Mapping

from integration.hub.detectors.base import Finding, finding


def disagreement(key: str, owner: Mapping[str, str], other: Mapping[str, str]) -> Finding | None:
    """The fields in which the sides differ, the owner's value first; one side may not have the record at all.

    >>> disagreement("x", {"name": "A"}, {"name": "B"}).differences[0].held
    'B'
    >>> disagreement("x", {"name": "A"}, {"name": "A"}) is None
    True
    """
    if owner == other:
        return None
    if not owner or not other:
        return finding("reconciliation", (key, _brief(owner), _brief(other)), key=key)
    fields = sorted(name for name in owner.keys() | other.keys() if owner.get(name) != other.get(name))
    return finding("reconciliation", *((name, owner.get(name, ""), other.get(name, "")) for name in fields), key=key)


def _brief(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items() if value)
