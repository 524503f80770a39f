"""What shipping refuses."""

from django.utils.translation import gettext_lazy as _

from base.refusals import Refused


class NothingToShip(Refused):
    """A parcel has something in it."""

    message = _("Nothing of {order} is reserved that could be shipped now.")
    field = "lines"


class NotReadyToShip(Refused):
    """Goods leave for accepted orders only."""

    message = _("{order} is {state}; only an accepted order is shipped.")


class LineNotOfOrder(Refused):
    """The line belongs to another order, or to none."""

    message = _("{order} has no such line.")
    status = 422
    field = "lines"


class MoreThanReserved(Refused):
    """What is not reserved may belong to somebody else."""

    message = _("Only {reserved} of {sku} can be shipped now; {wanted} are wanted.")
    field = "lines"


class BadShipDate(Refused):
    """Goods cannot leave tomorrow, nor before they were ordered."""

    message = _("The goods left between the order ({ordered}) and today ({today}).")
    status = 422
    field = "date"


class CarrierIdle(Refused):
    """We do not ship with them any more."""

    message = _("{carrier} is no longer in use.")
    status = 422
    field = "carrier"
