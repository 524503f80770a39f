"""Tags and custom fields as they are kept: the same for every kind of record that has them."""

from collections.abc import Sequence
from typing import Any

from crm.accounts import custom_values, tag_words


def made(record: Any) -> None:
    """A new record: words as the team writes them, values as their fields understand them."""
    record.tags = tag_words.known(record.tags)
    record.custom = custom_values.kept(_of(record), {}, record.custom)


def made_many(records: Sequence[Any]) -> None:
    """The same for many at once, in as few questions as for one."""
    spelt = tag_words.spelt({word for record in records for word in record.tags})
    for record in records:
        record.tags = tag_words.few(tag_words.once(spelt, record.tags))
    if records:
        custom_values.kept_of_many(_of(records[0]), records)


def changed(record: Any, name: str, value: Any) -> Any:
    """The value of a field of a record as it is kept; custom fields that are not told of stay as they are."""
    if name == "tags":
        return tag_words.known(value)
    return custom_values.kept(_of(record), record.custom, value) if name == "custom" else value


def _of(record: Any) -> str:
    return str(record._meta.get_field("custom").of)
