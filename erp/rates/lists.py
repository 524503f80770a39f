"""The list of exchange rates."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Edit, Empty, Kind, Listing
from erp.ledger.services import company
from erp.rates import services
from erp.rates.filters import ExchangeRateFilter
from erp.rates.models import DECIMALS, ExchangeRate
from erp.rates.roles import KEEPERS, READERS


def _rate_field() -> forms.DecimalField:
    return forms.DecimalField(max_digits=19, decimal_places=DECIMALS)


RATES = Listing(
    name="exchange_rates",
    model=ExchangeRate,
    title=_("Exchange rates"),
    url_name="rates:list",
    rows=lambda user: ExchangeRate.objects.visible_to(user).filter(company=company()),
    filterset=ExchangeRateFilter,
    order=("-day", "currency"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s rate", "%(count)s rates", count) % {"count": f"{count:,}"},
    placeholder=_("Currency or source"),
    bar=("currency", "start", "end"),
    buttons=(
        Button(_("Revaluation"), "revaluation:home", icon="scale", tone="", roles=("accountant", "auditor", "admin")),
        Button(_("Import"), "exchange:home", icon="table-import", roles=KEEPERS),
        Button(_("New rate"), "rates:new", roles=KEEPERS),
    ),
    version=lambda one: one.updated_at.isoformat(),
    columns=(
        Column(name="currency", label=_("currency"), group=True),
        Column(name="day", label=_("day"), kind=Kind.DATE, group=True),
        Column(
            name="rate", label=_("one unit is worth"), kind=Kind.NUMBER, cell=lambda one: services.plain(one.rate),
            edit=Edit(
                field=_rate_field, roles=KEEPERS,
                save=lambda one, value, user: services.change_rate(one, user, rate=value),
            ),
        ),
        Column(
            name="source", label=_("source"), group=True,
            edit=Edit(
                field=lambda: forms.CharField(max_length=80, required=False), roles=KEEPERS,
                save=lambda one, value, user: services.change_rate(one, user, source=value),
            ),
        ),
        Column(name="created_at", label=_("entered"), kind=Kind.MOMENT, shown=False),
        Column(name="updated_at", label=_("changed"), kind=Kind.MOMENT, shown=False),
    ),
    empty=Empty(
        icon="coins",
        title=_("No exchange rate yet"),
        text=_("Without a rate nothing is booked in another currency. The newest on a day or before it is that day's."),
        none_title=_("No rate fits"),
        none_text=_("Try another currency or other days."),
        button=Button(_("Enter the first one"), "rates:new", roles=KEEPERS),
    ),
)  # fmt: skip
