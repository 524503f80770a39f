"""What jobs are narrowed by, on the page and on the API."""

from typing import Any

import django_filters
from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from base.jobs.models import JobState
from base.jobs.services import kinds
from base.listing import ListFilterSet, YesNoFilter


class JobFilter(ListFilterSet):
    """By kind, state, day and who started it."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=JobState.choices, empty_label=_("Any state"))
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=kinds, empty_label=_("Any kind"))
    mine = YesNoFilter(method="started_by_me", label=_("Started by me"))
    start = django_filters.DateFilter(field_name="created_at", lookup_expr="date__gte", label=_("From"))
    end = django_filters.DateFilter(field_name="created_at", lookup_expr="date__lte", label=_("To"))

    class Meta:
        model = apps.get_model("access", "Job")
        fields: list[str] = []

    def started_by_me(self, rows: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:
        """One's own, or everybody else's."""
        return rows.filter(owner=self.user) if value else rows.exclude(owner=self.user)

    def matching(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        """With these words in what it is, what came out, or who started it."""
        words = text.strip()
        if not words:
            return rows
        found = Q(title__icontains=words) | Q(message__icontains=words) | Q(file_name__icontains=words)
        return rows.filter(found | Q(owner__username__icontains=words))
