"""The one row that everybody locks first who changes an order, its lines or its documents."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from base.refusals import NotFound
from erp.orders.models import Order


def locked(pk: Any) -> Order:
    """The order, held until the end of the transaction."""
    order = Order.objects.select_for_update(of=("self",), no_key=True).select_related("party").filter(pk=pk).first()
    if order is None:
        raise NotFound(what=_("The order"))
    return order
