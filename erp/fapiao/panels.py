"""What the register shows on the pages of invoices and credit notes."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from base.roles import has_role
from erp.fapiao import services
from erp.fapiao.lists import state_of
from erp.fapiao.models import JURISDICTION, Fapiao
from erp.fapiao.roles import READERS, WRITERS
from erp.invoices.models import Invoice


def fapiaos_of_invoice(request: HttpRequest, invoice: Invoice) -> str:
    """The invoice's fapiaos, or the red letters of a credit note, and the way to the next one."""
    if invoice.company.jurisdiction != JURISDICTION or not has_role(request.user, *READERS):
        return ""
    rows = Fapiao.objects.visible_to(request.user).select_related("invoice").order_by("requested_at", "pk")
    rows = rows.filter(credit_note=invoice) if invoice.is_credit_note else rows.filter(invoice=invoice)
    found = list(rows)
    may_ask = (
        services.has_fapiaos(invoice)
        and has_role(request.user, *WRITERS)
        and not any(one.is_effective for one in found)
    )
    if not found and not may_ask:
        return ""
    facts = {"invoice": invoice, "fapiaos": [(one, state_of(one)) for one in found], "may_ask": may_ask}
    return render_to_string("erp/fapiao/_of_invoice.html", facts, request=request)
