"""The list of the VAT returns that were filed."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Empty, Kind, Listing
from erp.ledger.services import company
from erp.tax.filters import ReturnFilter
from erp.tax.models import ReturnStatus, VatReturn
from erp.tax.roles import BOOK_READERS, KEEPERS


def _rows(user: Any) -> QuerySet[VatReturn]:
    found: QuerySet[VatReturn] = VatReturn.objects.visible_to(user).for_list().filter(company=company())
    return found


RETURNS = Listing(
    name="vat_returns",
    model=VatReturn,
    title=_("VAT returns"),
    url_name="tax:returns",
    rows=_rows,
    filterset=ReturnFilter,
    order=("-starts_on", "-pk"),
    roles=BOOK_READERS,
    count=lambda count: ngettext("%(count)s return", "%(count)s returns", count) % {"count": f"{count:,}"},
    placeholder=_("Form, reason or person"),
    bar=("status", "start", "end"),
    buttons=(
        Button(_("Rates and tax points"), "tax:rates", icon="percentage", tone=""),
        Button(_("How we are taxed"), "tax:profile", icon="settings", tone=""),
        Button(_("Next return"), "tax:draw", icon="file-plus", roles=KEEPERS),
    ),
    template="erp/ledger/books.html",
    columns=(
        Column(name="starts_on", label=_("span"), value=lambda one: str(one), source="starts_on"),
        Column(name="ends_on", label=_("to"), kind=Kind.DATE, shown=False),
        Column(name="form", label=_("form"), source="form__code", value=lambda one: one.form.label, group=True),
        Column(
            name="status", label=_("state"), kind=Kind.STATUS, group=True,
            tone=lambda one: "warn" if one.status == ReturnStatus.AMENDING else "good",
        ),
        Column(name="version", label=_("version"), kind=Kind.NUMBER),
        Column(name="payable", label=_("to pay"), kind=Kind.MONEY, currency="company__base_currency", total=True),
        Column(name="filed_at", label=_("filed"), kind=Kind.MOMENT),
        Column(name="filed_by", label=_("filed by"), group=True),
        Column(name="reason", label=_("why it is amended"), wide=True, shown=False),
    ),
    empty=Empty(
        icon="receipt-tax",
        title=_("No VAT return filed yet"),
        text=_("A return is drawn up from the lines of the books; once it is filed, its span takes no tax any more."),
        none_title=_("No return fits"),
        none_text=_("Try another state or other days."),
        button=Button(_("Draw up the first one"), "tax:draw", roles=KEEPERS),
    ),
)  # fmt: skip
