"""What accounts and contacts are narrowed by, on the page and on the API."""

from typing import Any

import django_filters
from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from base.distinct import different
from base.listing import InsideFilter, YesNoFilter
from crm.access.people import name_of
from crm.accounts.custom_filters import CustomFilterSet
from crm.accounts.models import WORDS, Account, AccountKind, AccountQuerySet, Contact, CreditBand, Tier
from crm.accounts.tag_filters import TaggedFilterSet


def owner_choices() -> list[tuple[str, Any]]:
    """Mine, nobody's, or a colleague's by username; last those who have left, whose work may still be theirs."""
    people = get_user_model().objects.order_by("-is_active", "username")
    names = [(one.get_username(), name_of(one)) for one in people]
    return [("me", _("Mine")), ("none", _("Nobody's")), *names]


def country_choices() -> list[tuple[str, str]]:
    """Countries that accounts have."""
    return [(country, country) for country in different(Account, "country")]


class OwnerFilter(django_filters.ChoiceFilter):
    """By owner: a username, `me`, or `none`; the path of the owner is the filter's field."""

    def __init__(self, **kwargs: Any) -> None:
        told = {"label": _("Owner"), "choices": owner_choices, "empty_label": _("Every owner")}
        super().__init__(**{**told, **kwargs})

    def filter(self, rows: Any, value: str) -> Any:
        if not value:
            return rows
        if value == "none":
            return rows.filter(**{self.field_name: None})
        if value == "me":
            return rows.filter(**{self.field_name: self.parent.user})
        return rows.filter(**{f"{self.field_name}__username": value})


class AccountFilter(TaggedFilterSet):
    """What narrows the list; the search looks into names, towns, people, mail, phone and codes."""

    owner = OwnerFilter()
    country = django_filters.ChoiceFilter(choices=country_choices, label=_("Country"), empty_label=_("Every country"))
    credit_band = django_filters.ChoiceFilter(
        choices=CreditBand.choices, label=_("Credit"), empty_label=_("Any credit")
    )
    registered = YesNoFilter(label=_("Known to the ERP"))
    kind = django_filters.ChoiceFilter(choices=AccountKind.choices, label=_("Kind"), empty_label=_("Any kind"))
    tier = django_filters.ChoiceFilter(
        choices=[(Tier.VIP, Tier.VIP.label)], label=_("Service tier"), empty_label=_("Any tier")
    )
    industry = InsideFilter(WORDS, label=_("Industry"))
    city = InsideFilter(WORDS, label=_("Town"))
    external_ref = django_filters.CharFilter(label=_("Reference elsewhere"))
    party_code = django_filters.CharFilter(lookup_expr="iexact", label=_("Party code"))

    class Meta:
        model = Account
        fields: list[str] = []


class ContactFilter(CustomFilterSet):
    """By account, by words, by what is known of them."""

    account = django_filters.UUIDFilter(field_name="account_id", label=_("Account"), widget=forms.HiddenInput)
    owner = OwnerFilter(field_name="account__owner", label=_("Account's owner"))
    country = django_filters.ChoiceFilter(
        field_name="account__country", choices=country_choices, label=_("Country"), empty_label=_("Every country")
    )
    email = django_filters.CharFilter(lookup_expr="iexact", label=_("E-mail"))
    with_phone = YesNoFilter(method="having_phone", label=_("With a phone number"))

    class Meta:
        model = Contact
        fields: list[str] = []

    def having_phone(self, rows: AccountQuerySet, _name: str, value: bool) -> Any:
        """Those one can call, or those one cannot."""
        return rows.exclude(phone="") if value else rows.filter(phone="")
