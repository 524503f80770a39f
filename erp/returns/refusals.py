"""What returns refuse."""

from django.utils.translation import gettext_lazy as _

from base.refusals import Refused


class ReturnNotSo(Refused):
    """The return does not stand so that this step could be taken."""

    message = _("{what} is {state}; this step is not possible now.")


class ReasonMissing(Refused):
    """Whoever refuses says why."""

    message = _("Say why.")
    status = 422
    field = "reason"


class MoreThanAgreed(Refused):
    """Only what was authorised comes in."""

    message = _("{sku}: {expected} are still expected, {wanted} cannot be received.")
    status = 422
    field = "lines"


class NothingReceived(Refused):
    """A receipt receives something."""

    message = _("Choose at least one line.")
    status = 422
    field = "lines"


class NotDelivered(Refused):
    """What was not delivered, or is on its way back already, does not come back."""

    message = _("{sku}: {possible} of {wanted} can come back; more was not delivered.")
    status = 422
    field = "lines"
