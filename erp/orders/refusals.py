"""What orders refuse."""

from django.utils.translation import gettext_lazy as _

from base.refusals import Refused
from erp.orders.models import Order


class NothingOrdered(Refused):
    """An order orders something."""

    message = _("An order needs at least one line.")
    status = 422
    field = "lines"


class NotInCatalogue(Refused):
    """Our own orders are for our own products."""

    message = _("There is no product {sku} for sale.")
    status = 422
    field = "lines"


class NoPrice(Refused):
    """Nobody has said what it costs."""

    message = _("{sku} has no price on {date}.")
    status = 422
    field = "lines"


class NotSo(Refused):
    """The order does not stand so that this step could be taken."""

    message = _("{what} is {state}; this step is not possible now.")


class GoodsAreOut(Refused):
    """What has left or was invoiced is undone by a return, not by a cancellation."""

    message = _("{what} cannot be cancelled: goods have left or were invoiced. Take them back with a return.")


class NothingFree(Refused):
    """All that could be reserved is reserved."""

    message = _("Nothing has become free for it.")


class SecondPersonReleases(Refused):
    """Two people: one writes an order, another lets it pass."""

    message = _("{by} wrote {order}: somebody else releases it.")


class ReasonMissing(Refused):
    """Whoever decides says why."""

    message = _("Say why.")
    status = 422
    field = "reason"


def not_so(order: Order) -> NotSo:
    """The refusal that names the order's state."""
    return NotSo(what=order.what, state=order.get_status_display().lower())
