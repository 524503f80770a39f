"""What the bank desk shows on the pages of orders and parties."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from base.roles import has_role
from erp.banking.models import Deposit, Receipt
from erp.banking.views import READERS
from erp.orders.models import Order
from erp.parties.models import Party


def deposits_of_order(request: HttpRequest, order: Order) -> str:
    """Money paid before the goods."""
    return _deposits(request, list(order.deposits.select_related("receipt").order_by("id")))


def deposits_of_party(request: HttpRequest, party: Party) -> str:
    """The customer's last deposits."""
    return _deposits(request, list(party.deposits.select_related("receipt").order_by("-id")[:20]))


def receipts_of_order(request: HttpRequest, order: Order) -> str:
    """Money that settled the order's documents, and deposits on it."""
    if not has_role(request.user, *READERS):
        return ""
    paid = Receipt.objects.visible_to(request.user).filter(allocations__invoice__order=order)
    before = Receipt.objects.visible_to(request.user).filter(deposit__order=order)
    back = Receipt.objects.visible_to(request.user).filter(refunded_deposit__order=order)
    rows = (
        Receipt.objects.visible_to(request.user)
        .filter(pk__in=paid.union(before, back).values("pk"))
        .select_related("entry")
        .order_by("id")
    )
    facts = {"receipts": list(rows)}
    return render_to_string("erp/banking/_receipts.html", facts, request=request) if facts["receipts"] else ""


def _deposits(request: HttpRequest, found: list[Deposit]) -> str:
    if not found or not has_role(request.user, *READERS):
        return ""
    return render_to_string("erp/banking/_deposits.html", {"deposits": found}, request=request)
