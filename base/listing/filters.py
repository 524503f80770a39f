"""The filter set of a list, on the page and on the API."""

from collections.abc import Iterable
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.grams import holding
from base.tiers import TieredFilterMixin, hidden_path

YES_NO = [("", _("Any")), ("true", _("Yes")), ("false", _("No"))]


class YesNoFilter(django_filters.BooleanFilter):
    """A yes, a no, or both."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Select(choices=YES_NO))
        super().__init__(*args, **kwargs)


class InsideFilter(django_filters.CharFilter):
    """With these letters anywhere inside the column, by the index of the pieces of some `indexed` columns."""

    def __init__(self, indexed: tuple[str, ...], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.indexed = indexed

    def filter(self, rows: Any, value: str) -> Any:
        return rows.filter(holding(value, self.indexed, (self.field_name,))) if value else rows


class DaysWidget(django_filters.widgets.DateRangeWidget):
    """Two days, each with a name of its own for who does not see that they stand side by side."""

    template_name = "django/forms/widgets/multiwidget.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        for widget, words in zip(self.widgets, (_("From"), _("Until")), strict=True):
            widget.input_type, widget.format = "date", "%Y-%m-%d"
            widget.attrs = {**widget.attrs, "aria-label": words}


class DaysFilter(django_filters.DateFromToRangeFilter):
    """From a day until a day, both included; either may be left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", DaysWidget)
        super().__init__(*args, **kwargs)


class ListFilterSet(TieredFilterMixin, django_filters.FilterSet):
    """Filters by what a list's readers think of; `q` looks where its model's `matching` looks.

    What the reader may not know they are not offered; asked for all the same, it is refused.
    """

    q = django_filters.CharFilter(method="matching", label=_("Search"))
    search = django_filters.CharFilter(method="matching", label=_("Search, the same as q"))

    def __init__(self, *args: Any, only: Iterable[str] | None = None, **kwargs: Any) -> None:
        """`only` these filters: a page that shows three of thirty makes no form of the others."""
        if only is not None:
            known = self.known()
            self.base_filters = {name: known[name] for name in only}
        super().__init__(*args, **kwargs)

    @classmethod
    def known(cls) -> dict[str, django_filters.Filter]:
        """All filters there are, by name; a form of them is another matter."""
        found: dict[str, django_filters.Filter] = cls.base_filters  # type: ignore[misc]
        return found

    @classmethod
    def added(cls) -> frozenset[str]:
        """The parameters of filters that people of this side have added: no document can know them."""
        return frozenset()

    def parameters(self) -> frozenset[str]:
        """What they are called in an address: `due_min` and `due_max` are of one filter."""
        found: set[str] = set()
        for name, field in self.form.fields.items():
            if isinstance(widget := field.widget, django_filters.widgets.SuffixedMultiWidget):
                found.update(widget.suffixed(name, suffix) for suffix in widget.suffixes)
            else:
                found.add(name)
        return frozenset(found)

    @property
    def user(self) -> Any:
        """Who asks; None while the API's document is written."""
        return getattr(self.request, "user", None)

    def offers(self, name: str) -> bool:
        """May the reader be asked for this filter?"""
        return not hidden_path(self.user, self.queryset.model, self.filters[name].field_name or name)

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """Rows with these words."""
        return rows.matching(text)  # type: ignore[attr-defined]  # a word of the model's own query set
