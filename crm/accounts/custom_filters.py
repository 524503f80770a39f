"""Custom fields as filters and columns of lists."""

from collections.abc import Iterable, Iterator
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from base.listing import Column, Kind, ListFilterSet, YesNoFilter
from crm.accounts.custom_values import rules_of, typed
from crm.accounts.models_custom import CustomField, ValueKind, said

KINDS = {
    ValueKind.TEXT: Kind.TEXT,
    ValueKind.NUMBER: Kind.NUMBER,
    ValueKind.DATE: Kind.DATE,
    ValueKind.YES_NO: Kind.TEXT,
    ValueKind.CHOICE: Kind.TEXT,
}


class DayFilter(django_filters.DateFilter):
    """A day is kept as its letters, which sort as days do."""

    def filter(self, rows: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return super().filter(rows, value.isoformat() if value else value)


class NumberFilter(django_filters.NumberFilter):
    """A number as JSON has it."""

    def filter(self, rows: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return super().filter(rows, value if value is None else _json(value))


class SaysFilter(django_filters.ChoiceFilter):
    """Records that say this very word, found by the index of what records say."""

    def __init__(self, *args: Any, key: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.key = key

    def filter(self, rows: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return rows.filter(custom__contains={self.key: value}) if value else rows


class SaidFilter(YesNoFilter):
    """Records that say yes, or that say no; who says neither is neither."""

    def __init__(self, *args: Any, key: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.key = key

    def filter(self, rows: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return rows if value is None else rows.filter(custom__contains={self.key: value})


class CustomFilterSet(ListFilterSet):
    """With a filter for each custom field of the records; two for numbers and days: from, and until."""

    def __init__(self, data: Any = None, *args: Any, only: Iterable[str] | None = None, **options: Any) -> None:
        """Whoever asks nothing of these fields is spared reading which there are."""
        if only is None and any(name.startswith("custom_") for name in data or ()):
            only = self.known()
        super().__init__(data, *args, only=only, **options)

    @classmethod
    def known(cls) -> dict[str, django_filters.Filter]:
        fixed = super().known()
        added = {name: made for one in cls._fields() for name, made in _filters(one)}
        return {**fixed, **added} if added else fixed

    @classmethod
    def added(cls) -> frozenset[str]:
        return frozenset(name for one in cls._fields() for name, _made in _filters(one))

    @classmethod
    def _fields(cls) -> tuple[CustomField, ...]:
        model: Any = cls._meta.model
        return rules_of(model._meta.get_field("custom").of).active


def _filters(one: CustomField) -> Iterator[tuple[str, django_filters.Filter]]:
    path, name = f"custom__{one.key}", one.name
    if one.kind == ValueKind.CHOICE:
        choices = [(word, word) for word in one.options]
        yield name, SaysFilter(label=one.words, choices=choices, empty_label=_("Any"), field_name=path, key=one.key)
    elif one.kind == ValueKind.YES_NO:
        yield name, SaidFilter(label=one.words, field_name=path, key=one.key)
    elif one.kind in (ValueKind.NUMBER, ValueKind.DATE):
        kind = NumberFilter if one.kind == ValueKind.NUMBER else DayFilter
        told: dict[str, Any] = {"widget": forms.DateInput(attrs={"type": "date"})} if kind is DayFilter else {}
        for end, lookup, words in (("from", "gte", _("{field} from")), ("until", "lte", _("{field} until"))):
            label = format_lazy(words, field=one.words)
            yield f"{name}__{end}", kind(label=label, field_name=path, lookup_expr=lookup, **told)
    else:
        yield name, django_filters.CharFilter(label=one.words, field_name=path, lookup_expr="icontains")


def _json(value: Any) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def columns_of(of: str) -> tuple[Column, ...]:
    """A column for each field in use; none stands in a list until somebody chooses it."""
    return tuple(_column(one) for one in rules_of(of).active)


def _column(one: CustomField) -> Column:
    words = one.kind == ValueKind.YES_NO  # three answers: yes, no, and none
    return Column(
        name=one.name,
        label=one.words,
        kind=KINDS[ValueKind(one.kind)],
        value=lambda row: (said if words else typed)(one, row.custom.get(one.key)),
        sort=False,
        fields=("custom",),
        shown=False,
    )
