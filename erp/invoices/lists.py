"""The list of invoices and credit notes."""

from typing import Any

from django.db.models import Case, DecimalField, F, When
from django.db.models.functions import Coalesce
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from base.listing import Button, Column, Empty, Kind, Listing
from base.listing.bulk import BulkAction
from base.templatetags.ui import date, status_badge
from base.ui import url_of
from erp.banking.roles import ACCOUNTANTS, AUDITORS, INVOICE_READERS
from erp.invoices import services
from erp.invoices.filters import InvoiceFilter
from erp.invoices.models import Invoice, InvoiceKind, InvoiceQuerySet
from erp.orders.filters import WorkFilter
from erp.orders.lists import ORDERS
from erp.orders.models import Order

_MONEY: "DecimalField[Any, Any]" = DecimalField(max_digits=25, decimal_places=2)
_AMOUNTS = ("net", "tax", "gross", "deposits_used", "payable")


def with_signs(rows: InvoiceQuerySet) -> InvoiceQuerySet:
    """With the amounts as the receivables see them: a credit note's take off."""

    def signed(path: str, *instead: str) -> Case:
        amount = Coalesce(path, *instead) if instead else F(path)
        return Case(When(kind=InvoiceKind.CREDIT_NOTE, then=-amount), default=amount, output_field=_MONEY)

    amounts = {f"signed_{name}": signed(name) for name in _AMOUNTS}
    amounts["signed_open"] = signed("item__open_amount")
    amounts["signed_worth"] = signed("item__house_open", "item__open_amount")
    return rows.for_list().annotate(**amounts)


def _due(invoice: Invoice) -> str:
    if invoice.is_credit_note:
        return ""
    if invoice.is_overdue:
        return format_html('<span class="late">{}</span>', date(invoice.due))
    return date(invoice.due)


def _state(invoice: Invoice) -> tuple[str, str]:
    if invoice.is_credit_note:
        return ("pending", _now("to pay back")) if invoice.open_amount else ("settled", _now("settled"))
    if invoice.is_overdue:
        return "overdue", _now("overdue")
    return invoice.status, invoice.get_status_display()


def _amount(name: str, label: Any, **more: Any) -> Column:
    told = {"fields": (name,), **more}
    return Column(
        name=name, label=label, source=f"signed_{name}", kind=Kind.MONEY, currency="currency", total=True, **told
    )


INVOICES = Listing(
    name="invoices",
    model=Invoice,
    title=_("Invoices"),
    url_name="invoices:list",
    rows=lambda user: with_signs(Invoice.objects.visible_to(user)),
    filterset=InvoiceFilter,
    order=("-date", "-pk"),
    roles=(*ACCOUNTANTS, *INVOICE_READERS),
    count=lambda count: ngettext("%(count)s document", "%(count)s documents", count) % {"count": f"{count:,}"},
    placeholder=_("Number, order or customer"),
    bar=("status", "kind", "start"),
    buttons=(
        Button(_("Aging"), "invoices:aging", icon="calendar-due", tone=""),
        Button(_("Opening items"), "openings:list", icon="calendar-due", tone="", roles=(*ACCOUNTANTS, *AUDITORS)),
        Button(_("To invoice"), "invoices:waiting", icon="file-invoice"),
    ),
    columns=(
        Column(name="number", label=_("number")),
        Column(name="date", label=_("date"), kind=Kind.DATE, group=True),
        Column(name="due", label=_("due"), kind=Kind.DATE, cell=_due, group=True),
        Column(
            name="next_due", label=_("next due"), kind=Kind.DATE, sort=False, value=lambda invoice: invoice.next_due,
            shown=False,
        ),
        Column(
            name="order", label=_("order"), source="order__number",
            url=lambda invoice: url_of("orders:detail", invoice.order_id),
        ),
        Column(name="party", label=_("customer"), source="party__name", group=True),
        _amount("net", _("net")),
        _amount("tax", _("tax")),
        _amount("gross", _("gross")),
        _amount("deposits_used", _("deposits")),
        Column(
            name="open", label=_("open"), source="signed_open", kind=Kind.MONEY, currency="currency", total=True,
            fields=("item__open_amount",),
        ),
        Column(
            name="status", label=_("status"), sort=False, value=lambda invoice: _state(invoice)[1],
            cell=lambda invoice: status_badge(*_state(invoice)), fields=("item__open_amount",),
        ),
        _amount("payable", _("payable"), shown=False),
        Column(name="kind", label=_("kind"), kind=Kind.CHOICE, group=True, shown=False),
        Column(name="party_code", label=_("customer's code"), source="party__code", shown=False),
        Column(name="currency", label=_("currency"), group=True, shown=False),
        Column(
            name="worth", label=_("open in the books"), source="signed_worth", kind=Kind.MONEY,
            currency="company__base_currency", total=True, shown=False, needs=("company",),
            fields=("item__open_amount",),
        ),
        Column(name="issued_by", label=_("issued by"), group=True, shown=False),
        Column(name="issued_at", label=_("issued"), kind=Kind.MOMENT, shown=False),
        Column(name="reason", label=_("reason"), wide=True, shown=False),
    ),
    empty=Empty(
        icon="file-invoice",
        title=_("No invoice yet"),
        text=_("An invoice is issued from an order whose goods have left: once, with a number for good."),
        none_title=_("No invoice fits"),
        none_text=_("Try fewer words, another status or a longer time."),
        button=Button(_("Orders to invoice"), "invoices:waiting"),
    ),
)  # fmt: skip

TO_INVOICE = Listing(
    name="to_invoice",
    model=Order,
    title=_("Orders to invoice"),
    url_name="invoices:waiting",
    trail=(_("Invoices"), "invoices:list"),
    cut_of=ORDERS,
    cut_by="status=to_invoice",
    rows=lambda user: Order.objects.visible_to(user).for_list().to_invoice(),
    filterset=WorkFilter,
    order=("ordered_on", "pk"),
    roles=(*ACCOUNTANTS, *INVOICE_READERS),
    count=lambda count: ngettext("%(count)s order", "%(count)s orders", count) % {"count": f"{count:,}"},
    placeholder=_("Number, deal or customer"),
    bar=("since", "until"),
    row_url=lambda order: url_of("orders:detail", order.pk),
    actions=(
        BulkAction(
            name="issue",
            label=_("Issue"),
            icon="file-invoice",
            roles=ACCOUNTANTS,
            confirm=_("Each order gets an invoice with a number for good; only a credit note takes one back."),
            run=lambda order, user, _told: services.issue(order, user),
        ),
    ),
    columns=(
        Column(name="number", label=_("order"), fields=("number",)),
        Column(name="party", label=_("customer"), source="party__name", group=True),
        Column(name="ordered_on", label=_("ordered"), kind=Kind.DATE, group=True),
        Column(
            name="net", label=_("order's net"), source="net_total", kind=Kind.MONEY, currency="currency", total=True
        ),
        Column(name="freight", label=_("freight"), kind=Kind.MONEY, currency="currency", total=True),
        Column(name="deal_number", label=_("deal"), shown=False),
        Column(name="sold_by", label=_("sold by"), group=True, shown=False),
        Column(name="country", label=_("country"), source="party__country", group=True, shown=False),
        Column(name="currency", label=_("currency"), group=True, shown=False),
    ),
    empty=Empty(
        icon="file-invoice",
        title=_("All that left is invoiced"),
        text=_("Orders appear here as soon as the warehouse has shipped something of them."),
        none_title=_("No order fits"),
        none_text=_("Try fewer words or other days."),
    ),
)  # fmt: skip
