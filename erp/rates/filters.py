"""What rates are narrowed by, on the page and on the API."""

import django_filters
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet
from erp.rates.models import ExchangeRate


def currency_choices() -> list[tuple[str, str]]:
    """Currencies that have a rate."""
    found = ExchangeRate.objects.order_by("currency").values_list("currency", flat=True).distinct()
    return [(code, code) for code in found]


class ExchangeRateFilter(ListFilterSet):
    """By currency and day."""

    currency = django_filters.ChoiceFilter(
        label=_("Currency"), choices=currency_choices, empty_label=_("All currencies")
    )
    start = django_filters.DateFilter(field_name="day", lookup_expr="gte", label=_("From"))
    end = django_filters.DateFilter(field_name="day", lookup_expr="lte", label=_("To"))
    source = django_filters.CharFilter(lookup_expr="icontains", label=_("Source"))

    class Meta:
        model = ExchangeRate
        fields: list[str] = []
