"""Words in a form with suggestions, and the filters of a list whose records bear tags and custom fields."""

from collections.abc import Iterable
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.widgets import SuggestingInput
from crm.accounts.custom_filters import CustomFilterSet
from crm.accounts.models import Tag
from crm.accounts.tag_words import key_of, words

OFFERED = 300


def offered() -> Iterable[str]:
    """All words there are, so many that a form may carry them."""
    return Tag.objects.order_by("name_key").values_list("name", flat=True)[:OFFERED]


def _suggested() -> Iterable[tuple[str, str]]:
    return ((word, "") for word in offered())


_WORDS = SuggestingInput(_suggested)


class WordsField(forms.CharField):
    """Words with commas between."""

    widget = _WORDS


class TaggedFilterSet(CustomFilterSet):
    """`tags`: any of the words; `tags_all`: all of them."""

    tags = django_filters.CharFilter(method="having_any", label=_("Tags, any of"), widget=_WORDS)
    tags_all = django_filters.CharFilter(method="having_all", label=_("Tags, all of"), widget=_WORDS)

    def having_any(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """One of the words is enough."""
        return rows.filter(tags__overlap=list(_known(text).values()))

    def having_all(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """A word that nobody says is on no record."""
        known, wanted = _known(text), {key_of(word) for word in words(text)}
        return rows.filter(tags__contains=list(known.values())) if wanted == set(known) else rows.none()


def _known(text: str) -> dict[str, str]:
    wanted = {key_of(word) for word in words(text)}
    return dict(Tag.objects.filter(name_key__in=wanted).values_list("name_key", "name"))
