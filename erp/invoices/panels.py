"""What invoicing shows and offers on the pages of orders and parties."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from base.roles import has_role
from erp.banking.roles import ACCOUNTANTS, AUDITORS
from erp.invoices.models import Invoice
from erp.invoices.views import READERS
from erp.orders.models import Order
from erp.orders.trail import Action
from erp.parties.models import Party, PartyKind


def invoices_of_order(request: HttpRequest, order: Order) -> str:
    """The order's invoices and credit notes."""
    return _section(request, _("Invoices"), Invoice.objects.visible_to(request.user).filter(order=order).order_by("id"))


def open_items_of_party(request: HttpRequest, party: Party) -> str:
    """What the customer has not settled, or has to get back; the oldest first."""
    rows = Invoice.objects.visible_to(request.user).unsettled().filter(party=party).order_by("due", "id")[:50]
    return _section(request, _("Open items"), rows)


def statement_of(request: HttpRequest, party: Party) -> list[tuple[Any, Any]]:
    """The way to the customer's statement, for who may see it."""
    if party.kind != PartyKind.CUSTOMER or not has_role(request.user, *ACCOUNTANTS, *AUDITORS):
        return []
    url = reverse("invoices:statement", args=[party.pk])
    return [(_("Account"), format_html('<a href="{}">{}</a>', url, _("Statement of account")))]


def issue(request: HttpRequest, order: Order) -> Action | None:
    """Invoice what is shipped, as long as something of it is on no invoice."""
    if not has_role(request.user, *ACCOUNTANTS) or not any(line.quantity_to_invoice > 0 for line in order.lines.all()):
        return None
    url = reverse("invoices:issue", args=[order.pk])
    return Action(str(_("Issue invoice")), url, icon="file-invoice", post=True, primary=True)


def _section(request: HttpRequest, title: str, rows: Any) -> str:
    if not has_role(request.user, *READERS):
        return ""
    found = list(rows.for_list())
    if not found:
        return ""
    return render_to_string("erp/invoices/_invoices.html", {"title": title, "invoices": found}, request=request)
