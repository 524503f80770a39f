"""What payment terms are narrowed by, on the page and on the API."""

import django_filters
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet
from erp.terms.models import PaymentTerms


class PaymentTermsFilter(ListFilterSet):
    """By code."""

    code = django_filters.CharFilter(lookup_expr="iexact", label=_("Code"))

    class Meta:
        model = PaymentTerms
        fields: list[str] = []
