"""The one row that everybody locks first who changes an order, its lines or its documents."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.refusals import NotFound
from erp.orders.models import Order


def locked(pk: Any) -> Order:
    """The order, held until the end of the transaction."""
    return _found(Order.objects.select_for_update(of=("self",), no_key=True), pk)


def locked_with_party(pk: Any) -> Order:
    """The order and its party, held: for whoever changes how much the party owes or will."""
    return _found(Order.objects.select_for_update(of=("self", "party"), no_key=True), pk)


def _found(orders: QuerySet[Order], pk: Any) -> Order:
    order = orders.select_related("party", "company").defer("promise").filter(pk=pk).first()
    if order is None:
        raise NotFound(what=_("The order"))
    if order.party.company_id == order.company_id:
        order.party.company = order.company
    return order
