"""What returns show and offer on an order's page."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from base.roles import has_role
from erp.orders.models import Order
from erp.orders.trail import Action
from erp.returns.models import Return, ReturnStatus
from erp.returns.roles import DECIDERS, RECEIVERS, SETTLERS


def returns(request: HttpRequest, order: Order) -> str:
    """What of the order came back, or is to."""
    rows = list(Return.objects.visible_to(request.user).filter(order=order).with_goods())
    return render_to_string("erp/returns/_of_order.html", {"returns": rows}, request=request) if rows else ""


def open_one(request: HttpRequest, order: Order) -> Action | None:
    """Something was delivered that the customer may want to send back."""
    if not has_role(request.user, *DECIDERS) or not any(line.quantity_shipped for line in order.lines.all()):
        return None
    return Action(_("Return goods"), reverse("returns:new", args=[order.pk]), icon="package-import")


def next_step(request: HttpRequest, order: Order) -> Action | None:
    """The oldest return of the order that waits for this user."""
    roles_of = {
        ReturnStatus.REQUESTED: DECIDERS,
        ReturnStatus.AUTHORISED: RECEIVERS,
        ReturnStatus.RECEIVED: SETTLERS,
    }
    mine = [status for status, roles in roles_of.items() if has_role(request.user, *roles)]
    goods_return = (
        Return.objects.visible_to(request.user).filter(order=order, status__in=mine).order_by("pk").first()
        if mine
        else None
    )
    if goods_return is None:
        return None
    if goods_return.status == ReturnStatus.REQUESTED:
        return Action(_("Decide on the return"), goods_return.get_absolute_url(), icon="gavel")
    if goods_return.status == ReturnStatus.AUTHORISED:
        return Action(
            _("Receive the return"), reverse("returns:receive", args=[goods_return.pk]), icon="package-import"
        )
    return Action(_("Settle the return"), goods_return.get_absolute_url(), icon="receipt-refund")
