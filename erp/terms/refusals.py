"""What the payment terms refuse."""

from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput, Refused


class CodeTaken(Refused):
    """People and files find terms by their code."""

    message = _("There are payment terms “{code}” already.")
    field = "code"


class TermsUsed(Refused):
    """Somebody buys or sells on them."""

    message = _("{code} are the terms of a customer or supplier; give them others first.")


class SharesDiffer(BadInput):
    """All of the amount is due some day, and nothing of it twice."""

    message = _("The shares are {sum} % together, not 100 %.")
    field = "lines"


class RestIsLast(BadInput):
    """The rest is what the lines before it leave."""

    message = _("The last line may take the rest; every other one says its share.")
    field = "lines"


class NoLines(BadInput):
    """Terms say when."""

    message = _("Say at least one day.")
    field = "lines"


class TooLate(BadInput):
    """Terms are a year at most."""

    message = _("Payment terms are 0 to 365 days, the end of the month and a day of it counted as 30 each.")
    field = "lines"
