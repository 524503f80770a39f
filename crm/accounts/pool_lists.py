"""The list of the public pool: what every rep may know of accounts that wait for somebody."""

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Column, DaysFilter, Empty, Kind, Listing
from base.listing.bulk import BulkAction
from crm.access.people import name_of
from crm.accounts import pool
from crm.accounts.filters import country_choices
from crm.accounts.masks import masked_mail, masked_phone
from crm.accounts.models import READERS, AccountKind, PoolAccount, PoolStay, Tier
from crm.accounts.models_pool import CameBy
from crm.accounts.tag_filters import TaggedFilterSet
from crm.accounts.tag_lists import COLUMN as TAGS_COLUMN
from crm.accounts.tag_lists import coloured


class PoolFilter(TaggedFilterSet):
    """What narrows the pool: where they are, what they do, since when they lie there and why."""

    country = django_filters.ChoiceFilter(choices=country_choices, label=_("Country"), empty_label=_("Every country"))
    kind = django_filters.ChoiceFilter(choices=AccountKind.choices, label=_("Kind"), empty_label=_("Any kind"))
    tier = django_filters.ChoiceFilter(
        choices=[(Tier.VIP, Tier.VIP.label)], label=_("Service tier"), empty_label=_("Any tier")
    )
    industry = django_filters.CharFilter(lookup_expr="icontains", label=_("Industry"))
    city = django_filters.CharFilter(lookup_expr="icontains", label=_("Town"))
    came_by = django_filters.ChoiceFilter(
        choices=CameBy.choices, method="having_come", label=_("Came by"), empty_label=_("Any way")
    )
    pooled_at = DaysFilter(label=_("In the pool since"))

    class Meta:
        model = PoolAccount
        fields: list[str] = []

    def having_come(self, rows: Any, _name: str, value: str) -> Any:
        """By how they came there; those that never had an owner have no stay yet."""
        stays = PoolStay.objects.open().filter(account=OuterRef("pk"))
        if value == CameBy.NEW:
            return rows.exclude(Exists(stays))
        return rows.filter(Exists(stays.filter(came_by=value)))


def _rows(user: Any) -> QuerySet[PoolAccount]:
    visible: QuerySet[PoolAccount] = PoolAccount.objects.visible_to(user)
    return visible


def with_stays(rows: list[PoolAccount]) -> None:
    """Each with the stay it is in, in one query."""
    stays = PoolStay.objects.open().filter(account__in=[row.pk for row in rows]).select_related("left_by")
    found = {stay.account_id: stay for stay in stays}
    for row in rows:
        row.stay = found.get(row.pk)  # type: ignore[attr-defined]


def _decorate(rows: list[PoolAccount]) -> None:
    with_stays(rows)
    coloured(rows)


def stay_of(row: Any) -> PoolStay | None:
    """The stay it is in; asked for when nobody has read it for the whole page."""
    if not hasattr(row, "stay"):
        with_stays([row])
    found: PoolStay | None = row.stay
    return found


def _reason(row: Any) -> str:
    stay = stay_of(row)
    return stay.reason if stay else str(CameBy.NEW.label)


def had_by(row: Any) -> str:
    """Who had it last."""
    stay = stay_of(row)
    return name_of(stay.left_by) if stay else ""


POOL = Listing(
    name="pool",
    model=PoolAccount,
    title=_("Public pool"),
    url_name="accounts:pool",
    rows=_rows,
    filterset=PoolFilter,
    order=("name_key", "id"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s account", "%(count)s accounts", count) % {"count": f"{count:,}"},
    placeholder=_("Name, town, industry…"),
    bar=("country", "came_by"),
    decorate=_decorate,
    trail=(_("Accounts"), "accounts:list"),
    lead=_("Nobody's accounts: whoever claims one first works with it."),
    actions=(
        BulkAction(
            name="claim",
            label=_("Claim"),
            icon="hand-stop",
            run=lambda row, user, _told: pool.claim(row.pk, user),
        ),
    ),
    columns=(
        Column(name="name", label=_("name"), sort="name_key"),
        Column(name="place", label=_("place"), value=lambda row: row.place, sort="city", fields=("city", "country")),
        Column(name="why", label=_("why"), value=_reason, sort=False, fields=("pooled_at",), wide=True),
        Column(name="pooled_at", label=_("in the pool since"), kind=Kind.MOMENT),
        Column(name="had_by", label=_("had by"), value=had_by, sort=False, fields=("owner",)),
        TAGS_COLUMN,
        Column(name="industry", label=_("industry"), group=True, shown=False),
        Column(name="country", label=_("country"), group=True, shown=False),
        Column(name="kind", label=_("kind"), kind=Kind.CHOICE, group=True, shown=False),
        Column(name="tier", label=_("service tier"), kind=Kind.CHOICE, group=True, shown=False),
        Column(name="phone", label=_("phone"), value=lambda row: masked_phone(row.phone), sort=False, shown=False),
        Column(name="email", label=_("e-mail"), value=lambda row: masked_mail(row.email), sort=False, shown=False),
    ),
    empty=Empty(
        icon="lifebuoy",
        title=_("The pool is empty"),
        text=_("What colleagues give back, and what nobody has touched for long, waits here for whoever claims it."),
        none_title=_("No account fits"),
        none_text=_("Try fewer letters or another filter. Names, towns and industries are searched."),
    ),
)
