"""What the rates refuse."""

from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput, Refused

TOO_FINE = _("A rate has {digits} digits behind the point at most.")


class RateMissing(Refused):
    """Nothing foreign is booked without knowing what it is worth."""

    message = _("There is no exchange rate of {currency} on {day} or before. Enter one first.")
    status = 422
    field = "currency"


class RevaluedSince(Refused):
    """What an item is worth counts from its last revaluation on."""

    message = _("{number} was revalued as at {day}: nothing dated before that can settle it.")
    field = "date"


class RateKnown(Refused):
    """A day has one rate."""

    message = _("{currency} has a rate of {day} already: {rate}.")
    field = "day"


class RateOfOurs(Refused):
    """The books' own currency is worth itself."""

    message = _("The books are kept in {currency}: it needs no rate.")
    status = 422
    field = "currency"


class BadRate(BadInput):
    """A rate turns one amount into another, and is never nothing."""

    message = _("A rate is above zero.")
    field = "rate"
