"""The list of payment terms."""

from django.db.models import Count
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Empty, Kind, Listing
from erp.ledger.services import company
from erp.terms.filters import PaymentTermsFilter
from erp.terms.models import PaymentTerms
from erp.terms.roles import KEEPERS, READERS

TERMS = Listing(
    name="payment_terms",
    model=PaymentTerms,
    title=_("Payment terms"),
    url_name="terms:list",
    rows=lambda user: (
        PaymentTerms.objects.visible_to(user).filter(company=company()).with_lines().annotate(parts=Count("lines"))
    ),
    filterset=PaymentTermsFilter,
    order=("code",),
    roles=READERS,
    count=lambda count: ngettext("%(count)s payment terms", "%(count)s payment terms", count) % {"count": f"{count:,}"},
    placeholder=_("Code or name"),
    bar=(),
    buttons=(
        Button(_("Import"), "exchange:home", icon="table-import", tone="", roles=KEEPERS),
        Button(_("New terms"), "terms:new", roles=KEEPERS),
    ),
    columns=(
        Column(name="code", label=_("code")),
        Column(name="name", label=_("name")),
        Column(name="name_zh", label=_("name in Chinese")),
        Column(name="told", label=_("to be paid"), sort=False, wide=True, value=lambda terms: terms.told),
        Column(name="instalments", label=_("instalments"), source="parts", kind=Kind.NUMBER),
        Column(name="updated_at", label=_("changed"), kind=Kind.MOMENT, shown=False),
    ),
    empty=Empty(
        icon="calendar-due",
        title=_("No payment terms yet"),
        text=_("Customers and suppliers pay after a number of days; terms say the end of a month, or several days."),
        none_title=_("No terms fit"),
        none_text=_("Try fewer words."),
        button=Button(_("Write the first ones"), "terms:new", roles=KEEPERS),
    ),
)
