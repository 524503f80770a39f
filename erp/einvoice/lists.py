"""The list of electronic invoices that came."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Empty, Kind, Listing
from base.templatetags.ui import status_badge
from erp.einvoice.filters import ReceivedFilter
from erp.einvoice.models import Received
from erp.einvoice.roles import READERS


def _rows(user: Any) -> QuerySet[Received]:
    return Received.objects.visible_to(user).select_related("party").defer("body", "content")


def _state(received: Received) -> tuple[str, str, str]:
    return ("valid", _now("valid"), "good") if received.valid else ("broken", _now("breaks rules"), "bad")


RECEIVED = Listing(
    name="received",
    model=Received,
    title=_("Received e-invoices"),
    url_name="einvoice:list",
    rows=_rows,
    filterset=ReceivedFilter,
    order=("-pk",),
    roles=READERS,
    count=lambda count: ngettext("%(count)s document", "%(count)s documents", count) % {"count": f"{count:,}"},
    placeholder=_("Number or supplier"),
    bar=("valid", "syntax", "start"),
    buttons=(
        Button(_("Letterhead"), "einvoice:letterhead", icon="id", tone=""),
        Button(_("Receive an e-invoice"), "einvoice:receive", icon="file-import"),
    ),
    columns=(
        Column(name="number", label=_("number")),
        Column(name="issued_on", label=_("date"), kind=Kind.DATE, group=True),
        Column(name="due", label=_("due"), kind=Kind.DATE),
        Column(name="seller_name", label=_("supplier"), group=True),
        Column(name="party", label=_("supplier here"), source="party__code"),
        Column(name="payable", label=_("to pay"), kind=Kind.MONEY, currency="currency"),
        Column(name="syntax", label=_("syntax"), kind=Kind.CHOICE, group=True),
        Column(
            name="valid", label=_("rules"), sort=False, value=lambda received: _state(received)[1],
            cell=lambda received: status_badge(*_state(received)),
        ),
        Column(name="received_at", label=_("received"), kind=Kind.MOMENT),
        Column(name="received_by", label=_("received by"), shown=False, group=True),
        Column(name="seller_tax_id", label=_("supplier's tax id"), shown=False),
        Column(name="currency", label=_("currency"), shown=False, group=True),
        Column(name="filename", label=_("file"), shown=False),
    ),
    empty=Empty(
        icon="file-import",
        title=_("Nothing received yet"),
        text=_("Suppliers' e-invoices are kept here as they came, checked against EN 16931."),
        none_title=_("No document fits"),
        none_text=_("Try fewer words or a longer time."),
        button=Button(_("Receive an e-invoice"), "einvoice:receive"),
    ),
)  # fmt: skip
