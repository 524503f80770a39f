"""What bills refuse, and how the database says so: SQLSTATE HM07x and HM08x with the facts as JSON in DETAIL."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from base.refusals import Refused
from erp.rates.refusals import RevaluedSince


class BillKnown(Refused):
    """A supplier's number is taken once."""

    message = _("{number} of {party} is here already.")
    field = "number"


class BillStays(Refused):
    """The bill's state does not allow this step."""

    message = _("{number} is {state}; nothing was done.")


class NoLines(Refused):
    """A bill asks for something."""

    message = _("A bill needs at least one line with an amount.")
    status = 422
    field = "lines"


class NotASupplier(Refused):
    """Bills come from suppliers."""

    message = _("{party} is no supplier.")
    status = 422
    field = "party"


class NotForBills(Refused):
    """The account takes no such lines."""

    message = _("Bills cannot be booked on {account}.")
    status = 422
    field = "lines"


class ToPayDiffers(Refused):
    """The file says what is to pay, and its lines come to something else."""

    message = _("The lines come to {lines} with their tax, the file says {told}.")
    status = 422
    field = "payable"


class SecondPersonPosts(Refused):
    """Large bills take two people."""

    message = _("Bills of {limit} or more are posted by somebody other than who wrote them.")


class MoreThanOpen(Refused):
    """No more is paid than is asked."""

    message = _("{number} has {open} open, {amount} is more.")
    field = "amount"


_BY_STATE: dict[str, type[Refused]] = {"HM078": MoreThanOpen, "HM113": RevaluedSince}


@contextmanager
def bill_rules() -> Iterator[None]:
    """Turn what the database refuses into refusals in the reader's words."""
    try:
        yield
    except DatabaseError as error:
        refusal = _BY_STATE.get(str(getattr(error.__cause__, "sqlstate", "")))
        if refusal is None:
            raise
        detail = getattr(getattr(error.__cause__, "diag", None), "message_detail", None)
        raise refusal(**json.loads(detail or "{}")) from error
