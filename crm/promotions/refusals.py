"""What promotions refuse."""

from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput, Refused


class BadPromotion(BadInput):
    """A promotion has days, a discount and products that make sense."""


class TooDeep(Refused):
    """How far a promotion may go is said beforehand, by somebody else."""

    message = _("A promotion may take at most {most} % off; an admin sets how much, with the pipeline.")
    status = 422
    field = "discount"


class Carried(Refused):
    """Deals stand on what it gives."""

    message = _("“{name}” is on lines of deals already, so its discount stays. Stop it and make another.")
    field = "discount"


class PromotionEnded(Refused):
    """What is over stays as it was."""

    message = _("“{name}” has ended; make another.")
