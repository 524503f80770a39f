"""The register as a list."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Empty, Kind, Listing
from base.templatetags.ui import status_badge
from base.ui import url_of
from erp.fapiao.filters import FapiaoFilter
from erp.fapiao.models import Fapiao, FapiaoStatus
from erp.fapiao.roles import READERS

TONES = {
    FapiaoStatus.REQUESTED: "info",
    FapiaoStatus.ISSUED: "good",
    FapiaoStatus.REFUSED: "bad",
    FapiaoStatus.RED_REQUESTED: "warn",
}


def state_of(fapiao: Fapiao) -> tuple[str, str, str]:
    """The state with its colour."""
    return fapiao.status, fapiao.get_status_display(), TONES.get(FapiaoStatus(fapiao.status), "quiet")


FAPIAOS = Listing(
    name="fapiaos",
    model=Fapiao,
    title=_("Fapiao register"),
    url_name="fapiao:list",
    rows=lambda user: Fapiao.objects.visible_to(user).for_list(),
    filterset=FapiaoFilter,
    order=("-requested_at", "-pk"),
    roles=READERS,
    count=lambda count: ngettext("%(count)s fapiao", "%(count)s fapiaos", count) % {"count": f"{count:,}"},
    placeholder=_("Number, invoice or buyer"),
    bar=("status", "start", "end"),
    buttons=(Button(_("Invoices"), "invoices:list", icon="file-invoice", tone=""),),
    columns=(
        Column(
            name="number", label=_("fapiao number"), cell=lambda one: one.told_number or "–",
            url=lambda one: one.get_absolute_url(), fields=("code",),
        ),
        Column(name="colour", label=_("colour"), kind=Kind.CHOICE, group=True),
        Column(name="kind", label=_("kind"), kind=Kind.CHOICE, group=True),
        Column(name="issued_on", label=_("issued on"), kind=Kind.DATE, group=True),
        Column(
            name="invoice", label=_("invoice"), source="invoice__number",
            url=lambda one: url_of("invoices:detail", one.invoice_id),
        ),
        Column(name="buyer_name", label=_("buyer"), group=True),
        Column(name="net", label=_("net"), kind=Kind.MONEY, currency="invoice__currency", total=True),
        Column(name="tax", label=_("tax"), kind=Kind.MONEY, currency="invoice__currency", total=True),
        Column(name="gross", label=_("gross"), kind=Kind.MONEY, currency="invoice__currency", total=True),
        Column(
            name="status", label=_("state"), group=True, value=lambda one: state_of(one)[1],
            cell=lambda one: status_badge(*state_of(one)),
        ),
        Column(name="code", label=_("fapiao code"), shown=False),
        Column(name="takes_back", label=_("takes back"), source="reverses__number", shown=False),
        Column(name="credit_note", label=_("credit note"), source="credit_note__number", shown=False),
        Column(name="reason", label=_("reason"), kind=Kind.CHOICE, group=True, shown=False),
        Column(name="buyer_tax_number", label=_("buyer's tax number"), shown=False),
        Column(name="party_code", label=_("customer's code"), source="invoice__party__code", group=True, shown=False),
        Column(name="requested_at", label=_("requested"), kind=Kind.MOMENT, shown=False),
        Column(name="requested_by", label=_("requested by"), group=True, shown=False),
        Column(name="sent_at", label=_("sent"), kind=Kind.MOMENT, shown=False),
        Column(name="answered_at", label=_("answered"), kind=Kind.MOMENT, shown=False),
        Column(name="refusal", label=_("why not"), wide=True, shown=False),
        Column(name="remark", label=_("remark"), wide=True, shown=False),
    ),
    empty=Empty(
        icon="receipt-tax",
        title=_("No fapiao yet"),
        text=_("A fapiao is asked for on the page of an invoice in CNY, by a company in China."),
        none_title=_("No fapiao fits"),
        none_text=_("Try fewer words, another state or a longer time."),
        button=Button(_("Invoices"), "invoices:list"),
    ),
)  # fmt: skip
