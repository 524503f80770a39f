"""Tags in files: one column for every kind of record that bears them."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _

from base.exchange import Column, Item, Text
from crm.accounts.custom_files import CustomResource
from crm.accounts.models import Tag
from crm.accounts.tag_words import key_of, words


class Tags(Text):
    """Words with commas between."""

    def clean(self, value: Any, row: Any = None, **options: Any) -> Any:
        """Each once; how the team writes them is seen when all are known."""
        return words(super().clean(value, row, **options))

    def render(self, value: Any, obj: Any = None, **_options: Any) -> Any:
        return ", ".join(value or [])


def tags_column() -> Column:
    """The words of a record."""
    return Column(
        _("Tags"),
        Tags(),
        names="tag labels label keywords categories 标签",
        sample="key account, fair 2026",
        help=_("With commas between; new words become tags. What the file says replaces what is there."),
    )


class TaggedResource(CustomResource):
    """Records with a column `tags`, and with custom fields."""

    def spell(self, items: Sequence[Item]) -> None:
        """The words as the team writes them, so that the same file again changes nothing."""
        for item in items:
            if told := item.values.get("tags"):
                item.values["tags"] = sorted({self._spelling.get(key_of(word), word) for word in told})

    @cached_property
    def _spelling(self) -> dict[str, str]:
        """How the team writes the tags there are."""
        return dict(Tag.objects.values_list("name_key", "name"))

    def current(self, record: Any) -> dict[str, Any]:
        return {**super().current(record), "tags": sorted(record.tags)}
