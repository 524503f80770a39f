"""What receipts and deposits are narrowed by, on the page and on the API."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.listing import ListFilterSet, YesNoFilter
from erp.banking.models import Deposit, DepositStatus, Method, Receipt, ReceiptKind


class ReceiptFilter(ListFilterSet):
    """By kind, day, customer and number."""

    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=ReceiptKind.choices, empty_label=_("All kinds"))
    start = django_filters.DateFilter(field_name="date", lookup_expr="gte", label=_("From"))
    end = django_filters.DateFilter(field_name="date", lookup_expr="lte", label=_("To"))
    method = django_filters.ChoiceFilter(label=_("How"), choices=Method.choices, empty_label=_("Any way"))
    amount_min = django_filters.NumberFilter(field_name="amount", lookup_expr="gte", label=_("Amount from"))
    amount_max = django_filters.NumberFilter(field_name="amount", lookup_expr="lte", label=_("Amount up to"))
    party_code = django_filters.CharFilter(field_name="party__code", lookup_expr="iexact", label=_("Customer's code"))
    number = django_filters.CharFilter(lookup_expr="iexact", label=_("Number"))
    date = django_filters.DateFilter(label=_("On the day"))
    party = django_filters.UUIDFilter(field_name="party_id", label=_("Customer"), widget=forms.HiddenInput)
    has_rest = YesNoFilter(method="having_a_rest", label=_("With a rest: the customer's credit"))
    invoice = django_filters.UUIDFilter(method="paying", label=_("Invoice it pays"), widget=forms.HiddenInput)

    class Meta:
        model = Receipt
        fields: list[str] = []

    def having_a_rest(self, receipts: QuerySet[Receipt], _name: str, value: bool) -> QuerySet[Receipt]:
        """Payments of which a part settles nothing yet."""
        credits = Receipt.objects.with_a_rest().values("pk")
        return receipts.filter(pk__in=credits) if value else receipts.exclude(pk__in=credits)

    def paying(self, receipts: QuerySet[Receipt], _name: str, value: Any) -> QuerySet[Receipt]:
        """What pays this invoice."""
        return receipts.filter(pk__in=Receipt.objects.filter(allocations__invoice=value).values("pk"))


class DepositFilter(ListFilterSet):
    """By state, day, order and customer."""

    status = django_filters.ChoiceFilter(
        label=_("Status"), method="with_status", choices=[*DepositStatus.choices, ("all", _("All deposits"))],
        empty_label=_("Any status"),
    )  # fmt: skip
    overdue = YesNoFilter(method="being_late", label=_("Late"))
    start = django_filters.DateFilter(field_name="reported_on", lookup_expr="gte", label=_("Reported from"))
    end = django_filters.DateFilter(field_name="reported_on", lookup_expr="lte", label=_("Reported until"))
    party_code = django_filters.CharFilter(field_name="party__code", lookup_expr="iexact", label=_("Customer's code"))
    order_number = django_filters.CharFilter(field_name="order__number", lookup_expr="iexact", label=_("Order"))
    deal = django_filters.UUIDFilter(label=_("Deal"), widget=forms.HiddenInput)
    order = django_filters.UUIDFilter(field_name="order_id", label=_("Order"), widget=forms.HiddenInput)
    party = django_filters.UUIDFilter(field_name="party_id", label=_("Customer"), widget=forms.HiddenInput)

    class Meta:
        model = Deposit
        fields: list[str] = []

    def with_status(self, deposits: QuerySet[Deposit], _name: str, value: str) -> QuerySet[Deposit]:
        """One state, or all."""
        return deposits if value == "all" else deposits.filter(status=value)

    def being_late(self, deposits: QuerySet[Deposit], _name: str, value: bool) -> QuerySet[Deposit]:
        """To be booked, and the day is over."""
        late = {"status": DepositStatus.REPORTED, "due_at__lt": timezone.now()}
        return deposits.filter(**late) if value else deposits.exclude(**late)
