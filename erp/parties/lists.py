"""The list of parties."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Edit, Empty, Kind, Listing
from base.listing.bulk import BulkAction
from base.templatetags.ui import money, status_badge
from erp.ledger.services import base_currency
from erp.parties import services
from erp.parties.filters import PartyFilter
from erp.parties.models import Party, PartyKind
from erp.parties.roles import EVERYBODY, KEEPERS
from erp.terms.models import PaymentTerms

_TONES = {"stopped": "bad", "tight": "warn", "watch": "warn"}


def _rows(user: Any) -> QuerySet[Party]:
    return Party.objects.visible_to(user).defer("people")


def _limit(party: Party) -> str:
    if party.credit_limit is None:
        return format_html('<span class="muted">{}</span>', _now("no limit"))
    return money(party.credit_limit, dash=False)


def _band(party: Party) -> str:
    """How near a customer is to the limit."""
    if party.kind != PartyKind.CUSTOMER:
        return ""
    if party.on_hold:
        return status_badge("stopped", _now("On hold"), "bad")
    return status_badge(party.credit_band, party.get_credit_band_display(), _TONES.get(party.credit_band, "good"))


def _is_customer(party: Party, _user: Any) -> bool:
    return party.kind == PartyKind.CUSTOMER


def _set(name: str) -> Any:
    return lambda party, value, _user: services.class_party(party, **{name: value})


class TermsDaysForm(forms.Form):
    """New terms for all of them."""

    payment_terms_days = forms.IntegerField(label=_("Payment terms (days)"), min_value=0, max_value=365)


def _terms_of(party: Party) -> dict[str, Any]:
    named = str(party.payment_terms_id) if party.payment_terms_id else None
    return {"payment_terms": named, "payment_terms_days": party.payment_terms_days}


def _terms_back(party: Party, user: Any, before: dict[str, Any]) -> Any:
    known = PaymentTerms.objects.visible_to(user)
    named = known.filter(pk=before["payment_terms"]).first() if before["payment_terms"] else None
    return services.class_party(party, payment_terms=named, payment_terms_days=before["payment_terms_days"])


class HoldForm(forms.Form):
    """Why nothing more is delivered to them."""

    hold_reason = forms.CharField(label=_("Why"), max_length=250)


ACTIONS = (
    BulkAction(
        name="terms",
        label=_("Payment terms…"),
        icon="calendar-due",
        roles=KEEPERS,
        step_up=True,
        form=lambda _user: TermsDaysForm,
        run=lambda party, _user, told: services.class_party(party, payment_terms=None, **told),
        snapshot=_terms_of,
        undo=_terms_back,
    ),
    BulkAction(
        name="hold",
        label=_("Put on hold…"),
        icon="hand-stop",
        roles=KEEPERS,
        step_up=True,
        form=lambda _user: HoldForm,
        run=lambda party, _user, told: services.class_party(party, on_hold=True, **told),
        snapshot=lambda party: {"on_hold": party.on_hold, "hold_reason": party.hold_reason},
        undo=lambda party, _user, before: services.class_party(party, **before),
    ),
)

PARTIES = Listing(
    name="parties",
    model=Party,
    title=_("Parties"),
    url_name="parties:list",
    rows=_rows,
    filterset=PartyFilter,
    order=("code",),
    roles=EVERYBODY,
    count=lambda count: ngettext("%(count)s party", "%(count)s parties", count) % {"count": f"{count:,}"},
    placeholder=_("Code, name, tax id, town"),
    bar=("kind", "credit_band", "on_hold"),
    buttons=(Button(_("New supplier"), "parties:new", roles=KEEPERS),),
    actions=ACTIONS,
    version=lambda party: party.version,
    columns=(
        Column(name="code", label=_("code")),
        Column(name="name", label=_("name")),
        Column(name="kind", label=_("kind"), kind=Kind.CHOICE, group=True),
        Column(name="city", label=_("town"), group=True),
        Column(name="country", label=_("country"), group=True),
        Column(name="tax_id", label=_("tax id")),
        Column(
            name="terms",
            label=_("terms (days)"),
            source="payment_terms_days",
            kind=Kind.NUMBER,
            group=True,
            edit=Edit(
                field=lambda: forms.IntegerField(min_value=0, max_value=365),
                roles=KEEPERS,
                step_up=True,
                save=_set("payment_terms_days"),
            ),
        ),
        Column(
            name="payment_terms",
            label=_("payment terms"),
            source="payment_terms__code",
            group=True,
            shown=False,
            needs=("payment_terms",),
        ),
        Column(
            name="credit_limit",
            label=_("credit limit"),
            kind=Kind.MONEY,
            currency=base_currency,
            cell=_limit,
            edit=Edit(
                field=lambda: forms.DecimalField(min_value=Decimal(0), max_digits=19, decimal_places=2, required=False),
                roles=KEEPERS,
                may=_is_customer,
                step_up=True,
                save=_set("credit_limit"),
            ),
        ),
        Column(name="credit_band", label=_("credit"), kind=Kind.STATUS, cell=_band, group=True),
        Column(
            name="commercial_tier",
            label=_("commercial tier"),
            group=True,
            shown=False,
            edit=Edit(
                field=lambda: forms.CharField(max_length=40, required=False),
                roles=KEEPERS,
                may=_is_customer,
                step_up=True,
                save=_set("commercial_tier"),
            ),
        ),
        Column(name="credit_class", label=_("credit class"), group=True, shown=False),
        Column(name="limit_waits", label=_("another limit is asked"), kind=Kind.BOOL, group=True, shown=False),
        Column(name="on_hold", label=_("on hold"), kind=Kind.BOOL, group=True, shown=False),
        Column(name="hold_reason", label=_("why on hold"), wide=True, shown=False),
        Column(name="email", label=_("e-mail"), shown=False),
        Column(name="phone", label=_("phone"), shown=False),
        Column(name="street", label=_("street"), shown=False),
        Column(name="postal_code", label=_("postal code"), shown=False),
        Column(name="external_ref", label=_("reference elsewhere"), shown=False),
        Column(name="created_at", label=_("opened"), kind=Kind.MOMENT, shown=False),
    ),
    empty=Empty(
        icon="users",
        title=_("No parties yet"),
        text=_("A customer comes with the first won deal; a supplier is opened here."),
        none_title=_("No party fits"),
        none_text=_("Try fewer words or another filter."),
    ),
)
