"""What promotions are narrowed by, on the page and on the API."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet
from crm.promotions.models import Audience, Promotion, PromotionQuerySet, PromotionState


class PromotionFilter(ListFilterSet):
    """By where it stands today, for whom, and of which product; the search looks into name, note and products."""

    state = django_filters.ChoiceFilter(
        method="standing", label=_("State"), choices=PromotionState.choices, empty_label=_("Any state")
    )
    audience = django_filters.ChoiceFilter(label=_("For"), choices=Audience.choices, empty_label=_("Anybody"))
    sku = django_filters.CharFilter(method="of_product", label=_("Product (SKU)"))
    day = django_filters.DateFilter(method="on_day", label=_("Runs on"))

    class Meta:
        model = Promotion
        fields: list[str] = []

    def standing(self, rows: PromotionQuerySet, _name: str, value: str) -> Any:
        """Running, coming or ended."""
        return getattr(rows, PromotionState(value).value)()

    def of_product(self, rows: PromotionQuerySet, _name: str, value: str) -> Any:
        """Those of this product, and those of all products."""
        return rows.on_product(value)

    def on_day(self, rows: PromotionQuerySet, _name: str, value: Any) -> Any:
        """One of its days, whether or not it was stopped."""
        return rows.filter(first_day__lte=value, last_day__gte=value)
