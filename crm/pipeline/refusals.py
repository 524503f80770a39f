"""What deals refuse, in a rep's words."""

from django.utils.translation import gettext_lazy as _

from base.refusals import Refused


class DealClosed(Refused):
    """A deal that is not open is not changed."""

    message = _("Deal {number} is {state}; it cannot be changed any more.")


class NoStages(Refused):
    """A pipeline is its stages."""

    message = _("The pipeline “{pipeline}” has no stages yet; an admin makes them.")
    field = "pipeline"


class NotWon(Refused):
    """Only a promise can be taken back."""

    message = _("Deal {number} is {state}: only a won deal can be withdrawn.")


class ClosedElsewhere(Refused):
    """What was won in another system is history here: no order came of it."""

    message = _("Deal {number} was won before it came here; the ERP knows nothing of it.")


class NothingPromised(Refused):
    """A win needs something to deliver."""

    message = _("Add at least one line before you win the deal.")
    field = "lines"


class ApprovalNeeded(Refused):
    """The discount is beyond what a rep may give alone."""

    message = _("{sku}: {discount} % off the list price needs a manager's approval (reps may give {limit} %).")
    field = "discount"


class OwnPrice(Refused):
    """Two people stand behind a deep discount."""

    message = _("{sku}: another sales manager must approve this price; nobody approves their own.")
    status = 403
    field = "discount"


class NothingToApprove(Refused):
    """The prices are within what a rep may give."""

    message = _("No price here needs an approval.")


class AnsweredAlready(Refused):
    """Somebody else has answered, or the prices have changed."""

    message = _("This was answered already: {state}.")


class QuotesStay(Refused):
    """What was offered to a customer is not taken back as if it had never been."""

    message = _("Deal {number} was offered to the customer; mark it as lost instead.")


class PriceNeeded(Refused):
    """Nobody knows what it costs."""

    message = _("{sku} has no list price on {date}; enter a price.")
    status = 422
    field = "unit_price"


class BadLine(Refused):
    """A line must make sense."""

    message = _("{why}")
    status = 422


class ReasonMissing(Refused):
    """Whoever closes a deal says why."""

    message = _("Say why.")
    status = 422
    field = "reason"


class AmountMissing(Refused):
    """Money is above zero."""

    message = _("The amount must be above zero.")
    status = 422
    field = "amount"


class PromiseTooLong(Refused):
    """An event has a size that every side can take in."""

    message = _("This deal is too long to be promised in one piece. Make two deals of it.")
    field = "lines"
