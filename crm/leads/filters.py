"""What leads are narrowed by, on the page and on the API."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from base.listing import InsideFilter, YesNoFilter
from crm.accounts.filters import OwnerFilter
from crm.accounts.tag_filters import TaggedFilterSet
from crm.leads.models import WORDS, Lead, LeadQuerySet, LeadState, LossReason, Source


class LeadFilter(TaggedFilterSet):
    """By owner, state, source, place, score and consent; the search looks into names, mail, phone, town, campaign."""

    owner = OwnerFilter()
    state = django_filters.ChoiceFilter(choices=LeadState.choices, label=_("State"), empty_label=_("Any state"))
    still_open = YesNoFilter(method="to_be_worked_on", label=_("Still open"))
    source = django_filters.ChoiceFilter(choices=Source.choices, label=_("Came by"), empty_label=_("Any way"))
    source_detail = django_filters.CharFilter(lookup_expr="icontains", label=_("Source"))
    campaign = InsideFilter(WORDS, label=_("Campaign"))
    country = django_filters.CharFilter(lookup_expr="iexact", label=_("Country"))
    city = InsideFilter(WORDS, label=_("Town"))
    industry = InsideFilter(WORDS, label=_("Industry"))
    score_min = django_filters.NumberFilter(field_name="score", lookup_expr="gte", label=_("Score from"))
    waiting = YesNoFilter(method="still_waiting", label=_("Waits for a first call"))
    consent = YesNoFilter(label=_("Agreed to be written to"))
    lost_reason = django_filters.ChoiceFilter(
        choices=LossReason.choices, label=_("Why lost"), empty_label=_("Any reason")
    )
    since = django_filters.DateFilter(field_name="created_at", lookup_expr="date__gte", label=_("Came from"))
    until = django_filters.DateFilter(field_name="created_at", lookup_expr="date__lte", label=_("Came until"))
    external_ref = django_filters.CharFilter(label=_("Reference elsewhere"))

    class Meta:
        model = Lead
        fields: list[str] = []

    def to_be_worked_on(self, rows: LeadQuerySet, _name: str, value: bool) -> Any:
        """Those to be worked on, or those that are closed."""
        return rows.open() if value else rows.exclude(pk__in=rows.open().values("pk"))

    def still_waiting(self, rows: LeadQuerySet, _name: str, value: bool) -> Any:
        """Nobody has tried to reach them yet, or somebody has."""
        return rows.waiting() if value else rows.exclude(pk__in=rows.waiting().values("pk"))
